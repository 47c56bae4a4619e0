"use strict";
(() => {
  const { models, curves, curve, range } = live;

  const NODES = range(-9.975, 9.975, 0.05); // midpoints: none on the kink of a ReLU
  const mean = (f, weight) => NODES.reduce((sum, z) => sum + f(z) * Math.exp((-z * z) / 2), 0) / weight;
  const MASS = mean(() => 1, 1);
  const secondMoment = (f, variance) => mean((z) => f(z * Math.sqrt(variance)) ** 2, MASS);
  const ACTIVATIONS = {
    ReLU: [(z) => Math.max(z, 0), (z) => z > 0],
    tanh: [Math.tanh, (z) => 1 - Math.tanh(z) ** 2],
  };

  models.moments = (activation, depth, scale) => {
    const [f, slope] = ACTIVATIONS[activation];
    const forward = [1];
    const backward = [1];
    for (let l = 0; l < depth; l++) forward.push(secondMoment(f, scale * forward[l]));
    for (let l = depth - 1; l--; )
      backward.unshift(backward[0] * scale * secondMoment(slope, scale * forward[l]));
    return [forward, backward];
  };

  curves.moments = (depth, scale) =>
    ["ReLU", "tanh"].flatMap((name) => {
      const [forward, backward] = models.moments(name, depth, scale);
      return [
        curve((l) => forward[l], range(0, depth), depth),
        curve((l) => backward[l - 1], range(1, depth), 1),
      ];
    });
})();
