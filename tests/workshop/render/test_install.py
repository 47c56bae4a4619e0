"""The line that installs dlref is the same wherever it stands, and never a broken one."""

import pytest
from markdown import Markdown

import dlref
from workshop import ROOT
from workshop.render import install

URL = "https://dlref.example/en"
NAME = f"dlref-{dlref.__version__}-py3-none-any.whl"


def page(text, site_url):
    settings = {"workshop.render.contents": {"site_url": site_url}}
    extensions = ["workshop.render.contents", "pymdownx.superfences", "md_in_html"]
    return Markdown(extensions=extensions, extension_configs=settings).convert(text)


@pytest.mark.parametrize("site_url", [URL, f"{URL}/"])
def test_it_takes_the_wheel_beside_the_site(site_url):
    assert install.line(site_url) == f'pip install "dlref[practice,torch] @ {URL}/{NAME}"'


def test_without_an_address_it_takes_what_was_downloaded():
    assert install.line("") == f'pip install "./{NAME}[practice,torch]"'


def test_others_are_installed_with_it():
    line = f'pip install "./{NAME}[practice,torch]" matplotlib'
    assert install.line("", "matplotlib") == line


@pytest.mark.parametrize("comment", ["install", "reference: losses"])
def test_a_page_shows_it_as_code_to_copy(comment):
    html = page(f"<!-- {comment} -->\n\nMore.", URL)
    code = f'<pre><code>pip install "dlref[practice,torch] @ {URL}/{NAME}"</code></pre>'
    assert f'<div class="language-bash highlight">\n{code}\n</div>' in html
    assert "<p>Install it; without" in html
    assert "<p>More.</p>" in html or comment != "install"


@pytest.mark.parametrize(
    ("comment", "link"),
    [
        ("install", f'href="{NAME}" download'),
        ("install: index.md", f'href="index.md#{install.PLACE}"'),
        ("reference: losses", f'href="../index.md#{install.PLACE}"'),
    ],
)
def test_a_page_without_an_address_leads_to_the_wheel(comment, link):
    html = page(f"<!-- {comment} -->", "")
    wheel = f"<a {link}>Download the wheel</a>"
    assert f"<p>{wheel}, and install it from its folder; without" in html
    assert f'<pre><code>pip install "./{NAME}[practice,torch]"</code></pre>' in html
    assert "@" not in html


def test_the_home_page_and_the_readme_have_it():
    home = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "\n<!-- install -->\n" in home
    assert '```bash\npip install ".[practice,torch]"\n```' in readme
