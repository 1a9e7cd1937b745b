"""Confirmed mappings give people one identity, a deleted row takes it back, and contradictions are told with a path."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

import rejoinder
from conftest import Run
from rejoinder import formats
from rejoinder.building.build import build
from rejoinder.building.check import check
from rejoinder.config import Project
from rejoinder.dossiers.discovery import MAPPING_SUFFIX
from rejoinder.rdf import terms
from rejoinder.rdf.results import Table
from rejoinder.validation.derive import Components

COLUMNS = (
    "subject_id predicate_id predicate_modifier object_id mapping_justification author_id reviewer_id mapping_date"
)
PEOPLE = 60


def row(subject: str, other: str, *, modifier: str = "", reviewer: str = "my-organisation") -> str:
    """Return a row that joins two persons, or refuses to."""
    cells = (
        f"person:{subject}", "schema:sameAs", modifier, f"person:{other}", "semapv:ManualMappingCuration",
        "my-organisation", reviewer, "2026-11-29",
    )  # fmt: skip
    return "\t".join(cells)


def write(project: Project, rows: Iterable[str], name: str = "people") -> Path:
    """Write the rows as a mapping file of the project."""
    path = project.data / f"mapping/{name}{MAPPING_SUFFIX}"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([COLUMNS.replace(" ", "\t"), *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def peopled(small: Project) -> Project:
    """Give the small project with sixty persons, p00 to p59."""
    entries = "".join(f"  p{number:02}:\n    label: Person {number}\n" for number in range(PEOPLE))
    file = small.data / "person.yaml"
    file.write_text(file.read_text(encoding="utf-8") + f"people:\n{entries}", encoding="utf-8")
    return small


def identities(project: Project) -> dict[str, str]:
    """Return the identity of each person in the newest version, by names."""
    answer = rejoinder.sparql(project, "SELECT ?person ?identity { ?person rj:identity ?identity }")
    assert isinstance(answer, Table)
    names = [[terms.text(cell).rpartition("/")[2] for cell in found if cell is not None] for found in answer.rows]
    return dict(map(tuple, names))  # type: ignore[arg-type]  # two columns


def dump(project: Project) -> bytes:
    """Return all statements of the newest version but those of its description, which tells number and time."""
    lines = rejoinder.export(project, formats.NQUADS).splitlines(keepends=True)
    return b"".join(line for line in lines if not line.endswith(f"<{project.base}meta/> .\n".encode()))


def quietly(project: Project) -> None:
    """Build the project without its site."""
    build(project, with_site=False)


def test_people_have_the_least_iri_of_those_whom_rows_of_any_file_join(peopled: Project) -> None:
    write(peopled, [row("p03", "p02"), row("p10", "p11")], "one")
    write(peopled, [row("p04", "p03"), row("p20", "p21", reviewer=""), row("p30", "p31", modifier="Not")], "two")
    quietly(peopled)
    assert identities(peopled) == {"p02": "p02", "p03": "p02", "p04": "p02", "p10": "p10", "p11": "p10"}


def test_the_identities_are_those_of_any_order_of_the_rows() -> None:
    pairs = [("d", "c"), ("a", "b"), ("c", "b"), ("f", "e")]
    for order in itertools.permutations(pairs):
        found = Components()
        for one, other in order:
            found.join(one, other)
        assert {each: found.least(each) for each in "abcdefg"} == dict(zip("abcdefg", "aaaaeeg", strict=True))


@pytest.mark.slow
def test_merging_and_unmerging_leaves_every_byte_as_it_was(peopled: Project) -> None:
    write(peopled, [])
    quietly(peopled)
    before = dump(peopled)
    chance = random.Random(15)
    pairs = [chance.sample([f"p{number:02}" for number in range(PEOPLE)], 2) for _ in range(40)]
    rows = list({frozenset(pair): row(*pair) for pair in pairs}.values())
    while rows:
        write(peopled, rows)
        quietly(peopled)
        assert dump(peopled) != before
        rows = rows[: len(rows) // 4]
    write(peopled, [])
    quietly(peopled)
    assert dump(peopled) == before


def test_a_deleted_file_takes_its_identities_with_it(peopled: Project) -> None:
    quietly(peopled)
    before = dump(peopled)
    path = write(peopled, [row("p01", "p02")])
    quietly(peopled)
    assert identities(peopled) == {"p01": "p01", "p02": "p01"}
    path.unlink()
    quietly(peopled)
    assert dump(peopled) == before


def test_a_build_with_unchanged_mappings_makes_no_new_version(peopled: Project) -> None:
    write(peopled, [row("p01", "p02")])
    quietly(peopled)
    assert not build(peopled, with_site=False).is_new


def test_a_refusal_between_joined_people_is_told_with_the_rows_that_join_them(peopled: Project) -> None:
    one = write(peopled, [row("p05", "p06"), row("p01", "p02")], "one")
    two = write(peopled, [row("p40", "p41"), row("p42", "p43"), row("p03", "p02")], "two")
    three = write(peopled, [row("p50", "p51"), row("p01", "p03", modifier="Not")], "three")
    quiet = write(peopled, [row("p20", "p21")], "quiet")
    checked = check(peopled)
    found = [(each.path, each.line, each.message) for each in checked.findings if each.rule.endswith("#OneOrNot")]
    joined = f"person/p01 is person/p02 ({one}:3) and person/p03 is person/p02 ({two}:4) are confirmed"
    refused = "person/p01 is not person/p03"
    told = f"{joined}, but {three}:3 says that {refused}; delete one of these rows"
    assert found == [
        (one, 3, told),
        (three, 3, f"this row says that {refused}, but {joined}; delete one of these rows"),
        (two, 4, told),
    ]
    assert not checked.clean
    assert quiet not in {path for path, *_ in found}


def test_one_file_is_checked_against_the_mappings_of_all_others(peopled: Project) -> None:
    write(peopled, [row("p01", "p02")], "one")
    two = write(peopled, [row("p02", "p01", modifier="Not")], "two")
    (finding,) = check(peopled, [two]).findings
    assert (finding.line, finding.rule.rpartition("#")[2]) == (2, "OneOrNot")


def test_contradicting_files_keep_their_last_state_and_others_are_published(peopled: Project) -> None:
    write(peopled, [row("p01", "p02")], "one")
    two = write(peopled, [], "two")
    quietly(peopled)
    write(peopled, [row("p02", "p03"), row("p01", "p03", modifier="Not")], "two")
    write(peopled, [row("p20", "p21")], "three")
    built = build(peopled, with_site=False)
    assert {graph.rpartition("/")[2] for graph in built.kept} == {"one", "two"}
    assert identities(peopled) == {"p01": "p01", "p02": "p01", "p20": "p20", "p21": "p20"}
    two.write_text(two.read_text(encoding="utf-8").replace(row("p02", "p03") + "\n", ""), encoding="utf-8")
    assert not build(peopled, with_site=False).kept
    assert identities(peopled) == {"p01": "p01", "p02": "p01", "p20": "p20", "p21": "p20"}


def test_a_broken_file_keeps_its_part_of_an_identity(peopled: Project) -> None:
    one = write(peopled, [row("p01", "p02")], "one")
    quietly(peopled)
    one.write_text(one.read_text(encoding="utf-8").replace("2026-11-29", "yesterday"), encoding="utf-8")
    write(peopled, [row("p02", "p03")], "two")
    quietly(peopled)
    assert identities(peopled) == {"p01": "p01", "p02": "p01", "p03": "p01"}


def test_the_page_of_a_merged_person_lists_the_entries_and_who_joined_them(peopled: Project, run: Run) -> None:
    write(peopled, [row("p01", "p02"), row("p05", "p06", reviewer="")])
    assert run("build").returncode == 0
    page = (peopled.build / "site/person/p02.html").read_text(encoding="utf-8")
    (section,) = (part.partition("</section>")[0] for part in page.split("<section ") if 'id="entries"' in part)
    assert "../person/p01.html" in section or 'href="p01.html"' in section
    assert section.count("my-organisation.html") == 3  # the sentence on who reviewed it, its author, and its reviewer
    assert "2026-11-29" in section
    assert 'id="entries"' not in (peopled.build / "site/person/p05.html").read_text(encoding="utf-8")


def test_two_people_with_one_name_are_reported_until_a_reviewer_judges(peopled: Project) -> None:
    file = peopled.data / "person.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("label: Person 1\n", "label: Person 2\n"), encoding="utf-8"
    )

    def reported() -> int:
        return sum(each.rule.endswith("#OnePersonOnce") for each in check(peopled).findings)

    assert reported() == 2  # either of them
    write(peopled, [row("p01", "p02", reviewer="")])
    assert reported() == 2
    for modifier in ("", "Not"):
        write(peopled, [row("p01", "p02", modifier=modifier)])
        assert reported() == 0
