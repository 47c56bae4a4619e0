"use strict";
(() => {
  const { models, curves } = live;

  // After each block of keys: the maximum, the sum, the output.
  models.online = (scores, values, block) => {
    let [m, sum, o] = [-Infinity, 0, 0];
    const path = [];
    for (let start = 0; start < scores.length; start += block) {
      const some = scores.slice(start, start + block);
      const fade = Math.exp(m - (m = Math.max(m, ...some)));
      [sum, o] = [fade * sum, fade * o];
      some.forEach((s, i) => {
        sum += Math.exp(s - m);
        o += Math.exp(s - m) * values[start + i];
      });
      path.push([m, sum, o / sum]);
    }
    return path;
  };

  const SCORES = [1, 2.5, 0.5, 2, 3, 1.5, 2.5, 1, 2, 3.5, 5, 0.5, 3, 2, 1.5, 2.5];
  const VALUES = [2, 1, 3, 2, 1, 2, 3, 1, 2, 1, 5, 2, 1, 3, 2, 1];
  curves.online = (block, read, score) => {
    const path = models.online(SCORES.with(10, score), VALUES, block);
    const last = Math.ceil(read / block) - 1;
    return [0, 1, 2].map((part) => {
      const points = path.flatMap((state, i) =>
        [i * block + 1, (i + 1) * block].map((read) => [read, state[part]]));
      return [points, points[2 * last + 1], path[last][part]];
    });
  };
})();
