"""A safe YAML reader that gives a plain value and the line of every part of it.

Dangerous or ambiguous YAML is refused: aliases and anchors (they can explode), tags, duplicate keys, several documents.
Scalars follow the core schema of YAML 1.2, so that `NO` is Norway's text and not `false`.
"""

from __future__ import annotations

import errno
import json
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn, Protocol

import yaml

from rejoinder.errors import InputError, Problem, quoted
from rejoinder.rdf.jsonld import Context, Value

Place = tuple[str | int, ...]
MAX_BYTES: Final = 64 * 1024 * 1024
MAX_DEPTH: Final = 64
"""The deepest nesting in a dossier, in YAML or Turtle: parsers and writers recurse, and no report needs ten levels."""
MAX_SCALAR: Final = 1 << 20
"""The most characters of one value; the JSON-LD parser gives up at 16 MB."""
_MAX_STEPS: Final = 8
"""The most segments of an IRI's path that are compared with a reference; nobody writes more into a dossier."""
_NO_MAPPING: Final = "a dossier is a mapping of keys to values, 'key: value', and nothing else"
# Not YAML 1.1's `yes`, `no`, `on` and `off`, which PyYAML would read: `NO` is Norway.
_WORDS: Final[dict[str, Value]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
# At most 19 digits: from 10^21 on, JSON-LD makes a double of a number.
_INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,18})")
_UNQUOTED_ID: Final = re.compile(r"^( *)(#[\w-]+:)[ \t]*\n(?=\1 +[^\s#])", re.MULTILINE)
# A comment has a blank after its '#', or another sign. In brackets, an id may be on a line of its own.
_CUT_OFF: Final = re.compile(r"[ \t]+(#\w.*)")
_CUT_OFF_IN_BRACKETS: Final = re.compile(r"[\s,:]*(#\w.*)")
_QUOTES: Final = {'"': '\\"', "'": "''"}
"""Quotation marks, and how each is written inside a text between two of them."""
_IN_BRACKETS: Final = ("while parsing a flow sequence", "while parsing a flow mapping")
_AFTER_QUOTE: Final = frozenset(",:]}")
"""What may follow a closing quotation mark without a blank; libyaml also takes a `#` there, for a comment."""
# Control characters except tab and line feed, halves of surrogate pairs, U+FFFE and U+FFFF. XML excludes most.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class YamlDocument:
    """A YAML document: its value, and the line (from 1) of every part of it."""

    path: Path
    value: dict[str, Value]
    lines: dict[Place, int]

    def line(self, place: Place) -> int | None:
        """Return the line of `place`, or of the nearest place around it."""
        for end in range(len(place), -1, -1):
            if place[:end] in self.lines:
                return self.lines[place[:end]]
        return None

    def problem(self, place: Place, message: str) -> Problem:
        """Return a problem at the line of `place`."""
        return Problem(self.path, self.line(place), message)


def mapping_of(value: Value) -> dict[str, Value]:
    """Return the value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Value) -> list[Value]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


class Lines(Protocol):
    """The line numbers of nodes, properties and values in a file."""

    def find(self, node: str, predicate: str | None = None, value: str | None = None) -> int | None:
        """Return the line of the value, else of the property, else of the node; None if it is not there."""


@dataclass(frozen=True)
class YamlLines:
    """Lines of a YAML document, by the IRIs of the nodes in it."""

    document: YamlDocument
    context: Context
    nodes: dict[str, Place]
    lists: dict[Place, Mapping[str, int]] = field(default_factory=dict, compare=False)
    """The lists that were searched so far: the index of each item, by its text."""

    def find(self, node: str, predicate: str | None = None, value: str | None = None) -> int | None:
        """See `Lines.find`."""
        if node not in self.nodes:
            return None
        place = self.nodes[node]
        for key in self.context.keys_of(predicate) if predicate else ():
            if (*place, key) in self.document.lines:
                return self.document.line(self._value_place((*place, key), value))
        return self.document.line(place)

    def _value_place(self, place: Place, value: str | None) -> Place:
        at: Value = self.document.value
        for step in place:
            at = at[step]  # type: ignore[index]  # `place` was found in this document
        if value is None or not isinstance(at, list):
            return place
        # Once, because each finding about an item would search a long list from its beginning.
        if place not in self.lists:
            self.lists[place] = _item_numbers(at)
        items = self.lists[place]
        fitting = next((items[text] for text in _possible_texts(value) if text in items), None)
        return place if fitting is None else (*place, fitting)


def _item_numbers(items: list[Value]) -> dict[str, int]:
    """Return the index of each list item by its text, the first of those with one text.

    >>> _item_numbers(["CZE", True, "CZE"])
    {'CZE': 0, 'true': 1}
    """
    found: dict[str, int] = {}
    for number, item in enumerate(items):
        found.setdefault(str(item).lower() if isinstance(item, bool) else str(item), number)
    return found


def _possible_texts(value: str) -> Iterator[str]:
    """Yield the texts by which a file may write a value: the value itself and, for an IRI, its last parts.

    >>> list(_possible_texts("https://example.org/x#p1"))
    ['https://example.org/x#p1', '/example.org/x#p1', 'example.org/x#p1', 'x#p1', '#p1', 'p1']
    """
    yield value
    document, sign, fragment = value.partition("#")
    steps = document.split("/")[-_MAX_STEPS:]
    for start in range(1, len(steps)):
        yield "/".join(steps[start:]) + sign + fragment
    if sign:
        yield sign + fragment
        yield fragment


@dataclass(frozen=True)
class NoLines:
    """No lines at all: for statements without a file, or of a file that cannot be read."""

    def find(self, node: str, predicate: str | None = None, value: str | None = None) -> int | None:
        """Return None; see `Lines.find`."""


def read_yaml(path: Path) -> YamlDocument:
    """Return the one YAML mapping in the file at `path`, with its lines.

    Raises:
        InputError: the file cannot be read, or is not YAML of the kind described above.
    """
    return parse_yaml(path, read_text(path))


def parse_yaml(path: Path, text: str) -> YamlDocument:
    """Return the one YAML mapping in the text of the file at `path`, with its lines.

    Raises:
        InputError: the text is not YAML of the kind described above.
    """
    text = text.lstrip("\ufeff")  # libyaml leaves byte order marks out of its positions
    # By libyaml, in C: PyYAML's own scanner takes twenty times as long, 0.2 s for the example's report.
    reader = _EventReader(path, text, yaml.parse(text, Loader=yaml.CSafeLoader))
    try:
        return reader.document()
    except yaml.YAMLError as error:
        reason = _json_reason(text) if path.suffix.lower() == ".json" else None
        raise InputError.at(path, *(reason or reader.reason(error))) from error


@dataclass
class _EventReader:
    """Builds a value from YAML events, and enforces all rules about YAML in dossiers.

    It reads events, not nodes: in the parser's nodes, anchors and tags are lost and aliases are already expanded.
    """

    path: Path
    text: str
    events: Iterator[yaml.Event]
    lines: dict[Place, int] = field(default_factory=dict)
    brackets: int = 0
    """How many lists and mappings in brackets are open."""
    last_quoted: yaml.ScalarEvent | None = None
    """The last value if it is in quotation marks."""

    def document(self) -> YamlDocument:
        """Return the only document, a mapping."""
        root: dict[str, Value] | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._fail(event, "a second document begins here ('---'); write one report a file")
                first = next(self.events)
                self._check(first)
                if not isinstance(first, yaml.MappingStartEvent):
                    self._fail(first, _NO_MAPPING)
                self.lines[()] = _line(first)
                root = self._mapping(())
        # A file of comments alone has no document, either.
        if root is None:
            raise InputError.at(self.path, None, "the file is empty; 'rejoinder new' shows what a dossier looks like")
        return YamlDocument(self.path, root, self.lines)

    def _value(self, event: yaml.Event, place: Place) -> Value:
        """Return the value at the place, which begins with the event."""
        self._check(event)
        if isinstance(event, yaml.ScalarEvent):
            return _resolve(event)
        if len(place) >= MAX_DEPTH:
            self._fail(event, f"the nesting is deeper than {MAX_DEPTH} levels")
        if not getattr(event, "flow_style", False):
            return self._inside(event, place)
        self.brackets += 1
        self._check_comment(event)
        found = self._inside(event, place)
        self.brackets -= 1
        return found

    def _inside(self, event: yaml.Event, place: Place) -> Value:
        """Return the mapping or list at the place, which begins with the event."""
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(place)
        items: list[Value] = []
        while not isinstance(item := next(self.events), yaml.SequenceEndEvent):
            at = (*place, len(items))
            self.lines[at] = _line(item)
            items.append(self._value(item, at))
        return items

    def _mapping(self, place: Place) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            self._check(event)
            if not isinstance(event, yaml.ScalarEvent):
                self._fail(event, "a key must be a plain word, not a list or a mapping")
            key: str = event.value
            at = (*place, key)
            if key in found:  # YAML 1.2 forbids it (3.2.1.1), and PyYAML's own loader takes the last one
                again = f"is here a second time (first on line {self.lines[at]}); rename or merge them"
                self._fail(event, f"the key {key!r} {again}")
            self.lines[at] = _line(event)
            found[key] = self._value(next(self.events), at)
        return found

    def _check(self, event: yaml.Event) -> None:
        """Raise InputError for an alias, an anchor, a tag, a control character, or a value that is too long."""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._fail(event, "anchors (&) and aliases (*) are not allowed; write the value out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            message = f"the tag {tag!r} is not allowed; write the plain value, in quotation marks if it is text"
            self._fail(event, message)
        if isinstance(event, yaml.ScalarEvent):
            if len(event.value) > MAX_SCALAR:
                message = f"a value here is longer than {MAX_SCALAR:,} characters; a dossier should quote, not copy"
                self._fail(event, message)
            found = CONTROL.search(event.value)
            if found:
                self._fail(event, f"the character U+{ord(found.group()):04X} is not allowed in text; remove it")
            self._check_end(event)

    def _check_end(self, event: yaml.ScalarEvent) -> None:
        """Raise InputError if a value in quotation marks goes on after them, or a plain one is cut off."""
        self.last_quoted = event if event.style in _QUOTES else None
        end = _end(event).index
        after = self.text[end : end + 1]
        # A text whose mark is not closed swallows the keys up to the next mark, which is seldom followed by a blank.
        if self.last_quoted and after and not after.isspace() and after not in _AFTER_QUOTE:
            self._fail(event, self._unclosed(event))
        # Of an empty value, the schema names the key.
        if self.brackets or (not event.style and event.value):
            self._check_comment(event)

    def _check_comment(self, event: yaml.Event) -> None:
        """Raise InputError if YAML takes for a comment what is likely to belong to the value, or to be an id."""
        mark = _end(event)
        found = (_CUT_OFF_IN_BRACKETS if self.brackets else _CUT_OFF).match(self.text, mark.index)
        if not found:
            return
        line = mark.line + 1 + self.text.count("\n", mark.index, found.start(1))
        plain = isinstance(event, yaml.ScalarEvent) and not event.style and _CUT_OFF.match(self.text, mark.index)
        advice = "the whole text" if plain else "each id"
        message = f"YAML takes {quoted(found[1].rstrip())} for a comment; put {advice} in quotation marks"
        raise InputError.at(self.path, line, f"{message}, or write a blank after the '#' of a comment")

    def reason(self, error: yaml.YAMLError) -> tuple[int | None, str]:
        """Return the line and what is wrong with the text, where libyaml gives up."""
        mark, start = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
        context, last = getattr(error, "context", None), self.last_quoted
        if mark and start and context == "while scanning a quoted scalar":
            return start.line + 1, _not_closed(self.text[start.index], mark.line + 1)
        if mark and start and context in _IN_BRACKETS and start.line < mark.line:
            message = f"a bracket is not closed: what begins here goes on to line {mark.line + 1}"
            return start.line + 1, f"{message}; close it, or add the comma that is missing"
        # A key ends well in quotation marks, and what is missing after a value in brackets may be a comma.
        value = last and not self.brackets and not self.text.startswith(":", _end(last).index)
        if mark and last and value and mark.line == _end(last).line:
            return _line(last), self._unclosed(last)
        return _yaml_reason(error, self.text)

    def _unclosed(self, event: yaml.ScalarEvent) -> str:
        """Return what is wrong with a value in quotation marks that something follows."""
        mark, end = event.style or "", _end(event)
        if end.line + 1 > _line(event):
            return _not_closed(mark, end.line + 1)
        rest = self.text[end.index :].partition("\n")[0].strip()
        message = f"the text in quotation marks ends before {quoted(rest)}"
        return f"{message}; add the mark that is missing, or write {_QUOTES[mark]} for one inside the text"

    def _fail(self, event: yaml.Event, message: str) -> NoReturn:
        raise InputError.at(self.path, _line(event), message)


def _line(event: yaml.Event) -> int:
    """Return the line, from 1, that an event begins on."""
    return event.start_mark.line + 1 if event.start_mark else 1


def _end(event: yaml.Event) -> yaml.Mark:
    """Return the place where an event ends; libyaml counts characters, as Python does."""
    return event.end_mark  # type: ignore[return-value]  # libyaml gives one to each event


def _resolve(event: yaml.ScalarEvent) -> Value:
    """Return the value of a scalar by the core schema of YAML 1.2 (section 10.3.2), except that decimals stay text.

    JSON-LD would convert the number 0.1 to the double 1.0E-1, which is not a valid xsd:decimal.
    """
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text


def _json_reason(text: str) -> tuple[int, str] | None:
    """Return the line and what is wrong with JSON, None if nothing is: a few things that JSON allows are not YAML."""
    try:
        json.loads(text)
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError):
            message = f"this is not JSON: {error.msg}; check the commas, brackets and quotation marks around this line"
            return error.lineno, message
    return None


def _not_closed(mark: str, line: int) -> str:
    message = f"a quotation mark is not closed: the text that begins here goes on to line {line}"
    return f"{message}; close it, or write {_QUOTES[mark]} for one inside the text"


def _yaml_reason(error: yaml.YAMLError, text: str) -> tuple[int | None, str]:
    if isinstance(error, yaml.reader.ReaderError):
        # libyaml gives the position in bytes, and the number of the character.
        bad = text.encode().count(b"\n", 0, error.position) + 1
        return bad, f"the character U+{error.character:04X} is not allowed here; remove it"
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else None
    reason = getattr(error, "problem", None) or str(error)
    if mark and _indents_with_tab(text, mark.line):
        return line, "a tab is used for indentation; YAML allows only spaces: write two spaces a level"
    return (
        line,
        f"this is not YAML: {reason}; check the indentation, colons and quotation marks around this line",
    )


def _indents_with_tab(text: str, line: int) -> bool:
    lines = text.split("\n")
    row = lines[line] if line < len(lines) else ""
    return "\t" in row[: len(row) - len(row.lstrip())]


def unquoted_ids(path: Path) -> tuple[Problem, ...]:
    """Return a problem for each comment that looks like an unquoted id (`#p1:`) with values under it.

    Raises:
        InputError: the file cannot be read.
    """
    # From the text, because comments are gone when YAML is read.
    text = read_text(path).replace("\r\n", "\n")
    found = tuple(_UNQUOTED_ID.finditer(text))
    numbers = lines_of(text, [match.start() for match in found])
    return tuple(
        Problem(
            path,
            line,
            f"{match[2]!r} is a comment here, so YAML leaves this line out; if it is an id, "
            f'put it between quotation marks: write "{match[2][:-1]}":',
        )
        for match, line in zip(found, numbers, strict=True)
    )


def lines_of(text: str, positions: Iterable[int]) -> Iterator[int]:
    r"""Yield the line, from 1, of each position in the text; positions are ascending, so the text is read once.

    >>> list(lines_of("a\nb\nc", [0, 2, 2, 4]))
    [1, 2, 2, 3]
    """
    line, last = 1, 0
    for position in positions:
        line += text.count("\n", last, position)
        last = position
        yield line


def read_text(path: Path) -> str:
    """Return the text of the file at `path`: UTF-8, without a byte order mark.

    Raises:
        InputError: it is missing, a folder, unreadable, too large, or not UTF-8 (with the line of the first bad byte).
    """
    return decoded(path, read_bytes(path))


def decoded(path: Path, data: bytes) -> str:
    """Return the bytes of the file at `path` as text, without a byte order mark.

    Raises:
        InputError: they are not UTF-8; the line of the first bad byte is named.
    """
    try:
        return data.decode("utf-8-sig")  # editors on Windows begin a file with a byte order mark
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"the byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise InputError.at(path, line, message) from error


def read_bytes(path: Path) -> bytes:
    """Return the bytes of the file at `path`.

    Raises:
        InputError: it is missing, a folder, a device or pipe, unreadable, or too large.
    """
    try:
        status = path.stat()
        # Reading a device or a pipe may never end. A folder is left to `read_bytes`, whose error has a sentence below.
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise InputError.at(path, None, "this is a device or a pipe, not a file; put the dossier into a file")
        if status.st_size > MAX_BYTES:
            limit = f"{MAX_BYTES >> 20} MB"
            raise InputError.at(path, None, f"the file is larger than {limit}; split it, one report a file")
        return path.read_bytes()
    except OSError as error:
        raise InputError.at(path, None, os_reason(error)) from error


def os_reason(error: OSError) -> str:
    """Return why a file cannot be read, and what to do about it."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        # In the data folder, only a folder whose name ends like a dossier's is opened; any other was named by the user.
        found = Path(error.filename or "").suffix
        advice = "rename it or move it out of the data folder" if found else "name a file in it"
        return f"this is a folder where a file is expected; {advice}"
    if isinstance(error, PermissionError):
        return "the file may not be read; give yourself permission to read it"
    if error.errno == errno.ELOOP:
        return "this link leads in a circle; remove it, or let it lead to a file"
    return f"the file cannot be read: {error.strerror or error}"


def unread(error: OSError | UnicodeDecodeError) -> str:
    """Return why a text file cannot be read or decoded, and what to do about it."""
    return os_reason(error) if isinstance(error, OSError) else "it is not UTF-8; save the file as UTF-8"
