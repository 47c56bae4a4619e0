/* An error is reported with the words that the reader selected, and the heading above them.

   The link has the page and the versions already, and leads to the form without this file. */
"use strict";
(() => {
  const LONGEST = 1000;  // characters: an address has no room for a page
  const report = document.querySelector("a.report");
  const article = document.querySelector("article");
  const headings = [...article.querySelectorAll("h1, h2, h3, details:not(.executed) > summary")];
  const isAbove = (place) => (heading) =>
    heading.compareDocumentPosition(place) & (Node.DOCUMENT_POSITION_FOLLOWING | Node.DOCUMENT_POSITION_CONTAINED_BY);

  document.addEventListener("selectionchange", () => {
    const chosen = getSelection();
    const says = chosen.toString().trim();
    // Who goes on to the link may lose the selection: the last one holds.
    if (!says || !article.contains(chosen.anchorNode)) return;
    const start = chosen.getRangeAt(0).startContainer;
    const above = headings.findLast(isAbove(start)) ?? headings[0];
    const address = new URL(report.href);
    address.searchParams.set("heading", above.innerText.trim().replace(/\s+/g, " "));
    address.searchParams.set("says", says.slice(0, LONGEST));
    report.href = address;
  });
})();
