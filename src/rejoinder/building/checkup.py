"""A check-up: dossiers read, derived and checked, without publishing anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rejoinder.building import unedited
from rejoinder.building.examination import graph_of
from rejoinder.building.lastversion import LastVersion
from rejoinder.building.preparation import Work, prepare_all
from rejoinder.building.prepared import Prepared, Unread
from rejoinder.building.spool import Spool
from rejoinder.checking import checks, coverage
from rejoinder.checking.coverage import Coverage
from rejoinder.checking.findings import Finding, Severity, ordered
from rejoinder.checking.rules import read_rules
from rejoinder.checking.validation import Engine
from rejoinder.dossiers.dossier import Reader, reader
from rejoinder.dossiers.folder import contents, name_problems, real
from rejoinder.dossiers.sourcelines import unread
from rejoinder.errors import InputError, Problem
from rejoinder.progress import Progress, silent
from rejoinder.project import Project
from rejoinder.store import graphs


@dataclass(frozen=True)
class Checkup:
    """What a check-up of `files` found: problems that kept some from being read, findings, coverage if measured.

    `passed_over` are the files of the data folder that are no dossiers, when all were to be checked.
    """

    files: tuple[Path, ...]
    statements: int
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...]
    coverage: Coverage | None
    passed_over: tuple[Path, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether every file could be read and none has a violation."""
        return not self.problems and all(finding.severity is not Severity.VIOLATION for finding in self.findings)


def check(  # noqa: PLR0913  # each says how the one check-up is done
    project: Project,
    files: Sequence[Path] = (),
    engine: Engine = Engine.SHACL,
    source: Path | None = None,
    progress: Progress = silent,
    *,
    jobs: int = 1,
) -> Checkup:
    """The check-up of `files`, or of every dossier of the project.

    With `source`, the text that a report was read from, every anchor of that report is verified against it and the
    sentences that nothing is anchored to are named. With several `jobs`, as many processes read and check; a script
    that asks for them must not run when it is imported.

    Raises:
        InputError: the data folder or one in it cannot be read, or the source cannot be read.
        EngineError: an engine failed, or a process ended without an answer.
        StoreError: the folder for temporary files is full.
    """
    found = contents(project.data)
    known = found.dossiers
    chosen = tuple(files) or known
    text = _source_text(source) if source else None
    misnamed = name_problems(project.base, project.data, known)
    unfit = _is_one_of([problem.path for problem in misnamed])
    places = reader(project.base, project.data)
    mine = _is_one_of(chosen)
    around = _around(project, known, mine)
    needed = {path: graph_of(places, path) for path in (*around, *chosen) if not unfit(path)}
    prepared = prepare_all(
        project, engine, needed, LastVersion(None, None), Work(Spool(None), jobs=jobs, progress=progress)
    )
    if prepared.interrupted:
        raise KeyboardInterrupt
    findings = [
        *prepared.findings,
        *_together(places, prepared),
        *unedited.in_dossiers(places, chosen),
    ]
    measured = None
    if source and text is not None:
        more, measured = _against_source(places, prepared, chosen, source, text)
        findings += more
    about_all = () if files else unedited.in_settings(project)
    return Checkup(
        files=chosen,
        statements=sum(number for path, number in prepared.statements.items() if mine(path)),
        problems=tuple(p for p in (*misnamed, *prepared.problems) if mine(p.path)),
        findings=ordered((*about_all, *(f for f in findings if mine(f.path)))),
        coverage=measured,
        passed_over=() if files else found.others,
    )


def _is_one_of(files: Sequence[Path]) -> Callable[[Path], bool]:
    """Whether a path leads to one of the files, under whatever name; the links of a path are followed once."""
    known = {real(path) for path in files}
    return cache(lambda path: real(path) in known)


def _around(project: Project, known: Sequence[Path], mine: Callable[[Path], bool]) -> tuple[Path, ...]:
    """What the chosen files may refer to: the other collections, or every other file when a collection is chosen."""
    collections = [path for path in known if path.parent == project.data]
    around = known if any(map(mine, collections)) else collections
    return tuple(path for path in around if not mine(path))


def _together(places: Reader, prepared: Prepared) -> tuple[Finding, ...]:
    """What only all graphs show, from what they say of each other's nodes."""
    read = [Unread(path, places.graph_of(path), places) for path, number in prepared.statements.items() if number]
    return checks.check_together(graphs.memory_store(prepared.shared), read)


def _source_text(path: Path) -> str:
    try:
        return coverage.source_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.at(path, None, f"the source text cannot be read: {unread(error)}") from error


def _against_source(
    places: Reader, prepared: Prepared, chosen: Sequence[Path], source: Path, text: str
) -> tuple[list[Finding], Coverage | None]:
    """Findings and coverage for the chosen reports; of several, those read from another text are left out."""
    readable = _is_one_of([path for path, number in prepared.statements.items() if number])
    read = [places.read(path) for path in chosen if readable(path)]
    reports = [dossier for dossier in read if dossier.is_report]
    fitting = [dossier for dossier in reports if coverage.is_source_of(dossier, text)] or reports
    findings: list[Finding] = []
    measured = None
    for dossier in fitting:
        passages = coverage.passages(read_rules().derive(dossier.quads))
        known = tuple(passage for passage in passages if passage.iri.startswith(dossier.graph + "#"))
        findings += coverage.verify(dossier, known, source, text)
        measured = coverage.measure(text, known)
    return findings, measured
