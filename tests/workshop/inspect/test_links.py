"""The links to other hosts, as the weekly job visits them."""

import pytest

from workshop.inspect import links


def test_each_page_of_another_host_is_named_once(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "index.html").write_text(
        '<a href="https://b.example/x#part">b</a> <a href="deep/">in</a>'
        '<a href="mailto:a@b.example">mail</a> <a href="#top">top</a>'
    )
    (tmp_path / "deep/index.html").write_text(
        '<a href="https://b.example/x">b</a> <a href="http://a.example/">a</a>'
    )
    assert links.external(tmp_path) == ["http://a.example/", "https://b.example/x"]


def test_a_site_without_links_is_no_site(tmp_path):
    with pytest.raises(SystemExit, match="must have links to its sources; got none"):
        links.main(str(tmp_path))
