"""Citations of entries, reports and answers, read by the programs that people manage literature with."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from citeproc import Citation as CitedItem
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON

from rejoinder import versions
from rejoinder.config import Project
from rejoinder.messages import ENGLISH
from rejoinder.site import citation
from rejoinder.site.citation import Citation, Edition
from rejoinder.site.resource import Resource
from rejoinder.site.snapshot import Snapshot, open_snapshot

CITED = Citation(
    title="Costs & fees: 100 % of {the} a_b #1 \\ ~ ^ “Ж” } {",
    iri="https://example.org/report/r#claim-1",
    name="r-claim-1",
    authors=("The editors", "Пётр и Ко"),
    date="2026-11-30",
    publisher="Ours & theirs",
    within="ODF, “Title”, 2014",
    version=3,
)


@pytest.fixture(scope="module")
def snapshot(stored_once: Project) -> Snapshot:
    return open_snapshot(stored_once, versions.require_newest(stored_once.build))


def _claim(snapshot: Snapshot) -> Resource:
    return snapshot.renderer.reader.here("report/kaz-upr-20#claim-article-400-narrows")


def test_bibtex_is_read_by_its_parser() -> None:
    library = parse_string(CITED.bibtex)
    assert library.failed_blocks == []
    (entry,) = library.entries
    fields = {field.key: field.value for field in entry.fields}
    assert (entry.entry_type, entry.key) == ("misc", "r-claim-1")
    assert fields["author"] == "{The editors} and {Пётр и Ко}"
    assert fields["title"] == (
        r"{Costs \& fees: 100 \% of \textbraceleft{}the\textbraceright{} a\_b \#1 \textbackslash{} \textasciitilde{} "
        r"\textasciicircum{} “Ж” \textbraceright{} \textbraceleft{}}"
    )
    assert (fields["year"], fields["date"], fields["version"]) == ("2026", "2026-11-30", "3")
    assert fields["url"] == CITED.iri


def test_ris_is_read_by_its_parser() -> None:
    (entry,) = rispy.loads(replace(CITED, title="Two\nlines").ris)
    assert entry["type_of_reference"] == "ELEC"
    assert entry["title"] == "Two lines"
    assert entry["authors"] == ["The editors", "Пётр и Ко"]
    assert (entry["year"], entry["date"], entry["urls"]) == ("2026", "2026/11/30", [CITED.iri])


def test_csl_json_is_read_by_a_processor_of_styles() -> None:
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON(json.loads(CITED.csl_json)), formatter.plain)
    bibliography.register(CitedItem([CitationItem("r-claim-1")]))
    (words,) = map(str, bibliography.bibliography())
    assert "The editors" in words
    assert "2026" in words
    assert CITED.iri in words


@pytest.mark.parametrize(
    ("date", "issued", "year"),
    [
        ("2014", {"date-parts": [[2014]]}, "2014"),
        ("2014-03", {"date-parts": [[2014, 3]]}, "2014"),
        ("2014-03~", {"literal": "2014-03~"}, "2014"),
        ("", None, None),
    ],
)
def test_dates_of_edtf_are_cited_as_far_as_they_are_known(date: str, issued: object, year: str | None) -> None:
    cited = replace(CITED, date=date)
    assert json.loads(cited.csl_json)[0].get("issued") == issued
    fields = {field.key: field.value for field in parse_string(cited.bibtex).entries[0].fields}
    assert fields.get("year") == year


def test_a_claim_is_cited_with_its_speaker_its_report_and_its_editors(snapshot: Snapshot) -> None:
    cited = citation.of_entry(_claim(snapshot), snapshot.project, ENGLISH, Edition(7, "2026-11-30"))
    assert cited.sentence == (
        "The Rejoinder project: Article 400 narrows liability compared with the previous criminal code "
        "(said by Kanat Seytgaparov, 30 October 2014, date of the review). In: Dossier of Open Dialog "
        "Foundation, “Kazakhstan misinformed "
        "UN member states during the consideration of the Universal Periodic Review”, 21 November 2014. My reports, "
        "version 7, 30 November 2026. https://example.org/reports/report/kaz-upr-20#claim-article-400-narrows"
    )


def test_a_report_is_cited_by_its_publisher_and_its_dossier_by_its_editors(snapshot: Snapshot) -> None:
    report = _claim(snapshot).document
    published, dossier = citation.of_published(report, ENGLISH), citation.of_dossier(report, snapshot.project, ENGLISH)
    assert (published.authors, published.date, published.kind) == (("Open Dialog Foundation",), "2014-11-21", "report")
    # No address of this report is known, and ours leads to its dossier.
    assert published.iri == ""
    assert published.sentence.endswith("Open Dialog Foundation, 21 November 2014.")
    assert (dossier.authors, dossier.kind) == (("The Rejoinder project",), "dataset")
    assert dossier.title.startswith("Dossier of Open Dialog Foundation, “Kazakhstan misinformed UN member states")


def test_an_edition_is_the_version_in_which_the_graph_became_what_it_is(twice: Project) -> None:
    newest = open_snapshot(twice, versions.require_newest(twice.build))
    first, second = (entry.manifest for entry in newest.version_entries.values())
    changed = second.differing(first)
    numbers = {iri: edition.number for iri, edition in newest.editions.items()}
    assert changed
    assert numbers == {entry.iri: 2 if entry.iri in changed else 1 for entry in second.graphs}
