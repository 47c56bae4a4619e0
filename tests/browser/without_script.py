"""What a page says and what of it cannot be seen, with JavaScript and without."""

# All but what needs it.
TEXT = """() => {
  const article = document.querySelector("article").cloneNode(true);
  article.querySelectorAll(".practice, .live, .tools").forEach((part) => part.remove());
  return article.textContent.replace(/\\s+/g, " ");
}"""
# What has no box, although its tab is chosen; each tab is, one after the other.
HIDDEN = """() => {
  const hidden = () => [...document.querySelectorAll(
    "article :is(h1, h2, p, li, math, svg.plot, pre):not(.practice, .practice *, .live *)"
  )].filter((x) => {
    const tab = x.closest(".tabbed-block");
    const nth = tab && [...tab.parentElement.children].indexOf(tab);
    const inputs = tab?.closest(".tabbed-set").querySelectorAll(":scope > input");
    const { width, height } = x.getBoundingClientRect();
    return (!tab || inputs[nth].checked) && !(width && height);
  });
  const labels = document.querySelectorAll(".tabbed-labels label");
  return [null, ...labels].flatMap((label) => {
    label?.click();
    return hidden().map((x) => x.outerHTML.slice(0, 200));
  });
}"""
# What is not in a fold and has no box.
UNSEEN = """() => [...document.querySelectorAll(
    "article :is(h2, h3, p, li, tr, figure):not(details *)"
  )].filter((part) => !part.closest(".practice, .live, .tabbed-block, .untried")
    && !part.getClientRects().length).map((part) => part.innerText)"""
