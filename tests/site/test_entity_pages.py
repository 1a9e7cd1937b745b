"""Pages of States, people, issues and laws: what was said first, the map of squares, comparisons, persons affected."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from browsing import opened
from rejoinder import formats, versions
from rejoinder.config import Project
from rejoinder.rdf import graphs, query, terms
from rejoinder.rdf.results import Table
from rejoinder.site import compare, routes
from rejoinder.site.entities import Entities, Tally
from rejoinder.site.entity_page import TILE_PITCH, TileMap, tile_map
from rejoinder.site.resource import GraphReader
from rejoinder.site.snapshot import Snapshot, open_snapshot

AFFECTED = {
    "zinaida-mukhortova",
    "oleg-yevloyev",
    "vladimir-kozlov",
    "roza-tuletayeva",
    "aron-atabek",
    "hasan-mushaima",
    "abdulwahab-husain",
}
"""The entries under `affectedPersons` in `data/person.yaml`."""

ON_TORTURE = {
    "claim-torture-evidence-excluded": "evidence-obtained-by-torture",
    "claim-torture-evidence-without-force": "evidence-obtained-by-torture",
    "claim-preventive-mechanism-introduced": "national-preventive-mechanism",
    "claim-mechanism-effective": "national-preventive-mechanism",
    "claim-mechanism-independent": "national-preventive-mechanism",
}
"""The claims of the report kaz-upr-20 on torture: none is about torture itself, all are about these narrower issues."""


@pytest.fixture(scope="module")
def snapshot(built_once: Project) -> Snapshot:
    return open_snapshot(built_once, versions.require_newest(built_once.build))


def _source(project: Project, path: str) -> str:
    return (versions.require_newest(project.build).site_path / path).read_text(encoding="utf-8")


def _headings(page: str) -> list[str]:
    return [re.sub(r"<[^>]*>", "", text).strip() for text in re.findall(r"<h2[^>]*>(.*?)</h2>", page, re.DOTALL)]


def _briefs(page: str) -> dict[str, str]:
    """Return the cards of claims on a page, by the name of the claim."""
    cards = re.findall(r'<article class="brief.*?</article>', page, re.DOTALL)
    return {re.findall(r'<h4><a href="[^"]*/([\w-]+)\.html">', card)[0]: card for card in cards}


def test_an_issue_shows_the_claims_that_stand_under_narrower_ones_and_says_which(built_once: Project) -> None:
    cards = _briefs(_source(built_once, "issue/torture.html"))
    under = {
        name: re.findall(r'under the narrower issue <a href="([\w-]+)\.html">', card) for name, card in cards.items()
    }
    assert {name: under.get(name) for name in ON_TORTURE} == {name: [issue] for name, issue in ON_TORTURE.items()}
    card = cards["claim-preventive-mechanism-introduced"]
    assert card.index("Explicitly in the report") < card.index("By the editors’ inference")


def test_no_state_whose_officials_claim_something_counts_as_unmentioned(built_once: Project) -> None:
    """Of Bahrain the example tells only what its Foreign Minister claims."""
    told, _, fold = _source(built_once, "state/index.html").partition("that no document on this site mentions")
    assert 'href="BHR.html">Bahrain' in told
    assert "BHR.html" not in fold
    assert "BHR.html" in _source(built_once, "index.html")


@pytest.mark.parametrize("path", ["state/KAZ", "person/elvira-azimova", "issue/libel", "provision/kaz-new-penal-code"])
def test_a_page_leads_with_claims_and_ends_with_names_elsewhere(built_once: Project, path: str) -> None:
    page = _source(built_once, f"{path}.html")
    headings = _headings(page)
    assert headings[0].startswith("Claims")
    assert headings[-1] in ("How it is named elsewhere", "Names and entries elsewhere")
    before, _, _ = page.partition('id="named"')
    assert "exact match" not in before
    assert ">same as<" not in before.lower()
    assert "official name" not in before
    assert "Says Open Dialog Foundation" not in page


def test_no_page_of_a_thing_is_larger_than_a_phone_should_load(built_once: Project) -> None:
    site = versions.require_newest(built_once.build).site_path
    folders = ("state", "issue", "person", "organisation", "provision", "review", "compare/state", "compare/report")
    files = [path for folder in folders for path in (site / folder).glob("*.*ml")]
    assert {path.name: path.stat().st_size for path in files if path.stat().st_size > 300_000} == {}


def _reader(turtle: str) -> GraphReader:
    quads = terms.in_graph(terms.parse(turtle, formats.TURTLE), "https://example.org/g")
    return GraphReader(graphs.union_store(quads), "https://example.org/")


MAP = """
@prefix rj: <https://w3id.org/rejoinder/ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix : <https://example.org/> .
rj:AfricanGroup rdfs:label "African Group"@en .
:GHA a rj:State ; rdfs:label "Ghana"@en ; skos:notation "GHA" ; rj:regionalGroup rj:AfricanGroup .
:BEN a rj:State ; rdfs:label "Benin"@en ; skos:notation "BEN" ; rj:regionalGroup rj:AfricanGroup .
:VAT a rj:State ; rdfs:label "Holy See"@en ; skos:notation "VAT" .
"""


def test_a_map_has_a_square_for_each_state_in_its_group_and_observers_apart() -> None:
    entities = Entities(_reader(MAP))
    made = tile_map(entities, {"https://example.org/GHA": Tally(1, 4)})
    assert made
    assert [(group.name, [tile.code for tile in group.tiles]) for group in made.groups] == [
        ("AfricanGroup", ["BEN", "GHA"]),
        ("others", ["VAT"]),
    ]
    ((group, ghana),) = made.marked
    assert (group.name, ghana.x, ghana.y, ghana.shade) == ("AfricanGroup", TILE_PITCH, 0, 3)
    assert tile_map(entities, {"https://example.org/an-organisation": Tally(1, 0)}) is None


def _whole_map(snapshot: Snapshot) -> TileMap:
    made = tile_map(snapshot.entities, snapshot.entities.raisers(snapshot.entities.concerns.all))
    assert made
    return made


def test_the_193_members_stand_in_the_regional_groups_of_the_un(snapshot: Snapshot) -> None:
    """The sizes of the groups are those that the UN's Department for General Assembly Affairs publishes.

    The United States of America is in no group, and counts for elections with the Western European and other States,
    which are 28 without it.
    """
    groups = {group.name: len(group.tiles) for group in _whole_map(snapshot).groups}
    assert groups.pop("others") == 2
    assert groups == {
        "AfricanGroup": 54,
        "AsiaPacificGroup": 54,
        "EasternEuropeanGroup": 23,
        "LatinAmericanAndCaribbeanGroup": 33,
        "WesternEuropeanAndOthersGroup": 29,
    }
    for group in _whole_map(snapshot).groups:
        places = [(tile.x, tile.y) for tile in group.tiles]
        assert len(set(places)) == len(places)
        assert max(y for _, y in places) < group.height


RAISED = """
SELECT ?agent (COUNT(DISTINCT ?concern) AS ?n) WHERE {
  ?concern rj:raisedBy ?agent ; rj:about/skos:broader* ?issue . ?agent a rj:State . ?concern a rj:Intervention .
  FILTER(?issue = <%s>)
} GROUP BY ?agent
"""


def test_a_map_counts_as_a_query_does(snapshot: Snapshot) -> None:
    issue, entities = f"{snapshot.project.base}issue/torture", snapshot.entities
    made = tile_map(entities, entities.raisers(entities.raised_about(issue)))
    assert made
    shown = {tile.state.iri: tile.tally.total for _, tile in made.marked}
    answer = query.query(snapshot.store, RAISED % issue)
    assert isinstance(answer, Table)
    assert shown == {terms.text(agent): int(terms.text(number)) for agent, number in answer.rows if agent and number}
    page = _source(snapshot.project, "issue/torture.html")
    assert len(re.findall(r'<a href="\.\./state/[A-Z]{3}\.html" class="shade', page)) == len(shown)


CIRCLE = """
@prefix rj: <https://w3id.org/rejoinder/ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix : <https://example.org/> .
:a skos:broader :b . :b skos:broader :a . :c skos:broader :b . :d skos:broader :top .
"""


def test_broader_issues_that_go_round_in_a_circle_end() -> None:
    entities = Entities(_reader(CIRCLE))
    names = ("a", "top")
    within = {name: {it.rpartition("/")[2] for it in entities.within(f"https://example.org/{name}")} for name in names}
    assert within == {"a": {"a", "b", "c"}, "top": {"top", "d"}}
    assert entities.broadest("https://example.org/d") == ("https://example.org/top",)
    assert entities.broadest("https://example.org/a") == ("https://example.org/a",)


ON_ISSUES = """
SELECT ?label (COUNT(DISTINCT ?claim) AS ?n) WHERE {
  ?claim rj:about/skos:broader* ?issue . ?claim a rj:Claim . FILTER NOT EXISTS { ?claim a rj:Exhortation }
  ?issue rdfs:label ?label . FILTER(LANG(?label) = "en") FILTER NOT EXISTS { ?issue skos:broader ?broader }
} GROUP BY ?issue ?label
"""


def test_the_start_page_orders_issues_by_claims_and_says_so(snapshot: Snapshot) -> None:
    answer = query.query(snapshot.store, ON_ISSUES)
    assert isinstance(answer, Table)
    numbers = [(terms.text(label), int(terms.text(number))) for label, number in answer.rows if label and number]
    expected = sorted(numbers, key=lambda pair: (-pair[1], pair[0].casefold()))
    page = _source(snapshot.project, "index.html")
    (row,) = re.findall(r"By issue</a></dt><dd>(.*?)</dd>", page, re.DOTALL)
    shown = re.findall(r'<a href="issue/[\w-]+\.html">([^<]+)</a> <span class="count">(\d+)</span>', row)
    assert [(label, int(number)) for label, number in shown] == expected[:12]
    assert expected[0][1] > expected[11][1] > 0
    assert "those with most come first" in row


def test_a_role_in_a_list_has_the_year_in_which_it_was_held(snapshot: Snapshot) -> None:
    assert "<li>Foreign Minister (2020)</li>" in _source(snapshot.project, "person/index.html")
    roles = [words for words, _, _ in _compared(snapshot, "person/elvira-azimova")["facts"]["roles"]]
    assert roles == ["Deputy Minister of Justice for Kazakhstan (2014)", "Deputy Minister of Justice (2014)"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("elvira-azimova", "Spoke for Kazakhstan: 2014"),
        ("abdullatif-al-zayani", "Spoke for Bahrain: 2020"),
        # The annex of the UN's record names him in the delegation, and no document has a statement of his.
        ("marat-azilkanov", "Named as speaking for Kazakhstan in UPR Working Group"),
    ],
)
def test_for_whom_somebody_spoke_is_told_of_a_time(snapshot: Snapshot, name: str, words: str) -> None:
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", _source(snapshot.project, f"person/{name}.html")))
    assert words in page
    assert "Speaks for" not in page


def test_what_is_counted_is_named_promises_and_admissions_apart(snapshot: Snapshot) -> None:
    """By SPARQL: Kazakhstan's officials make claims, admissions and promises, and no figure calls them all claims."""
    kinds = {"claim": "rj:hasClaim", "admission": "rj:hasAdmission", "promise": "rj:hasPromise"}
    by_kazakhstan = "?said rj:expresses ?it ; rj:speaker/rj:represents? state:KAZ . ?report %s ?it ."
    numbers = {}
    for name, has in kinds.items():
        select = f"SELECT (COUNT(DISTINCT ?it) AS ?n) {{ {by_kazakhstan % has} }}"
        (found,) = query.only_row(snapshot.store, f"PREFIX state: <{snapshot.project.base}state/> {select}")
        numbers[name] = int(terms.text(found))
    assert numbers["promise"] > 1
    words = re.sub(r"<[^>]*>", " ", _source(snapshot.project, "state/index.html").rpartition('<a href="KAZ.html">')[2])
    line = re.sub(r"\s+", " ", words)[:300]
    for name, number in numbers.items():
        assert f" {number} {name}{'' if number == 1 else 's'}" in line
    page = _source(snapshot.project, "state/KAZ.html")
    assert f'Claims, admissions and promises <span class="count">{sum(numbers.values())}<' in page
    (every,) = query.only_row(snapshot.store, "SELECT (COUNT(DISTINCT ?it) AS ?n) { ?report rj:hasPromise ?it }")
    assert f"<b>{terms.text(every)}</b> promises" in _source(snapshot.project, "index.html")


def test_people_stand_under_their_states_by_name_and_are_not_ranked(snapshot: Snapshot) -> None:
    page = _source(snapshot.project, "person/index.html")
    headings = [re.sub(r"\s+\d+$", "", heading) for heading in _headings(page)]
    ombudsman = "Ombudsman of Kazakhstan"
    assert headings == ["Bahrain", "Kazakhstan", ombudsman, "Others"]
    kazakhstan = page[page.index(">Kazakhstan</a>") : page.index(f">{ombudsman}</a>")]
    names = re.findall(r'<li>[^<]*<a href="[\w-]+\.html">([^<]+)</a>', kazakhstan)
    assert len(names) == 6
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("entry", "other"),
    [
        ("kanat-seytgaparov", "kanat-seidgapparov"),
        ("marat-azilkhanov", "marat-azilkanov"),
        ("vyacheslav-kalyuzhnyi", "vyacheslav-kaliuzhnyi"),
    ],
)
def test_one_person_under_two_spellings_is_one_row_with_both(snapshot: Snapshot, entry: str, other: str) -> None:
    """The rows of `data/mapping/people.sssom.tsv`; the report's spelling comes first, for only the report has words."""
    page = _source(snapshot.project, "person/index.html")
    rows = [row for row in re.findall(r"<li><a .*", page) if re.search(rf'href="({entry}|{other})\.html"', row)]
    assert len(rows) == 1
    assert re.match(rf'<li><a href="{entry}\.html">.*also entered as <a href="{other}\.html">', rows[0])


def test_who_spoke_without_a_word_on_the_state_stands_under_the_office_and_on_the_start_page(
    built_once: Project,
) -> None:
    """The report has Vyacheslav Kalyuzhnyi as head of the Ombudsman's office, and not as speaking for the State."""
    page = _source(built_once, "person/index.html")
    row = page[page.index("Ombudsman of Kazakhstan</a>") : page.index(">Others")]
    assert re.findall(r'<li><a href="([\w-]+)\.html">', row) == ["vyacheslav-kalyuzhnyi"]
    home = _source(built_once, "index.html")
    assert 'href="person/vyacheslav-kalyuzhnyi.html"' in home[home.index("By speaker") :]
    assert 'href="organisation/kaz-delegation-upr-20.html"' in home[home.index("By delegation") :]


def test_who_joined_two_entries_is_named_and_that_nobody_else_checked_it(built_once: Project) -> None:
    """In `data/mapping/people.sssom.tsv` the author of each row is also its reviewer."""
    page = re.sub(r"<[^>]*>", "", _source(built_once, "person/kanat-seytgaparov.html"))
    assert "they were reviewed by The Rejoinder project. Whoever reviewed a mapping also proposed it" in page
    assert "onfirmed mapping" not in page
    assert "Kanat Seidgapparov (joined by The Rejoinder project)" in re.sub(
        r"<[^>]*>", "", _source(built_once, "person/index.html")
    )


def test_a_name_that_the_editors_read_for_an_office_says_so(snapshot: Snapshot) -> None:
    """The report says "the President of Kazakhstan", and gives no name."""
    claim = _source(snapshot.project, "report/kaz-upr-20/exhortation-suppress-sects.html")
    read = "“President of Kazakhstan” (the editors read: Nursultan Nazarbayev)"
    assert read in re.sub(r"<[^>]*>", "", claim)
    assert f"<title>{read}: The activities" in claim
    own = re.sub(r"<[^>]*>", "", _source(snapshot.project, "person/nursultan-nazarbayev.html"))
    assert "The documents say “President of Kazakhstan”. That this is Nursultan Nazarbayev is the editors’" in own
    (row,) = (it for it in snapshot.lists.get("evidence").rows if it.iri.endswith("#evidence-president-on-sects"))
    said = [fact.before + fact.text.value + fact.after for fact in row.facts]
    assert f"Words or finding of {read}" in said
    assert "the editors read" not in _source(snapshot.project, "person/elvira-azimova.html")


def test_states_of_which_nothing_is_said_are_folded_away(built_once: Project) -> None:
    page = _source(built_once, "state/index.html")
    folded = page[page.index('<ul class="names">') :]
    assert "Fiji" in folded
    assert "Kazakhstan" not in folded
    assert re.search(r"<summary>\d+ that no document on this site mentions</summary>", page)


def test_no_list_leads_to_a_person_affected_and_search_engines_are_asked_to_stay_away(built_once: Project) -> None:
    site = versions.require_newest(built_once.build).site_path
    lists = ["person/index.html", "sitemap.xml", "compare.html"]
    lists += [f"search/{path.name}" for path in site.glob("search/*.js")]
    found = {(path, name) for path in lists for name in AFFECTED if f"person/{name}" in _source(built_once, path)}
    assert found == set()
    assert "person/elvira-azimova" in _source(built_once, "sitemap.xml")
    pages = {path.stem: path.read_text(encoding="utf-8") for path in site.glob("person/*.html")}
    hidden = {name for name, text in pages.items() if '<meta name="robots" content="noindex">' in text}
    assert hidden == AFFECTED
    assert all(re.search(r'"@type": "WebPage"', pages[name]) for name in AFFECTED)
    assert "Persons affected, such as prisoners and victims, are not listed" in pages["index"]


def test_what_is_said_of_a_person_affected_names_the_document_that_says_it(built_once: Project) -> None:
    page = re.sub(r"<[^>]*>", "", _source(built_once, "person/roza-tuletayeva.html"))
    words = re.sub(r"\s+", " ", page)
    assert "“political prisoner”: so described in Open Dialog Foundation: report on" in words
    assert "According to “Open Dialog Foundation: report on Kazakhstan&#39;s review of October 2014” In 2014" in words


def _compared(snapshot: Snapshot, name: str) -> dict[str, Any]:
    page = routes.page(snapshot, f"compare/{name}.js")
    assert page is not None
    found = re.fullmatch(r"rejoinderCompare\((\"[^\"]*\"),(.*)\)\n", page.content.decode())
    assert found
    assert json.loads(found[1]) == name
    value: dict[str, Any] = json.loads(found[2])
    return value


def test_what_is_compared_counts_as_the_page_of_the_thing_does(snapshot: Snapshot) -> None:
    value = _compared(snapshot, "state/KAZ")
    page = _source(snapshot.project, "state/KAZ.html")
    figures = dict(re.findall(r'<a href="#([\w-]+)"><b>(\d+)</b>', page))
    assert value["outcomes"] == {name: int(figures[name]) for name in value["outcomes"]} != {}
    value = _compared(snapshot, "person/elvira-azimova")
    assert value["outcomes"] == {}, "numbers of two persons side by side would rank them"
    assert [words for words, _, _ in value["states"]] == ["Kazakhstan"]


def test_nobody_is_compared_who_is_affected_or_of_whom_nothing_is_said(snapshot: Snapshot) -> None:
    for name in ("person/roza-tuletayeva", "person/marat-azilkanov", "state/FJI", "issue/torture", "state/nowhere"):
        assert not routes.holds(snapshot, f"compare/{name}.js"), name
    stems = set(compare.stems(snapshot.renderer, snapshot.entities))
    assert "compare/state/KAZ" in stems
    # He is the only official of Bahrain in these data, so there is nobody to set beside him.
    assert "compare/person/abdullatif-al-zayani" not in stems


def test_two_stand_side_by_side_by_address(browser: Any, tools: str) -> None:
    page = opened(browser, "phone")
    page.goto(tools + "compare.html?state=KAZ&state=SVN")
    page.wait_for_selector(".compared")
    assert page.locator(".compared thead th").all_inner_texts() == ["Kazakhstan", "Slovenia"]
    assert page.locator("#left").input_value() == "KAZ"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.select_option("#right", "NLD")
    page.wait_for_selector(".compared thead th:has-text('Netherlands')")
    assert page.url.endswith("?state=KAZ&state=NLD")
    page.go_back()
    page.wait_for_selector(".compared thead th:has-text('Slovenia')")
    assert page.title().startswith("Kazakhstan and Slovenia")
    page.goto(tools + "compare.html?person=elvira-azimova&person=kanat-seytgaparov")
    page.wait_for_selector(".compared")
    assert page.locator("#right optgroup").evaluate_all("all => all.map(one => one.label)") == ["Kazakhstan"]
    page.goto(tools + "compare.html?state=KAZ&state=Atlantis")
    page.wait_for_selector("#problem:has-text('Atlantis')")
    page.context.close()


def test_without_scripts_the_page_to_compare_leads_to_both_pages(built_once: Project) -> None:
    page = _source(built_once, "compare.html")
    assert '<a href="state/KAZ.html" data-id="KAZ">Kazakhstan</a>' in page
    assert "<noscript>" in page
