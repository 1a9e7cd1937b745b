"""The page of a claim, an exhortation or a recommendation: who said it, where and when, and what bears on it.

Its IRI is a fragment of the report's, so the page of the report has an element for it, too.
"""

from __future__ import annotations

from rejoinder.site import claims as site_claims
from rejoinder.site import schema_org
from rejoinder.site.render import Page, PageMetadata, Renderer
from rejoinder.site.resource import Resource


def claim_page(renderer: Renderer, it: Resource) -> Page:
    """Return the page of a claim, an exhortation or a recommendation of a report."""
    stem = renderer.addresses.part_stem(it.iri)
    if stem is None:
        raise ValueError(f"{it.iri} has no page of its own")
    head = PageMetadata(
        title=it.label.value,
        description=f"{it.label.value}: who said it, and what bears on it, in {it.document.label.value}.",
        iri=it.iri,
        kind=schema_org.kind_iri("Claim" if it.is_a("rj:Claim") else "CreativeWork"),
        structured=schema_org.described(it, "Claim" if it.is_a("rj:Claim") else "CreativeWork"),
        alternates=renderer.stem(it.document),
    )
    (item,) = site_claims.on_page([it])
    return renderer.page("claim.html", f"{stem}.html", head, it=it, item=item, sources=(it.document,))
