// The search index is as large as the rest of a first visit: it is fetched when the reader
// turns to the search, or comes from a result. Stands before the theme's own script.
{
  const asked = new URLSearchParams(location.search);
  const wanted = new Promise((resolve) => {
    if (asked.has("h") || asked.has("q")) resolve();
    for (const sign of ["focusin", "pointerover"])
      document.querySelector(".md-search")?.addEventListener(sign, resolve, { once: true });
  });
  window.XMLHttpRequest = class extends XMLHttpRequest {
    open(method, url, ...rest) {
      this.waits = /\/search(_index)?\.json$/.test(url);
      super.open(method, url, ...rest);
    }
    send(...body) {
      if (this.waits) wanted.then(() => super.send(...body));
      else super.send(...body);
    }
  };
}
