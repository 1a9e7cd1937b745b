"""What a project still has as the template wrote it, which nobody should publish."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from rejoinder import names
from rejoinder.building.examination import graph_of
from rejoinder.building.scaffold import PLACEHOLDERS
from rejoinder.checking.findings import Finding, Severity
from rejoinder.dossiers import sourcelines
from rejoinder.dossiers.dossier import Reader
from rejoinder.errors import InputError
from rejoinder.project import CONFIG_NAME, Project

_RULE: Final = names.SHAPES + "Edited"
_IN_DOSSIERS: Final = tuple(line for name, lines in PLACEHOLDERS.items() if name != CONFIG_NAME for line in lines)


def in_settings(project: Project) -> tuple[Finding, ...]:
    """A warning, if the project's settings are still those of the template."""
    return tuple(_findings(project.root / CONFIG_NAME, "=", PLACEHOLDERS[CONFIG_NAME], project.base))


def in_dossiers(reader: Reader, paths: Iterable[Path]) -> tuple[Finding, ...]:
    """A warning for each of the dossiers that still has values of the template."""
    places = ((path, graph_of(reader, path) or path.as_posix()) for path in paths)
    return tuple(finding for path, focus in places for finding in _findings(path, ":", _IN_DOSSIERS, focus))


def _findings(path: Path, sign: str, placeholders: Sequence[str], focus: str) -> Iterator[Finding]:
    """At most one; `sign` stands between key and value."""
    lines = [(number, line) for number, line in enumerate(_lines(path, placeholders), 1) if line in placeholders]
    if lines:
        keys = list(dict.fromkeys(line.partition(sign)[0].strip() for _, line in lines))
        verb = "still has the value" if len(keys) == 1 else "still have the values"
        message = f"{_listed(keys)} {verb} that a new project begins with; write your own before you publish"
        yield Finding(Severity.WARNING, path, lines[0][0], message, focus, "", "", _RULE, _RULE)


def _listed(words: Sequence[str]) -> str:
    """The words as a sentence lists them.

    >>> _listed(["title", "label", "sha256"]), _listed(["base"])
    ('title, label and sha256', 'base')
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _lines(path: Path, placeholders: Sequence[str]) -> list[str]:
    """The lines, without blanks and comments around them, of a file that has a placeholder in it.

    None of a file that cannot be read: that is told by itself.
    """
    try:
        text = sourcelines.read_text(path)
    except InputError:
        return []
    # Files of megabytes, as imports write them, are not taken apart in vain.
    lines = text.splitlines() if any(placeholder in text for placeholder in placeholders) else []
    return [line.partition(" #")[0].strip() for line in lines]
