"""Read a dossier: one file becomes the quads of one named graph, with the line of every node.

A dossier is YAML-LD (its JSON-LD context is the mapping), Turtle, or TriG. The file's path under `data/` is its
graph's IRI and its base, so nothing in the file names where it is published.
"""

from __future__ import annotations

import calendar
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

import langcodes
from langcodes.tag_parser import LanguageTagError

from rejoinder import dates, formats, namespaces
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.dossiers import discovery, reviews, sssom
from rejoinder.dossiers.names import Names, names_by_label, private_nodes, read_names, with_contents
from rejoinder.dossiers.schema import Schema, read_schema
from rejoinder.dossiers.turtle import TextLines, reject_blank_nodes, reject_nesting
from rejoinder.dossiers.yaml import (
    Lines,
    Place,
    YamlDocument,
    YamlLines,
    read_bytes,
    read_text,
    read_yaml,
    unquoted_ids,
)
from rejoinder.errors import InputError, Problem, UsageError
from rejoinder.namespaces import NAME_RULE, document_of, is_name
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.jsonld import Context, NeedsFullContextError, ScopedTerms, Value, read_context, scoped_terms
from rejoinder.rdf.terms import Literal, NamedNode, Quad

_TYPE: Final = NamedNode(namespaces.RDF_TYPE)
_DOSSIER: Final = NamedNode(namespaces.RJ + "Dossier")
_LICENCE: Final = NamedNode(namespaces.DCTERMS + "license")
_EXPRESSES: Final = namespaces.RJ + "expresses"
_NOT_PUBLISHED: Final = frozenset({namespaces.RJ + "private", namespaces.RJ + "realName"})
_UNREVIEWED: Final = frozenset(
    namespaces.RJ + name
    for name in ("hasSection", "hasPassage", "hasFootnote", "hasSource", "hasContact", "hasGroup", "hasStatisticPart")
)
"""Sections whose entries say nothing that a second person would have to confirm."""


@dataclass(frozen=True)
class Dossier:
    """A parsed file: the IRI of its graph, its statements as authored, and their lines.

    `private` are the nodes that the file describes and keeps on this machine, `unconfirmed` those that wait for a
    second person; no statement mentions them. `cut` are the other nodes, which lost a statement that mentioned one;
    `unsaid` are those that such a node expresses.
    """

    path: Path
    graph: str
    quads: tuple[Quad, ...]
    digest: str
    lines: Lines = field(compare=False)
    private: frozenset[str] = frozenset()
    unconfirmed: frozenset[str] = frozenset()
    cut: frozenset[str] = frozenset()
    unsaid: frozenset[str] = frozenset()

    @property
    def is_report(self) -> bool:
        """Return whether the file describes one report, not a collection of shared things or mappings."""
        return not self.graph.endswith("/") and not discovery.is_mapping(self.path.name)

    @cached_property
    def referring(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """The subjects of statements, in order, by their predicate and value."""
        found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for quad in self.quads:
            found[quad.predicate.value, rdf_terms.text(quad.object)].append(rdf_terms.text(quad.subject))
        return found

    def line(self, node: str, predicate: str | None = None, value: str | None = None) -> int | None:
        """Return the line of a value, property or node of this file."""
        return self.lines.find(node, predicate, value)


@dataclass(frozen=True)
class Reader:
    """Reads dossiers of the project with the IRI base `base`, whose files lie in `data`.

    Entries that are private, or with `four_eyes` not confirmed by a second person, are left out of what it returns.
    `license_iri` is the licence of what its editors write, if dossiers are to state it; `moved` are the IRIs of what
    was renamed or withdrawn, which nothing may describe any more.
    """

    base: str
    data: Path
    context: Context
    schema: Schema
    scoped_terms: ScopedTerms
    four_eyes: bool = False
    license_iri: str = ""
    moved: frozenset[str] = frozenset()

    @cached_property
    def names(self) -> Names:
        """The short names that the collections of the project describe, read when a dossier first uses one."""
        return read_names(self.base, self.data, self.context)

    def graph_of(self, path: Path) -> str:
        """Return the IRI of the graph that the file at `path` describes; a file outside `data` counts as a report.

        Raises:
            InputError: its name makes no IRI, or belongs to a graph of the program's own.
        """
        return discovery.graph_of(self.base, self.data, path)

    @cached_property
    def shipped_reviews(self) -> reviews.ShippedReviews:
        """The reviews that ship with the program, by the IRIs of the project."""
        return reviews.ShippedReviews(self.base)

    def read(self, path: Path) -> Dossier:
        """Return the dossier in the file at `path`.

        Raises:
            InputError: the file cannot be used; every problem found is named with its line.
        """
        dossier = self._read_file(path)
        # An entry of the project may say only what it adds to a shipped review.
        completed = self.shipped_reviews.completed(dossier.quads, dossier.graph)
        dossier = replace(dossier, quads=(*completed, *self._licence(dossier)))
        problems = (*value_problems(path, dossier.quads, dossier.line), *self._name_problems(dossier))
        if problems:
            raise InputError(problems)
        # Here, before anything else sees them: one store, page, index or log that forgot to leave them out could harm
        # somebody.
        private = private_nodes(dossier.quads)
        # Of a mapping file, the rows that wait are known already.
        wait = self.four_eyes and dossier.is_report
        unconfirmed = _unconfirmed(dossier.quads, dossier.graph) - private if wait else dossier.unconfirmed
        withheld = private | self.names.private | with_contents(dossier.quads, unconfirmed)
        if withheld:  # a row of a mapping names both of its ends
            withheld |= sssom.rows_about(dossier.quads, withheld)
        published = tuple(_without(dossier.quads, withheld))
        if revealing := tuple(self._revealing(dossier, published)):
            raise InputError(revealing)
        values = [quad for quad in dossier.quads if isinstance(quad.object, NamedNode)] if withheld else []
        cut = frozenset(rdf_terms.text(quad.subject) for quad in values if rdf_terms.text(quad.object) in withheld)
        said = (q for q in values if q.predicate.value == _EXPRESSES and rdf_terms.text(q.subject) in withheld)
        unsaid = frozenset(rdf_terms.text(quad.object) for quad in said)
        dossier = replace(dossier, quads=published, private=private, unconfirmed=unconfirmed)
        return replace(dossier, cut=cut - withheld, unsaid=unsaid - withheld)

    def _licence(self, dossier: Dossier) -> Iterator[Quad]:
        """Yield the project's licence for a dossier, which is in its editors' words; an import is not theirs."""
        node = NamedNode(dossier.graph)
        own = [quad for quad in dossier.quads if self.license_iri and quad.subject == node]
        is_ours = any(quad.predicate == _TYPE and quad.object == _DOSSIER for quad in own)
        if is_ours and not any(quad.predicate == _LICENCE for quad in own):
            yield Quad(node, _LICENCE, NamedNode(self.license_iri), node)

    def _revealing(self, dossier: Dossier, published: Iterable[Quad]) -> Iterator[Problem]:
        """Yield a problem for each line with a text or a name that would publish who is behind a pseudonym."""
        # The message does not repeat the name, because messages may end in logs that others read.
        message = "the real name of somebody under a pseudonym (`realName`) stands here; write the pseudonym"
        found = (
            dossier.line(rdf_terms.text(quad.subject), quad.predicate.value)
            for quad in published
            if self.names.real_names and any(map(self.names.reveals, map(rdf_terms.text, (quad.subject, quad.object))))
        )
        for line in dict.fromkeys(found):
            yield Problem(dossier.path, line, message)

    def _read_file(self, path: Path) -> Dossier:
        if discovery.is_mapping(path.name):
            found = self.mappings(path)
            digest = file_digest(path)
            return Dossier(path, found.graph, found.quads, digest, found.lines, unconfirmed=found.unconfirmed)
        return self._read_yaml(path) if path.suffix.lower() in discovery.YAML_SUFFIXES else self._read_turtle(path)

    def _name_problems(self, dossier: Dossier) -> Iterator[Problem]:
        """Yield a problem for each name that JSON-LD would drop or that a page of the site would overwrite."""
        subjects = dict.fromkeys(rdf_terms.text(quad.subject) for quad in dossier.quads)
        first: dict[str, str] = {}  # of many nodes of what moved, the first one has the line to report
        for subject in subjects if self.moved else ():
            for old in self.moved.intersection(_paths_above(subject)):
                first.setdefault(old, subject)
        for old, iri in first.items():
            name = old.removeprefix(self.base)
            reason = (
                f"{name!r} was renamed or withdrawn, as the settings say, but it is described here; keep one of the two"
            )
            yield Problem(dossier.path, dossier.line(iri), reason)
        # Many nodes share one document, whose name is checked once; its first node has the line to report.
        named = {document_of(iri): iri for iri in reversed(subjects) if iri.startswith(self.base)}
        for document, iri in named.items():
            path = document.removeprefix(self.base)
            parts = path.removesuffix("/").split("/") if path else []
            odd = next((part for part in parts if not is_name(part)), None)
            if namespaces.INDEX in parts:
                reason = f"the name of {iri.removeprefix(self.base)!r} belongs to a page of the site; rename the thing"
            elif parts and parts[-1] in self.scoped_terms.keywords:
                reason = f"the name {parts[-1]!r} is a keyword of JSON-LD, which would drop the thing; rename it"
            elif odd is not None:
                reason = f"the name {odd!r} cannot be part of a web address; rename the thing: {NAME_RULE}"
            else:
                continue
            yield Problem(dossier.path, dossier.line(iri), reason)

    def _read_yaml(self, path: Path) -> Dossier:
        document = self._document(path)
        graph = self.graph_of(path)
        nodes = _node_places(document.value, graph, (), self.context, graph)
        if "type" in document.value:  # only a report has one
            nodes.insert(1, (graph + namespaces.REPORT, ()))  # its keys stand at the top, too
        _refuse_repeated(document, nodes)
        value = self._with_report(self._expanded(document, graph))
        quads = _parse(path, self._json_ld(_as_node(value)), formats.JSONLD, graph)
        return Dossier(path, graph, quads, file_digest(path), YamlLines(document, self.context, dict(nodes)))

    def _expanded(self, document: YamlDocument, graph: str) -> dict[str, Value]:
        """Return the document's value with IRIs in place of short names, and the language of each text.

        Raises:
            InputError: a short name stands for several things.
        """
        own = str(document.value["lang"])
        # The context cannot know the language of a dossier, so it has language maps for texts, and the file needs none.
        tags = {"editors": own, "report": language_tag(str(document.value.get("language", ""))) or own}
        hints, problems = self.schema.hints, []

        def node(value: dict[str, Value], place: Place) -> dict[str, Value]:
            return {key: written(key, inner, (*place, key)) for key, inner in value.items()}

        def written(key: str, value: Value, place: Place) -> Value:
            if key in self.context.id_maps and isinstance(value, dict):  # its keys are ids of entries
                return {
                    name: node(entry, (*place, name)) if isinstance(entry, dict) else entry
                    for name, entry in value.items()
                }
            if key in hints.words and isinstance(value, str | list):
                return {tags[hints.words[key]]: value}
            if key not in hints.names:
                return value
            items = value if isinstance(value, list) else [value]
            found: list[Value] = []  # to JSON-LD, a list of one is the same as the one
            for number, item in enumerate(items):
                try:
                    found.append(self.names.iri(str(item), hints.names[key], graph))
                except ValueError as error:
                    at = (*place, number) if isinstance(value, list) else place
                    problems.append(document.problem(at, str(error)))
            return found

        result = node(document.value, ())
        if problems:
            raise InputError(problems)
        return result

    def _with_report(self, value: dict[str, Value]) -> dict[str, Value]:
        """Return the value of a report's file as two nodes, dossier and report; that of a collection as it is."""
        if "type" not in value:
            return value
        of_report = self.schema.hints.of_report
        own = {key: inner for key, inner in value.items() if key not in of_report}
        keys = {"type", "label"} | of_report  # both have the label: pages and questions name both
        report = {key: value[key] for key in ("type", *value) if key in keys}
        # Two nodes: the editors made the dossier and somebody else the report, and each has a date and a licence.
        return own | {"type": "Dossier", "report": {namespaces.REPORT: report}}

    def _json_ld(self, node: dict[str, Value]) -> str:
        """Return the node as a JSON-LD document: with the whole context only if its values need that."""
        try:
            plain = self.scoped_terms.node(node)
        except NeedsFullContextError:
            # Allowed by no schema today, but then the reader would still be right, only slower.
            return self.context.with_node(json.dumps(node, ensure_ascii=False))
        return self.context.unscoped.with_node(json.dumps(plain, ensure_ascii=False))

    def _document(self, path: Path) -> YamlDocument:
        try:
            document = read_yaml(path)
            self.schema.check(document)
        except InputError as error:
            # A missing part may be a comment by mistake (`#p1:` without quotation marks), so these are reported too.
            raise InputError([*error.problems, *unquoted_ids(path)]) from error
        return document

    def mappings(self, path: Path) -> sssom.MappingSet:
        """Return the rows of the mapping file at `path`.

        Raises:
            InputError: the file cannot be used; every problem found is named with its line.
        """
        # SSSOM names authors and reviewers by ORCID, and they need not be people of the project.
        prefixes = {**namespaces.prefixes_for(self.base), "orcid": "https://orcid.org/"}
        reports = frozenset(namespaces.without_suffix(file.name) for file in (self.data / "report").glob("*.*"))
        ids = sssom.Ids(self.names, prefixes, reports)
        return sssom.read_mappings(path, read_text(path), self.graph_of(path), ids, four_eyes=self.four_eyes)

    def _read_turtle(self, path: Path) -> Dossier:
        text = read_text(path)
        graph = self.graph_of(path)
        reject_nesting(path, text)  # before any parser sees it
        try:
            syntax = formats.rdf_syntax_of(path.name)
        except UsageError as error:
            message = f"this is not a dossier; the names of dossiers end in {', '.join(discovery.SUFFIXES)}"
            raise InputError.at(path, None, message) from error
        quads = _parse(path, text, syntax, graph)
        return Dossier(path, graph, quads, file_digest(path), TextLines(text, syntax, graph))


def reader_of(project: Project) -> Reader:
    """Return a reader of the project's dossiers as it publishes them."""
    return open_reader(
        project.base,
        project.data,
        four_eyes=project.four_eyes,
        license_iri=project.license,
        moved=frozenset(project.base + old for old, _ in project.moved),
    )


def open_reader(
    base: str, data: Path, *, four_eyes: bool = False, license_iri: str = "", moved: frozenset[str] = frozenset()
) -> Reader:
    """Return a reader with the shipped context and JSON Schema."""
    context = read_context(package_file("ontology/context.jsonld"))
    labels = cache(partial(names_by_label, base, data, context))
    schema = replace(read_schema(package_file("ontology/dossier.schema.json")), labels=labels)
    return Reader(base, data, context, schema, scoped_terms(context), four_eyes, license_iri, moved)


@cache
def language_tag(code: str) -> str:
    """Return the tag of BCP 47 for a code of three letters from the EU's list of languages; "" for an unknown one.

    >>> language_tag("FRA"), language_tag("KAZ"), language_tag("")
    ('fr', 'kk', '')
    """
    try:
        return langcodes.standardize_tag(code.lower()) if code else ""
    except LanguageTagError:
        return ""


def _paths_above(iri: str) -> Iterator[str]:
    """Yield the address of the page about `iri`, where a fragment lies below its document, and each address above."""
    place = iri.replace("#", "/", 1)
    while place:
        yield place
        place = place.rpartition("/")[0]


def _without(quads: Iterable[Quad], withheld: AbstractSet[str]) -> Iterator[Quad]:
    """Yield the quads that may be published: those that do not mention a withheld node or give a real name."""
    for quad in quads:
        # Most dossiers withhold nothing, and this looks at every statement of every one.
        mentions = withheld and not withheld.isdisjoint((rdf_terms.text(quad.subject), rdf_terms.text(quad.object)))
        if not mentions and quad.predicate.value not in _NOT_PUBLISHED:
            yield quad


def _unconfirmed(quads: Sequence[Quad], report: str) -> frozenset[str]:
    """Return the entries of a report that nobody but its editors has confirmed.

    An entry without a status of its own has that of the report.
    """
    values: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for quad in quads:
        values[rdf_terms.text(quad.subject), quad.predicate.value].add(rdf_terms.text(quad.object))
    entries = {
        rdf_terms.text(quad.object)
        for quad in quads
        if quad.predicate.value.startswith(namespaces.RJ + "has") and quad.predicate.value not in _UNREVIEWED
    }
    # Only by somebody else than the editors: two pairs of eyes are the point of the setting.
    editors = values[report, namespaces.RJ + "editor"]
    withheld = set()
    for entry in entries:
        answers = entry if (entry, namespaces.RJ + "status") in values else report
        confirmed = namespaces.RJ + "Confirmed" in values[answers, namespaces.RJ + "status"]
        if not (confirmed and values[answers, namespaces.RJ + "confirmedBy"] - editors):
            withheld.add(entry)
    return frozenset(withheld)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of the bytes of the file at `path`.

    Raises:
        InputError: it cannot be read, or is no file.
    """
    return hashlib.sha256(read_bytes(path)).hexdigest()


def _as_node(value: dict[str, Value]) -> dict[str, Value]:
    """Return `value` as the document's node, with the type first, as streaming JSON-LD requires."""
    types: dict[str, Value] = {"type": value["type"]} if "type" in value else {}
    # The empty id is resolved to the graph's IRI, so no file names the place where it is published.
    return types | {"id": ""} | value


def _parse(path: Path, text: str, syntax: formats.Syntax, graph: str) -> tuple[Quad, ...]:
    try:
        quads = rdf_terms.in_graph(rdf_terms.parse(text, syntax, graph), graph)
    except rdf_terms.RdfSyntaxError as error:
        # The JSON-LD was made from YAML, so its lines are not those of the file.
        line = error.line if syntax is not formats.JSONLD else None
        raise InputError.at(path, line, f"this is not {syntax.name}: {error}") from error
    if not quads:
        raise InputError.at(path, None, "the file states nothing; write a dossier in it, or remove it")
    if syntax is not formats.JSONLD:
        reject_blank_nodes(path, text, quads)  # in YAML the JSON Schema forbids them
    # Sorted and without repeats, so that equal graphs have equal digests.
    return rdf_terms.canonical(quads)


def _node_places(
    value: dict[str, Value], iri: str, place: Place, context: Context, base: str
) -> list[tuple[str, Place]]:
    """Return the IRI and place of the node `value` and of every node in its id maps."""
    found = [(iri, place)]
    for key, inner in value.items():
        if key in context.id_maps and isinstance(inner, dict):
            for name, node in inner.items():
                if isinstance(node, dict):
                    # Nearly all ids begin with '#', and urljoin takes long.
                    at = base + name if name.startswith("#") else urljoin(base, name)
                    found += _node_places(node, at, (*place, key, name), context, base)
    return found


def _refuse_repeated(document: YamlDocument, nodes: list[tuple[str, Place]]) -> None:
    """Raise InputError for an id in two sections: JSON-LD would merge the two nodes."""
    first: dict[str, Place] = {}
    problems = [
        document.problem(
            place,
            f"the id {place[-1]!r} is here and on line {document.line(first[iri])}; give each thing an id of its own",
        )
        for iri, place in nodes
        if first.setdefault(iri, place) != place
    ]
    if problems:
        raise InputError(problems)


# The values of a dossier: they must fit their datatypes, or programs that read or publish it fail.

MAX_CHARACTERS: Final = 4_000
"""The longest number or date: Python, for one, reads no number of more than 4,300 digits."""
_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_FRACTION: Final = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_ZONE: Final = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
# A year of more than four digits has no leading zero (XSD 1.1, 3.3.7.2).
_YEAR: Final = r"-?(?:[1-9][0-9]{3,}|0[0-9]{3})"
_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_DAY: Final = r"(?:0[1-9]|[12][0-9]|3[01])"
_DATE: Final = rf"(?P<year>{_YEAR})-(?P<month>{_MONTH})-(?P<day>{_DAY})"
_TIME: Final = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_YEARS: Final = r"(?:[0-9]+Y)?(?:[0-9]+M)?"
_HOURS: Final = r"(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
# Tried on 48,000 texts beside the casts of the store, which differ only where these are right (`--02-29`, `P1DT`).
_FORMS: Final = {
    namespaces.XSD + name: re.compile(form)
    for name, form in {
        "boolean": r"true|false|1|0",
        "decimal": rf"[+-]?{_FRACTION}",
        "double": rf"[+-]?{_FRACTION}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
        "float": rf"[+-]?{_FRACTION}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
        "date": rf"{_DATE}{_ZONE}",
        "dateTime": rf"{_DATE}T{_TIME}{_ZONE}",
        # Unlike other times, it needs a time zone (XSD 1.1, 3.4.28).
        "dateTimeStamp": rf"{_DATE}T{_TIME}(?!\Z){_ZONE}",
        "time": rf"{_TIME}{_ZONE}",
        "gYear": rf"{_YEAR}{_ZONE}",
        "gYearMonth": rf"{_YEAR}-{_MONTH}{_ZONE}",
        "gMonth": rf"--{_MONTH}{_ZONE}",
        "gMonthDay": rf"--(?P<month>{_MONTH})-(?P<day>{_DAY}){_ZONE}",
        "gDay": rf"---{_DAY}{_ZONE}",
        "duration": rf"-?P(?=.){_YEARS}(?:[0-9]+D)?{_HOURS}",
        "dayTimeDuration": rf"-?P(?=.)(?:[0-9]+D)?{_HOURS}",
        "yearMonthDuration": rf"-?P(?=.){_YEARS}",
    }.items()
}
"""The lexical forms of datatypes, among them numbers, times and booleans."""
_BOUNDS: Final[dict[str, tuple[int | None, int | None]]] = {
    namespaces.XSD + name: bounds
    for name, bounds in {
        "integer": (None, None),
        "nonNegativeInteger": (0, None),
        "positiveInteger": (1, None),
        "nonPositiveInteger": (None, 0),
        "negativeInteger": (None, -1),
        "long": (-(2**63), 2**63 - 1),
        "int": (-(2**31), 2**31 - 1),
        "short": (-(2**15), 2**15 - 1),
        "byte": (-(2**7), 2**7 - 1),
        "unsignedLong": (0, 2**64 - 1),
        "unsignedInt": (0, 2**32 - 1),
        "unsignedShort": (0, 2**16 - 1),
        "unsignedByte": (0, 2**8 - 1),
    }.items()
}
"""The range of each integer datatype."""
DATATYPES: Final = frozenset({*_FORMS, *_BOUNDS, namespaces.XSD + "string", namespaces.XSD + "anyURI"})
"""The datatypes of XML Schema that a value may have."""
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Unicode's explicit directional controls; text that runs from right to left needs none of them."""
Line = Callable[[str, str], int | None]
"""The line of a node's property in the file."""


def value_problems(path: Path, quads: Iterable[Quad], line: Line) -> Iterator[Problem]:
    """Yield a problem for each literal that does not fit its datatype, such as a wrong date or number."""
    for quad in quads:
        if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode):
            for message in _literal_problems(quad.object):
                yield Problem(path, line(quad.subject.value, quad.predicate.value), message)


def _literal_problems(literal: Literal) -> Iterator[str]:
    text, datatype = literal.value, literal.datatype.value
    if datatype == namespaces.EDTF:
        try:
            dates.span(text)
        except ValueError as error:
            yield str(error)
    ill_typed = literal_problem(datatype, text)
    if ill_typed:
        yield ill_typed
    turning = _TURNING.search(text)
    if turning:
        yield f"U+{ord(turning[0]):04X} reverses the letters after it, so that the text reads differently; remove it"
    if literal.direction:  # new in RDF 1.2; parsers of RDF 1.1 fail on it
        tag, way = literal.language, literal.direction.value
        yield f"the direction in '@{tag}--{way}' is not allowed: many programs cannot read it; write '@{tag}'"


def literal_problem(datatype: str, text: str) -> str | None:
    """Return the problem with a literal as a sentence, or None.

    >>> literal_problem(namespaces.XSD + "byte", "128")
    "'128' is not a value of the datatype xsd:byte; write one"
    >>> literal_problem(namespaces.XSD + "integer", "9" * 30) is None
    True
    >>> literal_problem(namespaces.XSD + "date", "2014-02-29") is None
    False
    """
    # Checked by XML Schema's forms and ranges, because the store accepts numbers outside their range.
    if datatype not in _BOUNDS and datatype not in _FORMS:
        return None
    kind = namespaces.compact(datatype)
    if len(text) > MAX_CHARACTERS:
        return f"the {kind} is {len(text):,} characters long; write at most {MAX_CHARACTERS:,}, or write it as a text"
    if _is_whole(datatype, text) if datatype in _BOUNDS else _is_formed(datatype, text):
        return None
    shown = text if len(text) <= 40 else text[:39] + "…"
    return f"{shown!r} is not a value of the datatype {kind}; write one"


def _is_whole(datatype: str, text: str) -> bool:
    if not _WHOLE.fullmatch(text):
        return False
    least, most = _BOUNDS[datatype]
    return (least is None or least <= int(text)) and (most is None or int(text) <= most)


def _is_formed(datatype: str, text: str) -> bool:
    found = _FORMS[datatype].fullmatch(text)
    return found is not None and _has_day(found.groupdict())


def _has_day(parts: dict[str, str]) -> bool:
    """Return whether the month has that day, in the proleptic Gregorian calendar (XSD 1.1, appendix E)."""
    if "day" not in parts:
        return True
    # A month without a year may be one of a leap year. The calendar repeats after 400 years; Python's ends at 9999.
    year = int(parts.get("year", "4"))
    return int(parts["day"]) <= calendar.monthrange(2000 + year % 400, int(parts["month"]))[1]
