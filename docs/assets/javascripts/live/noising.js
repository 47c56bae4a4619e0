"use strict";
(() => {
  const { models, curves, curve, range } = live;

  const PARTS = [[0.3, -2, 0.3], [0.5, 0.5, 0.5], [0.2, 3, 0.2]]; // weight, mean, deviation
  const cosine = (t) => Math.cos((t / 1000 + 0.008) / 1.008 * Math.PI / 2) ** 2;
  // What each of the 1000 steps adds: along a line, or as a cosine has it.
  const beta = (t, schedule) =>
    schedule ? Math.min(0.999, 1 - cosine(t) / cosine(t - 1)) : 1e-4 + 0.0199 * (t - 1) / 999;

  models.left = (t, schedule) =>
    range(1, t).reduce((product, i) => product * (1 - beta(i, schedule)), 1);

  models.density = (x, left) => PARTS.reduce((sum, [weight, mean, deviation]) => {
    const variance = left * deviation ** 2 + 1 - left;
    const power = Math.exp(-((x - Math.sqrt(left) * mean) ** 2) / 2 / variance);
    return sum + weight * power / Math.sqrt(2 * Math.PI * variance);
  }, 0);

  curves.noising = (t, schedule) => {
    const left = models.left(t, schedule);
    const drawn = [left, 0].map((share) =>
      curve((x) => models.density(x, share), range(-4, 4, 0.05), 0));
    drawn[0][2] = left;
    drawn[1][2] = left / (1 - left);
    return drawn;
  };
})();
