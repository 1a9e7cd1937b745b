"""The build: what is ready and changed goes into a new version of the store and its exports.

A dossier that is broken is named; its last good graph stays, and the rest is built.
"""

from __future__ import annotations

import datetime
import gzip
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from rejoinder import formats, names
from rejoinder.building.preparation import Broken, LastVersion, Prepared, last_version, prepare_all, workshop
from rejoinder.checking import checks
from rejoinder.checking.findings import Finding, Severity, ordered
from rejoinder.dossiers.dossier import Dossier
from rejoinder.dossiers.folder import dossier_files, reject_names
from rejoinder.errors import InputError, Problem
from rejoinder.formats import Syntax
from rejoinder.progress import Progress, silent
from rejoinder.project import Project
from rejoinder.questions import questions
from rejoinder.resources import resource
from rejoinder.site import catalogue
from rejoinder.site import writer as site
from rejoinder.site.pages import Edition
from rejoinder.store import exporter, graphs, rdf, versions
from rejoinder.store.context import Context
from rejoinder.store.rdf import Quad, Store
from rejoinder.store.versions import GraphEntry, Manifest, Version
from rejoinder.version import __version__


@dataclass(frozen=True)
class Built:
    """The outcome of a build.

    `version` is the newest one (None when nothing could ever be published), `is_new` says whether this build made it;
    `changed` and `removed` are the graphs that differ from the version before; `kept` are the broken dossiers'
    graphs of an earlier version that still stand.
    """

    version: Version | None
    is_new: bool
    files: tuple[Path, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    findings: tuple[Finding, ...]
    broken: tuple[Broken, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True)
class _Plan:
    """What the new version is to hold: all its entries, and the statements of the graphs that are not as before."""

    entries: Mapping[str, GraphEntry]
    changed: Mapping[str, tuple[Quad, ...]]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True)
class _Works:
    """What a build works with, and on."""

    project: Project
    context: Context
    last: LastVersion
    dossiers: tuple[Dossier, ...]
    progress: Progress


def build(project: Project, progress: Progress = silent) -> Built:
    """A new version of the store and the exports, unless nothing changed.

    Raises:
        InputError: the data folder or one in it cannot be read, a file's name cannot stand for a graph or stands for
            another file's too, or a question's card does not hold.
        StoreError: another build is at work, the store is damaged, or the version cannot be written; the last version
            stays as it is.
    """
    files = dossier_files(project.data)
    reject_names(project.base, project.data, files)
    with versions.locked(project.build), versions.reading(project.build):
        last = last_version(versions.newest(project.build))
        tools = workshop(project)
        prepared = prepare_all(tools, files, last, progress)
        dossiers = tuple(checked.dossier for checked in prepared.checked)
        works = _Works(project, tools.reader.context, last, dossiers, progress)
        return _built(works, prepared, _plan(project, prepared, last), files)


def _built(works: _Works, prepared: Prepared, plan: _Plan, files: tuple[Path, ...]) -> Built:
    """Publishes the plan; graphs that do not agree with the rest stay as they were, and the rest is published."""
    last = works.last.version
    outcome = _publish(works, plan) if _news(works, plan) else last
    disagreeing: tuple[Broken, ...] = ()
    if isinstance(outcome, tuple):
        disagreeing = _disagreeing(prepared, outcome)
        plan = _without(plan, [item.graph for item in disagreeing], works.last)
        outcome = _publish(works, plan) if _news(works, plan) else last
    if isinstance(outcome, tuple):
        raise InputError([Problem(f.path, f.line, f.message) for f in outcome])
    is_new = outcome is not last
    return Built(
        version=outcome,
        is_new=is_new,
        files=files,
        changed=tuple(sorted(plan.changed)) if is_new else (),
        removed=plan.removed if is_new else (),
        findings=ordered(f for checked in prepared.checked for f in checked.findings),
        broken=(*prepared.broken, *disagreeing),
        kept=plan.kept,
    )


def _news(works: _Works, plan: _Plan) -> bool:
    """Whether a new version would differ from the last: in its data, or in how its site shows them."""
    last = works.last.version
    return bool(plan.changed or plan.removed) or (
        last is not None and not site.is_current(last.site_path, works.project)
    )


def _disagreeing(prepared: Prepared, findings: tuple[Finding, ...]) -> tuple[Broken, ...]:
    """The dossiers that these findings are about, as broken ones."""
    grouped = {c.dossier: tuple(f for f in findings if f.path == c.dossier.path) for c in prepared.checked}
    return tuple(Broken(dossier.path, dossier.graph, (), found) for dossier, found in grouped.items() if found)


def _plan(project: Project, prepared: Prepared, last: LastVersion) -> _Plan:
    """What to publish: what is ready, what stands in for the broken, and the program's own graphs."""
    before = {entry.iri: entry for entry in last.version.manifest.graphs} if last.version else {}
    kept = {item.graph: before[item.graph] for item in prepared.broken if item.graph in before}
    ready = {item.entry.iri: item.entry for item in prepared.ready}
    own = dict(_own_graphs(project))
    entries = kept | ready | {iri: _own_entry(iri, quads) for iri, quads in own.items()}
    statements = {checked.dossier.graph: checked.quads for checked in prepared.checked} | own
    return _Plan(
        entries=entries,
        changed={iri: quads for iri, quads in statements.items() if _differs(entries[iri], before.get(iri))},
        removed=tuple(sorted(before.keys() - entries.keys())),
        kept=tuple(sorted(kept)),
    )


def _differs(entry: GraphEntry, before: GraphEntry | None) -> bool:
    return before is None or before.content_digest != entry.content_digest


def _own_graphs(project: Project) -> Iterable[tuple[str, tuple[Quad, ...]]]:
    """Ontology, shapes and questions, which are published beside the data they explain."""
    for name, iri in (("rejoinder.ttl", names.ONTOLOGY_GRAPH), ("shapes.ttl", names.SHAPES_GRAPH)):
        yield iri, rdf.canonical(rdf.in_graph(rdf.parse_file(resource("ontology") / name, iri), iri))
    cards = questions.question_quads(questions.of_project(project), project.base)
    yield f"{project.base}question/", rdf.canonical(cards)


def _own_entry(iri: str, quads: tuple[Quad, ...]) -> GraphEntry:
    digest = rdf.content_digest(quads)
    return GraphEntry(iri, "", digest, digest, len(quads), 0)


def _publish(works: _Works, plan: _Plan) -> Version | tuple[Finding, ...]:
    """The plan as the newest version, or the findings that speak against it once all graphs are together."""
    build = works.project.build
    with versions.draft(build, works.last.version) as folder:
        store = Store(str(folder / "store"))
        with versions.writing(build):
            graphs.replace(store, {**plan.changed, **dict.fromkeys(plan.removed, ())})
            findings = checks.check_together(store, works.dossiers)
            if any(finding.severity is Severity.VIOLATION for finding in findings):
                return findings
            store.flush()
            _write_exports(works, plan, store, folder / "export")
            manifest = _manifest(plan, versions.next_number(build))
            _write_site(works, plan, store, folder, manifest)
        return versions.publish(build, folder, manifest)


def _without(plan: _Plan, graphs: Iterable[str], last: LastVersion) -> _Plan:
    """The plan with these graphs left as they were in the last version, or left out."""
    held = set(graphs)
    before = {entry.iri: entry for entry in last.version.manifest.graphs} if last.version else {}
    return _Plan(
        entries={iri: entry for iri, entry in plan.entries.items() if iri not in held}
        | {iri: before[iri] for iri in held if iri in before},
        changed={iri: quads for iri, quads in plan.changed.items() if iri not in held},
        removed=plan.removed,
        kept=tuple(sorted({*plan.kept, *(iri for iri in held if iri in before)})),
    )


def _manifest(plan: _Plan, number: int) -> Manifest:
    return Manifest(
        number=number,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        program=f"rejoinder {__version__}",
        graphs=tuple(plan.entries[iri] for iri in sorted(plan.entries)),
    )


def _write_exports(works: _Works, plan: _Plan, store: Store, folder: Path) -> None:
    """Every graph as Turtle and JSON-LD, and all of them as TriG and N-Quads; what did not change costs no space."""
    folder.mkdir()
    before = works.last.version.export_path if works.last.version else None
    for done, iri in enumerate(sorted(plan.entries), 1):
        for syntax in (formats.TURTLE, formats.JSONLD):
            name = _export_name(works, iri, syntax)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            if before and iri not in plan.changed and (before / name).exists():
                os.link(before / name, folder / name)
            else:
                quads = tuple(graphs.statements(store, iri))
                (folder / name).write_bytes(exporter.write(quads, syntax, works.project.base, works.context))
        works.progress("exporting", done, len(plan.entries))
    _write_dumps(works, plan, store, folder)


def _write_dumps(works: _Works, plan: _Plan, store: Store, folder: Path) -> None:
    """All graphs as TriG, out of their Turtle, and as N-Quads; no more than one graph is in memory."""
    turtle = ((iri, folder / _export_name(works, iri, formats.TURTLE)) for iri in sorted(plan.entries))
    documents = ((iri, path.read_text(encoding="utf-8")) for iri, path in turtle)
    with (folder / "dataset.trig").open("w", encoding="utf-8") as file:
        file.writelines(exporter.trig_blocks(documents))
    with (folder / "dataset.nq").open("wb") as file:
        for iri in sorted(plan.entries):
            file.write(rdf.serialize(rdf.canonical(graphs.statements(store, iri)), formats.NQUADS))
    _pack(folder / "dataset.nq", folder / "dataset.nq.gz")


def _pack(source: Path, target: Path) -> None:
    """The file packed, without a time and a name inside: the same data are the same bytes."""
    with (
        source.open("rb") as plain,
        target.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed,
    ):
        shutil.copyfileobj(plain, packed)


def _write_site(works: _Works, plan: _Plan, store: Store, folder: Path, manifest: Manifest) -> None:
    """The site of what is in `store`; a report's page is made again if anything that it may show changed."""
    project, last = works.project, works.last.version
    issued = versions.first_created(project.build) or manifest.created
    edition = Edition(
        project,
        works.context,
        questions.of_project(project),
        store,
        manifest,
        issued,
        catalogue.dumps(folder / "export"),
    )
    before = last.site_path if last else None
    site.write(edition, folder / "export", _stale(works, plan), folder / "site", before)


def _stale(works: _Works, plan: _Plan) -> frozenset[str]:
    """The documents whose pages may not stay as they are: all of them, if what reports share changed."""
    base = works.project.base
    changed = {*plan.changed, *plan.removed}
    if any(not iri.startswith(f"{base}report/") for iri in changed):
        return frozenset(plan.entries)
    now = (quad for quads in plan.changed.values() for quad in quads)
    before = (quad for iri in changed for quad in works.last.quads(iri))
    return frozenset({*changed, *site.touched(chain(now, before), base)})


def _export_name(works: _Works, iri: str, syntax: Syntax) -> str:
    return names.graph_path(works.project.base, iri).as_posix() + syntax.suffix
