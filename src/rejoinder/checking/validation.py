"""SHACL: what validates a graph, and the results that each engine gives.

Standard: W3C Shapes Constraint Language (SHACL), 2017, Core and SPARQL.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Engine(StrEnum):
    """The SHACL engines to choose from."""

    SHACL = "shacl"
    PYSHACL = "pyshacl"


@dataclass(frozen=True, order=True)
class Result:
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

    def validate(self, ntriples: str) -> tuple[Result, ...]:
        """The results, sorted."""
