// Material wraps each copy button into a <nav>: dozens of landmarks, all without a name. A
// reader who walks a page by its landmarks needs none of them. They come with their blocks.
new MutationObserver(() => {
  for (const nav of document.querySelectorAll(".md-code__nav:not([role])")) nav.role = "none";
}).observe(document.querySelector("article"), { childList: true, subtree: true });
