"""Pages made one by one from the store: the same bytes as the site on disk, and nothing but what is there."""

from __future__ import annotations

import pytest

from rejoinder import versions
from rejoinder.config import Project
from rejoinder.server.http import media_type_of
from rejoinder.site import routes
from rejoinder.site.snapshot import Snapshot, open_snapshot


@pytest.fixture(scope="module")
def snapshot(built_once: Project) -> Snapshot:
    return open_snapshot(built_once, versions.require_newest(built_once.build))


@pytest.mark.slow
def test_every_file_of_the_site_is_made_alone_with_the_same_bytes(built_once: Project, snapshot: Snapshot) -> None:
    site = versions.require_newest(built_once.build).site_path
    dumps = {dump.path for dump in snapshot.dumps}
    files = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    assert len(files) > 1000
    differing = []
    for path in files.keys() - dumps:
        page = routes.page(snapshot, path)
        if page is None or page.content != files[path].read_bytes():
            differing.append(path)
        elif page.media_type.partition(";")[0] != media_type_of(path).partition(";")[0]:
            differing.append(f"{path}: {page.media_type}")
    assert differing == []
    enumerated = [stem + suffix for stem in routes.stems(snapshot) for suffix in routes.files(snapshot, stem)]
    assert sorted(enumerated) == sorted(files.keys() - dumps)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "state/XXX.html",
        "state/KAZ",
        "state/KAZ.exe",
        "report/none.html",
        "../pyproject.toml",
        "question/x.csv",
        "a b",
    ],
)
def test_what_is_not_there_is_not_made(snapshot: Snapshot, path: str) -> None:
    assert routes.page(snapshot, path) is None
