"use strict";
(() => {
  const { models, curves, range } = live;
  const PIECE = /'(?:[stmd]|re|ve|ll)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

  // What a text teaches, merge by merge: its tokens, and how often the next pair stands there.
  const learned = (text) => {
    let words = (text.match(PIECE) ?? []).map((piece) => [...new TextEncoder().encode(piece)]);
    const made = [];
    const steps = range(0, 12).map(() => {
      const counts = {}; // by pair: whole numbers come in their order
      for (const word of words)
        word.reduce((a, b) => {
          const pair = a * 1e3 + b;
          counts[pair] = (counts[pair] ?? 0) + 1;
          return b;
        });
      const [pair, count] = Object.entries(counts).reduce((x, y) => (y[1] > x[1] ? y : x), [0, 0]);
      const step = { tokens: words.flat(), count };
      if (!count) return step;
      const [a, b] = [(pair / 1e3) | 0, pair % 1e3];
      const id = 255 + made.push([a, b]);
      words = words.map((word) => word.reduce((done, token) =>
        done.at(-1) === a && token === b ? [...done.slice(0, -1), id] : [...done, token], []));
      return step;
    });
    return { made, steps };
  };
  models.merges = (text, k) => learned(text).steps[k].tokens;

  curves.merges = (k, text) => {
    const { made, steps } = learned(text);
    const now = steps[k];
    const row = (f) => [steps.map((step, i) => [i, f(step)]), [k, f(now)], f(now)];
    const bytes = (id) => (id < 256 ? [id] : made[id - 256].flatMap(bytes));
    const spell = (id) => new TextDecoder().decode(Uint8Array.from(bytes(id)));
    const says = now.tokens.map(spell).join("|").replace(/ /g, "␣");
    return Object.assign([row((x) => x.tokens.length), row((x) => x.count)], { says });
  };
})();
