"""SHACL by pySHACL, an engine that others wrote in another way, so that one is a check on the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyshacl
import rdflib
from pyshacl.errors import ReportableRuntimeError
from rdflib.namespace import SH, XSD

from rejoinder.errors import EngineError
from rejoinder.rdf import terms
from rejoinder.validation.shacl import ValidationResult


@dataclass(frozen=True)
class PyshaclValidator:
    """The shapes as an rdflib graph for pySHACL: slower, written by others, and so a check on the first."""

    shapes: rdflib.Graph

    @classmethod
    def of(cls, shapes: Path) -> PyshaclValidator:
        """Return a validator for the shapes in the Turtle file at `shapes`."""
        return cls(rdflib.Graph().parse(shapes, format="turtle"))

    def validate(self, ntriples: str) -> tuple[ValidationResult, ...]:
        """See `Validator.validate`."""
        data = rdflib.Graph().parse(data=ntriples, format="nt")
        try:
            _, report, _ = pyshacl.validate(data, shacl_graph=self.shapes, inplace=True)
        except (ReportableRuntimeError, TypeError, ValueError, ArithmeticError) as error:
            # It compares and sums literals as Python values, and fails on those that have none.
            raise EngineError(f"pySHACL cannot check this graph ({error}); try --engine shacl") from error
        return tuple(sorted({self._result(report, node) for node in report.subjects(SH.resultSeverity)}))

    def _result(self, report: rdflib.Graph, node: rdflib.term.Node) -> ValidationResult:
        source = report.value(node, SH.sourceShape)
        return ValidationResult(
            focus=_text(report.value(node, SH.focusNode)),
            path=self._path(report, report.value(node, SH.resultPath)),
            value=_text(report.value(node, SH.value)),
            severity=_text(report.value(node, SH.resultSeverity)),
            component=_text(report.value(node, SH.sourceConstraintComponent)),
            shape=_text(self._named(source)),
            message=min((_text(m) for m in report.objects(node, SH.resultMessage)), default=""),
            term=_ntriples_term(report.value(node, SH.value)),
        )

    def _path(self, report: rdflib.Graph, path: rdflib.term.Node | None) -> str:
        """Return the path as text; pySHACL names an inverse one by the shapes' own blank node."""
        for graph in (report, self.shapes):
            if isinstance(path, rdflib.BNode) and (inverse := graph.value(path, SH.inversePath)):
                return f"^{inverse}"
        return _text(path)

    def _named(self, shape: rdflib.term.Node | None) -> rdflib.term.Node | None:
        while isinstance(shape, rdflib.BNode):
            shape = next(self.shapes.subjects(SH.property, shape), None)
        return shape


def _ntriples_term(term: rdflib.term.Node | None) -> str:
    """Return the term in N-Triples, its lexical form as it is; rdflib's own n3() complains of ill-typed numbers."""
    if isinstance(term, rdflib.Literal) and term.language:
        return str(terms.Literal(str(term), language=term.language))
    if isinstance(term, rdflib.Literal):
        return str(terms.Literal(str(term), datatype=terms.from_iri(str(term.datatype or XSD.string))))
    return term.n3() if isinstance(term, rdflib.URIRef | rdflib.BNode) else ""


def _text(term: rdflib.term.Node | None) -> str:
    return "" if term is None else str(term)
