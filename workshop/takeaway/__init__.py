"""What a reader can take away from the site: files that are made of its sources.

    python -m workshop.takeaway site

adds to a built site, from the pages with a number:

- `handout` is a question away from the site: `plain` turns its page into Markdown that
  any reader knows, `links` lets its links lead to the site;
- `notebook` makes a Jupyter notebook with the recorded outputs, `llms` the two files for
  language models, `deck` the cards for Anki;
- `paper` has the browser print the cheat sheet, where there is one;
- `wheel` is the package that the pages import, built;
- `offline` packs the whole site, so that it works from a folder; `archive` writes zips;
- `files` writes all of them, `hook` has MkDocs call it when it serves.

All of it is a function of the sources, of what the tests recorded and of the built site:
two runs give the same bytes.
"""
