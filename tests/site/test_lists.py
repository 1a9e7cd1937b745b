"""Lists of claims, evidence and recommendations: every row, facets that agree with SPARQL, the page that filters."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from browsing import opened
from conftest import ROOT, leave_out
from rejoinder import namespaces, versions
from rejoinder import question as stored_questions
from rejoinder.config import Project
from rejoinder.rdf import query, terms
from rejoinder.site import lists, routes
from rejoinder.site.claims import ClaimOutcome
from rejoinder.site.lists import FilterableList
from rejoinder.site.snapshot import Snapshot, open_snapshot

FRONTEND: Final = ROOT / "src" / "frontend"
CHOICES: Final = 200
PREFIXES: Final = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in namespaces.PREFIXES.items())

# What each facet means, in SPARQL: a pattern for what belongs together, with a variable for each facet.
SAID: Final = """OPTIONAL {{ ?said rj:expresses {claim} .
  OPTIONAL {{ ?said rj:speaker ?speaker . OPTIONAL {{ ?speaker rj:represents? ?state . ?state a rj:State }} }}
  OPTIONAL {{ ?said rj:inProceeding ?proceeding }}
  OPTIONAL {{ ?said rj:earliest ?first }} OPTIONAL {{ ?said rj:latest ?last }} }}"""
OWN: Final = "(^rj:asserted|prov:wasAttributedTo|rj:drawsOn/rj:speaker)/rj:asserted"
WAY: Final = """BIND(IF(!BOUND(?way), "none", IF(?way = rj:Qualifying,
  IF(?b = rj:ContextualBasis, "may_qualify", "qualifies"), IF(?way = rj:Supporting,
  IF(EXISTS {{ {it} OWN {claim} }}, "reasons", IF(?b = rj:ContextualBasis, "may_support", "supports")),
  IF(?way = rj:Repeating, "repeats",
  IF(?b = rj:ContextualBasis, "tension", "contradicts"))))) AS ?direction)
  BIND(IF(?b = rj:ExplicitBasis, "explicit", "inferred") AS ?basis)""".replace("OWN", OWN)
# The year; if it may be one of several, the first and the last one, or two dots for the open side.
YEAR: Final = """BIND(COALESCE(SUBSTR(STR(?first), 1, 4), "..") AS ?from_year)
  BIND(COALESCE(SUBSTR(STR(?last), 1, 4), "..") AS ?to_year)
  BIND(IF(?from_year != ?to_year, CONCAT(?from_year, "/", ?to_year),
    IF(?to_year = "..", "none", ?to_year)) AS ?year)"""
SOURCE: Final = """BIND(IF(!BOUND({it}), "", IF(EXISTS {{ {it} a rj:Claim }}, "claim",
  IF(EXISTS {{ {it} rj:footnote ?f }}, "footnote",
  IF(EXISTS {{ {it} prov:wasAttributedTo ?a }} || EXISTS {{ {it} rj:kind rj:OwnSideStatementEvidence }}, "attributed",
  IF(EXISTS {{ {it} rj:kind rj:LegislationEvidence ; rj:provision ?p }}, "law",
  IF(EXISTS {{ {it} rj:kind rj:AssessmentEvidence }}, "assessment", "none")))))) AS ?source)"""
HOME: Final = 'BIND(IRI(STRBEFORE(STR(?row), "#")) AS ?document)'
COMMON: Final[Mapping[tuple[str, ...], str]] = {
    ("issue",): "?row rj:about/skos:broader* ?issue .",
    ("document",): HOME,
    ("status",): f"""{HOME} OPTIONAL {{ ?row rj:status ?own }} OPTIONAL {{ ?document rj:status ?theirs }}
        BIND(COALESCE(?own, ?theirs, "none") AS ?status)""",
}
PATTERNS: Final[Mapping[str, Mapping[tuple[str, ...], str]]] = {
    "claim": {
        ("speaker", "state", "proceeding", "year"): SAID.format(claim="?row") + YEAR,
        ("direction", "basis", "source"): f"""{{ ?link rj:claim ?row ; rj:from ?from ; rj:direction ?way ;
            rj:basis ?b {WAY.format(it="?from", claim="?row")} {SOURCE.format(it="?from")} }}
            UNION {{ ?row a rj:Claim BIND("none" AS ?direction) FILTER NOT EXISTS {{
              ?any rj:claim ?row ; rj:direction ?how ; rj:from ?what
              FILTER(?how != rj:Repeating && (?how != rj:Supporting || NOT EXISTS {{ ?what {OWN} ?row }})) }} }}""",
        **COMMON,
    },
    "evidence": {
        ("direction", "basis", "speaker", "state"): f"""OPTIONAL {{ ?link rj:from ?row ; rj:direction ?way ;
            rj:basis ?b ; rj:claim ?claim . {SAID.format(claim="?claim")} }}
            {WAY.format(it="?row", claim="?claim")}""",
        ("source",): SOURCE.format(it="?row"),
        ("kind",): "?row rj:kind ?kind .",
        ("proceeding",): f"{HOME} ?document foaf:primaryTopic?/rj:inProceeding ?proceeding .",
        ("year",): f"OPTIONAL {{ ?row rj:earliest ?first }} OPTIONAL {{ ?row rj:latest ?last }} {YEAR}",
        **COMMON,
    },
    "recommendation": {
        ("by",): "?row rj:raisedBy ?by .",
        ("state",): "?row rj:addressedTo ?state .",
        ("response",): 'OPTIONAL { ?row rj:response ?answer } BIND(COALESCE(?answer, "none") AS ?response)',
        ("session",): "?row rj:inProceeding/rj:session ?s . BIND(STR(?s) AS ?session)",
        ("cycle",): "?row rj:inProceeding/rj:cycle ?c . BIND(STR(?c) AS ?cycle)",
        ("action",): "?row rj:actionCategory ?a . BIND(STR(?a) AS ?action)",
        ("year",): f"""OPTIONAL {{ ?row dcterms:date ?own }} OPTIONAL {{ ?row rj:inProceeding ?place }}
            BIND(IF(BOUND(?own), ?row, COALESCE(?place, ?row)) AS ?dated) OPTIONAL {{ ?dated rj:earliest ?first }}
            OPTIONAL {{ ?dated rj:latest ?last }} {YEAR}""",
        **COMMON,
    },
}
WORDS: Final = frozenset({"direction", "basis", "source", "year", "session", "cycle", "action"})
TERMS: Final = frozenset({"status", "response", "kind"})

Choice = dict[str, list[str]]


@pytest.fixture(scope="module")
def imported(imported_once: Project) -> Snapshot:
    return open_snapshot(imported_once, versions.require_newest(imported_once.build))


@pytest.fixture(scope="module")
def snapshot(built_once: Project) -> Snapshot:
    return open_snapshot(built_once, versions.require_newest(built_once.build))


def _term(facet: str, value: str, base: str) -> str:
    if facet in WORDS or value == "none":
        return json.dumps(value)
    if facet in TERMS:
        return f"rj:{value}"
    return f"<{base}{value}>"


def _sparql(kind: str, choice: Choice, base: str) -> str:
    """Return the query that counts the rows with these values."""
    parts = []
    for number, (names, pattern) in enumerate(PATTERNS[kind].items()):
        wanted = {name: choice[name] for name in names if name in choice}
        if wanted:
            filters = (f"?{n} IN ({', '.join(_term(n, value, base) for value in of)})" for n, of in wanted.items())
            # Variables of one group mean something else in another, such as the document of a row.
            text = f"{pattern} FILTER({' && '.join(filters)})"
            parts.append(
                f"{{ ?row a {lists.KINDS[kind].rdf_class} . "
                + re.sub(r"\?(?!row\b)(\w+)", rf"?\g<1>_{number}", text)
                + " }"
            )
    return (
        f"{PREFIXES}SELECT (COUNT(DISTINCT ?row) AS ?n) {{ ?row a {lists.KINDS[kind].rdf_class} . {' '.join(parts)} }}"
    )


def _counted(snapshot: Snapshot, kind: str, choice: Choice) -> int:
    (number,) = query.only_row(snapshot.store, _sparql(kind, choice, snapshot.project.base))
    return int(number.value)  # type: ignore[union-attr]


def _random_choices(chance: random.Random, found: FilterableList, number: int) -> Iterator[tuple[Choice, str, str]]:
    """Yield choices of one to three facets, each with a facet and a value for which the page shows a count."""
    facets = [facet for facet in found.facets if facet.values]
    for _ in range(number):
        chosen = chance.sample(facets, chance.randint(1, 3))
        values = {it.name: chance.sample(it.values, min(len(it.values), chance.randint(1, 2))) for it in chosen}
        other = chance.choice(facets)
        yield (
            {name: [it.name for it in of] for name, of in values.items()},
            other.name,
            chance.choice(other.values).name,
        )


SCRIPT: Final = """
const { FacetedRows } = require(process.argv[1]);
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const answers = given.map(({ size, names, files, asked }) => {
  const rows = new FacetedRows(size, names, files);
  return asked.map(([query, facet, value]) => {
    const { rows: found, counts } = rows.find(rows.choiceOf(query));
    return [found.length, counts.get(facet)[rows.values.get(facet).findIndex(([name]) => name === value)]];
  });
});
process.stdout.write(JSON.stringify(answers));
"""


@pytest.mark.slow
def test_counts_in_the_browser_are_those_of_sparql_for_200_random_choices(imported: Snapshot, tmp_path: Path) -> None:
    """Both the number of rows, and the number beside a value that one may choose next."""
    bundler = FRONTEND / "node_modules/.bin/esbuild"
    if not shutil.which("node") or not bundler.exists():
        leave_out("node", "node or the packages of src/frontend are missing: facets are not compared with SPARQL")
    module = tmp_path / "facets.cjs"
    command = [str(bundler), "facets.ts", "--bundle", "--platform=node", f"--outfile={module}", "--log-level=error"]
    subprocess.run(command, cwd=FRONTEND, check=True)
    chance, given, expected = random.Random(17), [], []
    for kind in lists.KINDS:
        found = imported.lists.get(kind)
        names = [{"name": it.name, "title": it.title, "group": it.group} for it in found.facets]
        files = [_read(imported, f"{kind}/facet-{it['name']}.js") for it in names]
        choices = list(_random_choices(chance, found, -(-CHOICES // len(lists.KINDS))))
        asked = [("&".join(f"{n}={v}" for n, of in it.items() for v in of), f, v) for it, f, v in choices]
        given.append({"size": len(found.rows), "names": names, "files": files, "asked": asked})
        expected.append(
            [
                [_counted(imported, kind, choice), _counted(imported, kind, choice | {facet: [value]})]
                for choice, facet, value in choices
            ]
        )
    done = subprocess.run(
        ["node", "-e", SCRIPT, str(module)], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == expected
    numbers = {rows for of in expected for rows, _ in of}
    assert len(numbers) > 20, "the choices differ too little to show anything"


def _read(snapshot: Snapshot, path: str) -> Any:
    """Return the value that a script of a list hands to the page."""
    page = routes.page(snapshot, path)
    assert page is not None, path
    return json.loads(page.content.decode().removeprefix("rejoinderPart(").rstrip(")\n").partition(",")[2])


def _text(snapshot: Snapshot, path: str) -> str:
    page = routes.page(snapshot, path)
    assert page is not None, path
    return page.content.decode()


@pytest.mark.parametrize("kind", lists.KINDS)
def test_without_scripts_the_pages_have_every_row_once(snapshot: Snapshot, kind: str) -> None:
    """From the first page, each leads to the next; none is large, and each link of a row leads to a page."""
    path: str | None = f"{kind}/index.html"
    links: list[str] = []
    while path:
        text = _text(snapshot, path)
        assert len(text) < 300_000, path
        links += re.findall(r'<li class="row"><p class="said"><a href="\.\./([^"]+)"', text)
        following = re.search(r'<a rel="next" href="([^"]+)"', text)
        path = f"{kind}/{following[1]}" if following else None
    rows = snapshot.renderer.reader.of_class(lists.KINDS[kind].rdf_class)
    assert len(links) == len(set(links)) == len(rows)
    assert sorted(links) == sorted(str(snapshot.renderer.link(it.iri, "index.html")) for it in rows)
    assert [link for link in links if not routes.holds(snapshot, link.partition("#")[0])] == []


def test_a_row_says_who_when_where_and_what_bears_on_the_claim_on_whose_authority(snapshot: Snapshot) -> None:
    """The claim of docs/model.md: one contradiction by the report, and what the editors infer, each apart."""
    (row,) = (it for it in snapshot.lists.get("claim").rows if it.iri.endswith("#claim-no-division"))
    facts = [fact.before + fact.text.value + fact.after for fact in row.facts]
    assert facts[:3] == [
        "Marat Azilkhanov, Kazakhstan's representative",
        "30 October 2014 (date of the review)",
        "Second-cycle review of Kazakhstan, 20th session",
    ]
    assert facts[-1] == "In Open Dialog Foundation: report on Kazakhstan's review of October 2014"
    marks = [mark.text for mark in row.marks]
    assert "Contradicted, explicitly: 1 (Open Dialog Foundation)" in marks
    assert "In tension, by inference: 2 (The Rejoinder project)" in marks
    assert not [text for text in marks if text.startswith("Contradicted, by inference")]


def test_an_issue_has_the_claims_on_narrower_issues(snapshot: Snapshot) -> None:
    """The five claims on torture of the Kazakhstan report stand under two narrower issues; the UN's has twelve more."""
    assert _counted(snapshot, "claim", {"issue": ["issue/torture"], "document": ["report/kaz-upr-20"]}) == 5
    assert _counted(snapshot, "claim", {"issue": ["issue/torture"]}) == 17


def test_nothing_bears_on_as_many_claims_in_the_list_as_on_the_pages(snapshot: Snapshot) -> None:
    """One count: by the list, by the pages of all States and persons, and by the stored question, which SPARQL asks."""
    claims = snapshot.entities.cards(snapshot.entities.claims.all)
    told = {item.claim.iri for item in claims if item.is_unanswered}
    at = {it.iri: place for place, it in enumerate(snapshot.lists.get("claim").rows)}
    facet = next(it for it in snapshot.lists.get("claim").facets if it.name == "direction")
    nothing = next(place for place, it in enumerate(facet.values) if it.name == "none")
    assert {iri for iri, place in at.items() if nothing in facet.column[place]} == told
    asked = stored_questions.ask(snapshot.store, snapshot.questions["unanswered-claims"], {}, snapshot.project.base)
    plain = {item.claim.iri for item in claims if item.outcome is ClaimOutcome.UNANSWERED}
    found = (row[asked.columns.index("claim")] for row in asked.rows)
    assert {terms.text(claim) for claim in found if claim} == plain
    assert len(told) > len(plain) > 50
    assert "means that no document on this site does so" in _text(snapshot, "claim/index.html")
    for path in ("state/KAZ.html", "report/kaz-upr-20.html"):
        assert "No document on this site has anything that contradicts, qualifies or supports the" in _text(
            snapshot, path
        )


def test_a_date_that_is_known_only_as_the_last_possible_one_is_not_counted_under_its_year(snapshot: Snapshot) -> None:
    """The dossiers say so: Kazakhstan's has two statements, with three claims each, "no later than" its own date.

    All 49 claims of Slovenia's are "no later than 2019", and one finding of Bahrain's is of a time "since 2017".
    """
    years = {kind: _year_facet(snapshot, kind) for kind in lists.KINDS}
    open_dated = {"../2014": "no later than 2014", "../2019": "no later than 2019"}
    assert {name: years["claim"][name] for name in open_dated} == open_dated
    # Years are in descending order, each before what may be of an earlier one.
    order = [name for name in years["claim"] if name in {"2014", *open_dated}]
    assert order == ["../2019", "2014", "../2014"]
    counts = {
        ("claim", "report/kaz-upr-20", "../2014"): 6,
        ("claim", "report/svn-stakeholders-2019", "../2019"): 49,
        ("evidence", "report/bhr-adhrb-2020", "2017/.."): 1,
    }
    assert {it: _rows_of_year(snapshot, *it) for it in counts} == counts
    assert _rows_of_year(snapshot, "claim", "report/svn-stakeholders-2019", "2019") == 0
    assert years["evidence"]["2017/.."] == "from 2017 on"
    rows = list(csv.DictReader(io.StringIO(_text(snapshot, "claim/index.csv"))))
    (row,) = (it for it in rows if it["iri"].endswith("#claim-mechanism-independent"))
    assert (row["date"], row["year"]) == ("../2014-11-21", "no later than 2014")


def _year_facet(snapshot: Snapshot, kind: str) -> Mapping[str, str]:
    """Return the words of the years by their names in an address."""
    (facet,) = (it for it in snapshot.lists.get(kind).facets if it.name == "year")
    return {it.name: it.label.value for it in facet.values}


def _rows_of_year(snapshot: Snapshot, kind: str, document: str, year: str) -> int:
    """Return how many entries of a document the list has with that value of the facet."""
    found = snapshot.lists.get(kind)
    (facet,) = (it for it in found.facets if it.name == "year")
    number = next((at for at, it in enumerate(facet.values) if it.name == year), -1)
    own = f"{snapshot.project.base}{document}#"
    pairs = zip(found.rows, facet.column, strict=True)
    return sum(number in numbers for row, numbers in pairs if row.iri.startswith(own))


def test_csv_has_every_row_with_its_facets_in_words(snapshot: Snapshot) -> None:
    rows = list(csv.DictReader(io.StringIO(_text(snapshot, "claim/index.csv"))))
    assert len(rows) == len(snapshot.lists.get("claim").rows)
    (row,) = (it for it in rows if it["iri"].endswith("#claim-no-division"))
    assert (row["speaker"], row["state"], row["date"], row["year"]) == (
        "Marat Azilkhanov", "Kazakhstan", "2014-10-30", "2014",
    )  # fmt: skip
    # The values of direction and basis at the same place are of one relation.
    pairs = list(zip(row["direction"].split("; "), row["basis"].split("; "), strict=True))
    assert pairs.count(("Contradicted", "Explicitly, in the report")) == 1
    assert pairs.count(("In tension", "By the editors’ inference")) == 2


def test_the_start_page_says_what_a_source_is_and_leads_to_the_evidence_that_names_none(snapshot: Snapshot) -> None:
    home = _text(snapshot, "index.html")
    assert "names its source" not in home
    (number,) = re.findall(
        r'<a href="evidence/index\.html\?source=none"><b>(\d+)</b> pieces of evidence that name no', home
    )
    assert int(number) == _counted(snapshot, "evidence", {"source": ["none"]}) > 10
    assert _beside(home, "claim-no-division").endswith(
        "December 2012 Site akorda.kz words or finding of “President of Kazakhstan” (the editors read: Nursultan "
        "Nazarbayev ) "
        "So says the report, published by Open Dialog Foundation "
    )
    assert "what defendants say about torture no source named" in _beside(home, "claim-torture-evidence-excluded")


def _beside(page: str, claim: str) -> str:
    """Return the words of what stands beside a claim."""
    (beside,) = re.findall(rf"{claim}\.html.*?(<div class=\"beside\">.*?)</article>", page, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", beside))


def test_a_project_without_claims_has_no_list(small_built_once: Project) -> None:
    small = open_snapshot(small_built_once, versions.require_newest(small_built_once.build))
    empty = [kind for kind in lists.KINDS if not small.renderer.reader.of_class(lists.KINDS[kind].rdf_class)]
    assert [kind for kind in empty if routes.holds(small, f"{kind}/index.html")] == []
    home = _text(small, "index.html")
    assert [kind for kind in lists.KINDS if f'href="{kind}/index.html"' in home and kind in empty] == []


def test_the_page_filters_from_disk_as_the_address_says(browser: Any, built_once: Project, tools: str) -> None:  # noqa: ARG001
    """Chosen values stand in the address, rows are as in the page, and the CSV has the rows that were chosen."""
    folder = versions.require_newest(built_once.build).site_path
    page = opened(browser, "desktop", accept_downloads=True)
    page.goto(folder.joinpath("claim/index.html").as_uri())
    page.locator("#filters:not([hidden])").wait_for()
    first = page.locator("#rows").inner_html()
    page.get_by_role("checkbox", name=re.compile("^Contradicted")).check()
    page.get_by_label("Explicitly, in the report").check()
    page.locator("#number", has_text="9 of 172 claims").wait_for()
    assert page.url.endswith("claim/index.html?direction=contradicts&basis=explicit")
    page.locator("#rows > li:nth-child(9):last-child").wait_for()
    with page.expect_download() as download:
        page.locator("#csv").click()
    taken = Path(download.value.path()).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(taken)))
    whole = list(csv.DictReader(io.StringIO(folder.joinpath("claim/index.csv").read_text(encoding="utf-8"))))
    assert rows == [it for it in whole if it["iri"] in {row["iri"] for row in rows}]
    assert len(rows) == 9
    page.go_back()
    page.locator("#number", has_text="of 172 claims").wait_for()
    page.get_by_role("button", name="Remove the filter Contradicted, qualified, supported: Contradicted").click()
    page.locator("#rows > li:nth-child(50)").wait_for()
    assert re.sub(r"\s*\n\s*", "", page.locator("#rows").inner_html()) == re.sub(r"\s*\n\s*", "", first)
    page.goto(folder.joinpath("claim/index.html").as_uri() + "?state=state/KAZ&page=2")
    page.locator("#pager", has_text="Page 2 of 2").wait_for()
    page.context.close()


def test_two_who_said_the_same_on_one_occasion_stand_before_it(snapshot: Snapshot) -> None:
    """A member of the delegation introduced the mechanism in the review, and so did the delegation."""
    rows = {row.iri.partition("#")[2]: row for row in snapshot.lists.get("claim").rows}
    facts = rows["claim-preventive-mechanism-introduced"].facts
    assert [fact.text.value for fact in facts][:4] == [
        "Delegation of Kazakhstan at its review of 30 October 2014",
        "Kanat Seytgaparov",
        "30 October 2014",
        "Second-cycle review of Kazakhstan, 20th session",
    ]
