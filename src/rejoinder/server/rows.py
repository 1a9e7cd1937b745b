"""A page of a question's answer as JSON, as JSON-LD and as CSV.

Standards: JSON-LD 1.1; Hydra Core Vocabulary (collections and their pages); Generating RDF from Tabular Data on the
Web, minimal mode: a column of a table is a property, named after the table's file and the column.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from rejoinder import names
from rejoinder.questions import questions
from rejoinder.questions.questions import Table
from rejoinder.server.asking import Asked
from rejoinder.store.rdf import BlankNode, Literal, NamedNode, Term

_HYDRA: Final = "http://www.w3.org/ns/hydra/core#"
_WHOLE: Final = names.XSD + "integer"
_FRACTIONS: Final = frozenset({names.XSD + "decimal", names.XSD + "double", names.XSD + "float"})
_EXACT: Final = 2**53
"""Whole numbers from here on are another number in many readers of JSON, so they stay text."""

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,16}")
_NUMBER: Final = re.compile(r"[+-]?([0-9]++(\.[0-9]*+)?|\.[0-9]++)([eE][+-]?[0-9]++)?")


@dataclass(frozen=True)
class Rows:
    """A page of an answer: what was asked, the rows on it, and how many there are in all."""

    asked: Asked
    table: Table
    total: int
    form: str | None

    @property
    def links(self) -> dict[str, str]:
        """The addresses of this page and those around it, relative to the one that was asked."""
        offset, limit = self.asked.offset, self.asked.limit
        last = max(0, (self.total - 1) // limit * limit)
        places = {"self": offset, "first": 0, "last": last}
        if offset > 0:
            places["prev"] = max(0, min(offset - limit, last))
        if offset + limit < self.total:
            places["next"] = offset + limit
        return {relation: self._address(place) for relation, place in places.items()}

    @property
    def parameters(self) -> str:
        """The values of the question's parameters as they stand in an address, without which page is wanted."""
        return urlencode(self._given)

    @property
    def _given(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.asked.values.items() for value in values]

    def _address(self, offset: int) -> str:
        form = [("format", self.form)] if self.form else []
        return "?" + urlencode([*self._given, ("offset", offset), ("limit", self.asked.limit), *form])


def as_json(rows: Rows, base: str) -> bytes:
    """The page as JSON: numbers and booleans as such, IRIs and other values as text, null for none."""
    question = rows.asked.question
    document = {
        "question": questions.question_iri(base, question.name),
        "title": question.title,
        "total": rows.total,
        "offset": rows.asked.offset,
        "limit": rows.asked.limit,
        "links": rows.links,
        "columns": [{"name": column.name, "summary": column.summary} for column in question.columns],
        "rows": _records(rows.table, plain_value),
    }
    return _dumped(document)


def as_json_ld(rows: Rows, base: str, site: str) -> bytes:
    """The page as JSON-LD: a collection whose members are the rows, each column a property.

    The collection is the whole answer, whichever page of it is shown: its IRI is the address below `site` at which it
    is had, with its parameters.
    """
    question = rows.asked.question
    iri, address = questions.question_iri(base, question.name), f"{site}api/questions/{question.name}"
    links = {relation: address + link for relation, link in rows.links.items()}
    terms = {name: f"{iri}.csv#{name}" for name in rows.table.columns}
    view = {"@id": links["self"], "@type": "hydra:PartialCollectionView", **_around(links)}
    document = {
        "@context": {"hydra": _HYDRA, "dcterms": names.DCTERMS, **_pages(), **terms},
        "@id": f"{address}?{rows.parameters}".removesuffix("?"),
        "@type": "hydra:Collection",
        "hydra:title": question.title,
        "dcterms:source": {"@id": iri},
        "hydra:totalItems": rows.total,
        "hydra:view": view,
        "hydra:member": _records(rows.table, _linked_value, empty=False),
    }
    return _dumped(document)


def _pages() -> dict[str, dict[str, str]]:
    return {f"hydra:{name}": {"@type": "@id"} for name in ("first", "last", "next", "previous")}


def _around(links: Mapping[str, str]) -> dict[str, str]:
    words = {"first": "first", "last": "last", "next": "next", "prev": "previous"}
    return {f"hydra:{word}": links[relation] for relation, word in words.items() if relation in links}


def _records(table: Table, value: Callable[[Term | None], Any], *, empty: bool = True) -> list[dict[str, Any]]:
    return [
        {name: value(cell) for name, cell in zip(table.columns, row, strict=True) if empty or cell is not None}
        for row in table.rows
    ]


def plain_value(term: Term | None) -> str | int | float | bool | None:
    """A cell as JSON has it.

    >>> [plain_value(Literal(value)) for value in (7, True, "Česko", 2**60)], plain_value(NamedNode("https://x.org/a"))
    ([7, True, 'Česko', '1152921504606846976'], 'https://x.org/a')
    """
    if term is None:
        return None
    if isinstance(term, BlankNode):
        return f"_:{term.value}"
    if not isinstance(term, Literal):
        return str(term.value) if isinstance(term, NamedNode) else str(term)
    return _native(term)


def _native(literal: Literal) -> str | int | float | bool:
    kind, text = literal.datatype.value, literal.value
    if kind == names.XSD + "boolean":
        return text in ("true", "1")
    if kind == _WHOLE and _INTEGER.fullmatch(text) and abs(int(text)) < _EXACT:
        return int(text)
    if kind in _FRACTIONS and _NUMBER.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


def _linked_value(term: Term | None) -> Any:
    if isinstance(term, NamedNode):
        return {"@id": term.value}
    if not isinstance(term, Literal):
        return {"@id": plain_value(term)}
    if term.language:
        direction = {"@direction": term.direction.value} if term.direction else {}
        return {"@value": term.value, "@language": term.language} | direction
    native = _native(term)
    if isinstance(native, bool | int) or term.datatype.value == names.XSD + "string":
        return native
    return {"@value": term.value, "@type": term.datatype.value}


def _dumped(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
