"""Mistakes of newcomers: each is one sentence that says what to do, and no empty answer or live link instead."""

from __future__ import annotations

import json

import pytest

import rejoinder
from conftest import Run
from rejoinder import formats
from rejoinder.config import Project, open_project
from rejoinder.disk import package_file
from rejoinder.errors import ProjectError, QueryError, UsageError
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import serialize, terms
from rejoinder.rdf.jsonld import read_context
from rejoinder.rdf.results import Table

REPORT = "data/report/short.yaml"


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("who-raised-what", {"state": "CZEE"}, "state: there is no State 'state/CZEE' in the data; did you mean"),
        ("who-raised-what", {"state": "cze"}, "did you mean state/CZE"),
        ("who-raised-what", {"state": "Switzerland"}, r"did you mean state/CHE\?"),
        ("who-raised-what", {"state": "Kazakstan"}, "did you mean state/KAZ"),
        ("who-raised-what", {"report": "nope"}, "report: there is no Report 'report/nope' in the data"),
        ("claims-by-official", {"speaker": "elvira-azimowa"}, "did you mean person/elvira-azimova"),
    ],
)
def test_a_value_that_names_nothing_is_refused_with_what_may_be_meant(
    built_once: Project, name: str, values: dict[str, str], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        rejoinder.ask(built_once, name, values)


def test_a_value_that_names_something_of_which_nothing_is_said_has_an_empty_answer(built_once: Project) -> None:
    assert rejoinder.ask(built_once, "who-raised-what", {"state": "FJI"}).rows == ()


@pytest.mark.parametrize("key", ["license", "site"])
@pytest.mark.parametrize("value", ["javascript:alert(1)", "mine", "https://", "https://a b/"])
def test_an_address_that_pages_would_link_to_is_one_of_the_web(project: Project, key: str, value: str) -> None:
    file = project.root / "rejoinder.toml"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith(f"{key} ")]
    file.write_text("\n".join((*lines, f"{key} = {json.dumps(value)}", "")), encoding="utf-8")
    with pytest.raises(ProjectError, match=f"{key} is .*write an address that starts with https://"):
        open_project(project.root)


@pytest.mark.parametrize("control", ["\u202e", "\u2067"])
def test_letters_that_turn_a_name_round_are_refused_at_their_line(small: Project, run: Run, control: str) -> None:
    path = small.root / REPORT
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("label:"))
    lines[at] = f'label: "a{control}b"'
    path.write_text("\n".join(lines), encoding="utf-8")
    answer = run("check", REPORT)
    assert answer.returncode == 2
    assert f"{REPORT}:{at + 1}: U+{ord(control):04X} reverses the letters after it" in answer.stdout


def test_json_ld_names_blank_nodes_by_their_graph() -> None:
    context = read_context(package_file("ontology/context.jsonld"))
    texts = ("_:a <x:p> _:b . _:b <x:p> 1 .", "_:z <x:p> 1 . _:y <x:p> _:z .")
    made = {
        serialize.write(terms.in_graph(terms.parse(text, formats.TURTLE), "x:g"), formats.JSONLD, "x:", context)
        for text in texts
    }
    assert len(made) == 1


def test_a_long_chain_of_numbers_is_read_once() -> None:
    with pytest.raises(QueryError, match="more than 2000 brackets and operators"):
        rdf_query.refuse_unsafe("SELECT (1" + "-1" * 49_000 + " AS ?x) {}")


@pytest.mark.parametrize(
    "query", ["INSERT DATA { <a> <b> 1 }", "PREFIX x: <x:>\nDELETE WHERE { ?s ?p ?o }", "load <x:y>"]
)
def test_an_update_is_called_one(query: str) -> None:
    with pytest.raises(QueryError, match="begins an update, but only queries are answered here"):
        rdf_query.refuse_unsafe(query)


@pytest.mark.parametrize("query", ["", " \n", "# a comment"])
def test_a_query_without_a_word_is_called_empty(query: str) -> None:
    with pytest.raises(QueryError, match=r"the query is empty; write one, such as SELECT \* WHERE"):
        rdf_query.refuse_unsafe(query)


def test_what_an_update_begins_with_may_be_a_name_in_a_query() -> None:
    store = terms.memory_store(terms.parse("<x:load> <x:DROP> 'CLEAR' .", formats.TURTLE))
    answer = rdf_query.query(store, "SELECT ?load { ?load <x:DROP> 'CLEAR' }")
    assert answer == Table(("load",), ((terms.NamedNode("x:load"),),))


def test_a_folder_that_is_not_there_is_named(built_once: Project, run: Run) -> None:
    answer = run("export", "nowhere/all.trig", cwd=built_once.root)
    assert answer.returncode == 2
    assert answer.stderr == "error: nowhere: there is no such folder; make it, or name another\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "data"), "data: this is a folder where a file is expected; name a file in it\n"),
        (("check", "."), ".: this is a folder where a file is expected; name a file in it\n"),
        (
            ("check", "/etc/passwd"),
            "/etc/passwd: this is not a dossier; the names of dossiers end in .yaml, .yml, .ttl, .trig, .sssom.tsv\n",
        ),
        (
            ("anchor", ".", "--all"),
            "error: .: the source text cannot be read: this is a folder where a file is expected; name a file in it\n",
        ),
        (("anchor", "empty.csv", "--all"), "error: empty.csv: the source text is empty; save the text of the report "),
        (("anchor", "empty.csv", "word"), "error: empty.csv: the source text is empty; save the text of the report "),
        (
            ("import", "table", "empty.csv", "mapping.json"),
            "error: empty.csv: this is a table, not a mapping; name the mapping first, then the table\n",
        ),
        (("build", "-f", "foo"), "Error: Invalid value for '--format' / '-f': 'foo' is not one of 'text', 'json'.\n"),
        (("import", "table", "a", "b", "-f", "foo"), "'--format' / '-f': 'foo' is not one of 'text', 'json'.\n"),
    ],
)
def test_a_wrong_argument_is_one_sentence(small: Project, run: Run, arguments: tuple[str, ...], words: str) -> None:
    (small.root / "empty.csv").touch()
    answer = run(*arguments, cwd=small.root)
    assert answer.returncode == 2
    assert words in answer.stdout + answer.stderr
