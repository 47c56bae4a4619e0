"""Runs what the pages show, compares it, and keeps what passed.

- `execution` runs a snippet as a fresh program, `comparison` judges what it printed;
- `figures` draws the figure fences, `svg` makes the drawing fit a web page;
- `formula` reads display formulas and compares them with code;
- `examples` hands all of them to Sybil, `plugin` to pytest, `manifest` keeps what passed,
  `proof` counts it;
- `alone` runs each snippet in an interpreter of its own, as the last word; `nursery` lets
  that take a fraction of the time.
"""
