"""Check dossiers: read them, derive statements and validate, without publishing anything."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rejoinder import messages, namespaces
from rejoinder.building.pipeline import (
    BuildFolder,
    LinesOnDemand,
    PreparedFiles,
    graph_of,
    prepare_all,
)
from rejoinder.config import Project
from rejoinder.dossiers.discovery import contents, graphs_of, is_mapping
from rejoinder.dossiers.reader import Reader, reader_of
from rejoinder.errors import InputError, Problem, Severity, worst_first
from rejoinder.rdf import graphs
from rejoinder.rdf.terms import NamedNode
from rejoinder.text import Progress, silent
from rejoinder.validation import checks, source_text
from rejoinder.validation.derive import read_rules
from rejoinder.validation.shacl import Engine
from rejoinder.validation.source_text import Coverage


@dataclass(frozen=True)
class Checkup:
    """The result of checking `files`: problems of files that cannot be read, findings, and coverage if measured.

    `passed_over` are the files in the data folder that are not dossiers, if the whole folder was checked.
    """

    files: tuple[Path, ...]
    statements: int
    problems: tuple[Problem, ...]
    findings: tuple[Problem, ...]
    coverage: Coverage | None
    passed_over: tuple[Path, ...] = ()

    @property
    def clean(self) -> bool:
        """Return whether every file could be read and none has a violation."""
        return not self.problems and all(finding.severity is not Severity.VIOLATION for finding in self.findings)


def check(  # noqa: PLR0913  # each is an option of the command
    project: Project,
    files: Sequence[Path] = (),
    engine: Engine = Engine.SHACL,
    source: Path | None = None,
    progress: Progress = silent,
    *,
    jobs: int = 1,
) -> Checkup:
    """Check `files`, or every dossier of the project.

    With `source`, the source text of a report, every passage of that report is verified, and sentences that no entry
    cites are reported. With several `jobs`, as many processes read and check; a script that uses them needs
    `if __name__ == "__main__":`.

    Raises:
        ProjectError: a catalogue of the language is wrong.
        InputError: the data folder or one in it cannot be read, or the source cannot be read or is empty.
        EngineError: an engine failed, or a process ended without an answer.
        StoreError: the folder for temporary files is full.
    """
    messages.of_language(project.language, project.root).read()
    found = contents(project.data)
    known = found.dossiers
    chosen = tuple(files) or known
    text = source_text.read_source(source) if source else None  # before all dossiers are, which takes longer
    _, misnamed = graphs_of(project.base, project.data, known)
    # These have no graph to be read into. A build stops at them; a check goes on, and reports the other files.
    unfit = _is_one_of([problem.path for problem in misnamed])
    reader = reader_of(project)
    mine = _is_one_of(chosen)
    # Other files are read and checked as well, for references to them, but only the chosen ones are reported.
    around = _around(project, reader, known, chosen, mine)
    needed = {path: graph_of(reader, path) for path in (*around, *chosen) if not unfit(path)}
    prepared = prepare_all(project, needed, BuildFolder(), engine=engine, jobs=jobs, progress=progress)
    if prepared.interrupted:
        raise KeyboardInterrupt
    # Findings over all graphs, from the statements about each other's nodes.
    all_read = [LinesOnDemand(path, reader.graph_of(path), reader) for path, n in prepared.statements.items() if n]
    together = checks.check_together(graphs.union_store(prepared.shared), all_read)
    findings = [*prepared.findings, *together]
    for path in filter(unfit, chosen):  # these are not read
        findings += checks.unedited_lines(path, path.as_posix())
    measured = None
    if source and text is not None:
        more, measured = _against_source(reader, prepared, chosen, source, text)
        findings += more
    about_all = () if files else checks.unedited_settings(project)
    return Checkup(
        files=chosen,
        statements=sum(number for path, number in prepared.statements.items() if mine(path)),
        problems=tuple(p for p in (*misnamed, *prepared.problems) if mine(p.path)),
        findings=worst_first((*about_all, *(f for f in findings if mine(f.path)))),
        coverage=measured,
        passed_over=() if files else found.others,
    )


def _is_one_of(files: Sequence[Path]) -> Callable[[Path], bool]:
    """Return a function that tells whether a path leads to one of the files, also through links."""
    known = {os.path.realpath(path) for path in files}
    return cache(lambda path: os.path.realpath(path) in known)


def _around(
    project: Project, reader: Reader, known: Sequence[Path], chosen: Sequence[Path], mine: Callable[[Path], bool]
) -> tuple[Path, ...]:
    """Return the files around the chosen ones: collections, and reports and mappings that may concern them.

    If a collection is chosen, all others are around it.
    """
    others = [path for path in known if not mine(path)]
    collections = [path for path in known if path.parent == project.data]
    if not others or any(map(mine, collections)):
        return tuple(others)
    referred = set().union(*(_documents(reader, path) for path in chosen))
    # Rows of one mapping file may contradict those of any other.
    mappings = (
        [path for path in others if is_mapping(path.name)] if any(is_mapping(path.name) for path in chosen) else []
    )
    every = {*collections, *mappings}
    return tuple(path for path in others if path in every or graph_of(reader, path) in referred)


def _documents(reader: Reader, path: Path) -> frozenset[str]:
    """Return the documents of the nodes that the dossier at `path` mentions; none if it cannot be read."""
    try:
        quads = reader.read(path).quads
    except InputError:
        return frozenset()
    return frozenset(namespaces.document_of(q.object.value) for q in quads if isinstance(q.object, NamedNode))


def _against_source(
    reader: Reader, prepared: PreparedFiles, chosen: Sequence[Path], source: Path, text: str
) -> tuple[list[Problem], Coverage | None]:
    """Return findings and coverage for the chosen reports; if there are several, skip those of another source text."""
    readable = _is_one_of([path for path, number in prepared.statements.items() if number])
    read = [reader.read(path) for path in chosen if readable(path)]
    reports = [dossier for dossier in read if dossier.is_report]
    fitting = [dossier for dossier in reports if source_text.is_source_of(dossier, text)] or reports
    findings: list[Problem] = []
    measured = None
    for dossier in fitting:
        passages = source_text.passages(read_rules().derive(dossier.quads))
        known = tuple(passage for passage in passages if passage.iri.startswith(dossier.graph + "#"))
        findings += source_text.verify(dossier, known, source, text)
        measured = source_text.measure(text, known)
    return findings, measured
