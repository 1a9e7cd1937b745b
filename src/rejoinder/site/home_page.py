"""The page of the data set itself: what there is, how to take it, how to cite it."""

from __future__ import annotations

from rejoinder.site import catalogue
from rejoinder.site.catalogue import Catalogue
from rejoinder.site.render import Page, PageMetadata
from rejoinder.site.resource import GraphReader, by_label
from rejoinder.site.schema_org import kind_iri
from rejoinder.site.snapshot import Snapshot


def catalogue_of(edition: Snapshot) -> Catalogue:
    """The description of the edition."""
    return Catalogue(
        project=edition.project,
        manifest=edition.manifest,
        issued=edition.issued,
        census=edition.census,
        dumps=edition.dumps,
        versions=tuple(map(int, edition.pasts)),
    )


def start_page(edition: Snapshot, described: Catalogue) -> Page:
    """The page at the base."""
    library, project = edition.press.library, edition.project
    head = PageMetadata(
        title=project.title,
        description=catalogue.DESCRIPTION,
        iri=project.base,
        kind=kind_iri("Dataset"),
        structured=described.structured(),
        twins="index",
    )
    return edition.press.page(
        "index.html",
        "index.html",
        head,
        catalogue=described,
        reports=by_label(library.instances("rj:Report")),
        questions=sorted(edition.questions.values(), key=lambda question: question.title),
        figures=_figures(library),
    )


def _figures(library: GraphReader) -> list[tuple[str, int, str, str]]:
    """How many there are of what a reader looks for: page, number, and the words for one and for several."""
    raising, speakers = library.values_of("rj:raisedBy"), library.values_of("rj:speaker")
    evidence = len(library.of_class("rj:Evidence"))
    return [
        ("report/index.html", len(library.of_class("rj:Report")), "report", "reports"),
        ("state/index.html", len(raising), "State that raised something", "States that raised something"),
        ("issue/index.html", len(library.of_class("rj:Issue")), "issue", "issues"),
        ("person/index.html", len(speakers), "official or delegation", "officials and delegations"),
        ("question/claims-and-what-became-of-them.html", len(library.of_class("rj:Claim")), "claim", "claims"),
        ("question/contradicted-claims.html", evidence, "piece of evidence", "pieces of evidence"),
    ]
