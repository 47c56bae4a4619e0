"""The manifest holds what passed, for one state of the package and its versions."""

from datetime import date

import pytest

from workshop.verify import manifest
from workshop.verify.manifest import Manifest


def test_what_passed_is_kept_and_what_failed_forgotten(tmp_path):
    path = tmp_path / "cache/manifest.json"
    first = Manifest.load(path)
    first.record(passed={"a", "b"}, failed=set())
    first.save(path)
    second = Manifest.load(path)
    assert second.ran == dict.fromkeys(("a", "b"), date.today().isoformat())
    second.record(passed={"c"}, failed={"a", "unknown"})
    second.save(path)
    assert set(Manifest.load(path).ran) == {"b", "c"}


@pytest.mark.parametrize(
    ("name", "value"), [("versions", {"NumPy": "0"}), ("source_digest", "changed")]
)
def test_nothing_holds_after_a_change_of_versions_or_package(
    tmp_path, monkeypatch, name, value
):
    path = tmp_path / "manifest.json"
    first = Manifest.load(path)
    first.record(passed={"a"}, failed=set())
    first.save(path)
    monkeypatch.setattr(manifest, name, lambda: value)
    assert Manifest.load(path).ran == {}


def test_the_source_digest_changes_with_each_byte_and_name(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("x = 1")
    seen = {manifest.source_digest(tmp_path)}
    file.write_text("x = 2")
    seen.add(manifest.source_digest(tmp_path))
    file.rename(tmp_path / "b.py")
    seen.add(manifest.source_digest(tmp_path))
    assert len(seen) == 3


def test_versions_are_those_that_readers_know():
    found = manifest.versions()
    assert list(found) == ["Python", "NumPy", "PyTorch", "Matplotlib"]
    assert not any("+" in number for number in found.values())
