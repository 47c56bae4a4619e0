"use strict";
(() => {
  const { models, curves, curve, range } = live;

  models.focal = (p, gamma, alpha) => -alpha * (1 - p) ** gamma * Math.log(p);

  curves.focal = (gamma, alpha, p) =>
    [[gamma, alpha], [gamma, 1 - alpha], [0, 1]].map((weights) =>
      curve((p) => models.focal(p, ...weights), range(0.002, 0.998, 0.004), p));
})();
