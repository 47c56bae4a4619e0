"""What a reader takes away from the published site: each page's files, and the zip."""

from tests.browser.unpacked import dead_links, unpack
from workshop.inspect.rendered import Page
from workshop.takeaway.links import folder


def test_a_question_offers_its_notebook_and_its_markdown(site, question):
    path = folder(question.path)
    links = Page((site / path / "index.html").read_text(encoding="utf-8")).links
    for suffix in ".ipynb", ".md":
        assert f"../{question.file(suffix).rpartition('/')[2]}" in links
        assert (site / question.file(suffix)).is_file()


def test_from_a_folder_each_link_leads_to_a_file(site, tmp_path):
    home = unpack(site, tmp_path)
    assert (home / "index.html").is_file()
    assert dead_links(home) == []
