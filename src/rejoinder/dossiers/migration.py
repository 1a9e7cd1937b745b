"""Rewrite the dossiers of a project from vocabulary 0.1.0 to the present one."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from yaml import YAMLError

from rejoinder import disk
from rejoinder.config import Project
from rejoinder.dossiers import renamed
from rejoinder.dossiers.discovery import YAML_SUFFIXES, contents, graph_of
from rejoinder.dossiers.names import read_names
from rejoinder.dossiers.renamed import OldNames, Plan
from rejoinder.dossiers.rewriting import comments, rewritten
from rejoinder.dossiers.yaml import YamlDocument, decoded, parse_yaml, read_bytes
from rejoinder.errors import InputError, Problem, Severity, quoted
from rejoinder.rdf.jsonld import read_context
from rejoinder.text import line_of
from rejoinder.versions import writing

_UNSAFE: Final = (
    "this file is written in a way that cannot be migrated without changing something else, so it stays as it was; "
    "change it by hand (docs/versioning.md lists what changed)"
)


@dataclass(frozen=True)
class Rewritten:
    """A dossier of which something had to change: its text before and after, and what only its editors can decide."""

    path: Path
    before: str
    after: str
    notes: tuple[Problem, ...]


@dataclass(frozen=True)
class Migration:
    """The dossiers that were looked at, those of them that had to change, and why others could not be rewritten."""

    files: tuple[Path, ...]
    rewritten: tuple[Rewritten, ...]
    problems: tuple[Problem, ...]


def migrate(project: Project, files: Sequence[Path] = (), *, write: bool = True) -> Migration:
    """Rewrite `files`, or every YAML dossier of the project, in the present vocabulary.

    A dossier that is not of vocabulary 0.1.0 stays as it is. With `write=False`, all do.

    Raises:
        InputError: the data folder or one in it cannot be read.
        StoreError: a dossier cannot be written; those before it are.
    """
    chosen = tuple(files) or tuple(
        path for path in contents(project.data).dossiers if path.suffix.lower() in YAML_SUFFIXES
    )
    agents = _agents(project)
    done: list[Rewritten] = []
    problems: list[Problem] = []
    for path in chosen:
        try:
            found = _migrate(project, path, agents, write=write)
        except InputError as error:
            problems += error.problems
        else:
            done += [found] if found else []
    return Migration(chosen, tuple(done), tuple(problems))


def _migrate(project: Project, path: Path, agents: Mapping[str, Sequence[str]], *, write: bool) -> Rewritten | None:
    """Rewrite one dossier; return None if nothing had to change.

    Raises:
        InputError: it cannot be read, or not be rewritten safely.
        StoreError: it cannot be written.
    """
    if path.suffix.lower() not in YAML_SUFFIXES:
        message = f"only dossiers in YAML are migrated, and their names end in {' or '.join(YAML_SUFFIXES)}"
        raise InputError.at(path, None, f"{message}; of this file, replace the withdrawn terms by hand")
    data = read_bytes(path)
    before = decoded(path, data)
    document = parse_yaml(path, before)
    own = graph_of(project.base, project.data, path).removeprefix(project.base)
    plan = renamed.plan(document, OldNames(own, agents))
    if plan.is_empty:
        return None
    after, now = _rewritten(document, before, plan)
    if write:
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        target = path.resolve()  # a link stays a link
        with writing(target.parent, "the dossier stays as it was"):
            disk.write_whole(target, mark + after.encode(), mode=target.stat().st_mode & 0o777)
    notes = tuple(Problem(path, now.line(plan.place(old)), message, Severity.WARNING) for old, message in plan.notes)
    return Rewritten(path, before, after, notes)


def _rewritten(document: YamlDocument, text: str, plan: Plan) -> tuple[str, YamlDocument]:
    """Return the new text of a dossier and what it says, once that is what the plan wants, with the same comments.

    Raises:
        InputError: it is not.
    """
    try:
        after = rewritten(text, plan)
        now = parse_yaml(document.path, after)
        lost = comments(text) - comments(after)
    except (YAMLError, InputError) as error:
        raise InputError.at(document.path, None, _UNSAFE) from error
    for comment in lost:
        message = f"the comment {quoted(comment)} would be lost; move it, and migrate again"
        raise InputError.at(document.path, line_of(text, text.find(comment)), message)
    if now.value != plan.applied(document.value):
        raise InputError.at(document.path, None, _UNSAFE)
    return after, now


def _agents(project: Project) -> Mapping[str, Sequence[str]]:
    """Return the paths of the project's persons and organisations by their short names."""
    known = read_names(project.base, project.data, read_context(disk.package_file("ontology/context.jsonld"))).agents
    return {name: [iri.removeprefix(project.base) for iri in things] for name, things in known.items()}
