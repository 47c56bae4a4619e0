"use strict";
(() => {
  const { models, curves, range, turned } = live;

  models.rotary = (t, pair, base) => (t * 180) / Math.PI / base ** (pair / 64); // in degrees

  curves.rotary = (t, distance, ...pair) => {
    const hand = (degrees) => turned(degrees, [1, 0]);
    const angles = [t + distance, t].map((t) => models.rotary(t, ...pair));
    const [q, k] = angles.map(hand);
    const score = q[0] * k[0] + q[1] * k[1];
    const foot = k.map((x) => x * score); // of the query upon the key
    return [
      ...[q, k].map((end, i) => [[[0, 0], end], end, angles[i]]),
      [[q, foot], foot, score],
      [range(0, 360, 5).map(hand)],
    ];
  };
})();
