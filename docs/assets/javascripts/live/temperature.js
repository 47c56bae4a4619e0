"use strict";
(() => {
  const { models, curves, curve, range } = live;

  // Shares of e^(z/T) for the logits a, b and 0: less the largest, none overflows.
  const shares = (...logits) => (T) => {
    const powers = logits.map((z) => Math.exp((z - Math.max(...logits)) / T));
    const total = powers.reduce((sum, power) => sum + power);
    return powers.map((power) => power / total);
  };

  models.share = (i, T, a, b) => shares(a, b, 0)(T)[i];
  models.spread = (T, a, b) => shares(a, b, 0)(T).reduce((sum, p) => sum - (p && p * Math.log(p)), 0);

  curves.temperature = (T, a, b) =>
    [0, 1, 2].map((i) => (t) => models.share(i, t, a, b)).concat((t) => models.spread(t, a, b)).map((f) =>
      curve(f, range(-3, 3, 0.05).map(Math.exp), T));
})();
