"""Persons affected: pages that search engines list leave out their names; others add the report's word for each."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any, Final

import html5lib
import pytest

from rejoinder import formats, versions
from rejoinder.config import Project
from rejoinder.messages import of_language
from rejoinder.question import Question
from rejoinder.rdf import graphs, terms
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Literal, NamedNode
from rejoinder.site import question_page
from rejoinder.site.affected import AffectedNames, in_json
from rejoinder.site.resource import GraphReader
from rejoinder.site.snapshot import Snapshot, open_snapshot

DESCRIBED: Final = {
    "Zinaida Mukhortova": "lawyer",
    "Zinaida Muhortova": "lawyer",
    "Oleg Yevloyev": "victim of torture",
    "Vladimir Kozlov": "oppositionist",
    "Roza Tuletayeva": "political prisoner",
    "Aron Atabek": "political prisoner",
    "Hasan Mushaima": "political opposition leader",
    "Abdulwahab Husain": "political opposition leader",
}
"""The names under `affectedPersons` in `data/person.yaml`, each with a word that a report has for the person."""
NAME: Final = re.compile("|".join(DESCRIBED))
NOINDEX: Final = '<meta name="robots" content="noindex">'


@pytest.fixture(scope="module")
def snapshot(built_once: Project) -> Snapshot:
    return open_snapshot(built_once, versions.require_newest(built_once.build))


@pytest.fixture(scope="module")
def site(built_once: Project) -> Path:
    return versions.require_newest(built_once.build).site_path


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, str]:
    """Give the text of every page of the example's site, by path."""
    found = {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    return {path: html.unescape(text) for path, text in found.items()}


def test_no_page_that_search_engines_list_has_a_name(pages: dict[str, str], site: Path) -> None:
    naming = {path for path, text in pages.items() if NAME.search(text)}
    hidden = {path for path, text in pages.items() if NOINDEX in text}
    assert naming - hidden == set()
    site_map = (site / "sitemap.xml").read_text(encoding="utf-8")
    listed = {path for path in pages if f"/{path}<" in site_map}
    assert listed & hidden == set()
    assert {"state/KAZ.html", "report/kaz-upr-20.html", "issue/visits-to-prisoners.html"} <= listed
    assert {"report/kaz-upr-20/data.html", "person/aron-atabek.html", "question/persons-affected.html"} <= naming


def test_overviews_say_what_happened_and_leave_the_name_out(pages: dict[str, str]) -> None:
    for path in ("state/KAZ.html", "report/kaz-upr-20.html", "report/kaz-upr-20/claim-observers-may-visit.html"):
        assert "Isabel Santos was forbidden to visit [“political prisoner”, name left out]" in pages[path], path


def test_a_page_with_a_name_left_out_says_why_and_no_other_page_does(pages: dict[str, str]) -> None:
    note = "stands in the place of the name of a prisoner, victim or other person affected"
    marked = {path for path, text in pages.items() if "name left out]" in text.partition("<footer")[0]}
    noted = {path for path, text in pages.items() if note in text}
    assert marked == noted
    assert {"state/KAZ.html", "report/kaz-upr-20.html"} <= noted
    assert not noted & {"index.html", "person/aron-atabek.html"}


def test_a_row_that_would_be_only_a_name_left_out_is_not_shown(pages: dict[str, str], site: Path) -> None:
    """One person affected has two spellings in the data, so one row is left out."""
    page = pages["question/names-and-spellings.html"]
    assert "1 row about a person affected, such as a prisoner or victim, is not on this page." in page
    assert "name left out]" not in page + (site / "question/names-and-spellings.js").read_text(encoding="utf-8")
    assert "Zinaida Muhortova" in (site / "question/names-and-spellings.csv").read_text(encoding="utf-8")


def test_what_the_browser_loads_for_these_pages_has_no_name_either(site: Path) -> None:
    scripts = [*site.glob("compare/**/*.js"), *site.glob("question/*.js")]
    naming = {path.stem for path in scripts if NAME.search(path.read_text(encoding="utf-8"))}
    assert naming == {"persons-affected", "refused-visits"}, "their pages show these rows on demand"
    assert "Roza Tuletayeva" in (site / "question/timeline.csv").read_text(encoding="utf-8"), "the data stay"
    page = (site / "question/timeline.html").read_text(encoding="utf-8")
    assert "The names of persons affected are left out here. CSV and JSON have them." in page


def test_where_an_entry_names_somebody_the_report_s_own_word_stands_with_it(pages: dict[str, str], site: Path) -> None:
    """On the data pages of a report, in the lists, and in search results: in the entry itself, or after it."""
    shown = []
    for path in (*(f"report/kaz-upr-20/data{n}.html" for n in ("", "-2", "-3")), "report/bhr-adhrb-2020/data.html"):
        main = pages.get(path, "").partition("<main")[2]
        shown += [(path, words) for words in re.findall(r">([^<>]*)</a>((?: \([^<>]*\))?)", main)]
    rows = []
    for script in sorted(site.glob("evidence/*.js")):
        if not script.stem.startswith("facet-"):
            rows += [(script.stem, (row[2], " ".join(fact[0] for fact in row[4]))) for row in _handed(script)]
    for script in sorted(site.glob("search/entries-*.js")):
        rows += [(script.stem, (row[0], row[2])) for row in _handed(script)]
    bare, naming = [], 0
    for path, (words, after) in (*shown, *rows):
        for name in NAME.findall(words):
            naming += 1
            if DESCRIBED[name] not in f"{words} {after}".casefold():
                bare.append((path, words, after))
    assert bare == []
    assert naming > 20


def _handed(script: Path) -> Any:
    """Return what a script hands to its page."""
    return json.loads(script.read_text(encoding="utf-8").partition(",")[2].rstrip(")\n"))


def test_an_answer_about_persons_affected_adds_the_report_s_word_unless_a_column_has_it(snapshot: Snapshot) -> None:
    person = NamedNode(f"{snapshot.project.base}person/aron-atabek")
    rows = ((person, Literal("Aron Atabek"), Literal("political prisoner")),)
    question = Question("x", "", "", "", (), (), None, "")
    without = Table(("person", "personLabel"), tuple(row[:2] for row in rows))
    (cell,) = question_page.grid(snapshot.renderer, without, question)[1][0].cells
    assert cell.text == "Aron Atabek (described as “political prisoner”)"
    with_it = Table(("person", "personLabel", "describedAs"), rows)
    assert question_page.grid(snapshot.renderer, with_it, question)[1][0].cells[0].text == "Aron Atabek"


NAMED: Final = """
@prefix rj: <https://w3id.org/rejoinder/ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix : <https://example.org/> .
:a a rj:AffectedPerson ; rdfs:label "D'Anna Ö. Li" ; skos:altLabel "Li" ; rj:describedAs "lawyer"@en .
:b a rj:AffectedPerson, rj:Official ; rdfs:label "A minister" .
"""


def test_names_are_found_whole_in_each_spelling_and_form() -> None:
    quads = terms.in_graph(terms.parse(NAMED, formats.TURTLE), "https://example.org/g")
    names = AffectedNames(GraphReader(graphs.union_store(quads), "https://example.org/"))
    assert [it.short for it in names.named_in("To Li, and D'Anna Ö. Li")] == ["a"]
    assert names.named_in("Libel of A minister") == ()
    assert names.qualification("Release Li") == "D'Anna Ö. Li: described as “lawyer”"
    assert names.qualification("D'Anna Ö. Li") == "described as “lawyer”"
    assert names.qualification("Release the lawyer Li") == ""
    french = AffectedNames(names.reader, of_language("fr"))
    assert french.qualification("Release Li") == "D'Anna Ö. Li: désignation dans le document\xa0: «\xa0lawyer\xa0»"
    assert french.left_out("Release Li") == "Release [«\xa0lawyer\xa0», nom omis]"
    in_html, in_json = "<b>D&#39;Anna Ö. Li</b>", '{"name": "D\\u0027Anna \\u00d6. Li"}'
    mark = "[“lawyer”, name left out]"
    assert names.left_out(f"{in_html} Libel {in_json}") == f'<b>{mark}</b> Libel {{"name": "{mark}"}}'
    assert names.left_out("The lawyer Li") == "The lawyer [name left out]", "the report's word stands before it"


def test_the_mark_is_written_as_the_text_around_it(tmp_path: Path) -> None:
    """It is no pattern, and closes neither an element nor a text of JSON."""
    path = tmp_path / "locale" / "fr" / "LC_MESSAGES" / "rejoinder.po"
    path.parent.mkdir(parents=True)
    path.write_text(r"""msgid ""
msgstr ""
msgid "[%(words)s, name left out]"
msgstr "[\"nom\" %(words)s \\omis & <tu>]"
""")
    quads = terms.in_graph(terms.parse(NAMED, formats.TURTLE), "https://example.org/g")
    reader = GraphReader(graphs.union_store(quads), "https://example.org/")
    names = AffectedNames(reader, of_language("fr", tmp_path))
    mark = '["nom" «\xa0lawyer\xa0» \\omis & <tu>]'
    assert names.left_out("to Li", str) == f"to {mark}"
    assert json.loads(names.left_out('{"to": "Li"}', in_json)) == {"to": mark}
    page = names.left_out('<p title="Li">Li</p><script type="application/ld+json">{"name": "Li"}</script>')
    tree: Any = html5lib.parse(page, namespaceHTMLElements=False)
    paragraph, script = tree.find(".//p"), tree.find(".//script")
    assert (paragraph.get("title"), paragraph.text) == (mark, mark)
    assert html.unescape(json.loads(script.text)["name"]) == mark
