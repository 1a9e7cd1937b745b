"""Checks on whether what is named can be had: by the rules for w3id.org, by links, over an open protocol.

Standards: Best Practice Recipes for Publishing RDF Vocabularies; Cool URIs for the Semantic Web (303); sitemaps.org.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from rejoinder import names
from rejoinder.errors import InputError
from rejoinder.fair import rewriting
from rejoinder.fair.builtsite import DESCRIPTION, RULES, TWINS, BuiltSite, Document
from rejoinder.fair.criteria import Check, Flaw, Seen
from rejoinder.fair.metadata import distributions, is_persistent
from rejoinder.fair.rewriting import Rule
from rejoinder.site.things import expanded

_HTML: Final = "text/html,application/xhtml+xml,*/*;q=0.8"
_ACCEPTED: Final = ((_HTML, ".html"), *((syntax.media_type, syntax.suffix) for syntax in TWINS))
_SEE_OTHER: Final = frozenset({302, 303})
_OPEN: Final = frozenset({"http", "https"})
_MAP: Final = "sitemap.xml"
_ROBOTS: Final = "robots.txt"


def _rules(site: BuiltSite) -> tuple[Rule, ...]:
    return rewriting.read_rules(Path(RULES), site.text(RULES))


def _host(site: BuiltSite) -> str:
    """Where the site is hosted, as its robots.txt says."""
    lines = site.text(_ROBOTS).splitlines()
    found = next((line.split(":", 1)[1].strip() for line in lines if line.lower().startswith("sitemap:")), "")
    return found.removesuffix(_MAP)


def _status(site: BuiltSite) -> Seen:
    message = "This rule answers {}; only 303, or 302 for those who need it, says that the page is not the thing."
    for rule in _rules(site):
        fits = rule.status in _SEE_OTHER
        yield None if fits else Flaw(RULES, message.format(rule.status), value=f"line {rule.line}")


def _negotiated(site: BuiltSite) -> Seen:
    """By the rules, the IRI of every document leads to its page, and to each of its files of RDF."""
    rules, host = _rules(site), _host(site)
    for iri in sorted({site.base, *site.documents}):
        for accept, suffix in _ACCEPTED:
            yield _answered(site, rules, host, (iri, accept, suffix))


def _answered(site: BuiltSite, rules: tuple[Rule, ...], host: str, asked: tuple[str, str, str]) -> Flaw | None:
    iri, accept, suffix = asked
    answer = rewriting.follow(rules, iri.removeprefix(site.base), accept)
    target = answer[1] if answer else ""
    path = unquote(target.removeprefix(host))
    if not target.isascii() or not target.startswith(host) or path not in site.paths or not path.endswith(suffix):
        message = f"Whoever asks for {accept} is led to no such file of the site; build it again, or mend the rules."
        return Flaw(RULES, message, iri, value=target)
    # Where the IRIs are the host's own, the rules are needed by nobody.
    own = not is_persistent(site.base)
    if not own and target.startswith(site.base) and rewriting.follow(rules, target.removeprefix(site.base), accept):
        message = "The rules lead back to the identifiers themselves, round and round; say in rejoinder.toml, with "
        return Flaw(RULES, message + "`site`, where the site is hosted.", iri, value=target)
    return None


def _claimed(site: BuiltSite) -> Iterator[tuple[Document, str, str]]:
    """Each link of a page that leads to the site: the page, the link as written, the path."""
    for page in site.pages:
        for element in page.elements("a[href], link[href], script[src], img[src]"):
            href = element.attributes.get("href") or element.attributes.get("src") or ""
            path = page.resolved(href)
            if path is not None:
                yield page, href, path


def _files(site: BuiltSite) -> Seen:
    message = "The page links to a file that is not there; build the site again."
    for page, href, path in _claimed(site):
        yield None if path in site.paths else Flaw(page.path, message, value=href)


def _dumps(site: BuiltSite) -> Seen:
    message = "The description names a dump that is not on the site; build it again."
    for dump in site.dataset.all("void:dataDump"):
        there = dump.iri.removeprefix(site.base) in site.paths
        yield None if there else Flaw(DESCRIPTION, message, site.base, expanded("void:dataDump").value, dump.iri)


def _protocol(site: BuiltSite) -> Seen:
    """Every address under which data are to be had begins with http or https."""
    message = "Data must be had over HTTP; write an address that begins with https://."
    for path, found in distributions(site):
        for name in ("dcat:accessURL", "dcat:downloadURL"):
            for target in found.all(name):
                fits = urlsplit(target.iri).scheme in _OPEN
                yield None if fits else Flaw(path, message, found.iri, expanded(name).value, target.iri)
    message = "The identifier must begin with https://."
    yield None if urlsplit(site.base).scheme in _OPEN else Flaw(DESCRIPTION, message, site.base)


def _found(site: BuiltSite) -> Seen:
    """The site map names every page, at the address where the site is hosted, and crawlers may come."""
    host, listed = _host(site), set(_mapped(site))
    for page in site.pages:
        message = "The site map does not name this page; build the site again."
        yield None if host + names.as_uri(page.path) in listed else Flaw(page.path, message)
    pages = {host + names.as_uri(page.path) for page in site.pages}
    message = "The site map names a page that is not there; build the site again."
    yield from (Flaw(_MAP, message, value=address) for address in sorted(listed - pages))
    robots = {line.strip().lower() for line in site.text(_ROBOTS).splitlines()}
    message = "robots.txt must name the site map and may not keep crawlers out; remove 'Disallow: /'."
    yield Flaw(_ROBOTS, message) if "disallow: /" in robots or not host else None


def _mapped(site: BuiltSite) -> Iterable[str]:
    text = site.text(_MAP)
    if "<!DOCTYPE" in text:  # entities, which may grow without end or name other files, are declared in one
        raise InputError.at(Path(_MAP), None, "a site map has no document type; remove it, or build the site again")
    try:
        tree = ET.fromstring(text)  # noqa: S314  # without a document type, there are no entities
    except ET.ParseError as error:
        raise InputError.at(Path(_MAP), None, f"the site map is not XML: {error}; build the site again") from error
    return (element.text or "" for element in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc"))


CHECKS: Final = (
    Check(
        "SiteMap",
        "F4",
        ("sitemaps.org",),
        "The site map names every page, and crawlers may read them.",
        _found,
    ),
    Check(
        "Negotiation",
        "A1",
        ("FOOPS! CN1", "FOOPS! URI1", "FOOPS! RDF1", "FOOPS! DOC1", "F-UJI FsF-A1-02MD"),
        "By the rules for w3id.org, the IRI of each document leads to its page, Turtle, JSON-LD and N-Triples.",
        _negotiated,
    ),
    Check(
        "SeeOther",
        "A1",
        ("Cool URIs: 303",),
        "Each rule for w3id.org answers 303, or 302, and never 301.",
        _status,
    ),
    Check("FilesAreThere", "A1", ("F-UJI FsF-A1-02MD",), "Each link within the site leads to a file of it.", _files),
    Check("DumpsAreThere", "A1", ("F-UJI FsF-A1-02MD",), "Each dump that VoID names is there.", _dumps),
    Check(
        "OpenProtocol",
        "A1.1",
        ("FOOPS! HTTP1", "F-UJI FsF-A1.1-01MD", "F-UJI FsF-A1.2-01MD", "FAIR-Checker A1.1"),
        "Identifiers and addresses of data begin with http or https.",
        _protocol,
    ),
)
