"""The pages of what reports share: States, issues, people, organisations, laws, reviews; and a list of each kind.

A person's page says what they claimed and what became of each claim; a State's what it raised, where, and with whom.
Beside every statement stands the report that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rejoinder import names
from rejoinder.site import answers, longlists, mentions, structured
from rejoinder.site.press import Head, Page, Press
from rejoinder.site.things import Thing, by_label

TITLES: Final = {
    "report": "Reports",
    "state": "States",
    "issue": "Issues",
    "person": "People",
    "organisation": "Organisations",
    "provision": "Laws",
    "review": "Reviews",
    "record": "Records",
}
"""The kinds of things that have a page each, and the title of the page that lists them."""

DOCUMENTS: Final = frozenset({"report", "record"})
"""The kinds of things that are documents: graphs of their own."""

_DERIVED_OWN: Final = frozenset({names.RJ + "raisedConcern", names.RJ + "asserted"})


def members(press: Press, kind: str) -> tuple[Thing, ...]:
    """The things of a kind that have an address on the site, by label."""
    found = press.library.instances(f"rj:{kind.capitalize()}")
    return by_label(thing for thing in found if not thing.fragment and press.addresses.stem(thing.iri))


def kind_of_page(thing: Thing) -> str | None:
    """The kind of page that a thing has, None if it has none of its own."""
    return None if thing.fragment else next((kind for kind in TITLES if thing.is_a(f"rj:{kind.capitalize()}")), None)


def is_spoken_of(thing: Thing) -> bool:
    """Whether a report speaks of it."""
    subjects = thing.library.pointing_subjects(thing.iri)
    return bool(thing.all("rj:anchor")) or any(s.fragment or s.is_a("rj:Report") for s in subjects)


def thing_page(press: Press, kind: str, thing: Thing) -> Page:
    """The page of a thing."""
    claims, raised = _claims(thing), _raised(thing)
    groups = answers.grouped(answers.answered_claims(claims))
    return press.page(
        "thing.html",
        f"{press.stem(thing)}.html",
        _head(press, kind, thing),
        it=thing,
        collection=kind,
        collection_title=TITLES[kind],
        elsewhere=_DERIVED_OWN,
        narrower=by_label(thing.of("skos:broader")),
        reviews=_reviews(thing),
        raised=longlists.first_by_position(raised),
        raised_asks=longlists.RAISED.get(kind, ()),
        groups=[(outcome, longlists.head(members)) for outcome, members in groups],
        claims_asks=longlists.CLAIMS.get(kind, ()),
        mentions=mentions.mentions(thing, claims | raised),
    )


def _head(press: Press, kind: str, thing: Thing) -> Head:
    label = thing.label.value
    return Head(
        title=label,
        description=f"{label}: what reports here say, each statement with the report that says so.",
        iri=thing.iri,
        kind=structured.kind_iri(structured.KINDS[kind]),
        structured=structured.described(thing, structured.KINDS[kind]),
        twins=press.stem(thing),
    )


def _claims(thing: Thing) -> set[Thing]:
    """What a speaker claimed, what was claimed in a State's name, or about an issue."""
    about = set(thing.of("rj:about", "rj:Claim"))
    statements = (said for speaker in (thing, *thing.of("rj:represents")) for said in speaker.of("rj:speaker"))
    return about | {claim for statement in statements for claim in statement.all("rj:expresses")}


def _reviews(thing: Thing) -> tuple[tuple[Thing, tuple[Thing, ...]], ...]:
    """The reviews of a State, each with the reports and records that belong to it."""
    reviews = sorted(thing.of("rj:underReview"), key=lambda review: review.words("dcterms:date"))
    return tuple((review, by_label(filter(_is_document, review.of("rj:inReview")))) for review in reviews)


def _is_document(thing: Thing) -> bool:
    return kind_of_page(thing) in DOCUMENTS


def _raised(thing: Thing) -> set[Thing]:
    """The concerns and recommendations that a State raised, or that are about an issue."""
    return {*thing.of("rj:raisedBy"), *thing.of("rj:about", "rj:Concern")}


def collection_page(press: Press, kind: str) -> Page:
    """The page that lists the things of a kind: first those that reports speak of."""
    things = members(press, kind)
    spoken = frozenset(thing for thing in things if kind in DOCUMENTS or is_spoken_of(thing))
    iri = f"{press.project.base}{kind}/"
    head = Head(
        title=TITLES[kind],
        description=f"{TITLES[kind]} in {press.project.title}.",
        iri=iri,
        kind=structured.kind_iri("CollectionPage"),
        structured=structured.collection(press.library.thing(iri), TITLES[kind]),
        twins=f"{kind}/index" if kind not in DOCUMENTS else None,
    )
    first = [thing for thing in things if thing in spoken]
    return press.page(
        "collection.html",
        f"{kind}/index.html",
        head,
        title=TITLES[kind],
        spoken=first,
        cards=[(thing, _note(kind, thing)) for thing in first],
        others=[thing for thing in things if thing not in spoken],
    )


def _note(kind: str, thing: Thing) -> str:
    """A line that tells a thing in a list from the others."""
    return ", ".join(note for note in _notes(kind, thing) if note)


def _notes(kind: str, thing: Thing) -> Iterator[str]:
    if kind == "report":
        yield thing.words("dcterms:title")
    claims, raised = len(_claims(thing)), len(_raised(thing))
    if kind in ("state", "issue") and raised:
        yield f"{raised} concern{'s' * (raised > 1)} or recommendation{'s' * (raised > 1)}"
    if claims:
        yield f"{claims} claim{'s' * (claims > 1)}"
    if kind == "person":
        roles = {role.value for statement in thing.of("rj:speaker") for role in statement.texts("rj:roleAsStated")}
        yield from sorted(roles)
