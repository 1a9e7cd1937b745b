"""The reference graph of States, made from a table of country codes.

The table is "country-codes" of the Frictionless Data project (public domain): one row a country, with names
from UNTERM, the terminology database of the United Nations. Run as a program, this module writes the graph:

    python -m rejoinder.imports.states country-codes.csv > data/state.ttl
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from rejoinder.imports.countrycodes import State, StateTableError, read_states
from rejoinder.imports.regionalgroups import GROUPS
from rejoinder.names import RDFS, RJ, SKOS

HEADER: Final = f"""\
# The States: the 193 Member States and the 2 observer States of the United Nations.
# Written by `python -m rejoinder.imports.states`: change the program, not this file.
# Names: UNTERM, through the table "country-codes" of the Frictionless Data project (public domain).
@prefix country: <http://publications.europa.eu/resource/authority/country/> .
@prefix rdfs: <{RDFS}> .
@prefix rj: <{RJ}> .
@prefix skos: <{SKOS}> .
@prefix wikidata: <http://www.wikidata.org/entity/> .
"""


def to_turtle(states: Sequence[State]) -> str:
    """The graph of `states` as Turtle.

    Its IRIs are relative to the collection document `{base}state/`, since each project sets its own base.
    """
    blocks = (HEADER, _collection(states), *map(_block, states))
    return "\n".join(blocks)


def _collection(states: Sequence[State]) -> str:
    codes = [f"<{state.code}>" for state in states]
    lines = [", ".join(codes[start : start + 12]) for start in range(0, len(codes), 12)]
    return '<> rdfs:label "States"@en ;\n    rj:hasState\n        ' + " ,\n        ".join(lines) + " .\n"


def _block(state: State) -> str:
    other_names = [("en", name) for name in state.other_names]
    properties = [
        f"<{state.code}> a rj:State",
        f'skos:notation "{state.code}"',
        f"rj:unStatus rj:{state.status}",
        *([f"rj:regionalGroup rj:{GROUPS[state.code]}"] if state.code in GROUPS else []),
        _listed("rdfs:label", state.labels.items()),
        _listed("rj:officialName", state.official_names.items()),
        *([_listed("skos:altLabel", other_names)] if other_names else []),
        f"skos:exactMatch country:{state.code}, wikidata:{state.wikidata}",
    ]
    return " ;\n    ".join(properties) + " .\n"


def _listed(predicate: str, names: Iterable[tuple[str, str]]) -> str:
    """The predicate with its names, one a line: names that run from right to left jumble a longer one."""
    literals = [_literal(language, name) for language, name in names]
    return predicate + "\n        " + " ,\n        ".join(literals)


def _literal(language: str, name: str) -> str:
    """The name as a Turtle literal; the escapes that JSON writes are a part of Turtle's.

    >>> print(_literal("fr", "Côte d'Ivoire"))
    "Côte d'Ivoire"@fr
    """
    return f"{json.dumps(name, ensure_ascii=False)}@{language}"


def main(arguments: Sequence[str]) -> None:
    """Write the graph made from the table that `arguments` name to standard output, as UTF-8."""
    if len(arguments) != 1:
        sys.exit("usage: python -m rejoinder.imports.states country-codes.csv > data/state.ttl")
    try:
        with Path(arguments[0]).open(encoding="utf-8-sig", newline="") as table:
            turtle = to_turtle(read_states(table))
    except (StateTableError, OSError, UnicodeDecodeError) as error:
        sys.exit(f"{arguments[0]}: {error}")
    sys.stdout.buffer.write(turtle.encode())


if __name__ == "__main__":
    main(sys.argv[1:])
