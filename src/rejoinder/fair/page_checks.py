"""Checks on pages: what each says of itself to machines.

Standards: Signposting, level 1 (typed links in HTML); schema.org in JSON-LD; BCP 47 language tags.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from rejoinder import formats
from rejoinder.errors import InputError
from rejoinder.fair.built_site import (
    DUMP,
    TWINS,
    BuiltSite,
    FairCheck,
    Flaw,
    Seen,
    SiteDocument,
    SiteLink,
    attempt,
    attribute,
)
from rejoinder.rdf import terms
from rejoinder.rdf.terms import Literal
from rejoinder.site.resource import expanded

_TAG: Final = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(-[a-z0-9]{5,8})*", re.IGNORECASE)
"""Language, script, region and variants of BCP 47."""

_LINES: Final = formats.NTRIPLES.media_type
_LINKSET: Final = "application/linkset+json"
_NAMES: Final = ("rdfs:label", "dcterms:title", "skos:prefLabel")
_FOR_PEOPLE: Final = frozenset(expanded(name).value for name in (*_NAMES, "skos:definition", "dcterms:description"))


def _describing(site: BuiltSite) -> Iterator[SiteDocument]:
    """The pages about something that the data describe: the data set, or a document of it."""
    return (page for page in site.pages if page.subject == site.base or page.subject in site.documents)


def _stem(page: SiteDocument) -> str:
    return page.path.removesuffix(".html")


def _signposted(site: BuiltSite) -> Seen:
    """Each page says how to cite it, what it is, under which licence; one with data, where they are."""
    licenses = {each.iri for each in site.dataset.objects("dcterms:license")}
    for page in site.pages:
        for relation in ("cite-as", "type", "license"):
            message = f'The page needs a <link rel="{relation}">.'
            yield None if page.linked(relation) else Flaw(page.path, message, page.subject)
        message = "The page names another licence than the data set."
        fits = {link.href for link in page.linked("license")} <= licenses
        yield None if fits else Flaw(page.path, message, page.subject)


def _described(site: BuiltSite) -> Seen:
    """A page about something in the data leads to its Turtle, JSON-LD and N-Triples, and says which is which."""
    wanted = {syntax.media_type for syntax in TWINS}
    for page in _describing(site):
        for relation in ("describedby", "alternate"):
            offered = {link.media_type for link in page.linked(relation) if link.path in site.paths}
            lost = wanted - offered
            message = f'The page needs a <link rel="{relation}"> to {", ".join(sorted(lost))}.'
            yield Flaw(page.path, message, page.subject) if lost else None


def _items(site: BuiltSite) -> Seen:
    """The page of the data set leads to each file of it, as what it consists of."""
    offered = {link.path for link in site.start.linked("item") if link.media_type}
    for found in site.dataset.objects("dcat:distribution"):
        for target in found.objects("dcat:downloadURL"):
            message = 'The start page needs a <link rel="item"> with its type to this file.'
            fits = target.iri.removeprefix(site.base) in offered
            yield None if fits else Flaw(site.start.path, message, found.iri, value=target.iri)


def _twins(site: BuiltSite) -> Seen:
    """What stands in one syntax stands in the others: the same triples."""
    stems = {path.removesuffix(s.suffix) for path in site.paths for s in TWINS if path.endswith(s.suffix)}
    for stem in sorted(stems):
        yield attempt(partial(_twinned, site, stem))


def _twinned(site: BuiltSite, stem: str) -> Flaw | None:
    paths = [path for path in (stem + syntax.suffix for syntax in TWINS) if path in site.paths]
    digests = {terms.content_digest(terms.in_graph(site.triples(path), site.base)) for path in paths}
    message = "The file does not say what its twins say, or has none; build the site again."
    return None if len(digests) == 1 and len(paths) > 1 else Flaw(paths[0], message)


def _about(site: BuiltSite) -> Seen:
    """The RDF beside a page says something of the thing that the page is about."""
    for page in _describing(site):
        yield attempt(partial(_spoken_of, site, page))


def _spoken_of(site: BuiltSite, page: SiteDocument) -> Flaw | None:
    paths = [link.path for link in page.linked("describedby") if link.media_type == _LINES and link.path]
    subjects = {str(triple.subject) for path in paths for triple in site.triples(path)}
    message = "The RDF that the page leads to says nothing of what the page is about; build the site again."
    return None if f"<{page.subject}>" in subjects else Flaw(page.path, message, page.subject)


def _embedded(site: BuiltSite) -> Seen:
    """Each page holds JSON-LD that is RDF, and speaks of what the page is about."""
    for page in site.pages:
        yield attempt(partial(_structured, page))


def _structured(page: SiteDocument) -> Flaw | None:
    triples = page.structured_triples()
    subject = page.structured.get("@id", page.subject)
    message = "The JSON-LD in the page must describe what the page is cited as."
    return None if triples and subject == page.subject else Flaw(page.path, message, page.subject, value=str(subject))


def _named(site: BuiltSite) -> Seen:
    """The name in the JSON-LD is one that the data give, the licence the page's own."""
    for page in _describing(site):
        yield attempt(partial(_called, site, page))
        yield attempt(partial(_licensed, page))


def _called(site: BuiltSite, page: SiteDocument) -> Flaw | None:
    thing = (site.described if page.subject == site.base else site.data).resource(page.subject)
    labels = {text.value for name in _NAMES for text in thing.literals(name)}
    name = page.structured.get("name")
    message = "The page calls it by a name that the data do not give it."
    return None if not labels or name in labels else Flaw(page.path, message, page.subject, value=str(name))


def _licensed(page: SiteDocument) -> Flaw | None:
    said = page.structured.get("license")
    message = "The JSON-LD in the page names another licence than the page."
    fits = said is None or said in {link.href for link in page.linked("license")}
    return None if fits else Flaw(page.path, message, page.subject, value=str(said))


def _languages(site: BuiltSite) -> Seen:
    """Texts for people say their language, by a tag that is one; pages do, too."""
    for quad in sorted(site.dump, key=str):
        if isinstance(quad.object, Literal) and (quad.object.language or quad.predicate.value in _FOR_PEOPLE):
            message = "This text needs a language tag of BCP 47, such as en or ru."
            fits = _TAG.fullmatch(quad.object.language or "")
            yield (
                None if fits else Flaw(DUMP, message, terms.text(quad.subject), quad.predicate.value, str(quad.object))
            )
    for page in site.pages:
        language = attribute(page.elements("html")[0], "lang")
        message = "The page needs the attribute lang, with a language tag of BCP 47."
        yield None if _TAG.fullmatch(language) else Flaw(page.path, message, page.subject, value=language)


def _linkset(site: BuiltSite) -> Seen:
    """The start page leads to a file that says its typed links, for whoever reads no HTML."""
    start = site.start
    paths = [link.path for link in start.linked("linkset") if link.media_type == _LINKSET and link.path in site.paths]
    message = f'The start page needs a <link rel="linkset" type="{_LINKSET}"> to a file that is there.'
    yield None if len(paths) == 1 else Flaw(start.path, message, site.base)
    for path in filter(None, paths):
        said = _targets(site, path)
        for relation in ("cite-as", "type", "license", "author", "describedby", "item"):
            wanted = {_absolute(site, link) for link in start.linked(relation)}
            message = f"The links {relation} are not those of the start page; build the site again."
            fits = bool(wanted) and said.get(relation) == wanted
            yield None if fits else Flaw(path, message, site.base, value=", ".join(sorted(said.get(relation, ()))))


def _targets(site: BuiltSite, path: str) -> dict[str, set[str]]:
    """What the linkset at a path says of the data set: targets by relation."""
    try:
        contexts = json.loads(site.text(path))["linkset"]
        (own,) = (each for each in contexts if each["anchor"] == site.base)
        return {key: {target["href"] for target in targets} for key, targets in own.items() if key != "anchor"}
    except (json.JSONDecodeError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        message = "this is no linkset of RFC 9264 that speaks once of the data set; build the site again"
        raise InputError.at(Path(path), None, message) from error


def _absolute(site: BuiltSite, link: SiteLink) -> str:
    return link.href if link.path is None else site.base + link.path


CHECKS: Final = (
    FairCheck(
        "EmbeddedJsonLd",
        "F2",
        ("F-UJI FsF-I1-01M", "FAIR-Checker F2A"),
        "Each page holds JSON-LD about what the page is cited as, in the terms of schema.org.",
        _embedded,
    ),
    FairCheck(
        "DataAboutPage",
        "F3",
        ("F-UJI FsF-F3-01M",),
        "The RDF that a page leads to speaks of what the page is about.",
        _about,
    ),
    FairCheck(
        "Signposting",
        "A1",
        ("Signposting, level 1",),
        "Each page has typed links that say how to cite it, what it is, and under which licence it may be used.",
        _signposted,
    ),
    FairCheck(
        "SignpostedItems",
        "A1",
        ("Signposting, level 1", "F-UJI FsF-F3-01M"),
        "The page of the data set has a typed link to each of its files.",
        _items,
    ),
    FairCheck(
        "Linkset",
        "A1",
        ("Signposting, level 2", "RFC 9264"),
        "The typed links of the data set's page stand in a linkset, too.",
        _linkset,
    ),
    FairCheck(
        "PagesLeadToData",
        "I1",
        ("F-UJI FsF-I1-01M", "FAIR-Checker I1"),
        "Each page about something in the data has typed links to its Turtle, JSON-LD and N-Triples.",
        _described,
    ),
    FairCheck(
        "TwinsAgree",
        "I1",
        ("FOOPS! RDF1", "F-UJI FsF-I1-01M", "FAIR-Checker I1"),
        "Turtle, JSON-LD and N-Triples of the same document can be read, and hold the same triples.",
        _twins,
    ),
    FairCheck(
        "PagesNameThings",
        "I1",
        ("F-UJI FsF-I1-01M",),
        "The JSON-LD in each page gives the name that the data give, and the licence that the page gives.",
        _named,
    ),
    FairCheck(
        "LanguageTags",
        "R1",
        ("BCP 47",),
        "Labels, titles and definitions have a language tag, and each page says its language.",
        _languages,
    ),
)
