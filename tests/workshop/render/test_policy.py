"""The Content-Security-Policy: what runs is what stood in the HTML when it was built."""

import re

import pytest

from workshop.render import policy

PAGE = (
    '<!doctype html><html><head><meta charset="utf-8"><script>a = 1</script></head>'
    '<script>b = "é"</script><script>a = 1</script><script src="x.js"></script>'
    '<script type="application/json">{}</script></html>'
)
# echo -n 'a = 1' | openssl dgst -sha256 -binary | base64
FIRST = "'sha256-tbwf/ZCRL7GL7259gJCRksemSSiWMgFW1n+68QTGVEo='"


def directives(html):
    return dict(part.split(" ", 1) for part in policy.policy(html).split("; "))


def test_all_is_forbidden_but_the_sites_own():
    assert directives("") == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }


def test_another_generator_may_need_another_source_of_styles():
    found = policy.policy("", "'unsafe-inline'")
    assert "; style-src 'self' 'unsafe-inline'; " in found


def test_each_inline_script_is_known_by_its_hash():
    own, *hashes = directives(PAGE)["script-src"].split()
    assert own == "'self'"
    assert len(hashes) == 2  # one stands twice; data and files need none
    assert FIRST in hashes


def test_every_page_gets_its_own_before_its_first_script(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "a/index.html").write_text(
        PAGE.replace("a = 1", "a = 2"), encoding="utf-8"
    )
    policy.secure(tmp_path)
    first = (tmp_path / "index.html").read_text(encoding="utf-8")
    other = (tmp_path / "a/index.html").read_text(encoding="utf-8")
    assert f'content="{policy.policy(PAGE)}"' in first
    assert FIRST not in other
    assert first.index("Content-Security-Policy") < first.index("<script")
    assert re.sub("<meta http-equiv[^>]*>", "", first) == PAGE
    policy.secure(tmp_path)
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == first


def test_a_page_without_a_character_set_is_no_page(tmp_path):
    (tmp_path / "index.html").write_text("<html></html>", encoding="utf-8")
    with pytest.raises(
        ValueError, match=r'^a page must have <meta charset="utf-8">; got'
    ):
        policy.secure(tmp_path)
