// Material wraps each copy button into a <nav>: dozens of landmarks, all without a name. A
// reader who walks a page by its landmarks needs none of them.
document.addEventListener("DOMContentLoaded", () => {
  for (const nav of document.querySelectorAll(".md-code__nav")) nav.role = "none";
});
