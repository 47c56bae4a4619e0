"""What a reader can take away from the site: files that are made of its sources.

    python -m publish site

adds to a built site, from the pages with a number:

- `plain` turns a page into Markdown that any reader knows, `links` into one that leads to
  the site; `questions` finds the pages and takes them apart;
- `notebook` makes a Jupyter notebook with the recorded outputs, `llms` the two files for
  language models, `deck` the cards for Anki;
- `offline` packs the whole site, so that it works from a folder; `archive` writes zips.

All of it is a function of the sources, of what the tests recorded and of the built site:
two runs give the same bytes.
"""
