"""Turns a page into HTML, with Python-Markdown alone, as MkDocs and its successor do.

- `markdown` marks what has run and places the figures, `contents` writes the lists of
  questions and of the reference, `sheet` the cheat sheet;
- `mathml` typesets formulas, `font` cuts their font, `colors` highlights code;
- `theme/` has the parts of the theme that are our own; styles and scripts lie in
  `docs/assets/`;
- `search` and `preview` are hooks of MkDocs: for its search index, and for `make serve`;
- `browser` is what prints the sheet, and tries the site;
- `policy` writes the Content-Security-Policy into the pages of a built site.
"""
