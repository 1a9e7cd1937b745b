"""What parts of a site were made from, so that a build makes again only those that a change of the data can change.

A part reads statements by patterns: all statements about a thing, all with a property, and so on. A change of the data
is the statements that it adds and removes. Where none of these fits a pattern that a part has read, the part stays the
same. Patterns are kept as digests: a State's page reads some thousands of them.

A stored question reads the properties that its query looks for, as far as its text tells. Only tokens are read,
without a grammar, which takes a two-hundredth of the time of rdflib's parser. In doubt it looks for any property.
"""

from __future__ import annotations

import hashlib
import json
import re
from array import array
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from rejoinder import disk, namespaces
from rejoinder.rdf.query import TOKENS
from rejoinder.rdf.terms import NamedNode, Quad

Pattern = tuple[str | None, str | None, str | None]
"""The IRIs of subject, property and value of the statements that are read; None stands for anything."""

SUFFIX: Final = ".reads"
"""The suffix of the file beside a site with what its parts were made from."""
_DOCUMENT: Final = "the document"
_LAYOUT: Final = "its place on the pages"
_PARTS: Final = "any part of the document"
_ANY: Final = "whether there is any"
_GENERAL: Final = frozenset(
    namespaces.expand(name)
    for name in (
        *("dcterms:description", "dcterms:license", "dcterms:publisher", "dcterms:title"),
        *("rdf:type", "rdfs:label"),
    )
)
"""Properties that anything may have. Each build describes its version by these, too, and by properties of its own."""
_MOST: Final = 10_000
"""The number of patterns of a part above which they are gathered by documents."""
_BYTES: Final = 8
"""The length of a digest. Two patterns with one digest only make a page be made once more."""

_FORMAT: Final = b"2"
"""The form of a line, and of what a part has found. Whoever changes it writes a new value, and all is made again."""

_TOKEN: Final = re.compile(rf"{TOKENS} | (?P<sign> [^\s\w] )", re.VERBOSE | re.DOTALL)
_SUBPROPERTY: Final = namespaces.expand("rdfs:subPropertyOf")
_UNNAMED: Final = frozenset(map(namespaces.expand, ("rdf:type", "rdf:first", "rdf:rest")))
"""The properties that a query may look for without their names: by `a`, and by the items of a list in brackets."""
_UNKNOWN: Final = frozenset({"DESCRIBE", "BASE", "FROM"})
"""Words of queries that are not examined further."""
_BEFORE_VARIABLES: Final = frozenset({"SELECT", "GROUP", "ORDER", "HAVING"})
_SUBJECTS: Final = frozenset({"variable", "iri"})
"""The kinds of tokens that are a subject if one of `_BEFORE_SUBJECT` stands before them."""
_BEFORE_SUBJECT: Final = frozenset({"{", "}", ".", ")"})

T = TypeVar("T")


@dataclass
class Reads:
    """The patterns that were read since `begin`; before, and so in a server, nothing is noted."""

    patterns: set[Pattern] | None = None

    def note(self, patterns: Iterable[Pattern]) -> None:
        """Note the patterns as read."""
        if self.patterns is not None:
            self.patterns.update(patterns)

    @contextmanager
    def begin(self) -> Iterator[set[Pattern]]:
        """Collect the patterns read within the block apart, and yield the set that they come into."""
        found: set[Pattern] = set()
        outer, self.patterns = self.patterns, found
        try:
            yield found
        finally:
            self.patterns = outer


class noted(Generic[T]):  # noqa: N801  # a decorator, named as those of Python are
    """A decorator for a method whose result is kept: whoever uses the result has read what it was made from.

    The class of the method has a `reader` with `reads`.
    """

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work, self._name = work, work.__name__
        self.__doc__ = work.__doc__

    def __get__(self, instance: Any, owner: type) -> T:
        """Return the result, and note the patterns that it was made from."""
        reads: Reads = instance.reader.reads
        kept: tuple[T, tuple[Pattern, ...]] | None = instance.__dict__.get(self._name)
        if kept is None:
            with reads.begin() as patterns:
                result = self._work(instance)
            kept = instance.__dict__[self._name] = result, tuple(patterns)
        reads.note(kept[1])
        return kept[0]

    def __set__(self, instance: object, value: T) -> None:
        """Refuse another result; that there is this method lets `__get__` be called each time."""
        raise AttributeError(self._name)


def of_layout(iri: str) -> Pattern:
    """Return the pattern of whoever links to a part of a document, or quotes the document: where it stands."""
    return iri, _LAYOUT, None


def of_document(document: str) -> Pattern:
    """Return the pattern of the pages of a document: all that is said in it, and about its parts elsewhere."""
    return document, _DOCUMENT, None


def of_parts(document: str, predicate: str) -> Pattern:
    """Return the pattern of whoever reads a property of all parts of a document."""
    return document, predicate, _PARTS


def by_documents(patterns: set[Pattern]) -> set[Pattern]:
    """Return the patterns, with one for all parts of a document instead of one for each part.

    >>> known = namespaces.RJ + "about"
    >>> by_documents({(f"https://example.org/report/a#{number}", known, None) for number in range(20_000)})
    {('https://example.org/report/a', 'https://w3id.org/rejoinder/ns#about', 'any part of the document')}
    """
    return set(map(_of_document_parts, patterns))


def gathered(patterns: set[Pattern]) -> set[Pattern]:
    """Return the patterns; if they are very many, by documents.

    The page of a State that a thousand reports name reads a hundred thousand statements, one by one.
    """
    return patterns if len(patterns) <= _MOST else by_documents(patterns)


def _of_document_parts(pattern: Pattern) -> Pattern:
    """Return the pattern of all parts of a document instead of one for one part, as subject or as value."""
    subject, predicate, value = pattern
    if predicate and subject and "#" in subject and value is None:
        return of_parts(namespaces.document_of(subject), predicate)
    # Terms of the vocabulary are no parts of a document: each is the value of very many.
    if predicate and value and "#" in value and subject is None and not value.startswith(namespaces.RJ):
        return _PARTS, predicate, namespaces.document_of(value)
    return pattern


def of_any(predicate: str, value: str | None) -> Pattern:
    """Return the pattern of whoever asks only whether there is any statement with the property and value."""
    return _ANY, predicate, value


def of_query(query: str) -> set[Pattern]:
    """Return the patterns of what a SPARQL query looks for: everything, if it names only what anything may have.

    >>> of_query("SELECT ?label { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label }")
    {(None, None, None)}
    """
    found = named_iris(query)
    if found is None or found <= _GENERAL | _UNNAMED:
        return {(None, None, None)}
    return {(None, iri, None) for iri in found}


def changed_patterns(quads: Iterable[Quad], base: str, broader: Mapping[str, Iterable[str]]) -> Iterator[Pattern]:
    """Yield the patterns that the added and removed statements fit; `broader` are the superproperties of each property.

    Each build describes its version anew, also by properties that anything may have, such as a label. Whoever reads the
    labels of all things is not taken to want those of versions, save a question for nothing else, see `of_query`.

    >>> from rejoinder.rdf.terms import Literal, NamedNode, Quad
    >>> quad = Quad(NamedNode("a:s"), NamedNode("a:p"), Literal("o"), NamedNode("a:g"))
    >>> sorted(found for found in changed_patterns([quad], "b:", {}) if found[0] and found[1] == "a:p")
    [('a:s', 'a:p', None)]
    """
    for quad in quads:
        subject, value = (term.value if isinstance(term, NamedNode) else None for term in (quad.subject, quad.object))
        predicate = quad.predicate.value
        subjects: tuple[str | None, ...] = (subject, None) if subject else (None,)
        if predicate in _GENERAL and (subject or "").startswith(f"{base}version/"):
            subjects = (subject,)
        fitting = set(product(subjects, (predicate, None), (value, None) if value else (None,)))
        yield from fitting | by_documents(fitting)
        yield from ((None, iri, None) for iri in broader.get(predicate, ()))
        yield from (of_document(namespaces.document_of(iri)) for iri in (subject, value) if iri)


def digests(patterns: Iterable[Pattern]) -> bytes:
    """Return the digests of the patterns, one after the other, in order."""
    texts = ("\0".join(part or "" for part in it).encode() for it in patterns)
    found = {hashlib.blake2b(text, digest_size=_BYTES).digest() for text in texts}
    return b"".join(sorted(found))


@dataclass(frozen=True)
class MadePart:
    """What a build wrote for a part of a site.

    `files` are the paths of its files, `listed` those of its pages for the site map; `patterns` are the digests of what
    was read. `edition` are number and day of the version that it was made for. `found` is what the pages that are made
    last need to know of it, see `routes.SitePart.find`.
    """

    files: tuple[str, ...]
    listed: tuple[str, ...]
    patterns: bytes
    edition: tuple[int, str]
    found: Any = None

    def is_same(self, changed: frozenset[int]) -> bool:
        """Return whether the part stays as it is when statements change that fit these patterns, given as numbers."""
        return changed.isdisjoint(_numbers(self.patterns))


def numbers_of(patterns: Iterable[Pattern]) -> frozenset[int]:
    """Return the patterns as numbers to compare with."""
    return frozenset(_numbers(digests(patterns)))


def _numbers(patterns: bytes) -> array[int]:
    found = array("Q")
    found.frombytes(patterns)
    return found


def save(site: Path, parts: Mapping[str, MadePart]) -> None:
    """Write beside the site in the folder `site` what its parts were made from, a line each with its checksum."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    fields = ({"name": name, **vars(it), "patterns": b64encode(it.patterns).decode()} for name, it in parts.items())
    lines = map(encode, fields)
    disk.write_whole(site.with_suffix(SUFFIX), "".join(f"{line}\t{_checksum(line)}\n" for line in lines).encode())


def load(site: Path, beginning: str = "") -> dict[str, MadePart]:
    """Return what the parts of the site in the folder `site` were made from; nothing if that is not known.

    With `beginning`, only the parts whose names begin so are returned; the others are not parsed.
    """
    try:
        with site.with_suffix(SUFFIX).open(encoding="utf-8") as lines:
            found = [_undamaged(line) for line in lines if line.startswith(f'{{"name": "{beginning}')]
        return {it["name"]: _made(it) for it in found}
    except (OSError, ValueError):  # damaged, or of a program that writes it in another way: all is made again
        return {}


def _checksum(line: str) -> str:
    return hashlib.blake2b(line.encode(), digest_size=_BYTES, salt=_FORMAT).hexdigest()


def _undamaged(line: str) -> Any:
    """Return the fields in a line; raise ValueError if it is not as it was written."""
    fields, _, checksum = line.rstrip("\n").rpartition("\t")
    if checksum != _checksum(fields):
        raise ValueError("a line of the record of what was read is damaged")
    return json.loads(fields)


def _made(fields: Mapping[str, Any]) -> MadePart:
    number, day = fields["edition"]
    files, listed = tuple(fields["files"]), tuple(fields["listed"])
    return MadePart(files, listed, b64decode(fields["patterns"]), (number, day), fields["found"])


@dataclass(frozen=True)
class _Token:
    """A token: its kind, or the word in capitals or the sign that it is; and its text, of a name the IRI."""

    kind: str
    text: str


def named_iris(query: str) -> frozenset[str] | None:
    """Return the IRIs in a query, among which are all properties that it looks for; None if it may look for any.

    It may if a property is given by what it is not, or is a variable whose values are not given around it, by VALUES or
    as the subproperties of a property, which stands for them here.

    >>> sorted(named_iris("PREFIX x: <y:> SELECT ?o { ?s x:p/<y:q> ?o }") - named_iris("ASK {}"))
    ['y:p', 'y:q']
    >>> [named_iris(f"ASK {{ {triple} }}") for triple in ("?s ?p ?o", "?s !<y:p> ?o", "?s a <y:c> ; ?p 1")]
    [None, None, None]
    >>> "y:p" in named_iris("ASK { VALUES ?p { <y:p> } ?s ?p ?o }")
    True
    """
    tokens = tuple(_tokens(query))
    if any(map(_is_unusual, tokens)) or _has_negated_path(tokens) or _has_any_property(tokens):
        return None
    return _UNNAMED.union(token.text for token in tokens if token.kind == "iri")


def _tokens(query: str) -> Iterator[_Token]:
    prefixes: dict[str, str] = {}
    declared, is_prefix = "", False
    for found in _TOKEN.finditer(query):
        written, kind = found.group(), found.lastgroup or ""
        if kind == "comment":
            continue
        if kind == "name" and written[0] in "?$":
            yield _Token("variable", written[1:])
        elif kind == "name" and is_prefix:
            declared = written
        elif kind == "name" and written[0] != "@":
            prefix, _, local = written.partition(":")
            yield _Token("iri", prefixes.get(f"{prefix}:", f"{prefix}:") + local.rstrip("."))
            if written.endswith("."):  # the end of the statement, if no space is before it
                yield _Token(".", ".")
        elif kind == "iri" and declared:
            prefixes[declared], declared = written[1:-1], ""
        elif kind == "iri":
            yield _Token("iri", written[1:-1])
        else:
            yield _Token({"word": written.upper(), "sign": written}.get(kind, kind), written)
        is_prefix = kind == "word" and written.upper() == "PREFIX"


def _is_unusual(token: _Token) -> bool:
    """Return whether the token may change what others mean: an escape, a mark that combines with a letter, a base."""
    is_code = token.kind != "string"
    return token.kind in _UNKNOWN or (is_code and ("\\" in token.text or not (token.kind.isascii())))


def _has_negated_path(tokens: tuple[_Token, ...]) -> bool:
    """Return whether there is a path such as `!rj:claim` or `!(^rj:claim|a)`, or an expression that looks like one."""
    kinds = ["", "", *(token.kind for token in tokens)]
    threes = zip(kinds, kinds[1:], kinds[2:], strict=False)
    return any(
        "!" in (second, first if second == "(" else "") and third in {"iri", "^", "A"}
        for first, second, third in threes
    )


@dataclass
class _Group:
    """A group in braces: its variables that are properties, and those whose values it gives."""

    used: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    is_subquery: bool = False


def _has_any_property(tokens: tuple[_Token, ...]) -> bool:
    """Return whether a property is a variable that may have any value."""
    groups, in_list, in_values = [_Group()], False, False
    before, last = _Token("", ""), _Token("", "")
    for token in tokens:
        # A variable after a subject is a property, but not in the lists of variables before and after the pattern.
        in_list = (in_list or token.kind in _BEFORE_VARIABLES) and token.kind not in {"{", "}"}
        in_values = (in_values or token.kind == "VALUES") and token.kind != "{"
        follows_subject = last.kind in {";", "[", "]"} or (last.kind in _SUBJECTS and before.kind in _BEFORE_SUBJECT)
        if token.kind == "{":
            groups.append(_Group())
        elif token.kind == "}" and len(groups) > 1:
            group = groups.pop()
            if group.is_subquery and group.used - group.given:
                return True
            groups[-1].used |= group.used - group.given
        elif token.kind == "SELECT":
            groups[-1].is_subquery = True
        elif token.kind == "variable" and in_values:
            groups[-1].given.add(token.text)
        elif token.kind == "variable" and follows_subject and not in_list:
            groups[-1].used.add(token.text)
        elif token.text == _SUBPROPERTY and last.kind == "variable":
            groups[-1].given.add(last.text)
        before, last = last, token
    return len(groups) > 1 or bool(groups[0].used)
