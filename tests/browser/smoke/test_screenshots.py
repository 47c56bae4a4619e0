"""The pictures of README.md can be taken again, from any site with these pages."""

from tests.test_readme import HEAVIEST, PICTURES
from workshop.inspect.screenshots import take

PNG = b"\x89PNG"


def test_they_are_those_that_are_committed(chromium, site, tmp_path):
    taken = take(chromium, site, tmp_path)
    assert sorted(x.name for x in taken) == sorted(x.name for x in PICTURES.iterdir())
    for file in taken:
        content = file.read_bytes()
        assert content.startswith(PNG)
        assert len(content) <= HEAVIEST
