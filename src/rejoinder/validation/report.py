"""Count findings, and write them as SARIF or as a SHACL validation report.

Standards: SHACL validation report vocabulary (SHACL 3.6); SARIF 2.1.0.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from rejoinder import formats, namespaces
from rejoinder.errors import Problem, Severity
from rejoinder.rdf import serialize, terms
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Triple

_READABLE: Final = namespaces.SHAPES + "Readable"
"""The SARIF rule for files that cannot be read."""


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
    physical: dict[str, object] = {"artifactLocation": {"uri": finding.path.as_posix()}}
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
