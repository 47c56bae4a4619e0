"""The only reader of pages: what they are made of, and what of it is to be verified.

- `sources` lists the files whose content must hold;
- `front_matter` parts a page from what stands above it, `questions` knows the pages with
  a number and their parts, `navigation` puts them in the order of the contents;
- `fences` finds code blocks, `snippets` pairs them with outputs, `formulas` finds the
  display formulas with their directives, `inline` those within a line, `tables` the rows.

All of it is text: nothing is run; NumPy, Matplotlib, torch and Sybil are not loaded.
"""
