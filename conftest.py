"""Hands every snippet of the pages and of the docstrings to Sybil: see `verify/`."""

pytest_plugins = ["verify.plugin"]
