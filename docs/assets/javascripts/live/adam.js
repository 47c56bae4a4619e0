"use strict";
(() => {
  const { models, curves, range, turned } = live;

  // The path from one place of a bowl with the curvatures 1 and 25, turned.
  const descent = (steps, degrees, move) => {
    const path = [turned(degrees, [1.5, -2])];
    for (let t = 1; t <= steps; t++) {
      const [x, y] = turned(-degrees, path[t - 1]);
      const grad = turned(degrees, [x, 25 * y]);
      path.push(path[t - 1].map((p, i) => p - move(grad[i], t, i)));
    }
    return path;
  };

  models.sgd = (steps, degrees, rate) => descent(steps, degrees, (g) => rate * g);

  models.adam = (steps, degrees, rate, beta1, beta2) => {
    const m = [0, 0];
    const v = [0, 0];
    return descent(steps, degrees, (g, t, i) => {
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      return (rate * m[i]) / (1 - beta1 ** t) / (Math.sqrt(v[i] / (1 - beta2 ** t)) + 1e-8);
    });
  };

  curves.adam = (rate, beta1, beta2, degrees) => [
    ...[models.adam(100, degrees, rate, beta1, beta2), models.sgd(100, degrees, rate)]
      .map((path) => [path, path[100], Math.hypot(...path[100])]),
    ...[1, 3, 6, 10].map((r) => [
      range(0, 7, 0.1).map((t) => turned(degrees, [r * Math.cos(t), (r * Math.sin(t)) / 5])),
    ]),
  ];
})();
