"""What the rules for w3id.org answer to clients, by the Accept headers that these send.

The rules are read as Apache reads them, as far as ours go: conditions on Accept, and rules with a flag that ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Client:
    """A client: its name, the Accept header that it sends, and the suffixes of the files that it reads."""

    name: str
    accept: str
    reads: tuple[str, ...]


# The headers are recorded from the programs or their sources; `tests/cases/accept_headers.csv` has more of them.

_DATA: Final = (".ttl", ".jsonld", ".nt", ".rdf")
_EDITOR: Final = "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09"

ONTOLOGY_CLIENTS: Final = (
    Client("the OWL API (Protégé, ROBOT)", _EDITOR, (".rdf",)),
    Client("FOOPS!", "application/rdf+xml", (".rdf",)),
)
"""Clients that ask for ontologies alone."""

CLIENTS: Final = (
    Client(
        "rdflib",
        "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, application/n-quads, "
        "application/trix, application/trig",
        _DATA,
    ),
    Client(
        "Apache Jena",
        "text/turtle,application/n-triples;q=0.9,application/rdf+xml;q=0.7,application/trig,application/n-quads;q=0.9,"
        "application/ld+json;q=0.8,*/*;q=0.5",
        _DATA,
    ),
    Client(
        "Comunica",
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
        "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,application/xml;q=0.3,image/svg+xml;q=0.3,"
        "text/xml;q=0.3,text/html;q=0.2,application/xhtml+xml;q=0.18,application/json;q=0.135,text/shaclc;q=0.1,"
        "text/shaclc-ext;q=0.05",
        _DATA,
    ),
    Client(
        "RDF4J",
        "application/n-triples;q=0.4, text/plain;q=0.4, application/rdf+xml;q=0.1, application/xml;q=0.1, "
        "text/xml;q=0.1, text/turtle;q=0.5, application/x-turtle;q=0.5, text/n3;q=0.5, text/rdf+n3;q=0.5, "
        "application/rdf+json;q=0.9, application/trig, application/x-trig, application/x-trigstar, "
        "application/n-quads;q=0.9, text/x-nquads;q=0.9, text/nquads;q=0.9, application/x-binary-rdf, "
        "application/x-ld+ndjson, application/trix, application/ld+json, text/x-turtlestar;q=0.5, "
        "application/x-turtlestar;q=0.5",
        _DATA,
    ),
    Client(
        "a browser",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        (".html",),
    ),
)
"""Clients that ask for anything, with the headers that they send as they come."""

_CONDITION: Final = re.compile(r"\s*RewriteCond\s+%\{HTTP_ACCEPT\}\s+(\S+)\s+\[NC\]\s*")
_RULE: Final = re.compile(r"\s*RewriteRule\s+(\S+)\s+(\S+)\s+\[\S*\bL\b\S*\]\s*")


@dataclass(frozen=True)
class Rule:
    """A rule: its line, the pattern of the path, the target, and the patterns that the header has to match."""

    line: int
    path: re.Pattern[str]
    target: str
    accepted: tuple[re.Pattern[str], ...]


def read_rules(text: str) -> Iterator[Rule]:
    """Yield the rules of a `.htaccess`; lines of other kinds are passed over.

    Raises:
        re.error: a pattern is none.
    """
    accepted: list[re.Pattern[str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if condition := _CONDITION.fullmatch(line):
            accepted.append(re.compile(condition[1], re.IGNORECASE))
        elif rule := _RULE.fullmatch(line):  # conditions are for the next rule alone
            yield Rule(number, re.compile(rule[1]), rule[2], tuple(accepted))
            accepted = []


def redirected(rules: tuple[Rule, ...], path: str, accept: str) -> tuple[int, str] | None:
    """Return the line of the rule that answers a request, and the address that it leads to; None if none does.

    >>> rules = tuple(read_rules("RewriteRule ^(.+)$ https://example.org/$1.ttl [R=303,L]"))
    >>> redirected(rules, "state/CZE", "text/turtle")
    (1, 'https://example.org/state/CZE.ttl')
    """
    for rule in rules:
        found = rule.path.search(path)
        if found and all(pattern.search(accept) for pattern in rule.accepted):
            return rule.line, _expanded(rule.target, (found[0], *found.groups("")))
    return None


def _expanded(target: str, groups: tuple[str, ...]) -> str:
    """Return the target with the groups of the pattern in place of `$1` and its like; one that is not there is empty.

    >>> _expanded("https://example.org/$1.ttl$2", ("state/CZE", "state/CZE"))
    'https://example.org/state/CZE.ttl'
    """
    parts = re.split(r"\$([0-9])", target)
    numbers = [int(part) for part in parts[1::2]]
    values = [groups[number] if number < len(groups) else "" for number in numbers]
    return "".join(text for pair in zip(parts[::2], [*values, ""], strict=True) for text in pair)
