"use strict";
(() => {
  const { models, curves, range } = live;

  // 256 tokens that are even but for the skew; each takes the best two of four experts.
  const logit = (t, i, skew) => ((t * Math.sqrt([2, 3, 5, 7][i])) % 1) * 4 - 2 + skew * (1.5 - i);
  const experts = range(0, 3);

  models.routing = (skew, rate, steps) => {
    const tokens = range(1, 256).map((t) => experts.map((i) => 1 / (1 + Math.exp(-logit(t, i, skew)))));
    const bias = [0, 0, 0, 0];
    return range(0, steps).map(() => {
      const counts = [0, 0, 0, 0];
      for (const scores of tokens) {
        const sums = scores.map((score, i) => score + bias[i]);
        [...experts].sort((i, j) => sums[j] - sums[i]).slice(0, 2).forEach((i) => counts[i]++);
      }
      for (const i of experts) bias[i] += rate * Math.sign(128 - counts[i]);
      return counts.map((count) => count / 128);
    });
  };

  curves.routing = (skew, rate, step) => {
    const loads = models.routing(skew, rate, 100);
    return experts.map((i) => [
      loads.map((load, s) => [s, load[i]]),
      [step, loads[step][i]],
      loads[step][i],
    ]);
  };
})();
