"""The machine room: finds what the pages show, runs it, compares, draws and typesets.

Nothing here is imported by a reader. From the page to the promise:

- `fences` finds the code blocks of a Markdown text, `snippets` pairs them with outputs;
- `execution` runs a snippet as a fresh program, `comparison` judges what it printed;
- `figures` draws the figure fences, `svg` makes the drawing fit a web page;
- `examples` hands snippets to Sybil, `plugin` to pytest, `manifest` keeps what passed;
- `alone` runs each snippet in an interpreter of its own, as the last word;
- `guard` proves that what renders is what was found, `site` that what was built ran;
- `formula` reads display formulas and compares them with code, `proof` counts what ran;
- `markdown` and `mathml` are the site's Markdown extensions, `font` cuts its math font.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".verified"  # not `.cache`, which Zensical calls its own
