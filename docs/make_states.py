"""Write data/state.ttl, the reference graph of States, from a table of country codes.

The table is "country-codes" of the Frictionless Data project (public domain): one row a country, with names
from UNTERM, the terminology database of the United Nations.

    python docs/make_states.py country-codes.csv > data/state.ttl
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rejoinder.errors import RejoinderError
from rejoinder.namespaces import DCTERMS, RDFS, RJ, SCHEMA, SKOS

MEMBER: Final = "UNMember"
OBSERVER: Final = "UNObserver"
EXPECTED: Final = MappingProxyType({MEMBER: 193, OBSERVER: 2})
"""Since South Sudan joined in 2011, and the State of Palestine became an observer State in 2012."""

LANGUAGES: Final = MappingProxyType(
    {"ar": "Arabic", "en": "English", "es": "Spanish", "fr": "French", "ru": "Russian", "zh": "Chinese"}
)
"""The six official languages of the United Nations, as tags and as the table's columns name them."""

ARTICLES: Final = re.compile(r" \((the|l['’]|le|la|les|el|los|las)\)$")
"""What UNTERM puts behind a short name: the article to use in running text. No part of the name."""

FOOTNOTE_MARKS: Final = re.compile(r" \*+$")
"""UNTERM's * for an observer State, ** for one that is neither member nor observer. No part of the name."""

CODE_COLUMN: Final = "ISO3166-1-Alpha-3"
WIKIDATA_COLUMN: Final = "wikidata_id"
ISO_COLUMN: Final = "ISO4217-currency_country_name"
ENGLISH_NAME_COLUMNS: Final = ("official_name_en", "CLDR display name")


# UNTERM's short and formal names of the two States for which the table has none: it joins UNTERM by name,
# calls one "Ivory Coast", and the other changed its name in 2022. They fill only blank cells.
UNTERM_GAPS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = MappingProxyType(
    {
        "CIV": {
            "ar": ("كوت ديفوار", "جمهورية كوت ديفوار"),
            "en": ("Côte d'Ivoire", "the Republic of Côte d'Ivoire"),
            "es": ("Côte d'Ivoire", "la República de Côte d'Ivoire"),
            "fr": ("Côte d'Ivoire (la)", "la République de Côte d'Ivoire"),
            "ru": ("Кот-д'Ивуар", "Республика Кот-д'Ивуар"),
            "zh": ("科特迪瓦", "科特迪瓦共和国"),
        },
        "TUR": {
            "ar": ("تركيا", "جمهورية تركيا"),
            "en": ("Türkiye", "the Republic of Türkiye"),
            "es": ("Türkiye", "la República de Türkiye"),
            "fr": ("Türkiye (la)", "la République de Türkiye"),
            "ru": ("Турция", "Турецкая Республика"),
            "zh": ("土耳其", "土耳其共和国"),
        },
    }
)


# Where the table has no Wikidata item, or where of several items only one is the State that is at the UN.
WIKIDATA_ITEMS: Final = MappingProxyType(
    {
        # The Kingdom joined the UN, and on Wikidata holds the membership; Q35 is its European part alone,
        # without Greenland and the Faroe Islands.
        "DNK": "Q756617",
        # The State; not one of its countries, nor the island of Great Britain.
        "GBR": "Q145",
        # Blank in the table: whoever made it read the alpha-2 code NA as "not available".
        "NAM": "Q1030",
        # The Kingdom joined the UN; Q55 is its country in Europe, without Aruba, Curaçao and Sint Maarten.
        "NLD": "Q29999",
        # New Zealand itself joined the UN. The wider Realm of New Zealand takes in the Cook Islands and Niue,
        # which the UN treats as States of their own (UNTERM marks them **).
        "NZL": "Q664",
        # The Holy See is the observer; the table has Q237, the territory of the Vatican City State.
        "VAT": "Q159583",
    }
)


# Names that reports and the database of UPR Info print, and that no column of the table has.
NAMES_IN_REPORTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "CIV": ("Cote d'Ivoire",),
        "COD": ("Democratic Republic of Congo",),
        "COG": ("Republic of Congo",),
        "CZE": ("Czech Republic",),  # the short name until 2016, and in every report of 2014
        "GBR": ("Great Britain", "United Kingdom"),
        "KNA": ("St Kitts & Nevis",),
        "LCA": ("St Lucia",),
        "MKD": ("Macedonia FYR", "The former Yugoslav Republic of Macedonia"),  # at the UN until 2019
        "MMR": ("Burma",),  # the name until 1989, and still that of some governments
        "PRK": ("DPR Korea", "North Korea"),
        "RUS": ("Russia",),
        "STP": ("Sao Tome & Principe",),
        "SWZ": ("Swaziland",),  # the name until 2018
        "TLS": ("East Timor",),
        "TUR": ("Turkey",),  # the name in English until 2022
        "USA": ("United States", "USA"),
        "VCT": ("St Vincent & the Grenadines",),
        "ZAF": ("Republic of South Africa",),
    }
)


_MEMBERS: Final = MappingProxyType(
    {
        "AfricanGroup": (
            "AGO BDI BEN BFA BWA CAF CIV CMR COD COG COM CPV DJI DZA EGY ERI ETH GAB "
            "GHA GIN GMB GNB GNQ KEN LBR LBY LSO MAR MDG MLI MOZ MRT MUS MWI NAM NER "
            "NGA RWA SDN SEN SLE SOM SSD STP SWZ SYC TCD TGO TUN TZA UGA ZAF ZMB ZWE"
        ),
        "AsiaPacificGroup": (
            "AFG ARE BGD BHR BRN BTN CHN CYP FJI FSM IDN IND IRN IRQ JOR JPN KAZ KGZ "
            "KHM KIR KOR KWT LAO LBN LKA MDV MHL MMR MNG MYS NPL NRU OMN PAK PHL PLW "
            "PNG PRK QAT SAU SGP SLB SYR THA TJK TKM TLS TON TUV UZB VNM VUT WSM YEM"
        ),
        "EasternEuropeanGroup": (
            "ALB ARM AZE BGR BIH BLR CZE EST GEO HRV HUN LTU LVA MDA MKD MNE POL ROU RUS SRB SVK SVN UKR"
        ),
        "LatinAmericanAndCaribbeanGroup": (
            "ARG ATG BHS BLZ BOL BRA BRB CHL COL CRI CUB DMA DOM ECU GRD GTM GUY HND "
            "HTI JAM KNA LCA MEX NIC PAN PER PRY SLV SUR TTO URY VCT VEN"
        ),
        "WesternEuropeanAndOthersGroup": (
            "AND AUS AUT BEL CAN CHE DEU DNK ESP FIN FRA GBR GRC IRL ISL ISR ITA LIE "
            "LUX MCO MLT NLD NOR NZL PRT SMR SWE TUR USA"
        ),
    }
)

GROUPS: Final = MappingProxyType({code: group for group, codes in _MEMBERS.items() for code in codes.split()})
"""The group of each Member State by its code, as the ontology names it. The two observer States are in none.

The United States observes the Western European and Others Group, and counts as one of it in elections.
"""


NOTES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "USA": {
            "en": "The United States is no member of a regional group. It observes the Western European and Others "
            "Group, and counts as one of it in elections.",
            "ru": "Соединённые Штаты не входят ни в одну региональную группу. Они участвуют в Группе "
            "западноевропейских и других государств как наблюдатель и относятся к ней при выборах.",
        },
    }
)
"""What a reader should know of a State's facts, by its code."""


class StateTableError(RejoinderError, ValueError):
    """The table of country codes cannot be used: a column, a row or a name is missing or doubled."""


@dataclass(frozen=True)
class State:
    """A Member State or observer State of the United Nations, keyed by its ISO 3166-1 alpha-3 code.

    `labels` and `official_names` have one name in each of the six languages; `other_names` are English.
    """

    code: str
    status: str
    labels: Mapping[str, str]
    official_names: Mapping[str, str]
    other_names: tuple[str, ...]
    wikidata: str


Row = Mapping[str, str]


def read_states(table: Iterable[str]) -> tuple[State, ...]:
    """Return the 195 States of `table`, an open CSV file or its lines, in the order of their codes.

    Raises:
        StateTableError: a column, row or name is missing, or a State is there twice.
    """
    rows = map(_with_gaps_filled, _rows(table))
    states = [_state(row, status) for row in rows if (status := _un_status(row))]
    _check_membership(states)
    return tuple(sorted(states, key=lambda state: state.code))


def _rows(table: Iterable[str]) -> Iterator[Row]:
    reader = csv.DictReader(table, restval="")
    try:
        _check_columns(reader.fieldnames or ())
        for row in reader:
            yield {column: " ".join(row[column].split()) for column in _columns()}
    except csv.Error as error:
        raise StateTableError(f"this is not CSV after line {reader.line_num}: {error}") from error


def _columns() -> Iterator[str]:
    yield CODE_COLUMN
    yield WIKIDATA_COLUMN
    yield ISO_COLUMN
    yield from ENGLISH_NAME_COLUMNS
    for language in LANGUAGES:
        yield _short(language)
        yield _formal(language)


def _short(language: str) -> str:
    """Return the title of the column of short names in the language with that tag.

    >>> _short("ru")
    'UNTERM Russian Short'
    """
    return f"UNTERM {LANGUAGES[language]} Short"


def _formal(language: str) -> str:
    return f"UNTERM {LANGUAGES[language]} Formal"


def _check_columns(found: Sequence[str]) -> None:
    missing = [column for column in _columns() if column not in found]
    if missing:
        raise StateTableError(
            f"the table has no column {', '.join(map(repr, missing))}; "
            "take the file country-codes.csv as its makers publish it"
        )


def _with_gaps_filled(row: Row) -> Row:
    """Return `row` with UNTERM's names where the table lost them."""
    filled = dict(row)
    for language, (short, formal) in UNTERM_GAPS.get(row[CODE_COLUMN], {}).items():
        filled[_short(language)] = row[_short(language)] or short
        filled[_formal(language)] = row[_formal(language)] or formal
    return filled


def _un_status(row: Row) -> str | None:
    """Return the status at the UN by UNTERM's marks; None for a country that is neither member nor observer.

    UNTERM names no dependent territories. It marks the observer States with one asterisk, and those that are
    neither members nor observers (the Cook Islands, Niue) with two.

    >>> _un_status({"UNTERM English Short": "Holy See (the) *"})
    'UNObserver'
    """
    name = row[_short("en")]
    if not name or name.endswith("**"):
        return None
    return OBSERVER if name.endswith("*") else MEMBER


def _state(row: Row, status: str) -> State:
    labels = {language: _name(row, _short(language)) for language in LANGUAGES}
    return State(
        code=row[CODE_COLUMN],
        status=status,
        labels=labels,
        official_names={language: _name(row, _formal(language)) for language in LANGUAGES},
        other_names=_distinct(_english_names(row), besides=labels["en"]),
        wikidata=_wikidata_item(row),
    )


def _name(row: Row, column: str) -> str:
    """Return the name in `column` without the footnote mark and the article that UNTERM puts behind it.

    >>> _name({"x": "Saint-Siège (le) *"}, "x")
    'Saint-Siège'
    >>> _name({"x": "Bolivia (Plurinational State of)"}, "x")
    'Bolivia (Plurinational State of)'
    """
    name = ARTICLES.sub("", FOOTNOTE_MARKS.sub("", row[column]))
    if not name:
        raise StateTableError(f"{row[CODE_COLUMN]} has no name in the column {column!r}; fill that cell")
    return name


def _english_names(row: Row) -> Iterator[str]:
    for column in ENGLISH_NAME_COLUMNS:
        yield row[column]
    yield _iso_name(row[ISO_COLUMN])
    yield from NAMES_IN_REPORTS.get(row[CODE_COLUMN], ())


def _iso_name(capitals: str) -> str:
    """Return the name as ISO 3166 writes it: ISO 4217, which the table copies, writes the same name in capitals.

    >>> _iso_name("CONGO (THE DEMOCRATIC REPUBLIC OF THE)")
    'Congo (the Democratic Republic of the)'
    """
    return re.sub(r"[^\W\d_]+(['’][^\W\d_]+)?", _iso_word, capitals)


def _iso_word(word: re.Match[str]) -> str:
    lower = word[0].lower()
    return lower if lower in {"and", "of", "the"} else lower.capitalize()


def _distinct(names: Iterable[str], *, besides: str) -> tuple[str, ...]:
    """Return the names that differ in more than capitals and the shape of the apostrophe, in alphabetical order.

    >>> _distinct(["Laos", "LAOS", "Lao People’s Republic", ""], besides="Lao People's Republic")
    ('Laos',)
    """
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(_compared(name), name)
    unwanted = {_compared(besides), ""}
    return tuple(sorted(name for compared, name in first.items() if compared not in unwanted))


def _compared(name: str) -> str:
    return name.replace("’", "'").casefold()


def _wikidata_item(row: Row) -> str:
    """Return the Wikidata item of the State.

    >>> _wikidata_item({"ISO3166-1-Alpha-3": "KAZ", "wikidata_id": "https://www.wikidata.org/wiki/Q232"})
    'Q232'
    """
    code, cell = row[CODE_COLUMN], row[WIKIDATA_COLUMN]
    item = WIKIDATA_ITEMS.get(code) or cell.rpartition("/")[2]
    if not re.fullmatch(r"Q[1-9][0-9]*", item):
        raise StateTableError(f"{code} has no Wikidata item in the column {WIKIDATA_COLUMN!r} but {cell!r}")
    return item


def _check_membership(states: Sequence[State]) -> None:
    twice = [code for code, times in Counter(state.code for state in states).items() if times > 1]
    if twice:
        raise StateTableError(f"the table has two rows for {', '.join(twice)}; delete one of each")
    found = Counter(state.status for state in states)
    if found != EXPECTED:
        raise StateTableError(
            f"the table has {found[MEMBER]} Member States and {found[OBSERVER]} observer States of the UN, "
            f"where there are {EXPECTED[MEMBER]} and {EXPECTED[OBSERVER]}: a row is missing, "
            f"or a cell of the column {_short('en')!r} is not right"
        )


HEADER: Final = f"""\
# The States: the 193 Member States and the 2 observer States of the United Nations.
# Written by `python docs/make_states.py`: change the program, not this file.
# Names: UNTERM, through the table "country-codes" of the Frictionless Data project (public domain).
@prefix country: <http://publications.europa.eu/resource/authority/country/> .
@prefix dcterms: <{DCTERMS}> .
@prefix rdfs: <{RDFS}> .
@prefix rj: <{RJ}> .
@prefix schema: <{SCHEMA}> .
@prefix skos: <{SKOS}> .
@prefix wikidata: <http://www.wikidata.org/entity/> .
"""


def to_turtle(states: Sequence[State]) -> str:
    """Return the graph of `states` as Turtle.

    Its IRIs are relative to the collection document `{base}state/`, since each project sets its own base.
    """
    blocks = (HEADER, _collection(states), *map(_block, states))
    return "\n".join(blocks)


def _collection(states: Sequence[State]) -> str:
    codes = [f"<{state.code}>" for state in states]
    lines = [", ".join(codes[start : start + 12]) for start in range(0, len(codes), 12)]
    head = '<> rdfs:label "States"@en ;\n    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;\n'
    return head + "    rj:hasState\n        " + " ,\n        ".join(lines) + " .\n"


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
        *([_listed("skos:editorialNote", NOTES[state.code].items())] if state.code in NOTES else []),
        f"schema:sameAs country:{state.code}, wikidata:{state.wikidata}",
    ]
    return " ;\n    ".join(properties) + " .\n"


def _listed(predicate: str, names: Iterable[tuple[str, str]]) -> str:
    """Return the predicate with its names, one a line: names that run from right to left jumble a longer one."""
    literals = [_literal(language, name) for language, name in names]
    return predicate + "\n        " + " ,\n        ".join(literals)


def _literal(language: str, name: str) -> str:
    """Return the name as a Turtle literal; the escapes that JSON writes are a part of Turtle's.

    >>> print(_literal("fr", "Côte d'Ivoire"))
    "Côte d'Ivoire"@fr
    """
    return f"{json.dumps(name, ensure_ascii=False)}@{language}"


def main(arguments: Sequence[str]) -> None:
    """Write the graph made from the table that `arguments` name to standard output, as UTF-8."""
    if len(arguments) != 1:
        sys.exit("usage: python docs/make_states.py country-codes.csv > data/state.ttl")
    try:
        with Path(arguments[0]).open(encoding="utf-8-sig", newline="") as table:
            turtle = to_turtle(read_states(table))
    except (StateTableError, OSError, UnicodeDecodeError) as error:
        sys.exit(f"{arguments[0]}: {error}")
    sys.stdout.buffer.write(turtle.encode())


if __name__ == "__main__":
    main(sys.argv[1:])
