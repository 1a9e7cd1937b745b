"""What bears on a claim, as pages show it: by whom it is connected, in which direction, and in which document.

Two small dossiers, whose answers are worked out by hand (`cases/connections`): the first has a claim of each outcome;
the second, a UN document with numbered paragraphs, says one of these claims again and speaks to others.
"""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import html5lib
import pytest

from conftest import CASES, SMALL, mostly_slow, without_edition
from rejoinder import question, versions
from rejoinder.building import build
from rejoinder.config import Project, open_project
from rejoinder.question import Chart
from rejoinder.rdf import query, terms
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Literal, NamedNode
from rejoinder.site import question_page, routes
from rejoinder.site.passages import places
from rejoinder.site.snapshot import Snapshot, open_snapshot

CONNECTIONS = CASES / "connections"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give the small project with the two dossiers, built with its site."""
    root = shutil.copytree(SMALL, tmp_path_factory.mktemp("connections") / "project")
    shutil.copytree(CONNECTIONS, root, dirs_exist_ok=True)
    found = open_project(root)
    built = build.build(found)
    assert built.broken == ()
    return found


@pytest.fixture(scope="module")
def snapshot(project: Project) -> Snapshot:
    return open_snapshot(project, versions.require_newest(project.build))


def _source(project: Project, path: str) -> str:
    return (versions.require_newest(project.build).site_path / path).read_text(encoding="utf-8")


def _page(project: Project, path: str) -> ET.Element:
    page: ET.Element = html5lib.parse(_source(project, path), namespaceHTMLElements=False)
    return page


def _text(node: ET.Element) -> str:
    """Return the visible text, as it reads: with a blank between elements, but none before a comma or in brackets."""
    words = " ".join(" ".join(each for each in node.itertext()).split())
    return re.sub(r" (?=[,.;:)”])|(?<=[(“]) ", "", words)


def _of_class(node: ET.Element, name: str) -> Iterator[ET.Element]:
    return (each for each in node.iter() if name in (each.get("class") or "").split())


def _card(page: ET.Element, name: str) -> ET.Element:
    (card,) = (node for node in page.iter("article") if node.get("id") == name)
    return card


def _claim(project: Project, name: str) -> ET.Element:
    """Return what the page of a claim of the first report shows."""
    (main,) = _page(project, f"report/first/{name}.html").iter("main")
    return main


def _part(card: ET.Element, name: str) -> str:
    """Return the text of a part of a card, empty if the card lacks it."""
    return " ".join(_text(part) for part in _of_class(card, name) if "part" in (part.get("class") or "").split())


def _counted(page: ET.Element) -> dict[str, str]:
    """Return the count beside each heading of the second level that has one."""
    found = {}
    for heading in page.iter("h2"):
        for number in _of_class(heading, "count"):
            found[_text(heading).removesuffix(_text(number)).strip()] = _text(number)
    return found


def test_claims_stand_in_groups_by_what_bears_on_them(project: Project) -> None:
    counted = _counted(_page(project, "report/first.html"))
    expected = {
        "Claims explicitly contradicted": "1",
        "Claims contradicted by the editors’ inference": "1",
        "Claims in tension with something by the editors’ inference": "2",
        "Claims perhaps qualified, by the editors’ inference": "1",
        "Claims explicitly supported": "1",
        "Admissions": "1",
        "Promises": "1",
        "Exhortations": "1",
    }
    assert {heading: counted[heading] for heading in expected} == expected
    # Another document speaks to the one claim that this document says nothing about.
    assert not [heading for heading in counted if "neither" in heading]


def test_a_reason_that_the_speaker_gives_is_told_apart_and_supports_nothing(
    project: Project, snapshot: Snapshot
) -> None:
    """The official gives one claim as the reason for another, on which else only the editors see a bare fact."""
    explicit = _part(_claim(project, "claim-tension"), "explicit")
    assert explicit.startswith("Explicitly in the report 1 The speaker’s own reasons This is narrowed explicit")
    assert "Reasons the speaker gave" in _text(_card(_page(project, "report/first.html"), "claim-tension"))
    (row,) = (it for it in snapshot.lists.get("claim").rows if it.iri.endswith("#claim-tension"))
    assert [mark.text for mark in row.marks if "reasons" in mark.text or "Supported" in mark.text] == [
        "With reasons of the speaker’s own, explicitly: 1 (My organisation)"
    ]
    asked = {
        name: question.ask(snapshot.store, snapshot.questions[name], {}, snapshot.project.base)
        for name in ("who-supports-whom", "speakers-own-reasons")
    }
    claims = {name: {str(row[it.columns.index("claim")]) for row in it.rows} for name, it in asked.items()}
    claim = f"<{snapshot.project.base}report/first#claim"
    assert claims["speakers-own-reasons"] == {f"{claim}-tension>"}
    # My organisation supports one claim explicitly, and the association supports the same one by inference.
    assert claims["who-supports-whom"] == {f"{claim}-supported>"}


def test_what_the_text_connects_stands_apart_from_what_the_editors_infer(project: Project) -> None:
    """One claim is contradicted by a noted fact in the text, and by a bare fact only in the editors' eyes."""
    card = _claim(project, "claim-explicit")
    explicit, inferred = _part(card, "explicit"), _part(card, "inferred")
    assert explicit.startswith("Explicitly in the report 1 Contradicted by A noted fact explicit")
    assert "Footnote 1: A source" in explicit
    assert "A bare fact" not in explicit
    assert inferred.startswith("By the editors’ inference 1 In tension with A bare fact contextual")
    assert "Editors’ note: The two stand far apart." in inferred
    assert "A noted fact" not in inferred


def test_an_inference_from_logic_and_one_from_the_context_have_tags_apart(project: Project) -> None:
    logical, qualified = (_part(_claim(project, f"claim-{name}"), "inferred") for name in ("logical", "qualified"))
    assert logical.startswith("By the editors’ inference 1 Contradicted by A legal fact logical")
    assert qualified.startswith("By the editors’ inference 1 Perhaps qualified by A said fact contextual")
    assert _part(_claim(project, "claim-supported"), "explicit").startswith(
        "Explicitly in the report 1 Supported by A valuation explicit"
    )


def test_the_totals_of_the_text_and_of_the_editors_are_separate(project: Project) -> None:
    """By hand: 1 explicit and 1 logical contradiction, 2 tensions, 1 contextual qualification, 1 explicit support."""
    page = _page(project, "report/first/data.html")
    within, across = ([[_text(c) for c in row] for row in table.iter("tr")] for table in _of_class(page, "counts"))
    assert within[0][1:] == ["Explicitly in the report", "By the editors’ inference"]
    assert within[1] == ["logical", "contextual"]
    assert within[2:] == [
        ["contradicts a claim", "1", "1", "–"],
        ["is in tension with a claim", "–", "–", "2"],
        ["may qualify a claim", "–", "–", "1"],
        ["supports a claim", "1", "0", "–"],
        ["is the speaker’s own reason for a claim", "1", "0", "0"],
    ]
    assert across[2:] == [["is in tension with a claim", "–", "–", "1"], ["supports a claim", "0", "1", "–"]]


def test_a_contextual_relation_is_never_shown_or_counted_as_a_contradiction(
    project: Project, built_once: Project
) -> None:
    """On every page of both sites, whatever stands below "contradicted by" has a basis that is not contextual."""
    shown: Counter[str] = Counter()
    for site in (versions.require_newest(each.build).site_path for each in (project, built_once)):
        for path in (*site.glob("report/**/*.html"), *site.glob("person/*.html"), *site.glob("issue/*.html")):
            text = path.read_text(encoding="utf-8")
            # Three of four pages have none of the elements below, and to parse them takes most of the time.
            if not re.search(r"""class=["'\w -]*\b(?:basis|counts|contradicted)""", text):
                continue
            page = html5lib.parse(text, namespaceHTMLElements=False)
            for answers in _of_class(page, "part"):
                lead = ""
                for node in answers:
                    lead = _text(node) if "lead" in (node.get("class") or "").split() else lead
                    for tag in _of_class(node, "basis"):
                        shown[f"{lead}: {_text(tag)}"] += 1
            for row in (row for table in _of_class(page, "counts") for row in table.iter("tr")):
                heading, *numbers = (_text(cell) for cell in row)
                assert heading != "contradicts a claim" or numbers[2] == "–", path
                assert heading != "is in tension with a claim" or numbers[:2] == ["–", "–"], path
            for name in ("contradicted", "contradicted-by-inference"):
                for card in (card for card in page.iter("article") if name in (card.get("class") or "").split()):
                    parts = list(card.iter("section"))
                    bases = {_text(tag) for tag in _of_class(card, "basis")}
                    # A short card says so only in the heading of the part.
                    bases |= {"explicit" for part in parts if "explicit" in (part.get("class") or "").split()}
                    bases |= {"explicit" for it in card.iter("p") if "explicit" in (it.get("class") or "").split()}
                    assert bases & {"explicit", "logical"}, path
    assert shown["Contradicted by: explicit"] > 10
    assert shown["Contradicted by: contextual"] == 0
    assert shown["In tension with: contextual"] > 10
    assert {basis for lead, _, basis in (key.partition(": ") for key in shown) if lead == "In tension with"} == {
        "contextual"
    }


def test_what_a_publisher_says_is_told_in_the_same_words_whether_it_is_attributed_or_not(snapshot: Snapshot) -> None:
    """A bare fact and a valuation, each once attributed to nobody and once to the report's own publisher."""
    found = {row.words.value: row for row in snapshot.lists.get("evidence").rows}
    for alone, attributed in (("A bare fact", "A fact by the publisher"), ("A valuation", "A view of the publisher")):
        assert [fact for fact in found[attributed].facts if "Words or finding" in fact.before] == []
        sources = [[m.text for m in found[name].marks if "ource" in m.text] for name in (alone, attributed)]
        assert sources[0] == sources[1] != []
    by_others = [fact.text.value for fact in found["A said fact"].facts if "Words or finding" in fact.before]
    assert by_others == ["First association"]


def test_the_page_says_who_answers_for_which(project: Project) -> None:
    page = _page(project, "report/first/data.html")
    (said,) = (_text(node) for node in page.iter("p") if _text(node).startswith("“Explicitly in the report” means"))
    assert "its publisher answers for that (My organisation)" in said
    assert "the editors of the dossier connect them, and they answer for that (The editors)" in said
    assert "never counted as a contradiction" in said


def test_an_admission_and_a_promise_keep_their_kind_and_an_exhortation_is_no_claim(project: Project) -> None:
    page = _page(project, "report/first.html")
    assert "admission" in (_card(page, "admission-one").get("class") or "")
    assert "promise" in (_card(page, "promise-one").get("class") or "")
    exhortation = _card(page, "exhortation-one")
    assert _text(exhortation).startswith("Order must be kept The head of the delegation, Head of the delegation")
    assert not list(_of_class(exhortation, "answers"))
    person = _page(project, "person/the-official.html")
    assert _counted(person)["Exhortations"] == "1"


def test_a_card_says_what_other_documents_have_on_the_claim(project: Project) -> None:
    """The same claim is made again by another speaker, and a fact of the other document is in tension with it."""
    elsewhere = _part(_claim(project, "claim-nothing"), "elsewhere")
    assert elsewhere.startswith("In other documents 2 The same claim is made again by First association 2 March 2015")
    assert "In tension with A fact of the second contextual" in elsewhere
    assert "Source: Second report, A/HRC/1/1, paras. 25–26 Connected by The editors in that dossier" in elsewhere
    supported = _part(_claim(project, "claim-supported"), "elsewhere")
    assert "It is answered by The association answers the claim" in supported
    assert "Supported by The association speaks logical" in supported
    assert "Said by First association" in supported


def test_the_other_document_shows_the_same_connections_from_its_side(project: Project) -> None:
    page = _page(project, "report/second/data.html")
    (section,) = (node for node in page.iter("section") if node.get("aria-labelledby") == "outgoing")
    rows = sorted(_text(row) for body in section.iter("tbody") for row in body)
    assert rows[0].startswith(
        "A fact of the second A/HRC/1/1, paras. 25–26 is in tension with contextual Nothing speaks to this First"
    )
    assert rows[1].startswith("The association speaks A/HRC/1/1, para. 24 supports logical This is")
    assert all(row.endswith("The editors") for row in rows)
    assert _counted(_page(project, "report/second.html"))["Claims of other documents made again"] == "1"


def test_a_claim_says_to_what_it_replies_and_who_raised_that(project: Project) -> None:
    text = _text(_claim(project, "claim-explicit"))
    assert "In reply to Free the courts, raised by Norway" in text


def test_evidence_without_a_footnote_is_split_by_what_its_sentence_says(project: Project) -> None:
    """Of seven pieces, one has a footnote; the others name their source in another way, or none.

    Two are attributed to the report's own publisher: a fact without a source, and the publisher's assessment.
    """
    page = _page(project, "report/first/data.html")
    (section,) = (node for node in page.iter("section") if node.get("aria-labelledby") == "without-footnote")
    groups = {
        _text(head): [_text(item) for item in items]
        for head, items in zip(section.iter("h3"), section.iter("ul"), strict=True)
    }
    assert _counted(page)["Evidence without a footnote"] == "6 of 7"
    assert {head: items[0] for head, items in groups.items()} == {
        "The sentence itself says whose words or finding it is 1": "A said fact First association",
        "The sentence names the law whose content it tells 1": "A legal fact",
        "The sentence is the publisher’s own assessment 2": "A valuation",
        "Neither a footnote nor the sentence itself names a source 2": "A bare fact",
    }


def test_the_heading_of_evidence_says_nothing_about_its_truth(project: Project) -> None:
    text = _text(_page(project, "report/first/data.html"))
    assert "Set out in the report as fact or finding; that it stands here says nothing about its truth." in text


def test_no_page_says_that_a_report_sets_something_against_a_claim(project: Project) -> None:
    site = versions.require_newest(project.build).site_path
    paths = [path for path in site.rglob("*.html") if "version/" not in path.as_posix()]
    assert len(paths) > 20
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"sets? (evidence )?against|set against", re.sub(r"<pre.*?</pre>", "", text, flags=re.S)
        ), path


def test_an_organisation_that_speaks_has_the_page_of_a_speaker(project: Project) -> None:
    page = _page(project, "organisation/first-ngo.html")
    counted = _counted(page)
    assert counted["What it raised"] == "2"
    assert counted["Statements"] == "2"
    assert counted["Claims"] == "2"
    text = _text(page)
    assert "“urged” to Kazakhstan" in text
    assert "Belongs to Joint associations" in text
    assert "Members: First association" in _text(_page(project, "organisation/joint-ngos.html"))


def test_the_matrix_names_organisations_beside_states(project: Project) -> None:
    page = _page(project, "report/second.html")
    (matrix,) = _of_class(page, "matrix")
    heads = [_text(cell) for cell in next(matrix.iter("tr"))]
    assert heads == ["Issue", "Named", "FA", "Joint associations"]
    assert [[_text(cell) for cell in row][:2] for row in matrix.iter("tr")][1:] == [
        ["Registration of associations", "2"],
        ["Criminal liability for libel", "1"],
    ]


def test_a_proceeding_has_a_page_with_its_documents_and_what_was_said_there(project: Project) -> None:
    text = _text(_page(project, "proceeding/council-1.html"))
    for words in (
        "date 2 March 2015",
        "body Joint associations",
        "State concerned Kazakhstan",
        "kind Council session",
        "Documents 1 Second report",
        "What was raised 1",
        "Statements 1",
    ):
        assert words in text
    assert "First session of the Council" in _text(_page(project, "state/KAZ.html"))
    listed = _text(_page(project, "proceeding/index.html"))
    assert "First session of the Council Council session 2 March 2015" in listed
    assert "Second review of Kazakhstan" not in listed  # a review has its page among the reviews
    assert 'href="proceeding/index.html"' in _source(project, "index.html")


def test_a_site_without_proceedings_does_not_offer_them(small_built_once: Project) -> None:
    assert "proceeding/index.html" not in _source(small_built_once, "index.html")


def test_a_passage_is_cited_by_paragraph_or_page_where_the_document_has_them(snapshot: Snapshot) -> None:
    """Two passages of one paragraph are one place; only the first place of a document repeats its symbol."""
    first, second = snapshot.renderer.reader.here("report/first"), snapshot.renderer.reader.here("report/second")
    passages = [*second.objects("rj:hasPassage"), *first.report.objects("rj:anchor")]
    assert [(it.document, it.unit, it.number, it.passage.fragment) for it in places(passages, second)] == [
        ("", "passage", "", "p001"),
        ("A/HRC/1/1", "paragraph", "24", "p024"),
        ("", "paragraphs", "25–26", "p025"),
        ("", "page", "4", "p027"),
        ("First report", "passage", "", "p001"),
    ]


@pytest.mark.parametrize("name", mostly_slow(["project", "built_once"], {"project"}))
def test_no_page_shows_character_positions_or_checksums(name: str, request: pytest.FixtureRequest) -> None:
    found = []
    for site in (versions.require_newest(request.getfixturevalue(name).build).site_path,):
        for path in site.rglob("*.html"):
            page = html5lib.parse(path.read_text(encoding="utf-8"), namespaceHTMLElements=False)
            (body,) = page.iter("body")
            anchors = [_text(node) for node in _of_class(body, "anchor")]
            positions = [words for words in anchors if re.fullmatch(r"(.*, )?\d+–\d+", words)]
            if positions or re.search(r"\b[0-9a-f]{64}\b", " ".join(body.itertext())):
                found.append((path.relative_to(site).as_posix(), positions[:3]))
    assert found == []


def test_a_report_page_has_each_claim_in_short_and_the_claim_s_own_page_has_all(project: Project) -> None:
    page = _page(project, "report/first.html")
    assert _text(_card(page, "claim-explicit")) == (
        "The text answers this The head of the delegation, Head of the delegation, 30 October 2014 "
        "Explicitly contradicted by A noted fact A source "
        "By the editors’ inference: in tension with 1 entry In tension with A bare fact no source named contextual"
    )
    assert _text(_card(page, "claim-supported")).endswith(
        "A valuation the publisher’s own assessment "
        "In other documents: supported by 1 entry by inference, answered in 1 statement"
    )
    links = {node.get("href") for node in _card(page, "claim-explicit").iter("a")}
    assert {"first/claim-explicit.html", "first/data.html#evidence-note"} <= links


def test_a_law_is_its_own_source_wherever_it_stands_beside_a_claim(project: Project) -> None:
    """One rule for all pages: what is not a source is said of evidence that names none, and of no other."""
    (short,) = _of_class(_card(_page(project, "report/first.html"), "claim-logical"), "beside")
    assert "A legal fact a law, as the report describes it: Penal Code logical" in _text(short)
    issue = _text(_page(project, "issue/libel.html"))
    assert "A legal fact a law, as the report describes it: Penal Code logical" in issue
    assert "A noted fact A source" in issue
    assert "A said fact words or finding of First association contextual" in issue
    assert "A bare fact no source named contextual" in issue
    assert "no footnote" not in issue


def test_the_status_of_an_entry_is_shown_and_else_that_of_its_report(project: Project) -> None:
    page = _page(project, "report/second.html")
    text = _text(page)
    for words in ("proposed for every entry that says nothing else", "Published by First association, My organisation"):
        assert words in text
    assert any(link.get("href") == "https://example.org/document" for link in page.iter("a"))
    assert "Only a part of the document is recorded Its first page" in text
    assert "Dossier edited by The editors" in text
    raised = _text(_page(project, "organisation/first-ngo.html"))
    assert re.search(r"“urged” to Kazakhstan on [^“]* confirmed by An expert on 1 February 2015", raised)
    assert re.search(r"“raised” on [^“]* proposed", raised)


def test_a_person_s_page_says_what_concerns_the_person_and_that_the_name_is_a_pseudonym(project: Project) -> None:
    page = _page(project, "person/the-prisoner.html")
    text = _text(page)
    assert "This name is a pseudonym." in text
    assert _counted(page)["What documents say of this person"] == "2"
    assert "Release the prisoner Recommendation By First association: “urged” To Kazakhstan" in text
    assert "A fact of the second Evidence" in text


def test_no_bar_is_drawn_in_rows_about_persons(snapshot: Snapshot) -> None:
    bars = {}
    for name in ("person/the-official", "state/KAZ"):
        row = (Literal("x"), Literal(3), NamedNode(snapshot.project.base + name))
        question = replace(snapshot.questions["who-raised-what"], parameters=(), chart=Chart("bar", "name", "claims"))
        answer = question_page.choosable(snapshot.renderer, question, Table(("name", "claims", "who"), (row,)))
        bars[name] = [cell.bar for cell in answer.rows[0].cells]
    assert bars == {"person/the-official": [None, None, None], "state/KAZ": [None, 100, None]}


def test_the_vocabulary_says_what_replaces_a_withdrawn_term(project: Project, snapshot: Snapshot) -> None:
    page = _page(project, "ns.html")
    text = _text(_card(page, "Call"))
    assert "withdrawn" in text
    assert "Recommendation rj:Recommendation replaces it." in text
    offered = routes.page(snapshot, "assets/offers.json")
    if offered:  # only a site with scripts has completions
        names = {term[0] for term in json.loads(offered.content)["terms"]}
        assert "rj:Relation" in names or "ns#Relation" in names
        assert not names & {"rj:Call", "ns#Call", "rj:hasCall"}


def _described(project: Project, path: str) -> dict[str, object]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', _source(project, path), re.DOTALL)
    assert found
    described: dict[str, object] = json.loads(found[1])
    return described


def test_search_engines_learn_symbol_address_publishers_and_who_describes(project: Project) -> None:
    dossier = _described(project, "report/second.html")
    report = dossier["mainEntity"]
    assert isinstance(report, dict)
    assert (dossier["@type"], report["@type"]) == ("Dataset", "Report")
    assert report["@id"] == f"{dossier['@id']}#report"
    assert report["identifier"] == "A/HRC/1/1"
    assert report["url"] == ["https://example.org/document"]
    # The editors made the dossier and put it under a licence; neither is said of the report.
    for described, key, names in (
        (report, "publisher", ["First association", "My organisation"]),
        (dossier, "creator", ["The editors"]),
    ):
        agents = described[key]
        assert isinstance(agents, list)
        assert [agent["name"] for agent in agents] == names
    assert not report.keys() & {"creator", "author", "license", "isPartOf"}
    source = _source(project, "report/second.html")
    assert f'<link rel="describes" href="{report["@id"]}">' in source
    assert f'<link rel="author" href="{project.base}organisation/the-editors">' in source
    assert "ClaimReview" not in _source(project, "report/second.html")
    session = _described(project, "proceeding/council-1.html")
    assert (session["@type"], session["startDate"]) == ("Event", "2015-03-02")


def test_the_search_finds_the_claims_of_an_organisation_by_its_name(snapshot: Snapshot) -> None:
    files = {path: page.content.decode() for path, page in snapshot.search_index.items()}
    entries = "".join(text for path, text in files.items() if path.startswith("search/entries"))
    assert '["The association speaks","report/second/claim-second.html","First association · ' in entries
    assert '"Order must be kept","report/first/exhortation-one.html"' in entries
    assert '["First session of the Council","proceeding/council-1.html"' in entries


NEW_LABEL = {
    "report/second.yaml": ("A fact of the second", "Another fact of the second"),
    "report/first.yaml": ("Nothing speaks to this", "Nothing at all speaks to this"),
}


@pytest.mark.parametrize("path", mostly_slow(NEW_LABEL, {"report/second.yaml"}))
def test_a_change_of_one_dossier_reaches_the_pages_of_those_it_is_connected_with(
    project: Project, tmp_path: Path, path: str
) -> None:
    """Step by step gives the same pages as all at once, though the pages of unchanged reports are linked."""
    step = open_project(shutil.copytree(project.root, tmp_path / "step", symlinks=True))
    old, new = NEW_LABEL[path]
    text = (step.data / path).read_text(encoding="utf-8")
    (step.data / path).write_text(text.replace(old, new), encoding="utf-8")
    build.build(step)
    shutil.copytree(step.root, tmp_path / "fresh", ignore=shutil.ignore_patterns("build"))
    fresh = open_project(tmp_path / "fresh")
    build.build(fresh)
    for name in ("first", "second", "short", "first/data", "second/data", "first/claim-nothing"):
        pages = [_source(each, f"report/{name}.html").encode() for each in (step, fresh)]
        assert len({*map(without_edition, pages)}) == 1, name
    assert new in _source(step, "report/first/claim-nothing.html")
    assert new in _source(step, "report/second/data.html")


def test_the_groups_agree_with_the_data(project: Project, snapshot: Snapshot) -> None:
    """A query of its own counts the claims that the derived triples call contradicted, and the pages say the same."""
    select = (
        "SELECT (COUNT(DISTINCT ?claim) AS ?n) WHERE { ?evidence rj:contradicts ?claim . ?report rj:hasClaim ?claim }"
    )
    (number,) = map(terms.text, query.only_row(snapshot.store, select))
    counted = [_counted(_page(project, f"report/{name}.html")) for name in ("first", "second", "short")]
    groups = ("Claims explicitly contradicted", "Claims contradicted by the editors’ inference")
    assert sum(int(each.get(group, 0)) for each in counted for group in groups) == int(number) == 3


def test_what_the_text_qualifies_is_not_listed_as_only_in_tension(built: Project) -> None:
    """The statement on Bahrain qualifies two claims itself; the editors see a tension with both, only in context."""
    page = _page(built, "report/bhr-adhrb-2020.html")
    groups = {
        section.get("aria-labelledby"): {each.get("id") for each in section.iter("article")}
        for section in page.iter("section")
    }
    assert groups["qualified"] == {"claim-commitment", "claim-progress"}
    assert "tension-by-inference" not in groups
