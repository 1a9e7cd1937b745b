"""A damaged, copied or tampered build folder: told in a sentence, and no version is lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import rejoinder
from conftest import Run, mostly_slow
from rejoinder import formats, versions
from rejoinder.building import build as building_build
from rejoinder.config import Project, open_project
from rejoinder.errors import StoreError
from rejoinder.rdf import graphs, terms


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """Give a project with three versions of a small store; the newest is the second, the third was never published."""
    (tmp_path / "rejoinder.toml").write_text('base = "https://example.org/"\n', encoding="utf-8")
    project = open_project(tmp_path)
    for number in (1, 2, 3):
        _version(project.build / f"versions/{number:04d}", number)
    (project.build / "current").symlink_to("versions/0002")
    return project


def _version(folder: Path, number: int) -> None:
    folder.mkdir(parents=True)
    nodes = [terms.NamedNode(f"https://example.org/{name}") for name in range(2000)]
    store = terms.Store(str(folder / "store"))
    graphs.replace(store, {nodes[0].value: tuple(terms.Quad(node, nodes[1], node, nodes[0]) for node in nodes)})
    store.flush()
    manifest = {"number": number, "created": "", "program": "", "graphs": []}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _versions(project: Project) -> set[str]:
    return {path.name for path in (project.build / "versions").iterdir()}


@pytest.mark.parametrize("part", [0.1, 0.5, 1.0])
def test_a_damaged_store_is_one_sentence(small: Project, part: float) -> None:
    for path in (small.build / "versions/0002/store").glob("*.sst"):
        data = bytearray(path.read_bytes())
        at = int(part * (len(data) - 20))
        data[at : at + 20] = bytes(255 - byte for byte in data[at : at + 20])
        path.write_bytes(data)
    with pytest.raises(StoreError, match=r"0002: this version is damaged; .*remove .*current and build again"):
        rejoinder.sparql(small, "SELECT * { GRAPH ?g { ?s ?p ?o } }")
    with pytest.raises(StoreError, match="this version is damaged"):
        rejoinder.export(small, formats.NQUADS)


def test_what_a_killed_build_left_is_cleared_and_nothing_else(small: Project) -> None:
    (small.build / "versions/.draft").mkdir()
    (small.build / "versions/notes.txt").touch()
    with versions.locked(small.build):
        assert _versions(small) == {"0001", "0002", "notes.txt"}
        assert versions.next_number(small.build) == 3


def test_ten_thousand_comes_after_9999(small: Project) -> None:
    _version(small.build / "versions/10000", 10000)
    (small.build / "current").unlink()
    (small.build / "current").symlink_to("versions/10000")
    with versions.locked(small.build):
        assert "10000" in _versions(small)
        assert versions.next_number(small.build) == 10001


@pytest.mark.parametrize("target", [None, "versions/0009", "elsewhere"])
def test_without_a_newest_version_every_version_stays(small: Project, target: str | None) -> None:
    (small.build / "current").unlink()
    if target:
        (small.build / "current").symlink_to(target)
    (small.build / "versions/notes.txt").touch()
    with versions.locked(small.build):
        assert _versions(small) == {"0001", "0002", "0003", "notes.txt"}
        assert versions.next_number(small.build) == 4


def test_a_copy_without_links_says_what_to_do_and_keeps_its_versions(small: Project, tmp_path: Path) -> None:
    shutil.copytree(small.build, tmp_path / "copy", symlinks=False)
    with versions.locked(tmp_path / "copy"), pytest.raises(StoreError, match=r"a link .* is expected here"):
        versions.newest(tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy/current")
    with versions.locked(tmp_path / "copy"):
        assert versions.newest(tmp_path / "copy") is None
        assert versions.next_number(tmp_path / "copy") == 4


@pytest.mark.parametrize("lost", mostly_slow(["store", "manifest.json"], {"store"}))
def test_a_damaged_old_version_is_as_a_removed_one(small_built: Project, lost: str, run: Run) -> None:
    old = small_built.build / "versions/0001"
    shutil.rmtree(old / lost) if lost == "store" else (old / lost).unlink()
    # The newest is made again, without that link.
    with pytest.raises(StoreError, match=rf"0001: this version is damaged; .* remove {small_built.build}/current and"):
        rejoinder.build(small_built)
    (small_built.build / "current").unlink()
    built = rejoinder.build(small_built)
    assert [problem.path for problem in built.damaged] == [old]
    assert "put it back from a backup, or remove this folder, and build again" in built.damaged[0].message
    assert built.version is not None
    assert built.version.manifest.number == 2
    assert (small_built.build / "site").resolve() == built.version.site_path
    assert not (built.version.site_path / "version/1").exists()
    assert [version.manifest.number for version in versions.kept(small_built.build)] == [2]
    answer = run("build")
    assert answer.returncode == 0
    assert answer.stdout.count("this version is damaged") == 1
    assert "0001: this version is damaged" in run("diff", "1", "2").stderr
    shutil.rmtree(old)
    assert rejoinder.build(small_built).damaged == ()


def test_a_store_that_fails_after_publication_says_that_the_version_is_published(
    small_built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"Corruption: block checksum mismatch in {small_built.build}/versions/0001/store/000012.sst")

    (small_built.root / "rejoinder.toml").write_text('base = "https://example.org/other/"\n', encoding="utf-8")
    monkeypatch.setattr(building_build, "write_pages", fail)
    with pytest.raises(StoreError, match=r"version 2 is published, but not its site: .*0001: .* remove this folder, "):
        rejoinder.build(open_project(small_built.root))
