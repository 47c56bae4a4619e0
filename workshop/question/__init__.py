"""Lays out a new question: `make question ID=DL0050 SUBJECT=attention NAME=x-and-y`.

The page, the code in both languages, its test and its reference are put in their places,
from `templates/`. From then on the tests say what is missing: see `inspect.form` for the
page, `inspect.tree` for the rest.
"""
