"use strict";
(() => {
  const { models, curves } = live;
  const P = [0.46, 0.27, 0.13, 0.08, 0.04, 0.02];

  // After the temperature: powers of the probabilities, over their sum.
  const shares = (T) => {
    const powers = P.map((p) => p ** (1 / T));
    const total = powers.reduce((sum, power) => sum + power);
    return powers.map((power) => power / total);
  };
  // A token stays if those before it have less than the mass; at 1, all do.
  models.mass = (T, mass) => {
    let sum = 0;
    for (const p of shares(T)) if (sum < mass || mass === 1) sum += p;
    return sum;
  };
  models.kept = (T, mass) => {
    let sum = 0;
    return shares(T).filter((p) => (sum += p) - p < mass || mass === 1).length;
  };

  curves.sampling = (T, mass) => {
    const [n, whole] = [models.kept(T, mass), models.mass(T, mass)];
    const p = shares(T);
    const drawn = p.map((x, i) => [i + 1, i < n ? x / whole : 0]);
    let sum = 0;
    const sums = [[0, 0], ...p.map((x, i) => [i + 1, (sum += x)])];
    return [
      [drawn, drawn[0], n],
      [sums, [n - (whole - mass) / p[n - 1], mass], whole], // where it crosses the mass
      [[[0, mass], [6, mass]]],
    ];
  };
})();
