// What the theme's own script does otherwise than we want it. Stands before that script.
{
  const { all } = dlref;

  // The search index is as large as the rest of a first visit: it is fetched when the reader
  // turns to the search, or comes from a result. It is all that the theme fetches.
  const wanted = new Promise((resolve) => {
    if (/[?&][hq]=/.test(location.search)) resolve();
    for (const search of all(".md-search"))
      for (const sign of ["focusin", "pointerover"]) search.addEventListener(sign, resolve, { once: true });
  });
  window.XMLHttpRequest = class extends XMLHttpRequest {
    send() { wanted.then(() => super.send()); }
  };

  const watch = (selector, change) => {
    for (const part of all(selector))
      new MutationObserver(change).observe(part, { childList: true, subtree: true });
  };
  // The title of a page leads to the section below it, where that answers better than the page:
  // at its top no word would be marked.
  watch(".md-search-result__list", () => {
    for (const best of all(".md-search-result__item > a:nth-child(2)")) best.previousSibling.href = best.href;
  });
  // Each copy button is wrapped into a <nav>: dozens of landmarks, all without a name. A reader
  // who walks a page by its landmarks needs none of them. They come with their blocks.
  watch("article", () => {
    for (const nav of all(".md-code__nav:not([role])")) nav.role = "none";
  });
}
