"""Exceptions, and problems with file, line and message; values and suggestions in messages.

Errors do not know exit codes or HTTP statuses: the command line and the server choose these.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Final

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_QUOTED: Final = 80
"""The most characters of a value that a message shows."""
_CUT_OFF: Final = 0.6
"""The least similarity of a suggested word, from 0 to 1, as in difflib."""
_MAX_COMPARED: Final = 200
"""Nobody mistypes longer names, and the time of a comparison grows with the square of the length, in characters."""


class Severity(StrEnum):
    """The severity of a problem, worst first; only a violation keeps a dossier from being published."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """A problem in one file: its place, and a sentence that says what to do.

    `line` counts from 1 and is None if it is unknown. A check of the graph adds the node `focus`, the IRI of a
    property with `^` before it when it is followed backwards, the value found (`term` is the same in N-Triples), the
    IRI of the shape or check that found it, and the IRI of the SHACL constraint component.

    >>> print(Problem(Path("data/issue.yaml"), 3, "the key 'labl' is unknown; did you mean 'label'?"))
    data/issue.yaml:3: the key 'labl' is unknown; did you mean 'label'?
    """

    path: Path
    line: int | None
    message: str
    severity: Severity = Severity.VIOLATION
    focus: str = ""
    predicate: str = ""
    value: str = ""
    rule: str = ""
    component: str = ""
    term: str = ""

    def as_json(self) -> dict[str, object]:
        """Return its fields as values that JSON has; those of a check only where a check found it."""
        place: dict[str, object] = {"path": self.path.as_posix(), "line": self.line, "message": self.message}
        return asdict(self) | place if self.rule else place

    @property
    def where(self) -> str:
        """File and line, as editors understand them."""
        return f"{shown_path(self.path)}:{self.line}" if self.line else shown_path(self.path)

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"

    def __reduce__(self) -> tuple[Callable[..., Problem], tuple[object, ...]]:
        """Pickle it so that half a million of them, which say the same few things, share their texts."""
        return _interned, tuple(getattr(self, each.name) for each in fields(self))


def _interned(*values: object) -> Problem:
    return Problem(*(sys.intern(value) if type(value) is str else value for value in values))  # type: ignore[arg-type]  # as they were


def shown_path(path: Path) -> str:
    r"""Return the path with control characters escaped, so that no file's name forges a line of output.

    >>> print(shown_path(Path("data/x\n8 files: no warnings.yaml")))
    data/x\n8 files: no warnings.yaml
    """
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], str(path))


def in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by file, then by line; those without a line come first."""
    # Not by all fields, as `sorted` alone would: a line may be None, which compares with nothing.
    return tuple(sorted(problems, key=lambda problem: (problem.path, problem.line or 0, problem.message)))


def worst_first(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems by severity, the worst first, then by file and line."""
    severities = tuple(Severity)
    return tuple(
        sorted(
            problems,
            key=lambda p: (severities.index(p.severity), p.path, p.line or 0, p.focus, p.predicate, p.message, p.value),
        )
    )


def quoted(value: str) -> str:
    """Return a value as messages quote it: its beginning, if it is long.

    >>> quoted("Norwey"), quoted(200 * "x") == repr(80 * "x" + "…")
    ("'Norwey'", True)
    """
    return repr(value if len(value) <= _QUOTED else f"{value[:_QUOTED]}…")


def suggest(word: str, known: Iterable[str], most: int = 1, cut_off: float = _CUT_OFF) -> list[str]:
    """Return the words of `known` that are spelt much like `word`, at most `most`, the likeliest first.

    Those that differ only in capitals, blanks and hyphens are what is meant, then those with the same letters and
    digits in another order; of numbered ones, the nearest number.

    >>> suggest("Norwy", ["Norway", "Sweden"]), suggest("x", ["Norway"])
    (['Norway'], [])
    >>> suggest("Fair trial", ["fair-trial", "fair-trials"], 3), suggest("bhr-12", ["bhr-1", "bhr-13"])
    (['fair-trial'], ['bhr-13'])
    >>> suggest("hti-62", ["hti-40", "hti-26"]), suggest("KZA", ["KAZ", "KZB"])
    (['hti-26'], ['KAZ'])
    """
    if len(word) > _MAX_COMPARED:  # else a made-up name of a megabyte would keep a server busy
        return []
    words = [each for each in known if len(each) <= _MAX_COMPARED]
    plain = _plain(word)
    if same := [each for each in words if _plain(each) == plain]:
        return same[:most]
    close = get_close_matches(word, words, len(words), cut_off) if words else []
    if number := _NUMBERED.fullmatch(word):
        stem, own = number[1], number[2]
        others = [(each, found[2]) for each in words if (found := _NUMBERED.fullmatch(each)) and found[1] == stem]
        # Who has left off a digit wrote the beginning of the number.
        others.sort(key=lambda other: (not other[1].startswith(own), abs(int(other[1]) - int(own))))
        close = list(dict.fromkeys([*(each for each, _ in others), *close]))
    letters = sorted(plain)
    close.sort(key=lambda each: sorted(_plain(each)) != letters)
    return close[:most]


_NUMBERED: Final = re.compile(r"(.*\D)([0-9]{1,9})", re.DOTALL)


def _plain(word: str) -> str:
    """Return a word in small letters, with one hyphen for whatever stands between letters and digits."""
    return re.sub(r"[\W_]+", "-", word.casefold())


def did_you_mean(close: Sequence[str], otherwise: str) -> str:
    """Return the question whether one of the suggested words is meant, or `otherwise` if there is none.

    >>> did_you_mean(["SVK", "SVN"], "write a State"), did_you_mean([], "write a State")
    ("did you mean 'SVK' or 'SVN'?", 'write a State')
    """
    return f"did you mean {' or '.join(map(repr, close))}?" if close else otherwise


def line_of(text: str, offset: int) -> int:
    r"""Return the number of the line, from 1, on which the character at `offset` stands.

    >>> line_of("one\ntwo", 0), line_of("one\ntwo", 5)
    (1, 2)
    """
    return text.count("\n", 0, offset) + 1


class RejoinderError(Exception):
    """The base class of all errors that Rejoinder raises on purpose."""


class InputError(RejoinderError):
    """An error in the user's files; `problems` has one sentence for each problem, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_file_order(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def at(cls, path: Path, line: int | None, message: str) -> InputError:
        """Return one problem at one place.

        >>> str(InputError.at(Path("a.yaml"), None, "the file is empty"))
        'a.yaml: the file is empty'
        """
        return cls([Problem(path, line, message)])


class UsageError(RejoinderError):
    """An argument that does not exist or does not fit: a question, a parameter, a format, a folder."""


class QueryError(UsageError):
    """A SPARQL query that cannot be run; `line` and `column` count from 1 where the parser knows them."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.line, self.column = line, column
        super().__init__(message)


class UnwritableError(UsageError):
    """Statements or results that the requested syntax cannot express."""


class ProjectError(UsageError):
    """The folder is not a project, or its configuration is not valid."""


class MissingPackageError(UsageError):
    """A missing optional package, which belongs to an extra of pyproject.toml."""


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Turn the failure to import a package of the extra `name` in this block into a sentence.

    Raises:
        MissingPackageError: the package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "rejoinder").partition(".")[0] == "rejoinder":  # a bug of ours, not a missing package
            raise
        raise MissingPackageError(
            f"this needs the package {error.name!r}, which is not installed; type: pip install 'rejoinder[{name}]'"
        ) from error


class StoreError(RejoinderError):
    """A store that cannot be read or written: no version yet, a full disk, no permission, another running build."""


class EngineError(RejoinderError):
    """A failure of a SHACL engine, or of a worker process of a build."""


class RemoteError(RejoinderError):
    """A triple store that cannot be reached, refuses, or sends malformed answers.

    `status` is the HTTP status if there was an answer; `transient` says that a retry may help, after `retry_after`
    seconds if the store named them.
    """

    def __init__(
        self, message: str, status: int | None = None, *, transient: bool = False, retry_after: float | None = None
    ) -> None:
        self.status, self.transient, self.retry_after = status, transient, retry_after
        super().__init__(message)
