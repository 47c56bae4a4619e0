"use strict";
(() => {
  const { models, curves, range } = live;

  const SIZE = 64;
  // Of equal layers without padding: the field and the jump at each depth, what the middle
  // output reads at each depth below it, and the size of the output.
  const traced = (k, s, d, depth) => {
    let [size, r, j] = [SIZE, 1, 1];
    const fields = [[r, j]];
    for (let l = 0; l < depth; l++) {
      size = Math.floor((size - d * (k - 1) - 1) / s) + 1;
      r += d * (k - 1) * j;
      j *= s;
      fields.push([r, j]);
    }
    const read = [[(size - 1) >> 1]];
    for (let l = 0; l < depth; l++)
      read.unshift([...new Set(read[0].flatMap((i) => range(0, k - 1).map((u) => s * i + d * u)))]);
    return { fields, read, size };
  };

  models.receptive = (...settings) => {
    const { fields, read, size } = traced(...settings);
    return [fields.at(-1)[0], read[0].length, size];
  };

  curves.receptive = (k, s, d, depth) => {
    const { fields, read, size } = traced(k, s, d, depth);
    const numbers = models.receptive(k, s, d, depth);
    const at = (l, i) => [i * fields[l][1] + (fields[l][0] - 1) / 2, l]; // its middle
    const [low, high] = [Math.min, Math.max].map((end) => [end(...read[0]), 0]);
    const top = at(depth, read[depth][0]);
    const last = at(depth, size - 1);
    const marks = read[0].flatMap((i) => [[i, 0], [i, 0.2], [i, 0]]);
    const paths = read.slice(1).flatMap((units, l) => units.flatMap((i) =>
      range(0, k - 1).map((u) => [[at(l + 1, i), at(l, s * i + d * u)]])));
    return [
      [[low, top, high], top, numbers[0]],
      [marks, marks.at(-2), numbers[1]],
      [[at(depth, 0), last], last, numbers[2]],
      ...paths,
    ];
  };
})();
