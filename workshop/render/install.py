"""The line that installs dlref, written once for all that show it.

The wheel lies beside the pages. Where the site's address is known, pip takes it from
there; where it is not, the reader downloads it first.
"""

import html

import dlref

PLACE = "what-you-copy-is-what-was-tested"  # of the home page
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


def shown(site_url: str, home: str) -> list[str]:
    """Return the lines of HTML that a page shows for `<!-- install -->`.

    Args:
        site_url: The address of the site; empty if it is not known.
        home: The page that has the wheel to download; empty if it is this one.
    """
    wheel = f'<a href="{WHEEL}" download>Download the wheel</a>'
    if home:
        wheel = f"[Download the wheel]({home}#{PLACE})"
    where = "Install it" if site_url else f"{wheel}, and install it from its folder"
    code = html.escape(line(site_url), quote=False)
    return [
        '<div class="install" markdown="1">',
        "",
        f"{where}; without `torch` you get NumPy alone:",
        "",
        f'<div class="language-bash highlight"><pre><code>{code}</code></pre></div>',
        "",
        "</div>",
    ]
