"use strict";
(() => {
  const { models, curves, curve, range } = live;

  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const gate = (x) => sigmoid(1.5957691216057308 * (x + 0.044715 * x ** 3)); // 2 √(2/π)
  // sigmoid, tanh, ReLU, leaky ReLU, GELU in the form with tanh, SiLU: value and slope
  const ALL = [
    [sigmoid, (x) => sigmoid(x) * sigmoid(-x)],
    [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
    [(x) => Math.max(x, 0), (x) => +(x > 0)],
    [(x) => Math.max(x, 0.01 * x), (x) => (x > 0 ? 1 : 0.01)],
    [
      (x) => x * gate(x),
      (x) => gate(x) * (1 + x * gate(-x) * 1.5957691216057308 * (1 + 0.134145 * x * x)),
    ],
    [(x) => x * sigmoid(x), (x) => sigmoid(x) * (1 + x * sigmoid(-x))],
  ];

  models.activation = (which, x) => ALL[which - 1][0](x);
  models.slope = (which, x) => ALL[which - 1][1](x);
  models.through = (which, x, layers, weight) => (weight * models.slope(which, x)) ** layers;

  curves.activations = (which, x, layers, weight) =>
    ["activation", "slope", "through"].map((name) =>
      curve((z) => models[name](which, z, layers, weight), range(-4, 4, 0.02), x));
})();
