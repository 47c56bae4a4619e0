"use strict";
(() => {
  const { models, curves, range } = live;

  // The path from one place of a bowl with the curvatures 1 and 25.
  models.bowl = (steps, rate, momentum, nesterov) => {
    const path = [[1.5, -2]];
    const u = [0, 0];
    for (let t = 0; t < steps; t++)
      path.push(path[t].map((p, i) => {
        const g = [p, 25 * p][i];
        u[i] = momentum * u[i] + g;
        return p - rate * (nesterov ? g + momentum * u[i] : u[i]);
      }));
    return path;
  };

  curves.bowl = (rate, momentum) => [
    ...[[momentum, 0], [momentum, 1], [0, 0]].map((how) => {
      const path = models.bowl(40, rate, ...how);
      return [path, path[40], Math.hypot(...path[40])];
    }),
    ...[1, 3, 6, 10].map((r) => [
      range(0, 7, 0.1).map((t) => [r * Math.cos(t), (r * Math.sin(t)) / 5]),
    ]),
  ];
})();
