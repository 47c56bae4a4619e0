"""All that proves and makes the site; nothing here is imported by a reader.

What a page shows goes through these rooms in turn; each knows only those above it:

- `pages` reads: what a page is made of, and which of it must be verified;
- `verify` runs it, compares, and keeps what passed;
- `render` turns a page into HTML;
- `takeaway` makes files that readers take with them from the built site;
- `inspect` looks at the tree, the pages and the site: whether they are whole.

Beside them, `question` lays out the files of a new question.

`ARCHITECTURE.md` follows one snippet through them, file by file.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".verified"  # not `.cache`, which Zensical calls its own
