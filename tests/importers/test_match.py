"""`match` proposes pairs that are one and no others, each once, and confirms none of them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import pytest

import rejoinder
from conftest import SHARED, Run, leave_out
from rejoinder import formats
from rejoinder.building.build import build
from rejoinder.config import Project
from rejoinder.dossiers.discovery import MAPPING_SUFFIX
from rejoinder.dossiers.reader import open_reader
from rejoinder.errors import UsageError
from rejoinder.importers.match import Claim, Person, Proposal, propose_claims, propose_people

DAY: Final = date(2026, 11, 29)
RECORD: Final = SHARED / "texts/a-hrc-28-10-kazakhstan.txt"


def pairs(found: tuple[Proposal, ...]) -> set[frozenset[str]]:
    """Return the pairs that are proposed."""
    return {frozenset((each.subject, each.object)) for each in found}


def named(*names: str, office: str = "x") -> list[Person]:
    """Return a person for each name, whose IRI is the name."""
    return [Person(name, (name,), frozenset({office})) for name in names]


# The officials of the shipped report, and those of them whom the UN record's annex lists, by its spelling.
OFFICIALS: Final = {
    "Kanat Seytgaparov": "Kanat Seidgapparov",
    "Marat Azilkhanov": "Marat Azilkanov",
    "Vyacheslav Kalyuzhnyi": "Vyacheslav Kaliuzhnyi",
    "Elvira Azimova": "Elvira Azimova",
    "Alzhan Nurbekov": "Alzhan Nurbekov",
    "Tastemir Abishev": "Tastemir Abishev",
    "Nursultan Nazarbayev": "",
}


def test_the_six_officials_are_found_among_the_names_of_the_records_annex() -> None:
    if not RECORD.exists():
        leave_out("texts", f"the text of the UN record is not here ({RECORD})")
    text = RECORD.read_text(encoding="mac_roman")
    annex = text[text.index("Composition of the delegation") :]
    listed = re.findall(r"M[rs]s?\.\s+(\w+ \w+)", annex)
    assert len(listed) == len(set(listed)) == 19
    report = [Person(f"report:{name}", (name,), frozenset({"KAZ"})) for name in OFFICIALS]
    record = [Person(f"record:{name}", (name,), frozenset({"KAZ"})) for name in listed]
    assert pairs(propose_people([*report, *record])) == {
        frozenset((f"report:{name}", f"record:{other}")) for name, other in OFFICIALS.items() if other
    }


CYRILLIC: Final = "абвгдежзийклмнопрстуфхцчшщыюя"
ROMAN: Final = {
    "English": "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch y yu ya",
    "passport": "a b v g d e zh z i i k l m n o p r s t u f kh ts ch sh shch y iu ia",
    "plain": "a b v g d e j z i i k l m n o p r s t u f h ts ch sh sch i yu ya",
}
"""Ways to write Cyrillic names in Latin letters."""
LETTERS: Final = {system: dict(zip(CYRILLIC, letters.split(), strict=True)) for system, letters in ROMAN.items()}


def roman(name: str, system: str) -> str:
    """Return a Cyrillic name in Latin letters."""
    return " ".join("".join(LETTERS[system][letter] for letter in word).capitalize() for word in name.split())


def invented(chance: random.Random) -> Iterator[str]:
    """Yield names in Cyrillic that nobody has, made of syllables; as in a country, first names and endings recur."""

    def syllables(number: int) -> str:
        return "".join(chance.choice("бвгджзклмнпрстфхцчшщ") + chance.choice("аеиоуыюя") for _ in range(number))

    first = [syllables(chance.choice((2, 2, 3))) + chance.choice(["", "н", "т", "р"]) for _ in range(200)]
    seen = set()
    while True:
        family = syllables(chance.choice((2, 3, 3))) + chance.choice("бвгджклмнпрст")
        name = f"{chance.choice(first)} {family}{chance.choice(['ов', 'ев', 'ин', 'еков', 'енко'])}"
        if name not in seen:
            seen.add(name)
            yield name


def written_again(name: str, kind: int, chance: random.Random) -> str:
    """Return the name in another transliteration or script, with an initial, or in another order."""
    first, family = name.split()
    if kind == 0:
        return chance.choice([roman(name, "passport"), roman(name, "plain"), name.title()])
    if kind == 1:
        return f"{roman(first, 'English')[0]}. {roman(family, 'English')}"
    turned = f"{roman(family, 'English')}, {roman(first, 'English')}"
    return chance.choice([turned, turned.replace(",", "").upper()])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_thousand_seeded_duplicates_are_found_and_hardly_anything_else(seed: int) -> None:
    chance = random.Random(seed)
    names = invented(chance)
    persons: list[Person] = []
    true = set()
    for number in range(
        3_000
    ):  # a thousand in both editions of a corpus, a thousand in the first, and one in the second
        name, state = next(names), frozenset({f"state {chance.randrange(20)}"})
        if number < 2_000:
            persons.append(Person(f"first/{number}", (roman(name, "English"),), state))
        if number < 1_000:
            persons.append(Person(f"second/{number}", (written_again(name, number % 3, chance),), state))
            true.add(frozenset((f"first/{number}", f"second/{number}")))
        if number >= 2_000:
            persons.append(Person(f"second/{number}", (roman(name, "English"),), state))
    found = pairs(propose_people(persons))
    assert len(true) == 1_000
    assert len(found & true) / len(found) >= 0.99
    assert len(found & true) / len(true) >= 0.95


def test_people_of_different_states_are_not_compared() -> None:
    one, other = named("Almaty Janaozen", office="x"), named("Almaty Zhanaozen", office="y")
    assert propose_people([*one, *other]) == ()
    both = [Person("both", ("Almaty Zhanaozen",), frozenset({"x", "y"}))]
    assert pairs(propose_people([*one, *both])) == {frozenset(("Almaty Janaozen", "both"))}


# Names of towns stand for names of people.
@pytest.mark.parametrize(
    ("name", "other", "alike"),
    [
        ("Kokshetau Zhanaozen", "JANAOZEN Kokshetau", True),
        ("Kokshetau Zhanaozen", "Kokshetau Almaty Janaozen", True),  # as with a father's name
        ("Kokshetau Zhanaozen", "K. Janaozen", True),
        ("Zhezkazgan Zhanaozen", "Zh. Janaozen", True),
        ("Zhezkazgan Zhanaozen", "Z. Janaozen", True),
        ("Кокшетау Жанаозен", "Kokshetau Janaozen", True),
        ("Kokshetau Zhanaozen", "A. Janaozen", False),
        ("Kokshetau Zhanaozen", "Almaty Zhanaozen", False),  # as in a family
        ("Petropavlovsk Aral", "Petropavlovsk Oral", False),  # the whole names have 0.97
        ("Kokshetau Zhanaozen", "Zhanaozen", False),
        ("K. Z.", "Kokshetau Zhanaozen", False),
        ("Kokshetau", "Kokshetau", True),
    ],
)
def test_names_are_alike_or_not(name: str, other: str, alike: bool) -> None:
    persons = [Person("a", (name,), frozenset("x")), Person("b", (other,), frozenset("x"))]
    assert bool(propose_people(persons)) is alike


def test_an_initial_that_fits_two_people_is_proposed_for_neither() -> None:
    persons = named("K. Janaozen", "Kokshetau Zhanaozen", "Karaganda Zhanaozen")
    assert propose_people(persons) == ()
    assert pairs(propose_people(persons[:2])) == {frozenset(("K. Janaozen", "Kokshetau Zhanaozen"))}


def claim(iri: str, text: str, *, states: str = "K", issues: str = "i", provisions: str = "") -> Claim:
    """Return a claim; each letter is one State, issue or provision."""
    return Claim(iri, (text,), frozenset(states), frozenset(issues), frozenset(provisions))


def test_claims_are_the_same_by_state_issue_provision_and_words() -> None:
    text = "No torture happens in the prisons"
    known = claim("a#1", text, provisions="p")
    same = {
        "words": claim("b#1", "There is no torture in prisons"),  # no torture prisons: 3 of 4 and 3 words
        "provision": claim("b#1", text, provisions="pq"),
        "no provision": claim("b#1", text),
    }
    other = {
        "document": claim("a#2", text),
        "state": claim("b#1", text, states="M"),
        "issue": claim("b#1", text, issues="j"),
        "provision": claim("b#1", text, provisions="q"),
        "words": claim("b#1", "Prisons have doctors"),
    }
    assert [name for name, each in same.items() if not propose_claims([known, each])] == []
    assert [name for name, each in other.items() if propose_claims([known, each])] == []
    (found,) = propose_claims([known, same["words"]])
    assert round(found.likeness, 3) == round(2 * 3 / (4 + 3), 3)


@pytest.fixture
def spelt(small: Project) -> Project:
    """Give the small project, built, with three pairs of people, named like towns that are spelt in two ways."""
    people = (
        ("one", "Shchuchinsk Borovoye"), ("one-b", "Schuchinsk Borovoe"),
        ("two", "Zhanaozen Zhetybay"), ("two-b", "Janaozen Jetibai"),
        ("three", "Kyzylorda Baikonur"), ("three-b", "Kizilorda Baykonur"),
    )  # fmt: skip
    entries = "".join(f"  {name}:\n    label: {label}\n    represents: KAZ\n" for name, label in people)
    path = small.data / "person.yaml"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n" + entries, encoding="utf-8")
    build(small, with_site=False)
    return small


def proposed(rows: tuple[str, ...]) -> set[tuple[str, str]]:
    """Return the ids of the subject and the object of each row."""
    columns = rows[0].split("\t")
    cells = (dict(zip(columns, row.split("\t"), strict=True)) for row in rows[1:])
    return {(each["subject_id"], each["object_id"]) for each in cells}


ONE, TWO, THREE = ((f"person:{name}", f"person:{name}-b") for name in ("one", "two", "three"))


def test_a_pair_in_a_mapping_file_is_not_proposed_again(spelt: Project) -> None:
    first = rejoinder.match(spelt, "people", day=DAY)
    assert proposed(first) == {ONE, TWO, THREE}
    path = spelt.data / f"mapping/people{MAPPING_SUFFIX}"
    assert rejoinder.match(spelt, "people", path, DAY) == first
    written = path.read_text(encoding="utf-8")
    assert rejoinder.match(spelt, "people", path, DAY)[1:] == ()
    assert path.read_text(encoding="utf-8") == written

    lines = written.splitlines(keepends=True)
    kept = [line for line in lines if "person:two\t" not in line]
    refused = "".join(kept).replace("schema:sameAs\t\tperson:three-b", "schema:sameAs\tNot\tperson:three-b")
    path.write_text(refused, encoding="utf-8")
    assert proposed(rejoinder.match(spelt, "people", path, DAY)) == {TWO}
    assert path.read_text(encoding="utf-8").startswith(refused)
    assert "\tNot\tperson:three-b" in refused


def test_proposals_are_rows_that_nobody_has_confirmed(spelt: Project) -> None:
    path = spelt.data / f"mapping/people{MAPPING_SUFFIX}"
    rejoinder.match(spelt, "people", path, DAY)
    rows = open_reader(spelt.base, spelt.data).mappings(path).rows
    assert len(rows) == 3
    assert not any(row.confirmed for row in rows)
    before = rejoinder.export(spelt, formats.NQUADS, "person")
    build(spelt, with_site=False)
    assert rejoinder.export(spelt, formats.NQUADS, "person") == before
    answer = rejoinder.sparql(spelt, "ASK { ?person a rj:Person ; rj:identity|schema:sameAs ?other }")
    assert not isinstance(answer, tuple)
    assert str(answer.rows[0][0]).startswith('"false"')


def test_what_follows_from_judgements_is_not_proposed(spelt: Project) -> None:
    people = spelt.data / "person.yaml"
    third = "  one-c:\n    label: Schuchinsk Borovoie\n    represents: KAZ\n"
    people.write_text(people.read_text(encoding="utf-8") + third, encoding="utf-8")
    build(spelt, with_site=False)
    with_one = {ONE, ("person:one", "person:one-c"), ("person:one-b", "person:one-c")}
    assert proposed(rejoinder.match(spelt, "people", day=DAY)) == {*with_one, TWO, THREE}
    path = spelt.data / f"mapping/people{MAPPING_SUFFIX}"
    rejoinder.match(spelt, "people", path, DAY)
    # One is One-b, confirmed; and One-b is not One-c. So One is not One-c either.
    lines = path.read_text(encoding="utf-8").splitlines()
    columns = next(line for line in lines if line.startswith("subject_id")).split("\t")
    kept = []
    for line in lines:
        cells = dict(zip(columns, line.split("\t"), strict=False))
        if (cells["subject_id"], cells.get("object_id")) == ONE:
            kept.append("\t".join((cells | {"reviewer_id": "my-organisation"})[column] for column in columns))
        elif (cells["subject_id"], cells.get("object_id")) == ("person:one-b", "person:one-c"):
            kept.append("\t".join((cells | {"predicate_modifier": "Not"})[column] for column in columns))
        elif not line.startswith("person:"):
            kept.append(line)
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert proposed(rejoinder.match(spelt, "people", day=DAY)) == {TWO, THREE}


def test_rows_are_appended_in_the_columns_of_the_file(spelt: Project) -> None:
    path = spelt.data / f"mapping/people{MAPPING_SUFFIX}"
    path.parent.mkdir()
    before = "object_id\tsubject_id\tpredicate_id\tmapping_tool\tmapping_date\tmapping_justification"
    path.write_text(before, encoding="utf-8")  # without a line end
    rejoinder.match(spelt, "people", path, DAY)
    lines = path.read_text(encoding="utf-8").split("\n")
    version = f"rejoinder {rejoinder.__version__}"
    wanted = [f"{spelt.base}person/three-b", f"{spelt.base}person/three", "schema:sameAs", version, "2026-11-29"]
    assert lines[0] == before
    assert "\t".join([*wanted, "semapv:LexicalSimilarityThresholdMatching"]) in lines
    assert lines[-1] == ""


def test_only_a_mapping_file_of_the_project_is_written(spelt: Project, tmp_path: Path) -> None:
    for path in (spelt.data / "mapping/people.tsv", tmp_path / f"people{MAPPING_SUFFIX}"):
        with pytest.raises(UsageError, match=re.escape(f"{path}: name a file NAME.sssom.tsv in {spelt.data}/mapping")):
            rejoinder.match(spelt, "people", path, DAY)
        assert not path.exists()


@pytest.mark.usefixtures("spelt")
def test_the_command_prints_rows_or_says_what_it_wrote(run: Run) -> None:
    printed = run("match", "people")
    assert printed.returncode == 0
    assert proposed(tuple(printed.stdout.splitlines())) == {ONE, TWO, THREE}
    path = Path("data/mapping/people.sssom.tsv")
    assert run("match", "people", "--write", path).stdout == (
        "Wrote     3 rows to data/mapping/people.sssom.tsv\n"
        "Next      judge each row: write yourself into reviewer_id, and Not into predicate_modifier to refuse\n"
    )
    assert run("match", "people", "--write", path).stdout == "Nothing new to propose.\n"
    assert run("match", "claims").stdout.count("\n") == 1
