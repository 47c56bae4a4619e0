"use strict";
(() => {
  const { models, curves, curve } = live;

  models.attention = (n, d, h) => [8 * n * d * d, 4 * n * n * d, 3 * h * n * n];

  curves.attention = (n, d, h) =>
    [0, 1, 2].map((part) => curve((n) => models.attention(n, d, h)[part], [64, 2 ** 18], n));
})();
