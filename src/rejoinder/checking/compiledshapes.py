"""SHACL by the `shacl` package, which compiles the shapes: the engine that validates.

Standard: W3C Shapes Constraint Language (SHACL), 2017, Core and SPARQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import shacl

from rejoinder import formats, names
from rejoinder.checking.validation import Result
from rejoinder.store import rdf

_SCHEMA_HTTP: Final = f"<{names.SCHEMA_HTTP}"
_SCHEMA_SHAPE: Final = names.SHAPES + "SchemaOrgIsHttps"


@dataclass(frozen=True)
class CompiledValidator:
    """The shapes compiled.

    `without_schema` are those that do not look for IRIs of schema.org that begin with http:. To look at every statement
    for them takes a third of the time, and a search in the text says that there are none.
    """

    shapes: shacl.Shapes
    without_schema: shacl.Shapes

    @classmethod
    def of(cls, shapes: Path) -> CompiledValidator:
        """A validator for the shapes in the Turtle file at `shapes`."""
        quads = (quad for quad in rdf.parse_file(shapes) if rdf.text(quad.subject) != _SCHEMA_SHAPE)
        reduced = rdf.serialize((quad.triple for quad in quads), formats.NTRIPLES).decode()
        return cls(shacl.Shapes.from_turtle(shapes.read_text(encoding="utf-8")), shacl.Shapes.from_turtle(reduced))

    def validate(self, ntriples: str) -> tuple[Result, ...]:
        """See `Validator.validate`."""
        shapes = self.shapes if _SCHEMA_HTTP in ntriples else self.without_schema
        report = shapes.validate_text(ntriples, format="ntriples")
        return tuple(sorted({_result_of(result) for result in report.results}))


def _result_of(result: shacl.Result) -> Result:
    return Result(
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
    """The IRI or lexical form of a term in N-Triples; a blank node as it is."""
    if term.startswith("_:") or not term:
        return term
    if term.startswith("<") and "\\" not in term:  # an IRI without escapes, as nearly all are
        return term[1:-1]
    (quad,) = rdf.parse(f"<urn:x> <urn:x> {term} .", formats.NTRIPLES)
    return rdf.text(quad.object)
