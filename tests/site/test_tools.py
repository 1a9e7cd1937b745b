"""What needs a script, in a real browser under a strict content policy: search, SPARQL, tables that sort."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from browsing import VIEWS, opened, violations
from conftest import ROOT, leave_out
from rejoinder import namespaces, versions
from rejoinder import question as stored_questions
from rejoinder.cli.main import program
from rejoinder.config import Project
from rejoinder.rdf import terms as rdf_terms
from rejoinder.site import search, static
from rejoinder.site.search import SearchEntry

BASE = "https://example.org/reports/"
HOSTILE = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ANSWERED = "#answer:not([hidden])"


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """Give a page whose every complaint is an error."""
    made = opened(browser, "desktop", accept_downloads=True)
    complaints: list[str] = []
    made.on("console", lambda message: complaints.append(message.text))
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    made.context.close()
    assert complaints == []


def _searched(page: Any, address: str, words: str) -> list[str]:
    """Return the labels that a search finds, in order."""
    page.goto(f"{address}search.html?q={quote(words)}")
    page.locator("#found:not(:empty)").wait_for()
    return [str(text) for text in page.locator("#named a, #results a").all_inner_texts()]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Azilkhanov", "Marat Azilkhanov"),
        ("Azilhanov", "Marat Azilkhanov"),
        ("Азилханов", "Marat Azilkhanov"),
        ("azilkh", "Marat Azilkhanov"),
        ("azilk", "Marat Azilkanov"),
        ("Nasarbajev", "“President of Kazakhstan” (the editors read: Nursultan Nazarbayev)"),
        ("Tchequie", "Czechia"),
        ("Чехия", "Czechia"),
        ("捷克", "Czechia"),
        ("CZE", "Czechia"),
        ("republic czech", "Czechia"),
        ("non-traditional elements", "The state makes no distinction between traditional and non-traditional elements"),
        ("raised what", "Who raised what?"),
    ],
)
def test_a_name_is_found_in_any_spelling(page: Any, tools: str, words: str, found: str) -> None:
    assert found in [text[: len(found)] for text in _searched(page, tools, words)]


@pytest.mark.parametrize(
    ("words", "first", "snippet"),
    [
        ("untrue", "Claim\nArticle 400 narrows liability", "The report’s own word for it: “untrue”"),
        ("minister of justice", "Claim\nKazakhstan is implementing human rights recommendations", ""),
        ("torture", "Claim\nA special prosecutor considers all complaints of torture", ""),
        ("deceit", "Assessment\nADHRB holds that those mistruths keep up a narrative that is based on deceit", ""),
        ("France session 20 judiciary", "Recommendation\nProvide a fair and independent judiciary", ""),
    ],
)
def test_results_lead_with_what_was_said_and_mark_the_words(
    page: Any, tools: str, words: str, first: str, snippet: str
) -> None:
    _searched(page, tools, words)
    leading = page.locator("#results li").first
    assert re.sub(r"\s+", " ", leading.inner_text()).startswith(first.replace("\n", " "))
    assert leading.locator("mark").count()
    assert [each.inner_text() for each in leading.locator(".snippet").all()] == ([snippet] if snippet else [])


def test_who_writes_a_name_is_led_to_the_page_of_its_bearer(page: Any, tools: str) -> None:
    president = "“President of Kazakhstan” (the editors read: Nursultan Nazarbayev)"
    for words, label in (
        ("Azilkhanov", "Marat Azilkhanov"),
        ("Чехия", "Czechia"),
        ("kaz", "Kazakhstan"),
        ("Nazarbayev", president),
    ):
        _searched(page, tools, words)
        assert page.locator("#named a").first.inner_text() == label
    _searched(page, tools, "Yevloyev")  # a person affected
    assert not page.locator("#named a").count()


def test_results_name_people_with_their_office_and_whom_a_report_does_not_name_by_it(built_once: Project) -> None:
    """The report says only "the President"; of the others it gives name and role, which they had when they spoke."""
    found = _entries(built_once)
    president = "“President of Kazakhstan” (the editors read: Nursultan Nazarbayev)"
    assert found["person/nursultan-nazarbayev.html"][0] == president
    report = "Open Dialog Foundation: report on Kazakhstan's review of October 2014"

    def note(entry: str) -> str:
        (only,) = {note for path, (_, note) in found.items() if re.search(rf"kaz-upr-20\b.*\b{entry}\b", path)}
        return only

    assert note("claim-no-division").startswith("Marat Azilkhanov · Kazakhstan's representative · ")
    # Whoever has the office in the name needs it no second time.
    assert note("evidence-president-on-sects") == f"{president} · {report}"
    official = "Kanat Seytgaparov · Representative of the General Prosecutor's Office"
    assert note("evidence-assembly-law-conceded") == f"{official} · {report}"
    assert found["person/marat-azilkhanov.html"] == ("Marat Azilkhanov", "Kazakhstan's representative (2014)")
    assert not [row for row in found.values() if re.search("(?<!read: )Nursultan Nazarbayev", " ".join(row))]


def _entries(project: Project) -> Mapping[str, tuple[str, str]]:
    """Return the label and the note of each result by its address."""
    folder = versions.require_newest(project.build).site_path / "search"
    texts = [path.read_text(encoding="utf-8").partition(",")[2][:-2] for path in folder.glob("entries-*.js")]
    return {path: (label, note) for text in texts for label, path, note, *_ in json.loads(text)}


def test_little_is_loaded_before_the_first_key(page: Any, tools: str) -> None:
    """At most 200 KB: the page, its style, its script and the first file of the index."""
    sizes: list[int] = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto(f"{tools}search.html")
    page.wait_for_load_state("networkidle")
    assert len(sizes) >= 4
    assert sum(sizes) < 200_000


def test_what_is_not_there_is_not_found_and_the_page_says_so(page: Any, tools: str) -> None:
    assert _searched(page, tools, "xyzzyq") == []
    assert "xyzzyq" in page.inner_text("#found")


def test_hostile_words_stay_words(page: Any, tools: str) -> None:
    assert _searched(page, tools, "<img src=x onerror=alert(1)>") == []
    assert page.locator("main img").count() == 0


def test_a_claim_is_reached_from_any_page_by_keyboard(page: Any, tools: str) -> None:
    page.goto(tools + "state/CZE.html")
    page.get_by_label("Search this site").focus()
    page.keyboard.type("traditional elements")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="The state makes no distinction").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/kaz-upr-20/claim-no-division.html")
    assert "The state makes no distinction" in page.inner_text("main")


def test_search_works_from_a_folder_on_disk(page: Any, tools: str, built_once: Project) -> None:
    assert tools
    folder = versions.require_newest(built_once.build).site_path.resolve()
    assert "Marat Azilkhanov" in _searched(page, f"{folder.as_uri()}/", "azilkhanov")


def test_results_can_be_narrowed_to_a_kind(page: Any, tools: str) -> None:
    everything = _searched(page, tools, "torture")
    page.get_by_role("button", name="Claim").click()
    claims = page.locator("#results a").all_inner_texts()
    assert 0 < len(claims) < len(everything)
    assert set(page.locator("#results .tag").all_inner_texts()) == {"Claim"}


def test_the_index_is_parted_and_every_word_is_found_in_its_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_FULL", 8)
    entries = [SearchEntry("State", name, (name,), f"{name}.html") for name in ("Ab", "Abc", "Abd", "Bc", "Bcd", "C")]
    entries.append(SearchEntry("Claim", "X", ("bc",), "x.html", also=("ab",)))
    made = {name: json.loads(text.partition(",")[2][:-2]) for name, text in search.files(entries)}
    assert made["index.js"]["parts"] == ["a", "b", "c", "k"]  # an x is a k and an s, by its sound
    # Twice the number of an entry, and one more where the word is not in its label: the steps from one to the next.
    assert made["words-61.js"] == {"ab": [0, 13], "abc": [2], "abd": [4]}
    assert made["words-62.js"] == {"bc": [6, 7], "bcd": [8]}
    assert made["index.js"]["kinds"] == [["State", 6], ["Claim", 1]]


def test_the_same_entries_make_the_same_index_in_any_process() -> None:
    code = (
        "from rejoinder.site.search import SearchEntry, files; print(list(files([SearchEntry('a', 'x y z', (), 'p')])))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def _opened_query(page: Any, address: str, fragment: str) -> None:
    page.goto(f"{address}sparql.html#{fragment}")
    page.reload()  # a fragment alone opens no page anew
    page.wait_for_selector("#editor .cm-content")


def _run(page: Any) -> str:
    """Run the query; return the problem in words, empty if there is an answer."""
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector(f"{ANSWERED}, #error:not([hidden])")
    return str(page.inner_text("#error")) if page.locator("#error").is_visible() else ""


def _downloaded(page: Any, kind: str) -> str:
    with page.expect_download() as download:
        page.locator("#downloads").get_by_role("link", name=kind).click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def test_every_stored_question_has_its_expected_answer_in_the_browser(page: Any, tools: str) -> None:
    _opened_query(page, tools, "")
    wrong = {}
    # Those over all reviews have no answer of the one report that the site is made of.
    paths = [path for path in sorted((ROOT / "queries").glob("*.rq")) if path.with_suffix(".expected.csv").exists()]
    assert len(paths) >= 50
    for path in paths:
        page.select_option("#question", path.stem)
        for name, value in _example(path).items():
            _set(page.locator(f"#parameter-{name}"), value)
        problem = _run(page)
        columns, *expected = csv.reader(path.with_suffix(".expected.csv").read_text(encoding="utf-8").splitlines())
        rows = [] if problem else list(csv.DictReader(_downloaded(page, "CSV").splitlines()))
        if problem or [[_short(row[column]) for column in columns] for row in rows] != expected:
            wrong[path.stem] = problem or rows[:2]
    assert wrong == {}


def _set(field: Any, value: str) -> None:
    """Write a value, or choose it from a list, whose options have the path of a thing as their value."""
    if field.evaluate("it => it.localName") == "input":
        field.fill(value)
        return
    options = field.locator("option").evaluate_all("all => all.map(it => it.value)")
    field.select_option(next(it for it in options if it.rpartition("/")[2] == value.rpartition("/")[2]))


def _example(path: Path) -> Mapping[str, str]:
    card = yaml.safe_load(
        "\n".join(line[3:] for line in path.read_text(encoding="utf-8").splitlines() if line[:2] == "#+")
    )
    return {key: str(value) for key, value in card["examples"][0]["parameters"].items()}


def _short(text: str) -> str:
    return text.replace(namespaces.RJ, "rj:", 1) if text.startswith(namespaces.RJ) else text.removeprefix(BASE)


def test_a_query_counts_each_statement_once_as_our_own_store_does(page: Any, tools: str, built_once: Project) -> None:
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    store = versions.require_newest(built_once.build).open()
    _opened_query(page, tools, f"query={quote(text)}")
    assert _run(page) == ""
    # The default graph holds the union; the two entries of a merged person are in two graphs.
    statements = sum(1 for _ in store.quads_for_pattern(None, None, None, rdf_terms.DefaultGraph()))
    assert page.locator("#table td").inner_text() == str(statements)


def test_arithmetic_is_read_from_the_left(page: Any, tools: str) -> None:
    terms = (
        "(10-3-2 AS ?a) (100/10*2 AS ?b) (10 - 3 -2 * 4 AS ?c) (20 -8 / 2 / 2 AS ?d) (9 - (8 - 4 - 2) - 1 - 1 AS ?e)"
    )
    _opened_query(page, tools, f"query={quote(f'SELECT {terms} {{}}')}")
    assert _run(page) == ""
    assert [float(text) for text in page.locator("#table td").all_inner_texts()] == [5, 20, -1, 18, 5]


def test_a_hostile_query_is_stopped_and_the_next_one_is_answered(page: Any, tools: str) -> None:
    _opened_query(page, tools, f"query={quote(HOSTILE)}")
    page.get_by_role("button", name="Run").click()
    page.get_by_text("The query is running.").wait_for()
    page.get_by_role("button", name="Stop").click()
    assert page.inner_text("#state") == "The query was stopped."
    page.select_option("#question", "who-raised-what")
    assert _run(page) == ""


@pytest.mark.parametrize(
    ("query", "begins", "says"),
    [
        ("SELECT * WHERE {\n  ?s ?p ?o\n} GARBAGE", "Line 3, column 3: ", "“GARBAGE” cannot stand here"),
        ("SELECT * WHERE {\n  ?s rj:about ?o }", "Line 2, column 6: ", "PREFIX rj: <…>"),
        ("DELETE WHERE { ?s ?p ?o }", "Line 1, column 1: ", "DELETE would change the data"),
        ("", "Line 1, column 1: ", "no query"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "The service", "not supported"),
    ],
)
def test_what_is_wrong_is_said_in_words_with_its_line(
    page: Any, tools: str, query: str, begins: str, says: str
) -> None:
    _opened_query(page, tools, f"query={quote(query)}")
    problem = _run(page)
    assert problem.startswith(begins)
    assert says in problem


def test_a_graph_is_shown_and_taken_as_turtle(page: Any, tools: str) -> None:
    _opened_query(page, tools, "query=" + quote(f"CONSTRUCT WHERE {{ ?s a <{namespaces.RJ}Review> }}"))
    assert _run(page) == ""
    assert f"<{namespaces.RJ}Review>" in _downloaded(page, "Turtle")


def test_an_iri_in_an_answer_leads_to_its_page(page: Any, tools: str) -> None:
    _opened_query(
        page, tools, "query=" + quote(f"SELECT * {{ VALUES ?s {{ <{BASE}state/CZE> <javascript:alert(1)> }} }}")
    )
    assert _run(page) == ""
    assert page.locator("#table a").count() == 1
    page.get_by_role("link", name="state/CZE").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Czechia"


def test_the_editor_completes_terms_and_declares_their_prefix(page: Any, tools: str) -> None:
    _opened_query(page, tools, "query=" + quote("SELECT * { ?s a "))
    page.locator("#editor .cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("rj:RefusedV")
    page.locator(".cm-tooltip-autocomplete:not(.cm-tooltip-autocomplete-disabled)").wait_for()
    page.get_by_role("option", name="rj:RefusedVisit").first.wait_for()
    # For 75 ms a list that has just opened leaves Enter to the text, so that nobody accepts what they have not seen.
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    lines = page.locator("#editor .cm-line").all_inner_texts()
    assert lines == [f"PREFIX rj: <{namespaces.RJ}>", "SELECT * { ?s a rj:RefusedVisit"]


def test_the_tools_ask_nobody_else_for_anything(page: Any, tools: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _searched(page, tools, "torture")
    _opened_query(page, tools, "")
    _run(page)
    assert [url for url in asked if not url.startswith((tools, f"blob:{tools[:10]}"))] == []


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_on_the_tools(browser: Any, tools: str, axe: str, view: str) -> None:
    page = opened(browser, view)
    found = {}
    _searched(page, tools, "torture")
    found["search"] = violations(page, axe)
    _opened_query(page, tools, "")
    _run(page)
    found["sparql"] = violations(page, axe)
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.context.close()
    assert found == {"search": [], "sparql": []}
    assert width <= 0


def test_an_address_names_a_question_with_values_and_is_answered(page: Any, tools: str) -> None:
    page.goto(f"{tools}question/recommendations-with-a-word.html")
    page.get_by_label("Word", exact=True).fill("judiciary")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_selector(ANSWERED)
    assert "word=judiciary" in page.url
    assert "judiciary" in page.locator("#table td").all_inner_texts()[1]


def _column(page: Any, number: int) -> list[str]:
    return [str(text) for text in page.locator(f"table.answers tbody tr > :nth-child({number})").all_inner_texts()]


def test_a_question_is_narrowed_by_lists_and_words_also_from_disk(page: Any, tools: str, built_once: Project) -> None:
    """The address says what is chosen, and opens the same; the file has the chosen rows."""
    assert tools
    start = (versions.require_newest(built_once.build).site_path.resolve() / "question/who-raised-what.html").as_uri()
    page.goto(start)
    everything = len(_column(page, 1))
    page.get_by_label("State", exact=True).select_option(label="Czechia")
    page.wait_for_url("**?state=CZE")
    assert set(_column(page, 1)) == {"Czechia"}
    page.get_by_label("Rows with these words").fill("ASSEMBLY")
    page.wait_for_url("**?state=CZE&filter=ASSEMBLY")
    rows = _column(page, 2)
    assert rows
    assert all("assembly" in issue.lower() for issue in rows)
    assert len(rows) < everything
    assert f"Rows: {len(rows)} of " in page.inner_text("#count")
    page.reload()
    page.get_by_text(f"Rows: {len(rows)} of").wait_for()
    assert _column(page, 2) == rows
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert len(Path(download.value.path()).read_text(encoding="utf-8").splitlines()) == 1 + len(rows)


def test_a_question_begins_with_its_default_which_a_reader_can_change(page: Any, tools: str) -> None:
    page.goto(f"{tools}question/what-a-state-did.html")
    state = page.get_by_label("State", exact=True)
    assert state.evaluate("it => it.selectedOptions[0].text") == "Germany"
    assert set(_column(page, 4)) == {"Germany"}
    state.select_option(label="France")
    page.wait_for_url("**?state=FRA")
    assert set(_column(page, 4)) == {"France"}


def test_a_table_sorts_by_value_and_says_so(page: Any, tools: str) -> None:
    page.goto(tools + "question/issues-ranked.html")
    head = page.get_by_role("columnheader", name="States")
    for direction in ("ascending", "descending"):
        head.get_by_role("button").click()
        page.get_by_text("Rows: ").wait_for()
        assert head.get_attribute("aria-sort") == direction
        numbers = [int(text) for text in _column(page, 2)]
        assert numbers == sorted(numbers, reverse=direction == "descending")
    assert max(numbers) >= 10, "two figures tell the order of numbers from that of words"
    assert page.locator("table.answers .bar").count() == len(numbers)


def test_no_reader_ranks_persons_by_a_number(page: Any, tools: str) -> None:
    page.goto(tools + "question/claims-by-speaker-and-evidence.html")
    head = page.get_by_role("columnheader", name="Speaker")
    head.get_by_role("button").wait_for()
    assert page.locator("table.answers thead th.number").count() > 3
    assert page.locator("table.answers thead th.number button").count() == 0


def test_without_a_script_the_pages_say_what_they_need(browser: Any, tools: str) -> None:
    page = opened(browser, "desktop", java_script_enabled=False)
    for path in ("search.html", "sparql.html"):
        page.goto(tools + path)
        assert "JavaScript" in page.inner_text("noscript")
    page.context.close()


@pytest.mark.slow
def test_the_types_of_the_scripts_hold(tmp_path: Path) -> None:
    if not shutil.which("npm"):
        leave_out("node", "npm is missing: the types of the scripts are not checked")
    folder = shutil.copytree(
        ROOT / "src/frontend", tmp_path / "frontend", ignore=shutil.ignore_patterns("node_modules")
    )
    for command in (["npm", "ci", "--silent"], ["npm", "run", "--silent", "check"]):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_lock_file_names_no_registry() -> None:
    text = (ROOT / "src/frontend/package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in text
    assert "http" not in text


def test_every_package_in_a_bundle_travels_with_its_licence() -> None:
    if not static.available():
        leave_out("node", "the scripts were not bundled")
    text = static.script("assets/LICENSES.txt").content.decode()
    for package in ("oxigraph", "@codemirror/view", "codemirror-lang-sparql", "@lezer/lr", "style-mod"):
        assert f"\n{package} " in text
    assert text.count("Licence: ") == text.count("Source: ") >= 10


def test_a_question_is_read_the_same_with_and_without_its_card() -> None:
    question = stored_questions.read_question(ROOT / "queries/who-raised-what.rq")
    assert question.sparql.startswith("PREFIX")
    assert "#+" not in question.sparql


def test_without_scripts_a_site_is_whole_and_the_build_says_what_is_missing(
    small: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(static, "_STAMP", small.root / "none")
    monkeypatch.chdir(small.root)
    with pytest.raises(SystemExit) as done:
        program(["build"])(["build", "--jobs", "1"])
    assert done.value.code == 0
    assert "no search and no SPARQL page" in capsys.readouterr().err
    site = versions.require_newest(small.build).site_path
    assert not (site / "assets").exists()
    assert not (site / "search.html").exists()
    for path in ("index.html", "question/who-raised-what.html"):
        text = (site / path).read_text(encoding="utf-8")
        assert "search.html" not in text
        assert "sparql.html" not in text
        assert "assets/" not in text


@pytest.mark.parametrize(
    ("npm", "says"),
    [(None, "npm is missing"), ("#!/bin/sh\necho 'no route' >&2\nexit 1\n", "'npm ci --omit=dev' failed")],
)
def test_an_installation_without_npm_goes_on_and_says_so(tmp_path: Path, npm: str | None, says: str) -> None:
    shutil.copytree(ROOT / "src/frontend", tmp_path / "src/frontend", ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "bin").mkdir()
    if npm:
        (tmp_path / "bin/npm").write_text(npm, encoding="utf-8")
        (tmp_path / "bin/npm").chmod(0o755)
    command = [sys.executable, str(tmp_path / "src/frontend/hatch_build.py")]
    done = subprocess.run(command, env={"PATH": f"{tmp_path / 'bin'}"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert says in done.stderr
    assert "no search, no SPARQL page" in done.stderr
    assert not (tmp_path / "src/rejoinder/site/assets").exists()
