"use strict";
(() => {
  const { models, curves, curve } = live;

  models.cache = (layers, heads, width, tokens, batch, bytes) =>
    2 * layers * heads * width * tokens * batch * bytes;

  curves.cache = (tokens, heads, batch) =>
    [heads, 32, 1].map((heads) =>
      curve((tokens) => models.cache(32, heads, 128, tokens, batch, 2) / 1e9, [1024, 2 ** 19], tokens));
})();
