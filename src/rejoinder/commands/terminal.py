"""What the commands did, told to a person in sentences and to a machine in JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from rejoinder.building.builder import Built
from rejoinder.building.checkup import Checkup
from rejoinder.building.prepared import Broken
from rejoinder.checking.coverage import Coverage
from rejoinder.checking.findings import Finding, Severity, as_json, counted
from rejoinder.commands.grouping import FIRST, MOST, kind_of, shortened, told
from rejoinder.commands.screen import Terminal, count, listed, problem_json
from rejoinder.dossiers.folder import SUFFIXES
from rejoinder.site import scripts
from rejoinder.store.versions import Version

_COLOURS = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def show_findings(terminal: Terminal, findings: tuple[Finding, ...]) -> None:
    """Each finding: where, how bad, what and at which value; of very many of one kind the first, and how many more."""
    kinds = Counter((finding.severity, kind_of(finding.message)) for finding in findings)
    seen: Counter[tuple[Severity, str]] = Counter()
    for finding in findings:
        kind = finding.severity, kind_of(finding.message)
        seen[kind] += 1
        if kinds[kind] > MOST and seen[kind] > FIRST:
            if seen[kind] == FIRST + 1:
                rest = f"{kinds[kind] - FIRST} more {finding.severity}s"
                more = f"  {rest} of this kind ('rejoinder check --format json' tells all)"
                terminal.say(more, style=_COLOURS[finding.severity])
            continue
        value = "" if finding.value in ("", finding.focus) else f" (found: {_short(finding.value)})"
        sentence = shortened(f"{_short(finding.focus)}: {finding.message}{value}")
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
    for (severity, message), number in kinds.most_common(MOST):
        terminal.say(f"  {number:3} × {severity}: {shortened(message)}", style=_COLOURS[severity])
    if len(kinds) > MOST:
        terminal.say(f"  and {count(len(kinds) - MOST, 'more kind')}")


def show_checkup(terminal: Terminal, checkup: Checkup) -> None:
    """A check-up for reading."""
    for line in told(checkup.problems):
        terminal.say(line, style="red")
    show_findings(terminal, checkup.findings)
    _show_passed_over(terminal, checkup.passed_over)
    if checkup.coverage:
        show_coverage(terminal, checkup.coverage)
    terminal.say(
        f"{count(len(checkup.files), 'file')}, {checkup.statements} statements: {summary(checkup.findings)}"
        + (f", {count(len(checkup.problems), 'problem')} reading" if checkup.problems else "")
    )


def _show_passed_over(terminal: Terminal, files: tuple[Path, ...]) -> None:
    """Which files of the data folder nobody reads."""
    if files:
        named = ", ".join(str(_near(path)) for path in files[:FIRST]) + (", …" if len(files) > FIRST else "")
        are = "is not a dossier and is" if len(files) == 1 else "are not dossiers and are"
        suffixes = ", ".join(SUFFIXES)
        terminal.say(
            f"{count(len(files), 'file')} of the data folder {are} not read: {named} (the names of dossiers end in "
            f"{suffixes})",
            style=_COLOURS[Severity.WARNING],
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
            "passedOver": [path.as_posix() for path in checkup.passed_over],
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
    return ", ".join(count(number, name) for number, name in counts) or "no findings"


def show_build(terminal: Terminal, built: Built) -> None:
    """What a build did."""
    for item in built.broken:
        _show_broken(terminal, item, kept=item.graph in built.kept)
    for text in built.texts:
        terminal.say(f"{text.path}: {Severity.WARNING}: {text.message}", style=_COLOURS[Severity.WARNING])
    _show_passed_over(terminal, built.passed_over)
    manifest = built.version.manifest if built.version else None
    if manifest is None or built.version is None:
        terminal.say("Nothing could be published.")
        return
    if not built.is_new:
        terminal.say(f"Nothing changed: version {manifest.number} stands ({manifest.quads} statements).")
        if built.wrote_files:
            terminal.say("Files of its site or its exports were missing; this build wrote them anew.")
            _show_files(terminal, built.version)
        _show_missing_site(terminal, built)
        return
    sources = [entry for entry in manifest.graphs if entry.source]
    warnings = sum(entry.warnings for entry in sources)
    terminal.say(f"Read      {count(len(built.files), 'file')}")
    terminal.say(f"Checked   {count(warnings, 'warning')}, no violation ('rejoinder check' lists all)")
    _show_kinds(terminal, built.findings)
    terminal.say(f"Version   {manifest.number}: {manifest.quads} statements in {count(len(manifest.graphs), 'graph')}")
    if built.changed or not built.removed:
        terminal.say(f"Changed   {listed(built.changed) or 'nothing in the data, but what the site shows of them'}")
    if built.removed:
        terminal.say(f"Removed   {listed(built.removed)}")
    terminal.say(f"Store     {_near(built.version.store_path)}")
    if built.version.has_site:
        _show_files(terminal, built.version)
    _show_missing_site(terminal, built)


def _show_files(terminal: Terminal, version: Version) -> None:
    """Where the files of the version are."""
    terminal.say(f"Files     {_near(version.export_path)}")
    terminal.say(f"Site      {_near(version.published_site)}: open index.html, or give the folder to any web host")
    if not scripts.available():
        terminal.note(f"the site has {scripts.MISSING}")


def _show_missing_site(terminal: Terminal, built: Built) -> None:
    """That the version has no site yet, if it has none."""
    if built.version and not built.version.has_site:
        last = f"; the site shows version {built.shown.manifest.number}" if built.shown else ""
        terminal.say(f"Site      not written (--no-site){last}; 'rejoinder build' writes it")


def _near(path: Path) -> Path:
    """The path as one would type it here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _show_broken(terminal: Terminal, item: Broken, *, kept: bool) -> None:
    for line in told(item.problems):
        terminal.say(line, style="red")
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
            "wroteFiles": built.wrote_files,
            "statements": version.manifest.quads if version else 0,
            "store": str(version.store_path) if version else None,
            "files": str(version.export_path) if version and version.has_site else None,
            "site": str(version.published_site) if version and version.has_site else None,
            "changed": built.changed,
            "removed": built.removed,
            "findings": json.loads(as_json(built.findings)),
            "texts": list(map(problem_json, built.texts)),
            "passedOver": [path.as_posix() for path in built.passed_over],
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
