"""Versions: nothing happens twice, only what changed is published, and a killed build hurts nobody."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

import rejoinder
from conftest import Run, mostly_slow
from rejoinder import api, formats, namespaces, versions
from rejoinder.building.build import Exports, write_exports
from rejoinder.building.parallel import silent
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.rdf import graphs, serialize, terms
from rejoinder.rdf import query as rdf_query

REPORT = "data/report/short.yaml"


def _edit(project: Project, old: str, new: str, name: str = REPORT) -> None:
    path = project.root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _base(project: Project) -> str:
    return project.base + "report/short"


def _whole(project: Project) -> versions.Manifest:
    """Hold every graph in the store of the newest version against its manifest; return the manifest."""
    version = versions.require_newest(project.build)
    store = version.open()
    for entry in version.manifest.graphs:
        quads = tuple(store.quads_for_pattern(None, None, None, terms.NamedNode(entry.iri)))
        assert len(quads) == entry.quads
        assert terms.content_digest(quads) == entry.content_digest
    assert graphs.names_of(store) == {entry.iri for entry in version.manifest.graphs}
    union = {quad.triple for quad in store.quads_for_pattern(None, None, None, terms.DefaultGraph())}
    assert union == {quad.triple for quad in graphs.statements(store)}
    return version.manifest


def test_a_second_build_does_nothing_and_says_so(small: Project, run: Run) -> None:
    assert run("build", "--no-site").returncode == 0
    before = sorted((small.build / "versions").iterdir())
    answer = run("build", "--no-site")
    assert answer.returncode == 0
    assert "Nothing changed: version 1 is current" in answer.stdout
    assert sorted((small.build / "versions").iterdir()) == before


def test_only_the_graph_of_the_changed_dossier_changes(small: Project) -> None:
    first = rejoinder.build(small, with_site=False)
    _edit(small, "Warsaw", "Warszawa")
    second = rejoinder.build(small, with_site=False)
    assert second.changed == (_base(small),)
    assert second.removed == ()
    assert first.version is not None
    before = {entry.iri: entry.content_digest for entry in first.version.manifest.graphs}
    after = {entry.iri: entry.content_digest for entry in _whole(small).graphs}
    assert {iri for iri in after if after[iri] != before[iri]} == {_base(small), small.base + "meta/"}


def test_the_description_tells_when_each_graph_changed_and_is_no_change_itself(small: Project) -> None:
    built = [rejoinder.build(small, with_site=False)]
    _edit(small, "Warsaw", "Warszawa")
    built.append(rejoinder.build(small, with_site=False))
    found = rejoinder.diff(small)
    assert [each.graph.iri for each in found.graphs] == [_base(small)]
    assert f"{small.base}meta/".encode() in api.as_patch(found), (
        "a copy that is patched has to have the new description"
    )
    for number, it in enumerate(built, 1):
        assert it.version is not None
        described = graphs.statements(it.version.open(), small.base + "meta/")
        said = {(terms.text(q.subject), q.predicate.value): str(q.object) for q in described}
        changed = {iri: said[iri, f"{namespaces.DCTERMS}modified"] for iri in (_base(small), f"{small.base}state/")}
        first, this = built[0].version, it.version
        assert first is not None
        assert changed[_base(small)].startswith(f'"{this.manifest.created}"')
        assert changed[f"{small.base}state/"].startswith(f'"{first.manifest.created}"')
        assert said[small.base, f"{namespaces.DCAT}version"] == f'"{number}"'
        assert said[small.base, f"{namespaces.DCTERMS}license"] == f"<{small.license}>"
        file = said[_base(small), f"{namespaces.PROV}wasDerivedFrom"].strip("<>")
        assert said[file, f"{namespaces.DCTERMS}identifier"] == f'"{REPORT}"'


def test_what_did_not_change_costs_no_space(small: Project) -> None:
    first = rejoinder.build(small)
    _edit(small, "Warsaw", "Warszawa")
    second = rejoinder.build(small)
    assert first.version is not None
    assert second.version is not None
    assert (first.version.export_path / "state.ttl").samefile(second.version.export_path / "state.ttl")
    assert not (first.version.export_path / "report/short.ttl").samefile(
        second.version.export_path / "report/short.ttl"
    )


def test_an_edit_that_changes_no_statement_makes_no_version(small_built: Project) -> None:
    path = small_built.root / REPORT
    path.write_text("# a comment more\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert not rejoinder.build(small_built, with_site=False).is_new


def test_a_change_that_leaves_the_size_is_seen(small_built: Project) -> None:
    for word in ("Warsbw", "Warscw"):
        before = (small_built.root / REPORT).read_text(encoding="utf-8")
        _edit(small_built, next(w for w in ("Warsaw", "Warsbw") if w in before), word)
        assert rejoinder.build(small_built, with_site=False).changed == (_base(small_built),)
    assert not rejoinder.build(small_built, with_site=False).is_new


def test_a_damaged_record_of_files_seen_costs_nothing_but_time(small_built: Project) -> None:
    (small_built.build / ".digests.json").write_text('{"x": 1', encoding="utf-8")
    assert not rejoinder.build(small_built, with_site=False).is_new


def test_a_removed_dossier_takes_its_graph_along(small: Project) -> None:
    other = small.data / "report" / "second.yaml"
    other.write_text((small.root / REPORT).read_text(encoding="utf-8"), encoding="utf-8")
    rejoinder.build(small, with_site=False)
    other.unlink()
    built = rejoinder.build(small, with_site=False)
    assert built.removed == (small.base + "report/second",)
    assert small.base + "report/second" not in {entry.iri for entry in _whole(small).graphs}


def test_what_two_reports_say_alike_counts_once_and_stays_when_one_goes(small: Project) -> None:
    other = small.data / "report" / "second.yaml"
    other.write_text((small.root / REPORT).read_text(encoding="utf-8"), encoding="utf-8")
    for _ in range(2):
        rejoinder.build(small, with_site=False)
        _whole(small)
        counted = rejoinder.sparql(small, "SELECT (COUNT(*) AS ?n) { ?state rj:raisedConcern|rj:recommendedOn ?issue }")
        assert [str(cell) for cell in counted.rows[0]] == [str(terms.Literal(3))]  # type: ignore[union-attr]  # a table
        other.unlink(missing_ok=True)


def test_a_reader_keeps_the_version_it_opened(small: Project) -> None:
    first = rejoinder.build(small, with_site=False)
    assert first.version is not None
    store = first.version.open()
    _edit(small, "Warsaw", "Warszawa")
    rejoinder.build(small, with_site=False)
    query = 'ASK { ?report <https://w3id.org/rejoinder/ns#placeAsStated> "Warsaw"@en }'
    assert bool(rdf_query.query(store, query))
    assert not bool(rdf_query.query(versions.require_newest(small.build).open(), query))


def test_a_broken_dossier_is_named_its_last_good_graph_stays_and_the_rest_is_built(small: Project, run: Run) -> None:
    other = small.data / "report" / "second.yaml"
    other.write_text((small.root / REPORT).read_text(encoding="utf-8"), encoding="utf-8")
    rejoinder.build(small, with_site=False)
    before = {entry.iri: entry for entry in _whole(small).graphs}
    _edit(small, "title:", "titel:")
    _edit(small, "Warsaw", "Warszawa", "data/report/second.yaml")
    answer = run("build", "--no-site")
    assert answer.returncode == 2
    assert f"{REPORT}: not published; its last good graph stays" in answer.stdout
    after = {entry.iri: entry for entry in _whole(small).graphs}
    assert after[_base(small)].content_digest == before[_base(small)].content_digest
    assert after[small.base + "report/second"] != before[small.base + "report/second"]


def test_a_dossier_with_a_violation_is_not_published(small_built: Project, run: Run) -> None:
    before = _whole(small_built)
    _edit(small_built, "basis: explicit", "note: no basis")
    answer = run("build", "--no-site")
    assert answer.returncode == 1
    assert ": violation: " in answer.stdout
    assert "not published; its last good graph stays" in answer.stdout
    assert _whole(small_built) == before


def test_two_builds_at_once_do_not_meet(small: Project, run: Run) -> None:
    with versions.locked(small.build):
        answer = run("build", "--no-site")
    assert answer.returncode == 2
    assert "another build is at work" in answer.stderr


def test_a_damaged_version_is_one_sentence(small_built: Project, run: Run) -> None:
    (small_built.build / "current" / "manifest.json").write_text("{", encoding="utf-8")
    for command in (["build"], ["ask", "who-raised-what"]):
        answer = run(*command)
        assert answer.returncode == 2
        assert "damaged" in answer.stderr
        assert "Traceback" not in answer.stderr


MOMENTS = 12
BUILDS = """
import os, signal, sys
import rejoinder

for line in sys.stdin:
    if not (child := os.fork()):
        # The clock of this timer is the processor time of the process; nobody handles its signal, so the kernel kills.
        signal.setitimer(signal.ITIMER_PROF, float(line))
        rejoinder.build(rejoinder.open_project(sys.argv[1]))
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    print(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, flush=True)
"""
"""Build a project once for each line that is read, and kill the build after so many seconds of processor time."""


@pytest.mark.slow
def test_a_build_killed_at_any_moment_leaves_the_last_version_whole(small_built: Project) -> None:
    command = [sys.executable, "-c", BUILDS, str(small_built.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as builds:

        def build(seconds: float) -> tuple[int, float]:
            """Build, for so much processor time at most (0: to the end); return exit code and time used."""
            assert builds.stdin is not None
            assert builds.stdout is not None
            print(seconds, file=builds.stdin, flush=True)
            code, used = builds.stdout.readline().split()
            return int(code), float(used)

        _edit(small_built, "Warsaw", "Warsaw 0")
        code, whole = build(0)
        assert code == 0
        killed = 0
        for moment in range(MOMENTS):
            _edit(small_built, f"Warsaw {moment}", f"Warsaw {moment + 1}")
            before = _whole(small_built)
            code, _ = build((moment + 1) / (MOMENTS + 1) * whole)
            killed += code == -signal.SIGPROF
            after = _whole(small_built)
            assert after == before or after.number == before.number + 1
            _whole_site(small_built)
    assert killed >= MOMENTS / 2, "hardly any build was interrupted: the test proves nothing"
    last = rejoinder.build(small_built).version
    assert last is not None
    assert (small_built.build / "site").resolve() == last.site_path
    assert _whole(small_built).entry(_base(small_built)) is not None
    assert not [path for path in (small_built.build / "versions").iterdir() if not path.name.isdigit()]


def _whole_site(project: Project) -> None:
    """Assert that the site is one of a whole version: its map names all pages for search engines, and its dumps."""
    site = project.build / "site"
    pages = sum('content="noindex"' not in page.read_text(encoding="utf-8") for page in site.rglob("*.html"))
    assert (site / "sitemap.xml").read_text(encoding="utf-8").count("<loc>") == pages
    graphs_of = json.loads((site.resolve().parent / "manifest.json").read_text(encoding="utf-8"))["graphs"]
    dump = gzip.decompress((site / "dataset.nq.gz").read_bytes())
    assert dump.count(b"\n") == sum(entry["quads"] for entry in graphs_of)


@pytest.mark.slow
def test_without_a_site_only_the_store_is_published_and_the_next_build_writes_the_site(
    small: Project, run: Run
) -> None:
    answer = run("build", "--no-site")
    assert answer.returncode == 0
    assert "Site      not written (--no-site); 'rejoinder build' writes it" in answer.stdout
    assert [path.name for path in sorted((small.build / "current").iterdir())] == ["manifest.json", "store"]
    assert not (small.build / "site").exists()
    assert run("ask", "who-raised-what").returncode == 0
    again = rejoinder.build(small)
    assert not again.is_new
    assert (small.build / "site").readlink() == Path("versions/0001/site")
    _whole_site(small)


def test_without_a_site_the_last_site_stays(small_built: Project, run: Run) -> None:
    _edit(small_built, "Warsaw", "Warszawa")
    answer = run("build", "--no-site")
    assert "not written (--no-site); the site shows version 1;" in answer.stdout
    assert (small_built.build / "site").readlink() == Path("versions/0001/site")
    _whole_site(small_built)
    assert run("build").returncode == 0
    assert (small_built.build / "site").readlink() == Path("versions/0002/site")
    assert "Warszawa" in (small_built.build / "site/report/short.nt").read_text(encoding="utf-8")


def test_the_manifest_says_what_is_in_a_version(small_built: Project) -> None:
    manifest = json.loads((small_built.build / "current" / "manifest.json").read_text(encoding="utf-8"))
    entry = next(entry for entry in manifest["graphs"] if entry["iri"] == _base(small_built))
    assert entry["source"] == REPORT
    assert (small_built.build / "current").readlink() == Path("versions/0001")


def _written(project: Project, folder: Path, before: Path | None = None, changed: Iterable[str] = ()) -> Path:
    """Write the exports of the newest version to `folder`, with those of `before`; return the folder."""
    version = versions.require_newest(project.build)
    exports = Exports(project.base, version, folder, before, frozenset(changed), current=before is not None)
    write_exports(exports, version.open(), 1, silent)
    return folder


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _cut_off(data: bytes) -> bytes:
    return data[:-99]


def _altered(data: bytes) -> bytes:
    return data[:200] + b"{" + data[201:]


def _emptied(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("spoil", mostly_slow([_cut_off, _altered, _emptied], {_altered}))
@pytest.mark.parametrize("name", ["dataset.nq", "dataset.nq.gz", "dataset.nt.gz", "dataset.parts"])
def test_what_somebody_did_to_a_dump_is_not_copied_into_the_next(
    small_built_once: Project, tmp_path: Path, name: str, spoil: Callable[[bytes], bytes]
) -> None:
    before = _written(small_built_once, tmp_path / "before")
    whole = _contents(before)
    (before / name).write_bytes(spoil(whole[name]))
    assert _contents(_written(small_built_once, tmp_path / "after", before)) == whole


def test_dumps_are_of_what_the_store_has_though_somebody_changed_a_file(
    small_built_once: Project, tmp_path: Path
) -> None:
    before = _written(small_built_once, tmp_path / "before")
    whole = _contents(before)
    (before / "state.nt").write_bytes(whole["state.nt"][:-99])
    (before / "dataset.parts").unlink()
    after = _contents(_written(small_built_once, tmp_path / "after", before))
    assert [name for name in whole if after[name] != whole[name]] == ["state.nt"]


@pytest.mark.slow
def test_dumps_put_together_of_copied_parts_are_those_made_at_once(small: Project, tmp_path: Path) -> None:
    """Whatever came, changed and went before, in small graphs packed together and in large ones."""
    _copy_of_the_report(small, "second")
    for number in range(100):
        _note(small, f"notes-{number:02}", str(number))
    rejoinder.build(small, with_site=False)
    folder, copied = _written(small, tmp_path / "0"), 0
    for step in range(1, 4):
        _edit(small, "Warsaw", "Warsaw!", "data/report/second.yaml")
        _note(small, f"notes-{15 * step}a", "more")
        (small.data / f"notes-{10 * step:02}.ttl").unlink()
        built = rejoinder.build(small, with_site=False)
        changed = (*built.changed, *built.removed, f"{small.base}meta/")
        before, folder = folder, _written(small, tmp_path / str(step), folder, changed)
        copied += len(_parts(before) & _parts(folder))
        assert _contents(folder) == _contents(_written(small, tmp_path / f"{step} anew"))
    assert copied > 3
    quads, triples = (gzip.decompress((folder / f"dataset.{name}.gz").read_bytes()) for name in ("nq", "nt"))
    assert quads == (folder / "dataset.nq").read_bytes() == rejoinder.export(small, formats.NQUADS)
    assert triples == b"".join(serialize.without_graphs(quads.splitlines(keepends=True)))
    packed = io.BytesIO()
    serialize.pack(io.BytesIO(quads), formats.NQUADS, packed)
    assert packed.getvalue() == (folder / "dataset.nq.gz").read_bytes()
    browser = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    assert browser.decompress(packed.getvalue()) == quads
    assert not browser.unused_data, "browsers read one member alone"


def _parts(folder: Path) -> set[str]:
    return set(json.loads((folder / "dataset.parts").read_bytes().partition(b"\n")[2]))


def _note(project: Project, name: str, title: str) -> None:
    text = f'<> <http://purl.org/dc/terms/title> "{title}"@en .'
    (project.data / f"{name}.ttl").write_text(text, encoding="utf-8")


def _copy_of_the_report(project: Project, name: str) -> None:
    text = (project.root / REPORT).read_text(encoding="utf-8")
    (project.data / "report" / f"{name}.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize(("size", "count"), [(1, 6), (1_000, 2), (1_000_000, 1)])
def test_graphs_loaded_in_batches_are_whole_and_so_is_their_union(
    tmp_path: Path, size: int, count: int, jobs: int
) -> None:
    """Every graph calls its blank node by the same name; in no batch may one be taken for another, or be parted."""
    base = "https://example.org/"
    lines = {
        base + letter: f"_:it <{base}p> _:other <{base}{letter}> .\n"
        f'_:other <{base}p> "{letter}" <{base}{letter}> .\n'
        f"<{base}a> <{base}p> <{base}a> <{base}{letter}> .\n"
        for letter in "abcdef"
    }
    store = terms.Store(str(tmp_path / "store"))
    batches = list(graphs.batches(((iri, text.encode()) for iri, text in lines.items()), size))
    assert len(batches) == count
    graphs.load(store, batches, jobs=jobs)
    for iri, text in lines.items():
        given = terms.content_digest(terms.parse(text, formats.NQUADS))
        assert terms.content_digest(graphs.statements(store, iri)) == given
    union = list(store.quads_for_pattern(None, None, None, terms.DefaultGraph()))
    assert {quad.triple for quad in union} == {quad.triple for quad in graphs.statements(store)}


def test_graphs_replaced_again_and_again_hold_what_they_are_given_and_so_does_their_union(tmp_path: Path) -> None:
    """Blank nodes come with other names each time; a statement in two graphs stays in the union till both lose it."""
    g, h, base = "https://example.org/g", "https://example.org/h", "https://example.org/"
    shared = f"<{base}a> <{base}p> <{base}a>"
    one, two = f'_:n <{base}p> "1" .\n_:n <{base}p> _:m .\n{shared} .', f'_:m <{base}p> "1" .\n_:m <{base}p> _:k .'
    store = terms.Store(str(tmp_path / "store"))
    loaded = [(iri, "".join(f"{line[:-1]}<{iri}> .\n" for line in one.splitlines()).encode()) for iri in (g, h)]
    graphs.load(store, graphs.batches(loaded))
    for held in (
        {g: two, h: one},
        {g: one, h: two},
        {g: two, h: two},
        {g: "", h: one},
        {g: one, h: ""},
        {g: "", h: ""},
    ):
        given = {
            iri: terms.canonical(terms.in_graph(terms.parse(text, formats.NTRIPLES), iri)) for iri, text in held.items()
        }
        graphs.replace(store, given)
        assert graphs.names_of(store) == {iri for iri, text in held.items() if text}
        for iri, quads in given.items():
            assert terms.content_digest(graphs.statements(store, iri)) == terms.content_digest(quads)
        union = list(store.quads_for_pattern(None, None, None, terms.DefaultGraph()))
        assert len(union) == len({quad.triple for quad in union})
        assert {quad.triple for quad in union} == {quad.triple for quad in graphs.statements(store)}
        assert (shared in {str(quad.triple) for quad in union}) == (one in held.values())


def test_a_question_that_comes_changes_its_name_or_text_or_goes_is_published_anew(small: Project) -> None:
    """The graph of the questions is not made again while their files are as they were."""
    shipped = (package_file("queries") / "states-ranked.rq").read_text(encoding="utf-8")
    small.queries.mkdir(exist_ok=True)
    mine = small.queries / "mine.rq"
    steps: tuple[tuple[Callable[[], object], str, bool], ...] = (
        (lambda: mine.write_text(shipped, encoding="utf-8"), "mine", True),
        (lambda: mine.write_text(f"{shipped}# changed\n", encoding="utf-8"), "mine", True),
        (lambda: mine.rename(mine.with_name("yours.rq")), "yours", True),
        (lambda: mine.with_name("yours.rq").unlink(), "yours", False),
    )
    rejoinder.build(small, with_site=False)
    for change, name, is_there in steps:
        change()
        built = rejoinder.build(small, with_site=False)
        assert built.version is not None
        assert built.changed == (f"{small.base}question/",)
        store = built.version.open()
        iri = terms.NamedNode(f"{small.base}question/{name}")
        assert any(store.quads_for_pattern(iri, None, None)) is is_there
        assert not rejoinder.build(small, with_site=False).is_new


@pytest.mark.parametrize("kind", ["pipe", "folder", "not UTF-8"])
def test_a_question_that_cannot_be_read_is_refused_with_a_sentence(small_built: Project, run: Run, kind: str) -> None:
    """Whether the graph of the questions stands already or not."""
    small_built.queries.mkdir(exist_ok=True)
    path = small_built.queries / "mine.rq"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"\xff")
    sentence = (
        "the question is not UTF-8" if kind == "not UTF-8" else "this is not a regular file, so it cannot be a question"
    )
    for arguments in (("build",), ("ask", "mine")):
        answer = run(*arguments)
        assert answer.returncode != 0
        assert sentence in answer.stderr
        assert "Traceback" not in answer.stderr
