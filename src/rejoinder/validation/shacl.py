"""SHACL validation by two engines, `shacl` and pySHACL, with the same form of results; and findings as reports.

Findings are written as a SHACL validation report, or as SARIF for code hosts and editors.

Standards: W3C Shapes Constraint Language (SHACL), 2017, Core and SPARQL; SARIF 2.1.0.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote

import shacl

from rejoinder import formats, namespaces
from rejoinder.errors import EngineError, Problem, Severity, extra
from rejoinder.rdf import serialize, terms
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Triple

if TYPE_CHECKING:  # an extra, as pySHACL is
    import rdflib

_READABLE: Final = namespaces.SHAPES + "Readable"
"""The SARIF rule for files that cannot be read."""


class Engine(StrEnum):
    """The SHACL engines to choose from."""

    SHACL = "shacl"
    PYSHACL = "pyshacl"


@dataclass(frozen=True, order=True)
class ValidationResult:
    """One `sh:ValidationResult`; terms are IRIs or lexical forms, `path` is empty where there is none.

    `path` is an IRI, with `^` before it if it is an inverse path; `shape` is the nearest shape with an IRI,
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


_SEVERITIES: Final = {
    namespaces.SH + "Violation": Severity.VIOLATION,
    namespaces.SH + "Warning": Severity.WARNING,
    namespaces.SH + "Info": Severity.INFO,
}


def severity_of(iri: str) -> Severity:
    """Return the severity that a SHACL severity IRI stands for; an unknown one counts as a violation.

    >>> severity_of("http://www.w3.org/ns/shacl#Warning")
    <Severity.WARNING: 'warning'>
    """
    return _SEVERITIES.get(iri, Severity.VIOLATION)


class Validator(Protocol):
    """Validates the statements of one graph, given as N-Triples."""

    def validate(self, ntriples: str) -> tuple[ValidationResult, ...]:
        """Return the results, sorted."""


_SCHEMA_HTTP: Final = f"<{namespaces.SCHEMA_HTTP}"
_SCHEMA_SHAPE: Final = namespaces.SHAPES + "SchemaOrgIsHttps"


@dataclass(frozen=True)
class ShaclValidator:
    """Validates by compiled shapes, with the default engine.

    `without_schema` are the same shapes without the one against IRIs of schema.org that begin with http:. That shape
    looks at every statement and takes a third of the time, so it is used only if the text has such an IRI.
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


@dataclass(frozen=True)
class PyshaclValidator:
    """Validates by pySHACL over rdflib: some twenty times as slow, but independent of the first engine."""

    shapes: rdflib.Graph

    @classmethod
    def of(cls, shapes: Path) -> PyshaclValidator:
        """Return a validator for the shapes in the Turtle file at `shapes`.

        Raises:
            MissingPackageError: pySHACL is not installed.
        """
        with extra("pyshacl"):  # here, so that it is missed before any graph is read
            import pyshacl  # noqa: F401, PLC0415  # takes half a second
            import rdflib  # noqa: PLC0415
        return cls(rdflib.Graph().parse(shapes, format="turtle"))

    def validate(self, ntriples: str) -> tuple[ValidationResult, ...]:
        """See `Validator.validate`."""
        import pyshacl  # noqa: PLC0415
        import rdflib  # noqa: PLC0415
        from pyshacl.errors import ReportableRuntimeError  # noqa: PLC0415

        data = rdflib.Graph().parse(data=ntriples, format="nt")
        try:
            _, report, _ = pyshacl.validate(data, shacl_graph=self.shapes, inplace=True)
        except (ReportableRuntimeError, TypeError, ValueError, ArithmeticError) as error:
            # It compares and sums literals as Python values, and fails on those that have none.
            raise EngineError(f"pySHACL cannot check this graph ({error}); try --engine shacl") from error
        return tuple(sorted({self._result(report, node) for node in report.subjects(rdflib.SH.resultSeverity)}))

    def _result(self, report: rdflib.Graph, node: rdflib.term.Node) -> ValidationResult:
        from rdflib import SH, BNode  # noqa: PLC0415

        path = report.value(node, SH.resultPath)
        if isinstance(path, BNode):  # pySHACL names an inverse path by the shapes' own blank node
            inverses = (graph.value(path, SH.inversePath) for graph in (report, self.shapes))
            path_text = next((f"^{inverse}" for inverse in inverses if inverse), _text(path))
        else:
            path_text = _text(path)
        # A property shape is a blank node; the shape that it belongs to has a name.
        shape = report.value(node, SH.sourceShape)
        while isinstance(shape, BNode):
            shape = next(self.shapes.subjects(SH.property, shape), None)
        return ValidationResult(
            focus=_text(report.value(node, SH.focusNode)),
            path=path_text,
            value=_text(report.value(node, SH.value)),
            severity=_text(report.value(node, SH.resultSeverity)),
            component=_text(report.value(node, SH.sourceConstraintComponent)),
            shape=_text(shape),
            # The least, because rdflib gives several messages in any order.
            message=min((_text(m) for m in report.objects(node, SH.resultMessage)), default=""),
            term=_ntriples_term(report.value(node, SH.value)),
        )


def _ntriples_term(term: rdflib.term.Node | None) -> str:
    """Return the term in N-Triples, its lexical form as it is; rdflib's own n3() complains of ill-typed numbers."""
    from rdflib import XSD, BNode, Literal, URIRef  # noqa: PLC0415

    if isinstance(term, Literal) and term.language:
        return str(terms.Literal(str(term), language=term.language))
    if isinstance(term, Literal):
        return str(terms.Literal(str(term), datatype=terms.NamedNode(str(term.datatype or XSD.string))))
    return term.n3() if isinstance(term, URIRef | BNode) else ""


def _text(term: rdflib.term.Node | None) -> str:
    return "" if term is None else str(term)


def open_validator(shapes: Path, engine: Engine = Engine.SHACL) -> Validator:
    """Return a validator with that engine for the shapes in the Turtle file at `shapes`.

    Raises:
        MissingPackageError: the engine is not installed.
    """
    return ShaclValidator.of(shapes) if engine is Engine.SHACL else PyshaclValidator.of(shapes)


def counted(findings: Iterable[Problem]) -> dict[Severity, int]:
    """Return the number of findings of each severity, even if it is 0, the worst severity first."""
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in Severity}


def as_sarif(findings: Sequence[Problem], version: str) -> str:
    """Return the findings as a SARIF 2.1.0 log, the form that code hosts and editors show beside the lines."""
    levels = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    driver = {
        "name": "rejoinder",
        "version": version,
        "informationUri": "https://w3id.org/rejoinder/",
        "rules": [{"id": rule} for rule in sorted({f.rule or _READABLE for f in findings})],
    }
    results = [
        {
            "ruleId": finding.rule or _READABLE,
            "level": levels[finding.severity],
            "message": {"text": finding.message},
            "locations": [_sarif_location(finding)],
        }
        for finding in findings
    ]
    log = {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }
    return json.dumps(log, ensure_ascii=False, indent=2)


def _sarif_location(finding: Problem) -> dict[str, object]:
    physical: dict[str, object] = {"artifactLocation": {"uri": quote(os.fsencode(finding.path.as_posix()))}}
    if finding.line:  # SARIF counts from 1, and has no region for an unknown line
        physical["region"] = {"startLine": finding.line}
    name = finding.focus or finding.path.as_posix()
    return {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": name}]}


def as_validation_report(findings: Sequence[Problem]) -> str:
    """Return the findings as a `sh:ValidationReport` in Turtle; it conforms when there is none at all (SHACL 3.6.1)."""
    report = BlankNode("report")
    conforms = not findings  # warnings count, too
    triples = [
        _triple(report, namespaces.RDF_TYPE, NamedNode(namespaces.SH + "ValidationReport")),
        _triple(report, namespaces.SH + "conforms", Literal(conforms)),
    ]
    for finding in findings:
        # Named by its content, so that the same report is the same bytes.
        node = BlankNode("r" + hashlib.sha256(repr(finding).encode()).hexdigest()[:12])
        triples += [_triple(report, namespaces.SH + "result", node), *_result_triples(node, finding)]
    return serialize.turtle_text(triples, namespaces.PREFIXES)


def _result_triples(node: BlankNode, finding: Problem) -> list[Triple]:
    rule = finding.rule or _READABLE
    triples = [
        _triple(node, namespaces.RDF_TYPE, NamedNode(namespaces.SH + "ValidationResult")),
        _triple(node, namespaces.SH + "focusNode", _term(finding.focus or finding.path.as_posix())),
        _triple(node, namespaces.SH + "resultSeverity", NamedNode(namespaces.SH + finding.severity.capitalize())),
        _triple(node, namespaces.SH + "resultMessage", Literal(finding.message, language="en")),
        _triple(node, namespaces.SH + "sourceShape", _term(rule)),
        _triple(node, namespaces.SH + "sourceConstraintComponent", _term(finding.component or rule)),
    ]
    # The path of a shape followed backwards is a node of its own (SHACL 2.3.1.4).
    if finding.predicate.startswith("^"):
        path = BlankNode(f"{node.value}path")
        triples.append(_triple(node, namespaces.SH + "resultPath", path))
        triples.append(_triple(path, namespaces.SH + "inversePath", _term(finding.predicate.removeprefix("^"))))
    elif finding.predicate:
        triples.append(_triple(node, namespaces.SH + "resultPath", _term(finding.predicate)))
    if finding.value:
        triples.append(_triple(node, namespaces.SH + "value", _value(finding)))
    return triples


def _value(finding: Problem) -> NamedNode | BlankNode | Literal:
    """Return the value as the engine gave it, datatype and language with it."""
    if not finding.term:
        return _term(finding.value)
    (quad,) = terms.parse(f"<urn:x> <urn:x> {finding.term} .", formats.NTRIPLES)
    return quad.object if not isinstance(quad.object, Triple) else _term(finding.value)


def _triple(subject: BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
    return Triple(subject, NamedNode(predicate), value)


def _term(text: str) -> NamedNode | Literal:
    """Return the IRI that `text` is, or else a literal."""
    # Values come as text, and a path such as `c:x.yaml` would be an IRI, too.
    if text.startswith(("http://", "https://", "urn:")):
        try:
            return NamedNode(text)
        except ValueError:
            return Literal(text)
    return Literal(text)
