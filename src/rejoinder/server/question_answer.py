"""Answer a stored question for the API: check its parameters, evaluate it, and write one page of rows.

This runs in the process that evaluates the query, so that a result is serialised only once.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from rejoinder import formats, namespaces
from rejoinder.errors import did_you_mean
from rejoinder.question import (
    KIND_OF_TYPE,
    RESERVED,
    Parameter,
    ParameterError,
    Question,
    bound,
    class_of_type,
    question_iri,
    similar_things,
    table_of,
    things_by_name,
    without_front_matter,
)
from rejoinder.rdf import results, terms
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Term, Triple
from rejoinder.site.entities import is_affected
from rejoinder.site.question_page import grid, names_affected
from rejoinder.site.render import PageMetadata
from rejoinder.site.schema_org import kind_iri
from rejoinder.site.snapshot import Snapshot

FORMATS: Final = {
    "json": "application/json",
    "csv": formats.CSV.media_type,
    "jsonld": formats.JSONLD.media_type,
    "html": "text/html",
}
"""The formats of the API by name; the first is the default."""
DEFAULT_PAGE_ROWS: Final = 100
"""The default number of rows on a page; a CSV table has as many as are allowed."""
MAX_PAGE_ROWS: Final = 10_000
MAX_LISTED_VALUES: Final = 1_000
"""The most values that the OpenAPI description lists for a parameter; of more it gives only an example."""
MAX_VALUES_PER_PARAMETER: Final = 60
"""The most values of one parameter: enough for the largest regional group, in a URL of usual length."""

Evaluate = Callable[[str], Table | bool | tuple[Triple, ...]]
"""A function that evaluates a query: here, or in a triple store."""

_FRACTIONS: Final = frozenset({namespaces.XSD + "decimal", namespaces.XSD + "double", namespaces.XSD + "float"})
_MAX_EXACT: Final = 2**53
"""Many JSON parsers change larger integers, so these are written as strings."""

_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,16}")
_NUMBER: Final = re.compile(r"[+-]?([0-9]++(\.[0-9]*+)?|\.[0-9]++)([eE][+-]?[0-9]++)?")


@dataclass(frozen=True)
class QuestionRequest:
    """A request for a stored question: its name, the parameters as sent, and the format of the answer.

    `named` says that a parameter chose the format, so that links to other pages keep it.
    """

    name: str
    parameters: tuple[tuple[str, str], ...]
    format: str
    named: bool = False


@dataclass(frozen=True)
class ResourceLookup:
    """The things of a version by parameter type, to refuse unknown values instead of returning no rows."""

    snapshot: Snapshot
    _values: dict[str, tuple[str, ...] | None] = field(default_factory=dict, init=False, compare=False, repr=False)
    _by_name: dict[str, dict[str, str]] = field(default_factory=dict, init=False, compare=False, repr=False)
    """The things of each type by name, read when a value of that type is first unknown."""

    def values(self, kind: str) -> tuple[str, ...] | None:
        """Return the possible values of a type, as short names and IRIs; None if there are too many.

        Persons affected can be asked for, but no list names them.
        """
        if kind not in self._values:
            base = self.snapshot.project.base
            things = self.snapshot.renderer.reader.of_class(class_of_type(kind))
            read = Parameter("", kind, "").term
            names = (name for thing in things if not is_affected(thing) for name in _names(thing.iri, base))
            known = {thing.iri for thing in things}
            # `amnesty` would be read as the name of a person, so an organisation is listed with its folder.
            names_known = tuple(name for name in names if terms.text(read(name, base)) in known)
            self._values[kind] = names_known if len(known) <= MAX_LISTED_VALUES else None
        return self._values[kind]

    def refuse_unknown(self, parameter: Parameter, texts: Sequence[str]) -> None:
        """Raise ParameterError if a value names no thing of the parameter's type."""
        if parameter.type not in KIND_OF_TYPE:
            return
        reader, base = self.snapshot.renderer.reader, self.snapshot.project.base
        for text in texts:
            if reader.resource(terms.text(parameter.term(text, base))).is_a(class_of_type(parameter.type)):
                continue
            known = self._by_name.get(parameter.type) or things_by_name(reader.store, parameter.type)
            self._by_name[parameter.type] = known
            own = f"{base}{parameter.type.lower()}/"
            close = [iri.removeprefix(own).removeprefix(base) for iri in similar_things(text, known)]
            hint = did_you_mean(close[:1], "write its short name or its IRI")
            message = f"{parameter.name}={text!r:.80} is no {parameter.type} in these data; {hint}"
            raise ParameterError(message, parameter.name, close)


def _names(iri: str, base: str) -> Iterator[str]:
    """Yield the possible names of a thing: its name, its name with folder, and its IRI."""
    if iri.startswith(base):
        yield iri.rpartition("/")[2]
        yield iri.removeprefix(base)
    yield iri


@dataclass(frozen=True)
class ResultPage:
    """A page of an answer: the parameters, the query, the rows on the page, and the total number of rows."""

    question: Question
    values: Mapping[str, tuple[str, ...]]
    query: str
    table: Table
    total: int
    offset: int
    limit: int
    format: str | None

    @property
    def links(self) -> dict[str, str]:
        """Relative links to this page and to the first, last, previous and next one."""
        last = max(0, (self.total - 1) // self.limit * self.limit)
        places = {"self": self.offset, "first": 0, "last": last}
        if self.offset > 0:
            places["prev"] = max(0, min(self.offset - self.limit, last))
        if self.offset + self.limit < self.total:
            places["next"] = self.offset + self.limit
        return {relation: self.address(place, self.format) for relation, place in places.items()}

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The values of the question's parameters, without those for page and format."""
        return [(name, value) for name, values in self.values.items() for value in values]

    def address(self, offset: int, format_name: str | None) -> str:
        """Return the address of the page that begins at a row."""
        named = [("format", format_name)] if format_name else []
        return "?" + urlencode([*self.parameters, ("offset", offset), ("limit", self.limit), *named])


def answer(request: QuestionRequest, lookup: ResourceLookup, ask: Evaluate) -> tuple[bytes, dict[str, str]]:
    """Return the page of the answer in its format, and the links to the pages around it; `ask` evaluates a query.

    Raises:
        QueryError: the question makes a graph.
        ParameterError: a parameter is unknown, or a value does not fit; with suggestions.
    """
    snapshot, pairs = lookup.snapshot, request.parameters
    question = snapshot.questions[request.name]
    names = [name for name, _ in pairs]
    question.require_parameters(names, others=RESERVED)
    for name in RESERVED:
        if names.count(name) > 1:
            raise ParameterError(f"{name} is given more than once", name)
    values = dict(_values(question, pairs))
    bindings = question.bindings(values, snapshot.project.base)
    for parameter in question.parameters:
        lookup.refuse_unknown(parameter, values.get(parameter.name, ()))
    offset = _whole_number(pairs, "offset", 0, 0, 10**9)
    default = MAX_PAGE_ROWS if request.format == "csv" else DEFAULT_PAGE_ROWS
    limit = _whole_number(pairs, "limit", default, 1, MAX_PAGE_ROWS)
    query = bound(question.query, bindings)
    # All rows are evaluated, because each page gives the total, and the query may have its own LIMIT.
    table = table_of(question, ask(query))
    shown = Table(table.columns, table.rows[offset : offset + limit])
    kept_format = request.format if request.named else None
    page = ResultPage(question, values, query, shown, len(table.rows), offset, limit, kept_format)
    if request.format == "json":
        content = as_json(page, snapshot.project.base)
    elif request.format == "jsonld":
        content = as_json_ld(page, snapshot.project.base, snapshot.project.site)
    else:
        content = results.as_csv(shown).encode() if request.format == "csv" else as_html(page, snapshot)
    return content, page.links


def _values(question: Question, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the values of each parameter that has any; empty ones come from form fields left blank."""
    for parameter in question.parameters:
        given = [value for name, value in pairs if name == parameter.name]
        if len(given) > MAX_VALUES_PER_PARAMETER:
            raise ParameterError(f"{parameter.name} has more than {MAX_VALUES_PER_PARAMETER} values", parameter.name)
        found = tuple(value for value in given if value)
        if found:
            yield parameter.name, found


def _whole_number(pairs: Sequence[tuple[str, str]], name: str, default: int, least: int, most: int) -> int:
    text = next((value for key, value in pairs if key == name and value), str(default))
    # The length before the number, because Python refuses to read one of thousands of digits.
    if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
        raise ParameterError(f"{name}={text!r:.80} is not a whole number from {least} to {most}", name)
    return int(text)


def as_json(page: ResultPage, base: str) -> bytes:
    """Return the page as JSON: exact numbers and valid booleans as such, other values as text, null for unbound."""
    question = page.question
    document = {
        "question": question_iri(base, question.name),
        "title": question.title,
        "total": page.total,
        "offset": page.offset,
        "limit": page.limit,
        "links": page.links,
        "columns": [{"name": column.name, "summary": column.summary} for column in question.columns],
        "rows": [
            {name: plain_value(cell) for name, cell in zip(page.table.columns, row, strict=True)}
            for row in page.table.rows
        ],
    }
    return json_bytes(document)


def as_json_ld(page: ResultPage, base: str, site: str) -> bytes:
    """Return the page as JSON-LD: a collection whose members are the rows, each column a property.

    The collection is the whole answer, not the page shown, so its IRI is the answer's URL below `site` with all
    parameters but those for the page.
    """
    iri, address = question_iri(base, page.question.name), f"{site}api/questions/{page.question.name}"
    links = {relation: address + link for relation, link in page.links.items()}
    words = {"first": "first", "last": "last", "next": "next", "prev": "previous"}
    around = {f"hydra:{word}": links[relation] for relation, word in words.items() if relation in links}
    document = {
        "@context": {
            "hydra": namespaces.HYDRA,
            "dcterms": namespaces.DCTERMS,
            **{f"hydra:{word}": {"@type": "@id"} for word in words.values()},
            **{name: f"{iri}.csv#{name}" for name in page.table.columns},
        },
        "@id": f"{address}?{urlencode(page.parameters)}".removesuffix("?"),
        "@type": "hydra:Collection",
        "hydra:title": page.question.title,
        "dcterms:source": {"@id": iri},
        "hydra:totalItems": page.total,
        "hydra:view": {"@id": links["self"], "@type": "hydra:PartialCollectionView", **around},
        "hydra:member": [
            {name: _linked_value(cell) for name, cell in zip(page.table.columns, row, strict=True) if cell is not None}
            for row in page.table.rows
        ],
    }
    return json_bytes(document)


def plain_value(term: Term | None) -> str | int | float | bool | None:  # noqa: PLR0911  # one for each kind of term
    """Return a cell as a JSON value.

    >>> [plain_value(Literal(value)) for value in (7, True, "Česko", 2**60)], plain_value(NamedNode("https://x.org/a"))
    ([7, True, 'Česko', '1152921504606846976'], 'https://x.org/a')
    """
    if term is None:
        return None
    if isinstance(term, BlankNode):
        return f"_:{term.value}"
    if not isinstance(term, Literal):
        return str(term.value) if isinstance(term, NamedNode) else str(term)
    kind, text = term.datatype.value, term.value
    if kind == namespaces.XSD + "boolean" and text in _BOOLEANS:
        return _BOOLEANS[text]
    # JavaScript cannot represent all integers beyond 2^53, so these stay strings.
    if kind == namespaces.XSD + "integer" and _INTEGER.fullmatch(text) and abs(int(text)) < _MAX_EXACT:
        return int(text)
    if kind in _FRACTIONS and _NUMBER.fullmatch(text) and math.isfinite(float(text)):
        # A decimal may have more digits than a float keeps.
        exact = kind != namespaces.XSD + "decimal" or Decimal(text) == Decimal(repr(float(text)))
        return float(text) if exact else text
    return text


def _linked_value(term: Term) -> Any:
    if isinstance(term, NamedNode):
        return {"@id": term.value}
    if not isinstance(term, Literal):
        return {"@id": plain_value(term)}
    if term.language:
        direction = {"@direction": term.direction.value} if term.direction else {}
        return {"@value": term.value, "@language": term.language} | direction
    native = plain_value(term)
    # Not a float, of which JSON-LD would make an xsd:double, also where it is a decimal.
    if isinstance(native, bool | int) or term.datatype.value == namespaces.XSD + "string":
        return native
    return {"@value": term.value, "@type": term.datatype.value}


def json_bytes(value: object) -> bytes:
    """Return the value as indented JSON."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def as_html(page: ResultPage, snapshot: Snapshot) -> bytes:
    """Return the page as HTML, with a form for the parameters."""
    question, renderer = page.question, snapshot.renderer
    columns, rows = grid(renderer, page.table, page.question)
    title = renderer.words.translated(question.title)
    head = PageMetadata(
        title=title,
        description=renderer.words.translated(question.summary),
        iri=question_iri(snapshot.project.base, question.name),
        kind=kind_iri("Dataset"),
        structured={"@context": "https://schema.org", "@type": "WebPage", "name": title},
    )
    return renderer.page(
        "api_answer.html",
        f"api/questions/{question.name}.html",
        head,
        names_affected=names_affected(renderer, page.table),
        question=question,
        values=page.values,
        columns=columns,
        rows=rows,
        offset=page.offset,
        total=page.total,
        links=page.links,
        address=page.address(page.offset, None),
        query=without_front_matter(page.query),
    ).content
