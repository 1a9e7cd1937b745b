"""Short names and languages: what a name in a dossier stands for, and in which language its texts are published."""

from __future__ import annotations

from pathlib import Path

import pytest

import rejoinder
from conftest import mostly_slow
from rejoinder import namespaces
from rejoinder.config import Project, new_project, open_project
from rejoinder.dossiers.reader import Reader, open_reader
from rejoinder.errors import InputError, Problem
from rejoinder.rdf import terms

BASE = "https://example.org/reports/"
PEOPLE = """
lang: en
officials:
  jane-example: {label: Jane Example, represents: KAZ}
people:
  un: {label: A person of that name}
affectedPersons:
  a-prisoner: {label: A prisoner}
"""
ORGANISATIONS = """
lang: en
organisations:
  odf: {label: Open Dialog}
  un: {label: An organisation of that name}
delegations:
  a-delegation: {label: A delegation, represents: KAZ}
"""
REVIEWS = "lang: en\nreviews:\n  kaz-20: {label: A review}\n"
PROCEEDINGS = "lang: en\nproceedings:\n  hrc-43: {label: A session}\n"
FILES = {"person": PEOPLE, "organisation": ORGANISATIONS, "review": REVIEWS, "proceeding": PROCEEDINGS}
HEAD = "type: Report\nlang: en\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give a project whose collections describe the persons, organisations and proceedings above."""
    project = open_project(new_project(tmp_path / "project"))
    for name, text in FILES.items():
        (project.data / f"{name}.yaml").write_text(text, encoding="utf-8")
    return project


@pytest.fixture
def reader(project: Project) -> Reader:
    """Give a reader of the project's dossiers."""
    return open_reader(BASE, project.data)


def _objects(reader: Reader, text: str, key: str) -> set[str]:
    """Return what the property `rj:key` has as values in a report with this text, without the base."""
    path = reader.data / "report/a.yaml"
    path.write_text(text, encoding="utf-8")
    quads = reader.read(path).quads
    return {terms.text(q.object).removeprefix(BASE) for q in quads if q.predicate.value == namespaces.RJ + key}


def _problems(reader: Reader, text: str) -> list[Problem]:
    path = reader.data / "report/a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        reader.read(path)
    return list(caught.value.problems)


# Names of agents


@pytest.mark.parametrize(
    ("name", "iri"),
    [
        ("KAZ", "state/KAZ"),
        ("jane-example", "person/jane-example"),
        ("a-prisoner", "person/a-prisoner"),
        ("odf", "organisation/odf"),
        ("a-delegation", "organisation/a-delegation"),
        ('"#group-a"', "report/a#group-a"),
        ("b#group-a", "report/b#group-a"),
        ("organisation/un", "organisation/un"),
        ("person/un", "person/un"),
        ("record/b#group-a", "record/b#group-a"),
        ("upr-info/afg-5#group-a", "upr-info/afg-5#group-a"),
    ],
)
def test_a_name_of_an_agent_stands_for_a_state_or_whoever_a_collection_or_report_describes(
    reader: Reader, name: str, iri: str
) -> None:
    for key, predicate in (("raisedBy", "raisedBy"), ("addressedTo", "addressedTo"), ("confirmedBy", "confirmedBy")):
        text = f'{HEAD}recommendations:\n  "#r":\n    {key}: {name}\n'
        assert _objects(reader, text, predicate) == {iri}


def test_the_agents_of_a_list_are_each_what_they_would_be_alone(reader: Reader) -> None:
    text = f'{HEAD}editors: [KAZ, odf, jane-example, "#group-a", b#group-b]\n'
    expected = {
        "state/KAZ",
        "organisation/odf",
        "person/jane-example",
        "report/a#group-a",
        "report/b#group-b",
    }
    assert _objects(reader, text, "editor") == expected


def test_a_name_that_a_person_and_an_organisation_bear_is_refused_at_its_line_with_both_paths(reader: Reader) -> None:
    problems = _problems(reader, f"{HEAD}editors:\n  - odf\n  - un\npublisher: un\n")
    message = "'un' is the name of several things; write organisation/un or person/un"
    assert [(problem.line, problem.message) for problem in problems] == [(5, message), (6, message)]


def test_collections_in_turtle_give_names_too(project: Project) -> None:
    (project.data / "organisation.yaml").unlink()
    (project.data / "organisation.ttl").write_text(
        f"@prefix rj: <{namespaces.RJ}> .\n<> rj:hasOrganisation <in-turtle> ; rj:hasDelegation <of-turtle> .\n",
        encoding="utf-8",
    )
    reader = open_reader(BASE, project.data)
    found = _objects(reader, f"{HEAD}editors: [in-turtle, of-turtle]\n", "editor")
    assert found == {"organisation/in-turtle", "organisation/of-turtle"}


def test_a_broken_collection_does_not_keep_the_names_of_the_others_from_being_found(project: Project) -> None:
    (project.data / "person.yaml").write_text("people: [", encoding="utf-8")
    assert _objects(open_reader(BASE, project.data), f"{HEAD}editors: odf\n", "editor") == {"organisation/odf"}


# Names of proceedings, and of entries


@pytest.mark.parametrize(
    ("name", "iri"), [("kaz-20", "review/kaz-20"), ("hrc-43", "proceeding/hrc-43"), ("review/kaz-7", "review/kaz-7")]
)
def test_a_name_of_a_proceeding_stands_for_a_review_or_another_proceeding(reader: Reader, name: str, iri: str) -> None:
    assert _objects(reader, f"{HEAD}proceeding: {name}\n", "inProceeding") == {iri}


def test_a_name_that_a_review_and_another_proceeding_bear_is_refused_with_both_paths(project: Project) -> None:
    (project.data / "proceeding.yaml").write_text(PROCEEDINGS.replace("hrc-43", "kaz-20"), encoding="utf-8")
    (problem,) = _problems(open_reader(BASE, project.data), f"{HEAD}proceeding: [kaz-20]\n")
    assert problem.message == "'kaz-20' is the name of several things; write proceeding/kaz-20 or review/kaz-20"


@pytest.mark.parametrize(
    ("name", "iri"),
    [('"#c"', "report/a#c"), ("b#c", "report/b#c"), ("record/b#c", "record/b#c"), ("x/y/z#c", "x/y/z#c")],
)
def test_a_name_of_an_entry_is_one_of_this_report_or_another(reader: Reader, name: str, iri: str) -> None:
    relation = f'{HEAD}relations:\n  "#r":\n    claim: {name}\n    from: {name}\n'
    assert _objects(reader, relation, "claim") == _objects(reader, relation, "from") == {iri}
    assert _objects(reader, f'{HEAD}statements:\n  "#s":\n    expresses: [{name}]\n', "expresses") == {iri}


# Names that nobody bears


def _messages(project: Project, text: str) -> list[tuple[int | None, str]]:
    path = project.data / "report/my-report.yaml"
    path.write_text(text, encoding="utf-8")
    return [(problem.line, problem.message) for problem in rejoinder.check(project, (path,)).problems]


UNKNOWN = [
    ("jane-exmaple", "did you mean 'jane-example'?"),
    ("a-prisonner", "did you mean 'a-prisoner'?"),
    ("odff", "did you mean 'odf'?"),
    ("a-delegations", "did you mean 'a-delegation'?"),
    ("kaz", "did you mean 'KAZ'?"),
    ("nobody-at-all", "describe it, or remove the reference"),
]


@pytest.mark.parametrize(("name", "hint"), mostly_slow(UNKNOWN, UNKNOWN[::5]))
def test_an_unknown_agent_is_told_at_its_line_with_the_nearest_person_or_organisation(
    project: Project, name: str, hint: str
) -> None:
    text = f"{HEAD}editors:\n  - odf\n  - {name}\n"
    assert (5, f"no person or organisation is called {name!r}; {hint}") in _messages(project, text)


def test_an_agent_under_the_path_of_the_other_kind_is_told_with_the_right_path(project: Project) -> None:
    found = _messages(project, f"{HEAD}editors: [person/odf, organisation/jane-example]\n")
    assert (3, "nothing describes 'person/odf'; did you mean 'organisation/odf'?") in found
    assert (3, "nothing describes 'organisation/jane-example'; did you mean 'person/jane-example'?") in found


@pytest.mark.parametrize(("name", "hint"), [("kaz-2", "did you mean 'kaz-20'?"), ("hrc-4", "did you mean 'hrc-43'?")])
def test_an_unknown_proceeding_is_told_with_the_nearest_of_both_kinds(project: Project, name: str, hint: str) -> None:
    found = _messages(project, f"{HEAD}proceeding: {name}\n")
    assert (3, f"no review or proceeding is called {name!r}; {hint}") in found


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ('"#claim-visit"', "nothing describes 'report/my-report#claim-visit'; did you mean 'claim-visits'?"),
        (
            "other#claim-visits",
            "nothing describes 'report/other#claim-visits'; describe it, or remove the reference; "
            "an entry that is private or waits for a second person counts as missing",
        ),
    ],
)
def test_an_unknown_entry_is_told_with_the_nearest_of_its_report(project: Project, name: str, words: str) -> None:
    claim = '  "#claim-visits": {label: Observers may visit, anchor: "#p1"}\n'
    text = f'{HEAD}claims:\n{claim}statements:\n  "#s":\n    expresses: {name}\n'
    assert (7, words) in _messages(project, text)


# Languages


def _texts(reader: Reader, text: str, name: str = "report/a") -> set[str]:
    """Return the texts with a language that the dossier states, in N-Triples."""
    path = reader.data / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    literals = (quad.object for quad in reader.read(path).quads if isinstance(quad.object, terms.Literal))
    return {str(literal) for literal in literals if literal.language}


def test_the_editors_words_have_the_language_of_the_dossier_and_the_reports_words_that_of_the_report(
    reader: Reader,
) -> None:
    text = """
type: Report
lang: fr
language: RUS
title: Доклад
label: Un rapport
place: Варшава
portion: La première page
statements:
  "#s": {label: Une déclaration, role: Депутат, note: Une note}
claims:
  "#c": {label: Une affirmation, quote: Гораздо мягче}
concerns:
  "#k": {verb: отметили}
statistics:
  "#n": {unit: personnes}
verdicts:
  "#v": {word: неправда}
"""
    assert _texts(reader, text) == {
        '"Доклад"@ru',
        '"Un rapport"@fr',
        '"Варшава"@ru',
        '"La première page"@fr',
        '"Une déclaration"@fr',
        '"Депутат"@ru',
        '"Une note"@fr',
        '"Une affirmation"@fr',
        '"Гораздо мягче"@ru',
        '"отметили"@ru',
        '"personnes"@fr',
        '"неправда"@ru',
    }


def test_the_words_of_a_report_without_a_language_have_that_of_the_dossier(reader: Reader) -> None:
    text = "lang: ru\nlabel: Лица\naffectedPersons:\n  x: {label: Икс, describedAs: [адвокат, редактор]}\n"
    assert _texts(reader, text, "person") == {'"Лица"@ru', '"Икс"@ru', '"адвокат"@ru', '"редактор"@ru'}


def test_a_label_by_language_has_each_of_its_languages_and_no_other(reader: Reader) -> None:
    text = f'{HEAD}label: {{fr: Un rapport, zh-Hant: 報告}}\nclaims:\n  "#c": {{label: A claim}}\n'
    assert _texts(reader, text) == {'"Un rapport"@fr', '"報告"@zh-hant', '"A claim"@en'}


def test_names_and_symbols_have_no_language(reader: Reader) -> None:
    assert _texts(reader, f"{HEAD}symbol: A/HRC/28/10\n") == set()
    people = 'lang: en\npeople:\n  x: {label: X, altLabel: Y, realName: "Z"}\n'
    assert _texts(reader, people, "person") == {'"X"@en'}


@pytest.mark.parametrize("text", ["type: Report\nlabel: A\n", "label: A\nissues: {}\n"])
def test_a_dossier_without_a_language_is_refused_and_none_is_assumed(reader: Reader, text: str) -> None:
    (problem,) = _problems(reader, text)
    assert problem.message.startswith("the dossier lacks the key 'lang'; add it")
