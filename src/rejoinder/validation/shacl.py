"""SHACL: what validates a graph, and the results that each engine gives.

Standard: W3C Shapes Constraint Language (SHACL), 2017, Core and SPARQL.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

import shacl

from rejoinder import formats, namespaces
from rejoinder.rdf import terms


class Engine(StrEnum):
    """The SHACL engines to choose from."""

    SHACL = "shacl"
    PYSHACL = "pyshacl"


@dataclass(frozen=True, order=True)
class ValidationResult:
    """One `sh:ValidationResult`; terms are IRIs or lexical forms, `path` is empty where there is none.

    `path` is an IRI, with `^` before it when it is followed backwards; `shape` is the nearest shape with an IRI,
    `component` and `severity` are IRIs.
    """

    focus: str
    path: str
    value: str
    severity: str
    component: str
    shape: str
    message: str
    term: str = field(default="", compare=False)
    """The value as an RDF term in N-Triples; engines name blank nodes each in their own way."""


class Validator(Protocol):
    """Validates the statements of one graph, given as N-Triples."""

    def validate(self, ntriples: str) -> tuple[ValidationResult, ...]:
        """Return the results, sorted."""


_SCHEMA_HTTP: Final = f"<{namespaces.SCHEMA_HTTP}"
_SCHEMA_SHAPE: Final = namespaces.SHAPES + "SchemaOrgIsHttps"


@dataclass(frozen=True)
class ShaclValidator:
    """The shapes compiled.

    `without_schema` are those that do not look for IRIs of schema.org that begin with http:. To look at every statement
    for them takes a third of the time, and a search in the text says that there are none.
    """

    shapes: shacl.Shapes
    without_schema: shacl.Shapes

    @classmethod
    def of(cls, shapes: Path) -> ShaclValidator:
        """Return a validator for the shapes in the Turtle file at `shapes`."""
        quads = (quad for quad in terms.parse_file(shapes) if terms.text(quad.subject) != _SCHEMA_SHAPE)
        reduced = terms.serialize((quad.triple for quad in quads), formats.NTRIPLES).decode()
        return cls(shacl.Shapes.from_turtle(shapes.read_text(encoding="utf-8")), shacl.Shapes.from_turtle(reduced))

    def validate(self, ntriples: str) -> tuple[ValidationResult, ...]:
        """See `Validator.validate`."""
        shapes = self.shapes if _SCHEMA_HTTP in ntriples else self.without_schema
        report = shapes.validate_text(ntriples, format="ntriples")
        # A set: a node that two shapes reach gives the same result twice.
        return tuple(sorted({_result_of(result) for result in report.results}))


def _result_of(result: shacl.Result) -> ValidationResult:
    return ValidationResult(
        focus=_plain(result.focus_node),
        path=(result.path or "").replace("<", "").replace(">", ""),
        value=result.value_plain or "",
        severity=result.severity_iri,
        component=result.component_iri,
        shape=_plain(result.root_shape or ""),
        message=min(result.messages, default=""),
        term=result.value or "",
    )


def _plain(term: str) -> str:
    """Return the IRI or lexical form of a term in N-Triples; a blank node as it is."""
    if term.startswith("_:") or not term:
        return term
    if term.startswith("<") and "\\" not in term:  # an IRI without escapes, as nearly all are
        return term[1:-1]
    (quad,) = terms.parse(f"<urn:x> <urn:x> {term} .", formats.NTRIPLES)
    return terms.text(quad.object)
