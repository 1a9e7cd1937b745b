"""The page that sets two States, two officials of one State, or two documents side by side, and what it loads of each.

The address says which two (`compare.html?state=KAZ&state=SVN`). The browser loads a small script for each, as a page
opened from disk may do. Nothing is ranked: both columns have the same rows, in the order of the issues.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rejoinder.rdf.terms import Literal
from rejoinder.site import entity_page, schema_org
from rejoinder.site.affected import in_json
from rejoinder.site.claims import ClaimOutcome
from rejoinder.site.entities import Entities, is_affected
from rejoinder.site.render import Page, PageMetadata, Renderer
from rejoinder.site.resource import Resource, by_label

STEM: Final = "compare"
FOLDER: Final = f"{STEM}/"
COMPARED: Final = ("state", "person", "report")
"""The kinds of things that are compared."""

_CLAIMS: Final = 12
"""Claims that a cell shows; the page of the thing has all."""
_MOST: Final = 1_000
"""Things of a kind to choose from; an address can name any."""


def is_compared(entities: Entities, kind: str, resource: Resource) -> bool:
    """Return whether anything is said by the thing or with it that can be set beside another of its kind."""
    if is_affected(resource) or entity_page.kind_of_page(resource) != kind:
        return False
    if kind == "person":
        return resource.value("rj:represents") is not None and bool(entities.claims_by(resource.iri))
    said = entities.claims_by(resource.iri) or entities.raised_by(resource.iri) or entities.raised_with(resource.iri)
    return kind == "report" or (kind == "state" and bool(said))


def compared(renderer: Renderer, entities: Entities, kind: str) -> tuple[Resource, ...]:
    """Return the things of a kind that can be compared: States and documents by name, officials by State and name."""
    found = [it for it in entity_page.members(renderer, kind) if is_compared(entities, kind, it)]
    if kind != "person":
        return tuple(found)
    by_state: dict[Resource, list[Resource]] = {}
    for official in found:
        for state in official.objects("rj:represents")[:1]:
            by_state.setdefault(state, []).append(official)
    # An official who is the only one of a State can be set beside nobody.
    return tuple(it for state in by_label(by_state) if len(by_state[state]) > 1 for it in by_state[state])


def stems(renderer: Renderer, entities: Entities) -> Iterator[str]:
    """Yield the stems of what the page loads."""
    for kind in COMPARED:
        yield from (FOLDER + renderer.stem(it) for it in compared(renderer, entities, kind))


def thing(renderer: Renderer, entities: Entities, stem: str) -> tuple[str, Resource] | None:
    """Return kind and thing whose data are at the stem, or None if there is nothing to compare."""
    name = stem.removeprefix(FOLDER)
    kind, resource = name.partition("/")[0], renderer.reader.here(name)
    return (kind, resource) if kind in COMPARED and is_compared(entities, kind, resource) else None


def compare_page(renderer: Renderer, entities: Entities) -> Page:
    """Return the page; without scripts it leads to the pages of all that can be compared."""
    title = renderer.words.gettext("Compare")
    head = PageMetadata(
        title=title,
        description=renderer.words.gettext("Two States, two officials of one State, or two documents, side by side."),
        iri=renderer.project.base + STEM,
        kind=schema_org.kind_iri("WebPage"),
        structured=schema_org.page(title),
    )
    lists = {kind: compared(renderer, entities, kind)[:_MOST] for kind in COMPARED}
    return renderer.page(
        "compare.html",
        f"{STEM}.html",
        head,
        lists={kind: found for kind, found in lists.items() if len(found) > 1},
        outcomes=tuple(ClaimOutcome),
        ids={it: renderer.stem(it).partition("/")[2] for found in lists.values() for it in found},
    )


def data_file(renderer: Renderer, entities: Entities, kind: str, resource: Resource) -> Page:
    """Return the script with what the page shows of a thing."""
    stem = renderer.stem(resource)
    text = json.dumps(_described(renderer, entities, kind, resource), ensure_ascii=False, separators=(",", ":"))
    content = f"rejoinderCompare({json.dumps(stem)},{renderer.affected.left_out(text, in_json)})\n"
    return Page(f"{FOLDER}{stem}.js", content.encode(), "text/javascript; charset=utf-8")


def _described(renderer: Renderer, entities: Entities, kind: str, resource: Resource) -> dict[str, Any]:
    claims, raised, raised_with = _entries(entities, kind, resource)
    outcomes = entities.outcomes(claims)
    of_claim = {item.claim.iri: outcome.name_on_page for outcome, items in outcomes for item in items}
    reader, states = renderer.reader, resource.objects("rj:represents")

    def link(it: Resource) -> list[str | None]:
        return _link(renderer, it)

    issues = []
    for issue, found in entities.issues(claims | raised | raised_with).items():
        own = entities.cards(iri for iri in found if iri in claims)
        issues.append(
            {
                "issue": link(reader.resource(issue)),
                "claims": [[*link(item.claim), of_claim[item.claim.iri]] for item in own[:_CLAIMS]],
                "more": max(0, len(own) - _CLAIMS),
                "raised": sum(iri in raised for iri in found),
                "raisedWith": sum(iri in raised_with for iri in found),
            }
        )
    return {
        "thing": link(resource),
        "states": [link(state) for state in states],
        "facts": {
            name: [link(it) if isinstance(it, Resource) else it for it in values]
            for name, values in _facts(renderer, entities, kind, resource).items()
            if values
        },
        # Numbers of two persons side by side would rank them.
        "outcomes": {} if kind == "person" else {outcome.name_on_page: len(items) for outcome, items in outcomes},
        "totals": [len(claims), len(raised), len(raised_with)],
        "issues": sorted(issues, key=lambda it: str(it["issue"])),
    }


def _entries(entities: Entities, kind: str, resource: Resource) -> tuple[set[str], set[str], set[str]]:
    """Return the claims, what the thing raised, and what was raised with it."""
    if kind == "report":
        return entities.claims_in(resource.iri), entities.concerns_in(resource.iri), set()
    raised_with = set(entities.raised_with(resource.iri))
    return entities.claims_by(resource.iri), entities.raised_by(resource.iri), raised_with


def _facts(
    renderer: Renderer, entities: Entities, kind: str, resource: Resource
) -> Mapping[str, list[Resource | list[str | None]]]:
    """Return the facts that tell the thing from others with its name, such as roles, by the name of the row."""
    if kind == "person":
        roles = entity_page.roles(resource, entities.said_by(resource.iri))
        return {
            "roles": [_text(role.dated(renderer.words)) for role in roles],
            "state": list(resource.objects("rj:represents")),
        }
    if kind == "report":
        report = resource.report
        date = report.text("dcterms:date")
        return {
            "publishers": list(report.objects("dcterms:publisher")),
            "date": [[renderer.words.date(date), None, None]] if date else [],
            "proceedings": list(report.objects("rj:inProceeding")),
        }
    return {"group": list(resource.objects("rj:regionalGroup")), "reviews": list(resource.subjects("rj:underReview"))}


def _link(renderer: Renderer, it: Resource) -> list[str | None]:
    """Return words, the page, and the language of the words."""
    path = renderer.link(it.iri, f"{STEM}.html")
    return [it.label.value, path, it.label.language]


def _text(words: Literal) -> list[str | None]:
    return [words.value, None, words.language]
