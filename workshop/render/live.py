"""Which live figures there are: a script to each, which only its page loads.

`mkdocs.yml` gives the names to the theme's `main.html`.
"""

from workshop import ROOT


def figures() -> list[str]:
    """The names of all live figures, sorted."""
    scripts = (ROOT / "docs/assets/javascripts/live").glob("*.js")
    return sorted(script.stem for script in scripts)
