"""The build: what is ready and changed goes into a new version of the store; then the version's files are written.

A dossier that is broken is named; its last good graph stays, and the rest is built.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rejoinder import names
from rejoinder.building import written
from rejoinder.building.preparation import Broken, LastVersion, Prepared, last_version, prepare_all, workshop
from rejoinder.checking import checks
from rejoinder.checking.findings import Finding, Severity, ordered
from rejoinder.dossiers.dossier import Dossier
from rejoinder.dossiers.folder import dossier_files, reject_names
from rejoinder.errors import InputError, Problem
from rejoinder.progress import Progress, silent
from rejoinder.project import Project
from rejoinder.questions import questions
from rejoinder.resources import resource
from rejoinder.site import writer as site
from rejoinder.store import graphs, rdf, versions
from rejoinder.store.context import Context
from rejoinder.store.rdf import Quad, Store
from rejoinder.store.versions import GraphEntry, Manifest, Version
from rejoinder.version import __version__


@dataclass(frozen=True)
class Built:
    """The outcome of a build.

    `version` is the newest one (None when nothing could ever be published), `is_new` says whether this build made it;
    `changed` and `removed` are the graphs that differ from the version before; `kept` are the broken dossiers'
    graphs of an earlier version that still stand. `shown` is the newest version whose site is whole.
    """

    version: Version | None
    shown: Version | None
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
    with_site: bool


def build(project: Project, progress: Progress = silent, *, with_site: bool = True) -> Built:
    """A new version of the store, unless nothing changed; then its site and exports, unless they are there.

    Without `with_site` only the store is published; a site that was published before stays.

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
        works = _Works(project, tools.reader.context, last, dossiers, progress, with_site)
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
    shown = outcome and _shown(works, outcome)
    return Built(
        version=outcome,
        shown=shown,
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
    outdated = works.with_site and last and last.has_site and not site.is_current(last.site_path, works.project)
    return bool(plan.changed or plan.removed or outdated)


def _shown(works: _Works, version: Version) -> Version | None:
    """The newest version with a site: `version`, unless no site is wanted."""
    if works.with_site:
        written.write_files(works.project, works.context, version, works.progress)
        return version
    return versions.newest_with_site(works.project.build)


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
        return versions.publish(build, folder, _manifest(plan, versions.next_number(build)))


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
