"""The line that installs dlref, written once for all that show it.

Where the site's address is known, pip takes the wheel beside the pages; where it is not,
a clone of the project.
"""

import html

import dlref

WHEEL = f"dlref-{dlref.__version__}-py3-none-any.whl"


def line(site_url: str, *others: str) -> str:
    """Return the line that installs dlref with PyTorch, and other packages with it.

    Args:
        site_url: The address of the site; empty if it is not known.
        others: What else the reader needs.
    """
    what = (
        f"dlref[practice,torch] @ {site_url.rstrip('/')}/{WHEEL}"
        if site_url
        else ".[practice,torch]"
    )
    return " ".join((f'pip install "{what}"', *others))


def shown(site_url: str) -> list[str]:
    """Return the lines of HTML that a page shows for `<!-- install -->`."""
    where = "Install it" if site_url else "Install it from a clone of the project"
    code = html.escape(line(site_url), quote=False)
    return [
        '<div class="install">',
        f"<p>{where}; without <code>torch</code> you get NumPy alone:</p>",
        f'<div class="language-bash highlight"><pre><code>{code}</code></pre></div>',
        "</div>",
    ]
