"""Hostile front matter: each is a sentence that names the file when it is read, not a crash when it is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from rejoinder import question as stored_questions
from rejoinder.config import open_project
from rejoinder.errors import InputError, UsageError
from rejoinder.rdf import terms

FRONT_MATTER = """\
#+ title: {title}
#+ summary: What it is.
#+ group: Report
#+ parameters:
#+   - {{name: s, type: {type}, summary: The thing.}}
#+ columns:
#+   - {{name: {column}, summary: The thing.}}
{more}
{query}
"""

# name, what differs from valid front matter, words of the sentence
CASES = [
    ("unknown type", {"type": "Stat"}, "has the type 'Stat'; the types are State, "),
    ("a parameter that is no column", {"column": "o"}, "the parameter 's' must be a column"),
    ("a column that is not given", {"query": "SELECT ?x { ?x ?p ?s }"}, "does not give the column 's'; it gives x"),
    ("no query", {"query": ""}, "the query is empty; write one"),
    ("a graph", {"query": "CONSTRUCT WHERE { ?s ?p ?o }"}, "makes a graph, not a table"),
    ("service", {"query": "SELECT ?s { SERVICE <http://192.0.2.1/> { ?s ?p ?o } }"}, "asks another server"),
    ("alias", {"more": "#+ a: &a [x]\n#+ b: *a"}, r"aliases \(\*\) are not allowed"),
    ("no title", {"title": ""}, "title is missing or not text"),
    ("a title in parts", {"title": "[a, b]"}, "title is missing or not text"),
    ("chart", {"more": "#+ chart: {kind: bar, x: s}"}, "lacks the key 'y'; add it"),
    ("chart in parts", {"more": "#+ chart: {kind: bar, x: s, y: [s]}"}, "not a mapping of keys to text"),
    ("an unknown chart", {"more": "#+ chart: {kind: pie, x: s, y: s}"}, "has the kind 'pie'; the kinds are bar, "),
    ("a chart of nothing", {"more": "#+ chart: {kind: bar, x: '', y: s}"}, "needs a column as x and one as y"),
    ("a chart of no column", {"more": "#+ chart: {kind: bar, x: s, y: z}"}, "'z', which the front matter does not"),
    ("a line", {"more": "#+ chart: {kind: line, x: s, y: s}"}, "has the kind 'line'; the kinds are bar, "),
    ("a bar with series", {"more": "#+ chart: {kind: bar, x: s, y: s, series: s}"}, "'series' is unknown under chart"),
    ("a bar of two", {"more": "#+ chart: {kind: bar, x: s, y: s s}"}, "takes at most 1 as y"),
    ("a stack of four", {"more": "#+ chart: {kind: stacked, x: s, y: s s s s}"}, "takes at most 3 as y"),
    ("parameters", {"more": "#+ parameters: {}"}, "parameters is missing or not a list"),
    ("a name alone", {"more": "#+ parameters: [s]"}, "parameters does not say what 's' is"),
    ("nested", {"more": "#+ a: " + "[" * 40_000}, "nested more than"),
    ("nested and closed", {"more": "#+ a: " + "[" * 40_000 + "]" * 40_000}, "nested more than"),
    ("not YAML", {"title": "'"}, "not YAML"),
]  # fmt: skip


def _written(folder: Path, **changes: str) -> Path:
    fields = {"title": "What?", "type": "State", "column": "s", "more": "", "query": "SELECT ?s { ?s ?p ?o }"}
    path = folder / "mine.rq"
    path.write_text(FRONT_MATTER.format(**fields | changes), encoding="utf-8")
    return path


@pytest.mark.parametrize(("changes", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_front_matter_that_does_not_hold_is_a_sentence(tmp_path: Path, changes: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=rf"mine\.rq:?\d*: .*{words}"):
        stored_questions.read_question(_written(tmp_path, **changes))


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("summary:", "sumary:", "the key 'sumary' is unknown; did you mean 'summary'?"),
        ("parameters:", "parametres:", "the key 'parametres' is unknown; did you mean 'parameters'?"),
        ("{name: s, summary: The thing.}", "{nam: s, summary: The thing.}", "the key 'nam' is unknown under columns; "),
        ("type: State", "typ: State", "the key 'typ' is unknown under parameters; did you mean 'type'?"),
    ],
)
def test_a_misspelt_key_is_named_with_its_line(tmp_path: Path, right: str, wrong: str, words: str) -> None:
    path = _written(tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if right in line)
    lines[at] = lines[at].replace(right, wrong)
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        stored_questions.read_question(path)
    assert str(caught.value).startswith(f"{path}:{at + 1}: the front matter behind '#+': {words}")


def test_front_matter_may_have_keys_of_other_programs(tmp_path: Path) -> None:
    assert stored_questions.read_question(_written(tmp_path, more="#+ endpoint: https://example.org/sparql"))


@pytest.mark.parametrize("content", [b"", b"SELECT ?s { ?s ?p ?o }", b"#+ - a", b"#+ 3", b"#+ title: \xff"])
def test_a_file_without_front_matter_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.rq"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"mine\.rq"):
        stored_questions.read_question(path)


@pytest.mark.parametrize("title", ["2014-02-30", "yes", "12:30", "0x1F", "~"])
def test_a_title_is_text_whatever_it_looks_like(tmp_path: Path, title: str) -> None:
    assert stored_questions.read_question(_written(tmp_path, title=title)).title == title


def test_a_name_alone_means_what_the_shared_table_says(tmp_path: Path) -> None:
    path = _written(tmp_path, column="state", query="SELECT ?state ?report { ?state ?p ?report }")
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("{name: s, type: State, summary: The thing.}", "state").replace(
            "{name: state, summary: The thing.}", "state report"
        ),
        encoding="utf-8",
    )
    question = stored_questions.read_question(path)
    assert [(each.name, each.type) for each in question.parameters] == [("state", "State")]
    assert [each.name for each in question.columns] == ["state", "report"]
    assert all(parameter.summary.endswith(".") for parameter in question.parameters)
    assert all(column.summary.endswith(".") for column in question.columns)


def test_a_default_that_is_a_number_can_be_asked(tmp_path: Path) -> None:
    path = _written(tmp_path, type="Integer, default: 5")
    question = stored_questions.read_question(path)
    assert stored_questions.ask(terms.memory_store(()), question, {}, "https://example.org/").rows == ()


def test_one_question_is_read_without_the_others(tmp_path: Path) -> None:
    (tmp_path / "rejoinder.toml").write_text('base = "https://example.org/"\n', encoding="utf-8")
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries/broken.rq").write_text("ASK {}", encoding="utf-8")
    project = open_project(tmp_path)
    assert stored_questions.named(project, "who-raised-what").name == "who-raised-what"
    with pytest.raises(UsageError, match="did you mean 'who-raised-what'"):
        stored_questions.named(project, "who-raises-what")
    with pytest.raises(InputError, match="broken"):
        stored_questions.of_project(project)
