"""What a reader takes away from the published site: each page's files, and the zip."""

import zipfile

from workshop.inspect.rendered import Page
from workshop.takeaway.links import folder


def test_a_question_offers_its_notebook_and_its_markdown(site, question):
    path = folder(question.path)
    links = Page((site / path / "index.html").read_text(encoding="utf-8")).links
    for suffix in ".ipynb", ".md":
        assert f"../{question.file(suffix).rpartition('/')[2]}" in links
        assert (site / question.file(suffix)).is_file()


def test_from_a_folder_no_link_leads_to_a_folder(site, tmp_path):
    with zipfile.ZipFile(site / "dlref-offline.zip") as archive:
        archive.extractall(tmp_path)
    for file in tmp_path.rglob("*.html"):
        for link in Page(file.read_text(encoding="utf-8")).links:
            path = link.partition("#")[0].partition("?")[0]
            if path and "://" not in path:
                assert (file.parent / path).is_file(), f"{file}: {link}"
