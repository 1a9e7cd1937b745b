"""What the commands did, told to a person in sentences and to a machine in JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from rejoinder.building.builder import Built
from rejoinder.building.checkup import Checkup
from rejoinder.building.prepared import Broken
from rejoinder.checking.coverage import Coverage
from rejoinder.checking.findings import Finding, Severity, as_json, counted
from rejoinder.commands.screen import Terminal
from rejoinder.errors import Problem
from rejoinder.imports.importer import Imported
from rejoinder.site import scripts
from rejoinder.triplestores.pushing import Action, Pushed

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def show_findings(terminal: Terminal, findings: tuple[Finding, ...]) -> None:
    """Each finding: where, how bad, what and at which value."""
    for finding in findings:
        value = "" if finding.value in ("", finding.focus) else f" (found: {_short(finding.value)})"
        sentence = f"{_short(finding.focus)}: {finding.message}{value}"
        terminal.say(f"{finding.where}: {finding.severity}: {sentence}", style=_COLOURS[finding.severity])


def _short(text: str) -> str:
    """An IRI as a dossier would write it: the fragment, or the last two steps of a short path."""
    if not text.startswith(("http://", "https://")):
        return text
    steps = "/".join(text.rsplit("/", 2)[-2:])
    return "#" + text.rpartition("#")[2] if "#" in text else steps if re.fullmatch(r"[\w/-]{,60}", steps) else text


def _show_kinds(terminal: Terminal, findings: tuple[Finding, ...]) -> None:
    """The findings counted by what they say: enough for a build, whose reader can check for the rest."""
    kinds = Counter((finding.severity, finding.message) for finding in findings)
    for (severity, message), number in kinds.most_common():
        terminal.say(f"  {number:3} × {severity}: {message}", style=_COLOURS[severity])


def show_checkup(terminal: Terminal, checkup: Checkup) -> None:
    """A check-up for reading."""
    for problem in checkup.problems:
        terminal.say(str(problem), style="red")
    show_findings(terminal, checkup.findings)
    if checkup.coverage:
        show_coverage(terminal, checkup.coverage)
    terminal.say(
        f"{_count(len(checkup.files), 'file')}, {checkup.statements} statements: {summary(checkup.findings)}"
        + (f", {_count(len(checkup.problems), 'problem')} reading" if checkup.problems else "")
    )


def show_coverage(terminal: Terminal, coverage: Coverage) -> None:
    """How much of the source is in the graph."""
    carried = len(coverage.sentences) - len(coverage.missing)
    share = 100 * coverage.covered / coverage.characters if coverage.characters else 100.0
    terminal.say(
        f"source: {carried} of {len(coverage.sentences)} sentences carried, {share:.1f} % of the characters anchored"
    )


def checkup_json(checkup: Checkup) -> str:
    """A check-up for machines."""
    coverage = checkup.coverage
    return json.dumps(
        {
            "files": [path.as_posix() for path in checkup.files],
            "statements": checkup.statements,
            "problems": [{"path": p.path.as_posix(), "line": p.line, "message": p.message} for p in checkup.problems],
            "findings": json.loads(as_json(checkup.findings)),
            "coverage": coverage
            and {
                "sentences": len(coverage.sentences),
                "missing": [{"start": s.start, "end": s.end} for s in coverage.missing],
                "characters": coverage.characters,
                "covered": coverage.covered,
            },
        },
        ensure_ascii=False,
        indent=2,
    )


def summary(findings: tuple[Finding, ...]) -> str:
    """The findings counted, in words."""
    counts = [(number, str(severity)) for severity, number in counted(findings).items() if number]
    return ", ".join(_count(number, name) for number, name in counts) or "no findings"


def show_build(terminal: Terminal, built: Built) -> None:
    """What a build did."""
    for item in built.broken:
        _show_broken(terminal, item, kept=item.graph in built.kept)
    for text in built.texts:
        terminal.say(f"{text.path}: {Severity.WARNING}: {text.message}", style=_COLOURS[Severity.WARNING])
    manifest = built.version.manifest if built.version else None
    if manifest is None or built.version is None:
        terminal.say("Nothing could be published.")
        return
    if not built.is_new:
        terminal.say(f"Nothing changed: version {manifest.number} stands ({manifest.quads} statements).")
        _show_missing_site(terminal, built)
        return
    sources = [entry for entry in manifest.graphs if entry.source]
    warnings = sum(entry.warnings for entry in sources)
    terminal.say(f"Read      {_count(len(built.files), 'file')}")
    terminal.say(f"Checked   {_count(warnings, 'warning')}, no violation ('rejoinder check' lists all)")
    _show_kinds(terminal, built.findings)
    terminal.say(f"Version   {manifest.number}: {manifest.quads} statements in {_count(len(manifest.graphs), 'graph')}")
    changed = ", ".join(map(_short_graph, built.changed + built.removed))
    terminal.say(f"Changed   {changed or 'nothing in the data, but what the site shows of them'}")
    terminal.say(f"Store     {_near(built.version.store_path)}")
    if built.version.has_site:
        terminal.say(f"Files     {_near(built.version.export_path)}")
        terminal.say(
            f"Site      {_near(built.version.published_site)}: open index.html, or give the folder to any web host"
        )
        if not scripts.available():
            terminal.note(f"the site has {scripts.MISSING}")
    _show_missing_site(terminal, built)


def _show_missing_site(terminal: Terminal, built: Built) -> None:
    """That the version has no site yet, if it has none."""
    if built.version and not built.version.has_site:
        last = f"; the site shows version {built.shown.manifest.number}" if built.shown else ""
        terminal.say(f"Site      not written (--no-site){last}; 'rejoinder build' writes it")


def _near(path: Path) -> Path:
    """The path as one would type it here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _show_broken(terminal: Terminal, item: Broken, *, kept: bool) -> None:
    for problem in item.problems:
        terminal.say(str(problem), style="red")
    show_findings(terminal, item.findings)
    fate = "its last good graph stays" if kept else "it is left out"
    terminal.say(f"{item.path}: not published; {fate}", style="red")


def build_json(built: Built) -> str:
    """What a build did, for machines."""
    version = built.version
    return json.dumps(
        {
            "version": version.manifest.number if version else None,
            "new": built.is_new,
            "statements": version.manifest.quads if version else 0,
            "store": str(version.store_path) if version else None,
            "files": str(version.export_path) if version and version.has_site else None,
            "site": str(version.published_site) if version and version.has_site else None,
            "changed": built.changed,
            "removed": built.removed,
            "findings": json.loads(as_json(built.findings)),
            "texts": list(map(_problem, built.texts)),
            "broken": [
                {
                    "path": item.path.as_posix(),
                    "kept": item.graph in built.kept,
                    "problems": [str(problem) for problem in item.problems],
                    "findings": json.loads(as_json(item.findings)),
                }
                for item in built.broken
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


_DONE = {Action.ADD: "Added", Action.REPLACE: "Replaced", Action.REMOVE: "Removed"}
_TO_DO = {Action.ADD: "Would add", Action.REPLACE: "Would replace", Action.REMOVE: "Would remove"}


def show_push(terminal: Terminal, pushed: Pushed) -> None:
    """What became of each graph, and what the store holds now."""
    words = _TO_DO if pushed.dry else _DONE
    for action in Action:
        names_of = [_short_graph(step.graph) for step in pushed.steps if step.action is action]
        if names_of:
            terminal.say(f"{words[action]:9} {', '.join(names_of)}")
    if not pushed.steps:
        verb, by = "would travel" if pushed.dry else "travelled", "its record and its counts"
        seen = "all of it was read back" if pushed.verified else f"by {by}; --verify reads all of it back"
        terminal.say(f"Nothing {verb}: the store has version {pushed.version} ({seen}).")
    if pushed.gone:
        terminal.say(f"Left      {', '.join(map(_short_graph, pushed.gone))} (gone here; --prune removes them there)")
    for difference in pushed.differences:
        numbers = f"{difference.missing} statements missing, {difference.extra} too many"
        terminal.say(f"{difference.graph}: differs in the store: {numbers}: {difference.example}", style="red")
    if not pushed.dry:
        held = f"{pushed.triples} statements in {_count(pushed.graphs, 'graph')}"
        terminal.say(f"{pushed.store}: {held} of version {pushed.version}; {pushed.verified} read back and compared")


def push_json(pushed: Pushed) -> str:
    """What a push did, for machines."""
    return json.dumps(asdict(pushed), ensure_ascii=False, indent=2)


def show_import(terminal: Terminal, imported: Imported) -> None:
    """What an import did; rows that have no place for one reason are told together."""
    alike: dict[tuple[Path, str], list[int]] = {}
    for problem in imported.problems:
        alike.setdefault((problem.path, problem.message), []).append(problem.line or 0)
    for (path, message), lines in alike.items():
        more = f" ({_count(len(lines) - 1, 'more row')}: {', '.join(map(str, lines[1:]))})" if len(lines) > 1 else ""
        terminal.say(f"{path}:{lines[0]}: {message}{more}", style="red")
    for label in imported.unmatched:
        terminal.say(f"The issue {label!r} is new: it is in the scheme, and matches nothing yet.")
    for difference in imported.differences:
        terminal.say(str(difference), style="yellow")
    terminal.say(f"Read      {_count(imported.read, 'row')} of {_count(len(imported.files), 'file')}")
    terminal.say(f"Placed    {imported.placed} in {_count(len(imported.records), 'record')}")
    terminal.say(f"Reported  {len(imported.problems)}")
    terminal.say("Next      rejoinder build")


def import_json(imported: Imported) -> str:
    """What an import did, for machines."""
    return json.dumps(
        {
            "files": [path.as_posix() for path in imported.files],
            "read": imported.read,
            "placed": imported.placed,
            "records": [path.as_posix() for path in imported.records],
            "problems": list(map(_problem, imported.problems)),
            "unmatched": imported.unmatched,
            "differences": list(map(_problem, imported.differences)),
        },
        ensure_ascii=False,
        indent=2,
    )


def _problem(problem: Problem) -> dict[str, object]:
    return {"path": problem.path.as_posix(), "line": problem.line, "message": problem.message}


def _short_graph(iri: str) -> str:
    """A graph by the last steps of its IRI: person/, report/kaz-upr-20, ns."""
    steps = [step for step in iri.split("/") if step]
    return f"{steps[-1]}/" if iri.endswith("/") else "/".join(steps[-2:]) if "/report/" in iri else steps[-1]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
