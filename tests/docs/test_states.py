"""The reference graph of States: what `data/state.ttl` holds, and that it is what the program makes."""

import csv
import doctest
import io
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph
import pytest
import yaml

import make_states
from rejoinder.importers.upr_info import REGIONAL_GROUPS as GROUPS_OF_UPR_INFO
from rejoinder.namespaces import RDFS, RJ, SCHEMA, SKOS

ROOT = Path(__file__).parents[2]
GRAPH = ROOT / "data" / "state.ttl"
REAL_DATA = ROOT.parent / "shared" / "realdata"
UPR_INFO = REAL_DATA / "upr-info"
GROUP_LISTS = REAL_DATA / "reference" / "un-regional-groups"
TABLE = REAL_DATA / "reference" / "country-codes.csv"
BASE = "https://w3id.org/rejoinder/state/"
WIKIDATA = "http://www.wikidata.org/entity/Q"
EU_COUNTRY = "http://publications.europa.eu/resource/authority/country/"

needs_table = pytest.mark.skipif(not TABLE.exists(), reason=f"the table of country codes is not at {TABLE}")


KAZAKHSTAN = """\
<KAZ> a rj:State ;
    skos:notation "KAZ" ;
    rj:unStatus rj:UNMember ;
    rj:regionalGroup rj:AsiaPacificGroup ;
    rdfs:label
        "كازاخستان"@ar ,
        "Kazakhstan"@en ,
        "Kazajstán"@es ,
        "Kazakhstan"@fr ,
        "Казахстан"@ru ,
        "哈萨克斯坦"@zh ;
    rj:officialName
        "جمهورية كازاخستان"@ar ,
        "the Republic of Kazakhstan"@en ,
        "la República de Kazajstán"@es ,
        "la République du Kazakhstan"@fr ,
        "Республика Казахстан"@ru ,
        "哈萨克斯坦共和国"@zh ;
    schema:sameAs country:KAZ, wikidata:Q232 .
"""


class Fact(NamedTuple):
    """A triple as plain strings; `state` is a code, or "" for the collection; `language` is "" where none."""

    state: str
    predicate: str
    value: str
    language: str


@pytest.fixture(scope="module")
def facts() -> list[Fact]:
    quads = pyoxigraph.parse(GRAPH.read_bytes(), format=pyoxigraph.RdfFormat.TURTLE, base_iri=BASE)
    return [fact(quad) for quad in quads]


def fact(quad: pyoxigraph.Quad) -> Fact:
    assert isinstance(quad.subject, pyoxigraph.NamedNode)
    assert isinstance(quad.object, pyoxigraph.NamedNode | pyoxigraph.Literal)
    language = quad.object.language if isinstance(quad.object, pyoxigraph.Literal) else None
    return Fact(
        quad.subject.value.removeprefix(BASE),
        quad.predicate.value,
        quad.object.value.removeprefix(BASE),
        language or "",
    )


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    if not TABLE.exists():
        pytest.skip(f"the table of country codes is not at {TABLE}")
    with TABLE.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def values(facts: list[Fact], state: str, predicate: str) -> set[str]:
    return {fact.value for fact in facts if fact.state == state and fact.predicate == predicate}


def as_csv(rows: list[dict[str, str]]) -> io.StringIO:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    text.seek(0)
    return text


def changed(rows: list[dict[str, str]], code: str, **cells: str) -> list[dict[str, str]]:
    return [row | cells if row["ISO3166-1-Alpha-3"] == code else row for row in rows]


def without(rows: list[dict[str, str]], code: str) -> list[dict[str, str]]:
    return [row for row in rows if row["ISO3166-1-Alpha-3"] != code]


def made(rows: list[dict[str, str]], code: str) -> Any:
    return next(found for found in make_states.read_states(as_csv(rows)) if found.code == code)


# The file


def test_193_members_and_two_observers(facts: list[Fact]) -> None:
    status = {fact.state: fact.value for fact in facts if fact.predicate == RJ + "unStatus"}
    assert Counter(status.values()) == {RJ + make_states.MEMBER: 193, RJ + make_states.OBSERVER: 2}
    assert {code for code, value in status.items() if value == RJ + make_states.OBSERVER} == {"VAT", "PSE"}


def test_every_member_is_in_one_regional_group_and_no_observer_is_in_one(facts: list[Fact]) -> None:
    groups = [(fact.state, fact.value.removeprefix(RJ)) for fact in facts if fact.predicate == RJ + "regionalGroup"]
    assert dict(groups) == make_states.GROUPS
    assert len(groups) == len(make_states.GROUPS) == 193
    assert set(make_states.GROUPS).isdisjoint({"VAT", "PSE"})
    # As many as the groups' own lists have: 54, 23, 33 and 29; the Asia-Pacific Group has the other 54 members.
    assert Counter(make_states.GROUPS.values()) == {
        "AfricanGroup": 54,
        "AsiaPacificGroup": 54,
        "EasternEuropeanGroup": 23,
        "LatinAmericanAndCaribbeanGroup": 33,
        "WesternEuropeanAndOthersGroup": 29,
    }


def test_the_collection_names_every_state_once(facts: list[Fact]) -> None:
    listed = [fact.value for fact in facts if fact.predicate == RJ + "hasState"]
    typed = [fact.state for fact in facts if fact.value == RJ + "State"]
    assert len(listed) == 195
    assert listed == typed == sorted(listed)
    assert values(facts, "", RDFS + "label") == {"States"}


def test_kazakhstan_spelled_out_by_hand() -> None:
    assert GRAPH.read_text(encoding="utf-8").count("\n\n" + KAZAKHSTAN + "\n") == 1


def test_no_base_line_and_no_absolute_iri_of_a_state() -> None:
    text = GRAPH.read_text(encoding="utf-8")
    assert "base" not in text.lower()
    assert "w3id.org/rejoinder/state" not in text


def test_the_file_is_small() -> None:
    assert GRAPH.stat().st_size < 400_000


@pytest.mark.parametrize("predicate", [RDFS + "label", RJ + "officialName"])
def test_every_state_has_one_name_in_each_of_the_six_languages(facts: list[Fact], predicate: str) -> None:
    names = [fact for fact in facts if fact.predicate == predicate and fact.state]
    assert len(names) == 195 * 6
    assert len({(fact.state, fact.language) for fact in names}) == 195 * 6
    assert {fact.language for fact in names} == {"ar", "zh", "en", "es", "fr", "ru"}


def test_names_are_clean(facts: list[Fact]) -> None:
    names = [fact.value for fact in facts if fact.language]
    assert [name for name in names if "*" in name or name != " ".join(name.split())] == []
    assert [name for name in names if not unicodedata.is_normalized("NFC", name)] == []
    assert [name for name in names if any(unicodedata.category(c).startswith("C") for c in name)] == []


@pytest.mark.parametrize("start", [WIKIDATA, EU_COUNTRY])
def test_every_state_has_its_own_match_in_wikidata_and_in_the_eu_authority(facts: list[Fact], start: str) -> None:
    matches = [fact.value for fact in facts if fact.predicate == SCHEMA + "sameAs"]
    assert len(matches) == 2 * 195
    assert len({iri for iri in matches if iri.startswith(start)}) == 195


@pytest.mark.parametrize(
    ("code", "item"),
    [
        ("GBR", "Q145"),
        ("NLD", "Q29999"),
        ("DNK", "Q756617"),
        ("NZL", "Q664"),
        ("NAM", "Q1030"),
        ("VAT", "Q159583"),
        ("PSE", "Q219060"),
        ("CHN", "Q148"),
    ],
)
def test_the_wikidata_item_is_the_state_at_the_un(facts: list[Fact], code: str, item: str) -> None:
    assert values(facts, code, SCHEMA + "sameAs") == {WIKIDATA + item.removeprefix("Q"), EU_COUNTRY + code}


@pytest.mark.parametrize(
    ("code", "label", "others"),
    [
        ("CZE", "Czechia", {"Czech Republic"}),
        (
            "GBR",
            "United Kingdom of Great Britain and Northern Ireland",
            {"Great Britain", "United Kingdom", "UK"},
        ),
        ("KOR", "Republic of Korea", {"South Korea", "Korea (the Republic of)"}),
        ("MKD", "North Macedonia", {"Macedonia FYR", "The former Yugoslav Republic of Macedonia"}),
        ("NLD", "Netherlands", set()),
        ("PRK", "Democratic People's Republic of Korea", {"North Korea"}),
        ("PSE", "State of Palestine", {"Palestine", "Palestine, State of"}),
        ("RUS", "Russian Federation", {"Russia"}),
        ("SWZ", "Eswatini", {"Swaziland"}),
        ("TUR", "Türkiye", {"Turkey"}),
        ("USA", "United States of America", {"USA", "US", "United States"}),
        ("VAT", "Holy See", {"Vatican City"}),
        ("ZAF", "South Africa", {"Republic of South Africa"}),
    ],
)
def test_english_names(facts: list[Fact], code: str, label: str, others: set[str]) -> None:
    assert label in values(facts, code, RDFS + "label")
    assert others <= values(facts, code, SKOS + "altLabel")


def test_no_english_name_means_two_states(facts: list[Fact]) -> None:
    meant = defaultdict(set)
    for fact in facts:
        if fact.language == "en":
            meant[fact.value.casefold().removeprefix("the ")].add(fact.state)
    assert {name: states for name, states in meant.items() if len(states) > 1} == {}


# The program


def test_the_examples_of_its_docstrings_run() -> None:
    results = doctest.testmod(make_states)
    assert results.failed == 0
    assert results.attempted > 5


@needs_table
def test_made_again_from_the_table_the_file_is_the_same(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    make_states.main([str(TABLE)])
    assert capfdbinary.readouterr().out == GRAPH.read_bytes()


def test_the_order_of_the_rows_does_not_matter(rows: list[dict[str, str]]) -> None:
    assert make_states.to_turtle(make_states.read_states(as_csv(rows[::-1]))) == GRAPH.read_text(encoding="utf-8")


def test_countries_that_are_neither_member_nor_observer_are_left_out(rows: list[dict[str, str]]) -> None:
    codes = {found.code for found in make_states.read_states(as_csv(rows))}
    assert codes.isdisjoint({"COK", "NIU", "TWN", "GRL", "HKG", "ESH"})


def test_every_exception_is_about_a_state(rows: list[dict[str, str]]) -> None:
    codes = {found.code for found in make_states.read_states(as_csv(rows))}
    assert set(make_states.NAMES_IN_REPORTS) | set(make_states.WIKIDATA_ITEMS) <= codes


def test_the_note_on_the_united_states_says_that_it_is_no_member_of_its_group() -> None:
    # It is counted in the Western European and Others Group for elections only.
    block = GRAPH.read_text(encoding="utf-8").partition("<USA> a rj:State")[2].partition(" .\n")[0]
    assert "rj:regionalGroup rj:WesternEuropeanAndOthersGroup" in block
    assert '"The United States is no member of a regional group. It observes' in block
    assert GRAPH.read_text(encoding="utf-8").count("skos:editorialNote") == len(make_states.NOTES) == 1


def test_a_mended_cell_wins_over_the_names_that_fill_gaps(rows: list[dict[str, str]]) -> None:
    mended = changed(rows, "TUR", **{"UNTERM French Short": "Turquie (la)"})
    assert made(mended, "TUR").labels["fr"] == "Turquie"
    assert made(mended, "TUR").labels["es"] == "Türkiye"


def test_blanks_of_every_kind_are_one_space(rows: list[dict[str, str]]) -> None:
    dirty = changed(rows, "KAZ", **{"UNTERM English Formal": "\u00a0the  Republic\nof Kazakhstan "})
    assert made(dirty, "KAZ").official_names["en"] == "the Republic of Kazakhstan"


def test_a_missing_column_is_named(rows: list[dict[str, str]]) -> None:
    cut = [{column: cell for column, cell in row.items() if column != "UNTERM Arabic Formal"} for row in rows]
    with pytest.raises(make_states.StateTableError, match="no column 'UNTERM Arabic Formal'; take the file"):
        make_states.read_states(as_csv(cut))


def test_an_empty_table_has_no_columns() -> None:
    with pytest.raises(make_states.StateTableError, match="no column 'ISO3166-1-Alpha-3', 'wikidata_id'"):
        make_states.read_states([])


@pytest.mark.parametrize(
    ("code", "counts"),
    [("KAZ", "192 Member States and 2 observer"), ("VAT", "193 Member States and 1 observer")],
)
def test_a_missing_row_is_told_by_the_counts(rows: list[dict[str, str]], code: str, counts: str) -> None:
    with pytest.raises(make_states.StateTableError, match=f"{counts} States of the UN, where there are 193 and 2"):
        make_states.read_states(as_csv(without(rows, code)))


def test_a_state_with_two_rows_is_named(rows: list[dict[str, str]]) -> None:
    with pytest.raises(make_states.StateTableError, match="two rows for KAZ"):
        make_states.read_states(as_csv(rows + [row for row in rows if row["ISO3166-1-Alpha-3"] == "KAZ"]))


def test_a_missing_name_is_named(rows: list[dict[str, str]]) -> None:
    with pytest.raises(make_states.StateTableError, match="KAZ has no name in the column 'UNTERM Russian Short'"):
        make_states.read_states(as_csv(changed(rows, "KAZ", **{"UNTERM Russian Short": " "})))


@pytest.mark.parametrize("cell", ["", "https://www.wikidata.org/wiki/L232"])
def test_a_missing_wikidata_item_is_named(rows: list[dict[str, str]], cell: str) -> None:
    with pytest.raises(make_states.StateTableError, match="KAZ has no Wikidata item"):
        make_states.read_states(as_csv(changed(rows, "KAZ", wikidata_id=cell)))


def test_what_is_not_csv_is_refused_with_its_line(rows: list[dict[str, str]]) -> None:
    header = as_csv(rows).readline()
    with pytest.raises(make_states.StateTableError, match="not CSV after line 1"):
        make_states.read_states([header, "x" * 200_000])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [([], "usage: "), (["no-such-table.csv"], "no-such-table.csv: "), ([__file__], "no column")],
)
def test_the_program_ends_with_one_sentence(arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        make_states.main(arguments)


# The names that others use


def upr_info_names() -> set[str]:
    """Every State under review and every recommending State in UPR Info's exports of 2018."""
    return {name for path in UPR_INFO.glob("*.csv") for name in named_in(path)}


def named_in(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", newline="") as export:
        reader = csv.reader(export, delimiter=";")
        next(reader)
        for row in reader:
            # A quotation mark inside a text swallows the rows that follow it.
            if len(row) == 11 and "\n" not in row[0].strip():
                yield from (row[0].strip(), row[4].strip())


@pytest.mark.skipif(not UPR_INFO.exists(), reason=f"the exports of UPR Info are not at {UPR_INFO}")
def test_upr_info_names_no_state_that_we_do_not_know(facts: list[Fact]) -> None:
    known = {fact.value.casefold() for fact in facts if fact.language == "en"}
    names = upr_info_names()
    assert len(names) > 150
    assert {name for name in names if name.casefold() not in known} == {"&#40;Unknown&#41;"}


# The regional groups, in two sources


@needs_table
def test_the_lists_of_the_groups_say_the_same_save_four_states_that_they_have_twice(rows: list[dict[str, str]]) -> None:
    codes = {row["ISO3166-1-Alpha-2"]: row["ISO3166-1-Alpha-3"] for row in rows}
    names = {"AFRICANGROUP": "Africa", "ASIAPACIFICGROUP": "Asia"}
    listed = defaultdict(set)
    for path in GROUP_LISTS.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        members = yaml.load(text, Loader=yaml.CBaseLoader)["includes"]  # noqa: S506  # text only: NO is Norway, not "no"
        for member in members:
            listed[codes[member["id"]]].add(GROUPS_OF_UPR_INFO[names.get(path.stem, path.stem)])
    assert listed.keys() == make_states.GROUPS.keys()
    twice = {code for code, groups in listed.items() if groups != {make_states.GROUPS[code]}}
    assert twice == {"ARM", "AUS", "AZE", "NZL"}
    assert all(listed[code] == {"AsiaPacificGroup", make_states.GROUPS[code]} for code in twice)


@pytest.mark.skipif(not UPR_INFO.exists(), reason=f"the exports of UPR Info are not at {UPR_INFO}")
def test_the_exports_have_every_state_in_the_same_group(facts: list[Fact]) -> None:
    codes = {fact.value.casefold(): fact.state for fact in facts if fact.language == "en"}
    told = {
        (codes[" ".join(name.split()).casefold()], group)
        for path in UPR_INFO.glob("*.csv")
        for name, group in grouped_in(path)
        if "Unknown" not in name
    }
    observers = {(code, group) for code, group in told if code in {"VAT", "PSE"}}
    assert observers == {("VAT", "Observer"), ("PSE", "Observer")}
    assert {code: GROUPS_OF_UPR_INFO[group] for code, group in told - observers}.items() <= make_states.GROUPS.items()
    # These have no row in these exports; for them the lists are the one source.
    assert make_states.GROUPS.keys() - {code for code, _ in told} == {"GIN", "GMB", "GNB", "GRD", "GUY", "KIR", "SMR"}


def grouped_in(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the names and groups of both States of each row."""
    with path.open(encoding="utf-8-sig", newline="") as export:
        reader = csv.reader(export, delimiter=";")
        next(reader)
        for row in reader:
            yield from ((row[0], row[1]), (row[4], row[5]))
