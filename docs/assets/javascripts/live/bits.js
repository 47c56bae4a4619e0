"use strict";
(() => {
  const { models, curves } = live;

  // The bits of x as one whole number: below the lowest exponent, all are of the mantissa.
  models.bits = (e, m, x) => {
    const low = 2 - 2 ** (e - 1);
    const k = Math.max(Math.floor(Math.log2(x)), low);
    const steps = x * 2 ** (m - k);
    const whole = Math.round(steps);
    return (k - low) * 2 ** m + whole - (whole - steps === 0.5 && whole % 2);
  };

  curves.bits = (e, m, a, k) => {
    const x = a * 2 ** k;
    const code = models.bits(e, m, x);
    const field = Math.floor(code / 2 ** m);
    const power = Math.max(field, 1) + 1 - 2 ** (e - 1);
    const share = (code % 2 ** m) / 2 ** m + (field > 0);
    const row = [...code.toString(2).padStart(1 + e + m, 0)].flatMap((bit, i) => [[i, +bit], [i + 1, +bit]]);
    return [
      [row.slice(2, 2 + 2 * e), row[1 + 2 * e], power],
      [row.slice(2 + 2 * e), row.at(-1), share],
      [row.slice(0, 2), row[1], Math.abs(1 - (share * 2 ** power) / x) * 100],
    ];
  };
})();
