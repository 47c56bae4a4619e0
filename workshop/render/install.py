"""The line that installs dlref, written once for all that show it.

The wheel lies beside the pages. Where the site's address is known, pip takes it from
there; where it is not, the reader downloads it first.
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
        else f"./{WHEEL}[practice,torch]"
    )
    return " ".join((f'pip install "{what}"', *others))


def shown(site_url: str, root: str) -> list[str]:
    """Return the lines of HTML that a page shows for `<!-- install -->`.

    Args:
        site_url: The address of the site; empty if it is not known.
        root: The way from the page's address to that of the site, such as `../`.
    """
    wheel = f'<a href="{root}{WHEEL}" download>Download the wheel</a>'
    where = "Install it" if site_url else f"{wheel}, and install it from its folder"
    code = html.escape(line(site_url), quote=False)
    return [
        '<div class="install">',
        f"<p>{where}; without <code>torch</code> you get NumPy alone:</p>",
        f'<div class="language-bash highlight"><pre><code>{code}</code></pre></div>',
        "</div>",
    ]
