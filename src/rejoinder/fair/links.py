"""Checks on links to the data of others: there are some, they say how, and VoID tells of them.

Standard: SKOS mapping properties (SKOS Reference 10); VoID linksets (VoID 5).
"""

from __future__ import annotations

from typing import Final

from rejoinder import names
from rejoinder.fair.builtsite import DESCRIPTION, DUMP, BuiltSite
from rejoinder.fair.criteria import Check, Flaw, Seen
from rejoinder.site.things import expanded
from rejoinder.store import rdf
from rejoinder.store.rdf import Quad

_ENOUGH: Final = 3
_SAME: Final = expanded("owl:sameAs").value


def _links(site: BuiltSite, space: str) -> list[Quad]:
    """The mappings to what is below an authority's address."""
    return [q for q in site.dump if q.predicate.value in names.MAPPINGS and rdf.text(q.object).startswith(space)]


def _authorities(site: BuiltSite) -> Seen:
    linked = [each.title for each in names.AUTHORITIES if _links(site, each.space)]
    message = f"The data must link to {_ENOUGH} outside authorities with skos:exactMatch or another mapping of SKOS."
    fits = len(linked) >= _ENOUGH
    yield None if fits else Flaw(DUMP, message, site.base, value=", ".join(linked))


def _told(site: BuiltSite) -> Seen:
    """Each authority that the data link to has a linkset in VoID for each relation."""
    sets = [subset for subset in site.dataset.all("void:subset") if subset.is_a("void:Linkset")]
    known = {
        (target.words("void:uriSpace"), predicate.iri)
        for linkset in sets
        for target in linkset.all("void:objectsTarget")
        for predicate in linkset.all("void:linkPredicate")
    }
    for authority in names.AUTHORITIES:
        for predicate in sorted({link.predicate.value for link in _links(site, authority.space)}):
            message = f"VoID has no linkset for these links to {authority.title}; build the site again."
            yield None if (authority.space, predicate) in known else Flaw(DESCRIPTION, message, site.base, predicate)


def _qualified(site: BuiltSite) -> Seen:
    """Links to authorities say how alike the two are; owl:sameAs would make them one."""
    for quad in sorted(site.dump, key=str):
        outside = any(rdf.text(quad.object).startswith(each.space) for each in names.AUTHORITIES)
        if outside and (quad.predicate.value in names.MAPPINGS or quad.predicate.value == _SAME):
            message = "owl:sameAs makes two things one; write skos:exactMatch."
            focus = rdf.text(quad.subject)
            yield Flaw(DUMP, message, focus, _SAME, rdf.text(quad.object)) if quad.predicate.value == _SAME else None


CHECKS: Final = (
    Check(
        "OutsideAuthorities",
        "I3",
        ("F-UJI FsF-I3-01M", "FAIR-Checker I3"),
        "The data link to at least three outside authorities, such as Wikidata, the EU's lists and the SDGs.",
        _authorities,
    ),
    Check(
        "LinksAreQualified",
        "I3",
        ("F-UJI FsF-I3-01M",),
        "Links to outside authorities are mappings of SKOS, never owl:sameAs.",
        _qualified,
    ),
    Check("LinksetsDescribed", "I3", ("VoID: linksets",), "VoID has a linkset for each authority and relation.", _told),
)
