"""A disk that is full, locked or strange: one sentence, nothing half written, and the next build makes what lacks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import Run, mostly_slow
from rejoinder import versions
from rejoinder.building import build as building_build
from rejoinder.config import Project, open_project
from rejoinder.errors import StoreError
from rejoinder.versions import Version

REPORT = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . <> rdfs:label 'A'@en .\n"
MAPPING = """
'@id': record/g
tableSchema:
  aboutUrl: '#g-{_row}'
  columns:
    - {titles: Text, propertyUrl: 'https://example.org/v/t', lang: en}
    - {name: label, virtual: true, propertyUrl: 'rdfs:label', default: A recommendation, lang: en}
"""

FAULTY = """
import contextlib, io, json, os, shutil, sys
from pathlib import Path
from rejoinder.cli import main as cli

number, at, left, places = 0, None, 0, []

def fault(event, arguments):
    global left
    if at is None or event not in {"open", "os.mkdir", "os.rename", "os.link", "os.symlink"}:
        return
    if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
        return
    if isinstance(arguments[0], int) or str(arguments[0]).startswith("/dev/"):
        return
    left += 1
    if left - 1 == at:
        raise OSError(number, os.strerror(number), str(arguments[0]))

sys.addaudithook(fault)

def run(words, chosen, code):
    global number, at, left
    number, left = code, 0
    told, shown = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    sys.argv = ["rejoinder", *words]
    cli.console.close = lambda: None
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(shown):
        at = chosen
        try:
            cli.main()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        finally:
            at = None
    return {"status": status, "told": told.buffer.getvalue().decode(), "writes": left}

prepare, words, codes, most = json.loads(sys.argv[1])
home = Path.cwd()
def fresh():
    os.chdir(home)
    shutil.rmtree("work", ignore_errors=True)
    shutil.copytree("start", "work", symlinks=True)
    os.chdir("work")
fresh()
total = run(words, 10**9, codes[0])["writes"]
chosen = sorted({round(i * (total - 1) / max(most - 1, 1)) for i in range(min(most, total))})
answers = []
for turn, place in enumerate(chosen):
    fresh()
    answers.append(run(words, place, codes[turn % len(codes)]) | {"at": place, "total": total})
    left = (path for path in Path().rglob("*") if path.name.startswith((".draft", "tmp")) or path.suffix == ".part")
    answers[-1]["left"] = sorted(map(str, left))
    answers[-1]["again"] = run(words, None, 0)["status"]
    without = "--no-site" in words or not Path("build").exists()
    answers[-1]["whole"] = without or Path("build/site/index.html").is_file()
print(json.dumps(answers))
"""
"""Runs a command again and again on a copy of a project, and lets another one of its writes fail each time."""


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """Give a project with one small dossier, in the folder `start`."""
    root = tmp_path / "start"
    (root / "data/report").mkdir(parents=True)
    (root / "rejoinder.toml").write_text('base = "https://example.org/reports/"\n', encoding="utf-8")
    (root / "data/report/a.ttl").write_text(REPORT, encoding="utf-8")
    (root / "m.yaml").write_text(MAPPING, encoding="utf-8")
    (root / "t.csv").write_text("Text\nMend the gate.\n", encoding="utf-8")
    return open_project(root)


CODES = [28, 122, 30, 24, 36, 13, 5, 27]
"""No space, quota, read-only, too many open files, name too long, permission, broken disk, file too large."""


@pytest.mark.parametrize(
    ("words", "built", "most"),
    [
        (["build", "--no-site"], False, 2),
        pytest.param(["build", "--no-site"], False, 8, marks=pytest.mark.slow),
        pytest.param(["build", "--jobs", "1"], False, 4, marks=pytest.mark.slow),
        pytest.param(["build", "--jobs", "1"], True, 4, marks=pytest.mark.slow),
        pytest.param(["export", "all.trig"], True, 4, marks=pytest.mark.slow),
        (["new", "mine"], False, 12),
        (["import", "table", "m.yaml", "t.csv"], False, 4),
    ],
)
def test_each_write_that_fails_is_one_sentence_and_the_next_try_does_all(
    small: Project, tmp_path: Path, words: list[str], built: bool, most: int
) -> None:
    if built:
        building_build.build(small)
        (small.data / "report/b.ttl").write_text(REPORT, encoding="utf-8")
    command = [sys.executable, "-c", FAULTY, json.dumps([built, words, CODES, most])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=500)
    assert not done.returncode, done.stderr
    answers = json.loads(done.stdout)
    assert answers
    failed = [answer for answer in answers if answer["status"]]
    assert failed
    for answer in failed:
        assert answer["status"] == 2, answer
        _is_sentence(answer["told"])
    for answer in answers:
        assert answer["again"] == (2 if words[0] == "new" and not answer["status"] else 0), answer
        assert not answer["left"], answer
        assert answer["whole"], answer


def _is_sentence(told: str) -> None:
    (line,) = told.splitlines()
    assert line.startswith("error: "), told
    assert "; " in line, told
    assert ". " in line, told
    assert not any(word in line for word in ("Traceback", "Errno", ".draft", ".part", ".lock")), told


def _astray(version: Version) -> None:
    version.published_site.unlink()
    version.published_site.symlink_to("nowhere")


QUICK = {"a page gone"}
"""The kind of damage that is tried even where slow tests are left out: each takes a site or two."""
DAMAGE: dict[str, Callable[[Version], object]] = {
    "no site": lambda version: shutil.rmtree(version.site_path),
    "no exports": lambda version: shutil.rmtree(version.export_path),
    "no stamp": lambda version: (version.path / versions.STAMP).unlink(),
    "no list": lambda version: (version.path / versions.FILES).unlink(),
    "a page gone": lambda version: (version.site_path / "index.html").unlink(),
    "a folder gone": lambda version: shutil.rmtree(version.site_path / "question"),
    "a page emptied": lambda version: _emptied(version.site_path / "index.html"),
    "an export gone": lambda version: (version.export_path / "dataset.nq.gz").unlink(),
    "a site that is a file": lambda version: _file(version.site_path),
    "all gone": lambda version: _emptied_of(version.site_path, version.export_path),
    "no link": lambda version: version.published_site.unlink(),
    "a link that leads nowhere": _astray,
}


def _emptied(path: Path) -> None:
    path.unlink()
    path.touch()


def _emptied_of(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder)


def _file(path: Path) -> None:
    shutil.rmtree(path)
    path.touch()


def _content(version: Version) -> dict[str, bytes]:
    folders = (version.published_site, version.export_path)
    return {f"{f.name}/{p.relative_to(f)}": p.read_bytes() for f in folders for p in f.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give a small project with two versions; for tests that copy it."""
    root = tmp_path_factory.mktemp("two")
    (root / "data/report").mkdir(parents=True)
    (root / "rejoinder.toml").write_text('base = "https://example.org/reports/"\n', encoding="utf-8")
    for name in ("a", "b"):
        (root / f"data/report/{name}.ttl").write_text(REPORT, encoding="utf-8")
        building_build.build(open_project(root))
    return open_project(root)


@pytest.fixture
def copy(two: Project, tmp_path: Path) -> Project:
    shutil.copytree(two.root, tmp_path / "copy", symlinks=True)
    return open_project(tmp_path / "copy")


@pytest.mark.parametrize("kind", mostly_slow(DAMAGE, QUICK))
def test_a_build_makes_the_files_that_are_missing_and_no_new_version(copy: Project, kind: str) -> None:
    version = versions.require_newest(copy.build)
    whole = _content(version)
    DAMAGE[kind](version)
    built = building_build.build(copy)
    assert not built.is_new
    assert built.wrote_files == ("link" not in kind)
    assert _content(version) == whole
    assert not building_build.build(copy).wrote_files


def test_what_was_missing_is_told(copy: Project, run: Run) -> None:
    shutil.rmtree(versions.require_newest(copy.build).site_path)
    answer = run("build", cwd=copy.root)
    assert answer.returncode == 0
    assert "Nothing changed: version 2 is current" in answer.stdout
    assert "Files of its site or its exports were missing; this build wrote them anew." in answer.stdout
    assert "Site      build/site" in answer.stdout
    assert "wrote them anew" not in run("build", cwd=copy.root).stdout


@pytest.mark.parametrize("step", mostly_slow(range(6), {0}))
def test_a_build_that_ends_between_two_steps_of_putting_files_in_place_is_mended(
    copy: Project, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    version = versions.require_newest(copy.build)
    whole = _content(version)
    (version.site_path / "index.html").unlink()
    renamed, rename = [], Path.rename

    def fail_at(path: Path, target: Path) -> Path:
        renamed.append(path)
        if len(renamed) > step:
            raise OSError(28, "No space left on device", str(path))
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fail_at)
        with pytest.raises(StoreError, match="version 2 is published, but not its site"):
            building_build.build(copy)
    assert building_build.build(copy).wrote_files
    assert _content(version) == whole


def test_extra_files_are_no_damage(copy: Project) -> None:
    version = versions.require_newest(copy.build)
    (version.site_path / "CNAME").write_text("example.org\n", encoding="utf-8")
    assert not building_build.build(copy).wrote_files


def test_files_that_did_not_change_are_looked_at_once(copy: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []
    listing = versions.listing

    def watched(folder: Path) -> Iterator[str]:
        looked.append(folder)
        return listing(folder)

    monkeypatch.setattr(versions, "listing", watched)
    monkeypatch.setattr(versions, "listing", watched)
    monkeypatch.setattr(building_build, "write_pages", lambda *_: pytest.fail("pages were made"))
    building_build.build(copy)
    assert len(looked) == 1


# Strange things where the build folder is to be, and folders that may not be written.

STRANGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file": (lambda build: build.write_text("x"), "something that is no folder stands there"),
    "a link that leads nowhere": (
        lambda build: build.symlink_to("nowhere"),
        "something that is no folder stands there",
    ),
    "a link to itself": (lambda build: build.symlink_to("build"), ""),
    "a folder where the lock is": (lambda build: (build / ".lock").mkdir(parents=True), "a folder stands where a file"),
    "a file where the versions are": (
        lambda build: _placed(build / "versions"),
        "something that is no folder stands there",
    ),
    "a folder where the link to the site is": (
        lambda build: (build / "site").mkdir(parents=True),
        "a folder stands where a file or link is to be",
    ),
}


def _placed(path: Path) -> None:
    path.parent.mkdir()
    path.touch()


@pytest.mark.parametrize("kind", STRANGE)
def test_what_stands_in_the_way_of_a_build_is_one_sentence(small: Project, run: Run, kind: str) -> None:
    make, reason = STRANGE[kind]
    make(small.build)
    answer = run("build", cwd=small.root)
    assert answer.returncode == 2, answer
    _is_sentence(answer.stderr)
    assert reason in answer.stderr
    assert "start/build" in answer.stderr or "error: build" in answer.stderr


def _unprivileged() -> list[str]:
    """How a program is run that obeys permissions: the superuser must lay down what makes them exempt."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is not here, and the superuser may write everything")
    lost = "-dac_override,-dac_read_search,-fowner"
    return ["setpriv", f"--bounding-set={lost}", f"--inh-caps={lost}"]


PLACES = ["build", "build/versions", "build/versions/0001", "build/versions/0001/site", "."]


@pytest.mark.parametrize("place", mostly_slow(PLACES, {"build"}))
@pytest.mark.parametrize("changed", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_folder_that_may_not_be_written_is_named_with_what_to_do(copy: Project, place: str, changed: bool) -> None:
    if changed:
        (copy.data / "report/c.ttl").write_text(REPORT, encoding="utf-8")
    locked = copy.root / place
    locked.chmod(0o555)
    command = [*_unprivileged(), sys.executable, "-m", "rejoinder", "build", "--jobs", "1"]
    try:
        done = subprocess.run(command, cwd=copy.root, capture_output=True, text=True, check=False, timeout=300)
    finally:
        locked.chmod(0o755)
    assert done.returncode in (0, 2), done
    if done.returncode:
        _is_sentence(done.stderr)
        assert f"{place}: writing is not permitted" in done.stderr
        assert "Give yourself permission to write there and try again" in done.stderr
    # Where nothing changed, nothing is to be written among the versions.
    assert done.returncode == 2 or place != "build"
    assert done.returncode == 2 or place != "build/versions" or not changed
    assert building_build.build(copy).is_new == (changed and bool(done.returncode))


@pytest.mark.parametrize("words", [["export", "locked/x.ttl"], ["new", "locked/mine"]])
def test_other_commands_name_the_folder_that_may_not_be_written(copy: Project, words: list[str]) -> None:
    locked = copy.root / "locked"
    locked.mkdir(mode=0o555)
    command = [*_unprivileged(), sys.executable, "-m", "rejoinder", *words]
    done = subprocess.run(command, cwd=copy.root, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 2
    _is_sentence(done.stderr)
    assert "locked: writing is not permitted" in done.stderr
    assert not list(locked.iterdir())


@pytest.mark.parametrize("name", ["x" * 300 + ".ttl", "nowhere/x.ttl"])
def test_an_export_to_no_possible_file_is_one_sentence(copy: Project, run: Run, name: str) -> None:
    answer = run("export", name, cwd=copy.root)
    assert answer.returncode == 2
    assert len(answer.stderr.splitlines()) == 1
    assert "Errno" not in answer.stderr
    assert not answer.stderr.startswith("error: [")


@pytest.mark.parametrize("form", mostly_slow(["text", "json", "sarif", "turtle"], {"text"}))
def test_findings_that_cannot_be_written_are_one_sentence(small: Project, form: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    command = [sys.executable, "-m", "rejoinder", "check", "--format", form]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            command, cwd=small.root, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=300
        )
    assert done.returncode == 2
    _is_sentence(done.stderr)
    assert "the disk is full" in done.stderr
