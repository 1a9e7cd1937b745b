"""The page of the data set itself: what there is, how to take it, how to cite it."""

from __future__ import annotations

from rejoinder.site import catalogue
from rejoinder.site.catalogue import Catalogue
from rejoinder.site.render import Page, PageMetadata
from rejoinder.site.resource import GraphReader, by_label
from rejoinder.site.schema_org import kind_iri
from rejoinder.site.snapshot import Snapshot


def catalogue_of(snapshot: Snapshot) -> Catalogue:
    """The description of the edition."""
    return Catalogue(
        project=snapshot.project,
        manifest=snapshot.manifest,
        issued=snapshot.issued,
        statistics=snapshot.statistics,
        dumps=snapshot.dumps,
        versions=tuple(map(int, snapshot.version_entries)),
    )


def start_page(snapshot: Snapshot) -> Page:
    """Return the page at the base."""
    described = catalogue_of(snapshot)
    reader, project = snapshot.renderer.reader, snapshot.project
    head = PageMetadata(
        title=project.title,
        description=catalogue.DESCRIPTION,
        iri=project.base,
        kind=kind_iri("Dataset"),
        structured=described.structured(),
        alternates="index",
    )
    return snapshot.renderer.page(
        "index.html",
        "index.html",
        head,
        catalogue=described,
        reports=by_label(reader.instances("rj:Report")),
        questions=sorted(snapshot.questions.values(), key=lambda question: question.title),
        figures=_figures(reader),
    )


def _figures(reader: GraphReader) -> list[tuple[str, int, str, str]]:
    """How many there are of what a reader looks for: page, number, and the words for one and for several."""
    raising, speakers = reader.values_of("rj:raisedBy"), reader.values_of("rj:speaker")
    evidence = len(reader.of_class("rj:Evidence"))
    return [
        ("report/index.html", len(reader.of_class("rj:Report")), "report", "reports"),
        ("state/index.html", len(raising), "State that raised something", "States that raised something"),
        ("issue/index.html", len(reader.of_class("rj:Issue")), "issue", "issues"),
        ("person/index.html", len(speakers), "official or delegation", "officials and delegations"),
        ("question/claims-and-what-became-of-them.html", len(reader.of_class("rj:Claim")), "claim", "claims"),
        ("question/contradicted-claims.html", evidence, "piece of evidence", "pieces of evidence"),
    ]
