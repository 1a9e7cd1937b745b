"""The page of a claim, an exhortation or a recommendation: who said it, where and when, and what bears on it.

Its IRI is a fragment of the report's, so the page of the report has an element for it, too. The page "How to read this"
explains what the words on these pages mean, and what they do not say.
"""

from __future__ import annotations

from typing import Final

from rejoinder.messages import Messages
from rejoinder.site import claims as site_claims
from rejoinder.site import inline, schema_org
from rejoinder.site.citation import Edition, of_entry
from rejoinder.site.claims import ClaimOnPage
from rejoinder.site.entities import is_affected
from rejoinder.site.inline import named
from rejoinder.site.render import Page, PageMetadata, Renderer
from rejoinder.site.resource import Resource, expanded
from rejoinder.site.social_card import SocialCard, available, can_draw

GUIDE: Final = "how-to-read"
"""The stem of the page that explains how to read a claim."""

_SHOWN: Final = frozenset(
    expanded(name).value
    for name in (
        "prov:wasGeneratedBy",
        "rj:about",
        "rj:addressedTo",
        "rj:confirmedBy",
        "rj:confirmedOn",
        "rj:inProceeding",
        "rj:quote",
        "rj:raisedBy",
        "rj:status",
        "skos:editorialNote",
    )
)
"""The properties of a claim or recommendation that its page shows in a way of its own, or not at all."""
_MOST: Final = 100
"""The most reports that the guide lists by name."""


def claim_page(renderer: Renderer, it: Resource, edition: Edition | None = None) -> Page:
    """Return the page of a claim, an exhortation or a recommendation of a report."""
    stem = renderer.addresses.part_stem(it.iri)
    if stem is None:
        raise ValueError(f"{it.iri} has no page of its own")
    (item,) = site_claims.on_page([it])
    kind, gettext = "Claim" if it.is_a("rj:Claim") else "CreativeWork", renderer.words.gettext
    head = PageMetadata(
        # A search engine or a social network shows the title alone: without its speaker, a claim would be ours.
        title=f"{said_by(item, renderer.words)}: {it.label.value}",
        description=gettext(
            "%(claim)s (%(who)s): who said it, what contradicts, qualifies or supports it, and who says so.",
            claim=it.label.value,
            who=said_by(item, renderer.words),
        ),
        iri=it.iri,
        kind=schema_org.kind_iri(kind),
        structured=schema_org.part(it, kind, site_claims.speakers(it) or it.objects("rj:raisedBy")),
        alternates=renderer.stem(it.document),
        authors=tuple(editor.iri for editor in it.document.objects("rj:editor")),
    )
    return renderer.page(
        "claim.html",
        f"{stem}.html",
        head,
        it=it,
        item=item,
        kind=site_claims.kind_of(it),
        hidden=_SHOWN,
        names_affected=names_affected(renderer, it),
        citation=of_entry(it, renderer.project, renderer.words, edition),
        guide=f"{GUIDE}.html",
        picture=_card(renderer, item),
    )


def picture(renderer: Renderer, it: Resource) -> SocialCard:
    """Return the picture that social networks show with a link to a claim that has one."""
    (item,) = site_claims.on_page([it])
    card = _card(renderer, item)
    if card is None:
        raise ValueError(f"{it.iri} has no picture")
    return card


def has_picture(renderer: Renderer, it: Resource) -> bool:
    """Return whether there is a picture for it: for claims in a script that the font has, if pictures can be drawn."""
    return it.is_a("rj:Claim") and not names_affected(renderer, it) and can_draw(it.label.value) and available()


def _card(renderer: Renderer, item: ClaimOnPage) -> SocialCard | None:
    """Return the words of the picture of a claim."""
    it, statement = item.claim, next(iter(item.statements), None)
    if not has_picture(renderer, it):
        return None
    role = statement.text("rj:roleAsStated") if statement else ""
    date = (
        inline.date_in_words(statement.text("dcterms:date"), inline.dating_of(statement), renderer.words)
        if statement
        else ""
    )
    gettext = renderer.words.gettext
    said = ", ".join(filter(None, (said_by(item, renderer.words), role, date)))
    beside = gettext(
        "What stands beside it: %(explicit)s explicitly in a report, %(inferred)s by the editors’ inference",
        explicit=item.number_explicit,
        inferred=item.number_inferred,
    )
    return SocialCard(
        path=f"{renderer.addresses.part_stem(it.iri)}.png",
        said=said,
        claim=it.label.value,
        beside=beside
        if item.number_explicit or item.number_inferred
        else gettext("Nothing by others stands beside it in these data"),
        source=it.document.label.value,
        note=gettext("%(site)s. This does not say whether the claim is true.", site=renderer.project.title),
    )


def names_affected(renderer: Renderer, it: Resource) -> bool:
    """Return whether it is about a person affected, or its words name one.

    Then its page has the name, and neither a search engine nor a picture leads to it.
    """
    own = (*it.literals("rdfs:label"), *it.literals("rj:quote"))
    return any(map(is_affected, it.objects("rj:affected"))) or any(renderer.affected.named_in(it.value) for it in own)


def said_by(item: ClaimOnPage, words: Messages) -> str:
    """Return who said it, as a page names them: the speakers, or who recommends it."""
    who = site_claims.speakers(item.claim) or item.claim.objects("rj:raisedBy")
    return ", ".join(named(it, words) for it in who)


def guide_page(renderer: Renderer) -> Page:
    """Return the page that explains how to read a claim, and how to object to an entry."""
    gettext = renderer.words.gettext
    title = gettext("How to read this")
    head = PageMetadata(
        title=title,
        description=gettext(
            "What “explicitly” and “by inference” mean, what this site does not say, and how to object."
        ),
        iri=f"{renderer.project.base}{GUIDE}",
        kind=schema_org.kind_iri("WebPage"),
        structured=schema_org.page(title),
    )
    reports = renderer.reader.of_class("rj:Dossier")
    return renderer.page("how-to-read.html", f"{GUIDE}.html", head, reports=reports[:_MOST], total=len(reports))
