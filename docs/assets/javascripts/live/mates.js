"use strict";
(() => {
  const { models, curves, curve, range } = live;

  models.mates = (x, size, mean) => {
    const others = size - 1;
    const center = (x + others * mean) / size;
    const variance = (others * (1 + (mean - center) ** 2) + (x - center) ** 2) / size;
    return (x - center) / Math.sqrt(variance + 1e-5);
  };
  models.alone = (x) => x / Math.sqrt(1 + 1e-5);

  curves.mates = (size, mean, x) =>
    [(x) => models.mates(x, size, mean), models.alone].map((f) => curve(f, range(-6, 6, 0.1), x));
})();
