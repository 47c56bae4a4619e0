"""Hands each snippet of the pages and docstrings to Sybil: see `workshop/verify/`."""

pytest_plugins = ["workshop.verify.plugin", "workshop.inspect.only"]
