"""Looks at what was made: whether it is whole, and what it weighs.

- `form` has the rules of a question's page, `tree` those of the tree, `docstrings` those
  of the package's words, `notation` those of the tables of symbols;
- `only` lets pytest judge one page with what stands behind it;
- `rendered` reads a page of HTML as a browser does;
- `guard` proves that all code and formulas which a page renders are found and verified;
- `traces` compares the words of a page with those of its source, `nesting` says which
  of them are not where they seem to be;
- `site` checks a built site, `links` lists its links to other hosts;
- `lighthouse` scores its pages, `site_weight` weighs one, `server` sends them as a host;
- `package.json` names the programs of Node that `make check` uses.
"""
