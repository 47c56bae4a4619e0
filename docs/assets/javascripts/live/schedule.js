"use strict";
(() => {
  const { models, curves, range, curve } = live;

  // 100 steps, up to a peak of 1; at the end a cosine, a line or a root of the step.
  const up = (t, warmup, way) => (t < warmup ? (t + 1) / warmup : way());
  const down = (t, decay, low, way) =>
    low + (1 - low) * way(Math.min(1, Math.max(0, (t - 100 + decay) / decay)));

  models.cosine = (t, warmup, low) =>
    up(t, warmup, () =>
      down(t, 100 - warmup, low, (s) => (1 + Math.cos(Math.PI * s)) / 2));

  models.wsd = (t, warmup, decay, low) =>
    up(t, warmup, () => down(t, decay, low, (s) => 1 - s));

  models.noam = (t, warmup) => up(t, warmup, () => Math.sqrt(warmup / (t + 1)));

  curves.schedule = (warmup, decay, low, step) => [
    (t) => models.cosine(t, warmup, low),
    (t) => models.wsd(t, warmup, decay, low),
    (t) => models.noam(t, warmup),
  ].map((f) => curve(f, range(0, 100), step));
})();
