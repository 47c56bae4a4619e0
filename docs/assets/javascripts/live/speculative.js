"use strict";
(() => {
  const { models, curves, curve, range } = live;

  // One token in any case, and α^i for the i-th draft: 1 + α + … + α^γ.
  models.tokens = (a, g) => range(0, g).reduce((sum, i) => sum + a ** i, 0);
  models.gain = (a, g, c) => models.tokens(a, g) / (1 + g * c);

  curves.speculative = (a, g, c) =>
    [models.tokens, models.gain].map((f) =>
      curve((a) => f(a, g, c), range(0, 1, 0.02), a));
})();
