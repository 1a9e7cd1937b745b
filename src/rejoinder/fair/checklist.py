"""The checklist: every check by its principle, and what it found on a site.

The tests of FOOPS!, F-UJI and FAIR-Checker ask hosts and registries over the network; here what they ask for is looked
up in the files, so that it is known before anything is published.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from rejoinder import namespaces
from rejoinder.errors import InputError, Problem, Severity
from rejoinder.fair import metadata_checks, page_checks
from rejoinder.fair.built_site import (
    DESCRIPTION,
    DUMP,
    PRINCIPLES,
    RULES,
    TWINS,
    BuiltSite,
    FairCheck,
    Flaw,
    Seen,
    SiteDocument,
    attribute,
    distributions,
    is_persistent,
    open_site,
)
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.terms import NamedNode, Quad, Triple
from rejoinder.site.resource import Resource, expanded

_FETCHED: Final = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
    "use": "href",
}
"""Elements that a browser fetches for, by the attribute that says what."""

_FETCHING: Final = frozenset(
    {
        "apple-touch-icon",
        "dns-prefetch",
        "icon",
        "manifest",
        "mask-icon",
        "modulepreload",
        "preconnect",
        "prefetch",
        "preload",
        "prerender",
        "stylesheet",
    }
)
"""The links of a head for which a browser asks a host of itself; the others it only shows, if at all."""


def _alone(site: BuiltSite) -> Seen:
    """No page makes a browser ask anybody but the page's host."""
    message = "The page makes the browser ask another host; bring the file with the site."
    for page in site.pages:
        for address in _requests(page):
            yield Flaw(page.path, message, value=address) if _leads_away(address) else None
    for path in sorted(path for path in site.paths if path.endswith(".css")):
        for address in re.findall(r"""(?:url\(|@import)\s*["']?([^"')\s;]+)""", site.text(path)):
            yield Flaw(path, message, value=address) if _leads_away(address) else None


def _requests(page: SiteDocument) -> Iterator[str]:
    for name, source in _FETCHED.items():
        yield from (attribute(element, source) for element in page.elements(f"{name}[{source}]"))
    for element in page.elements("link[rel][href]"):
        if not _FETCHING.isdisjoint(attribute(element, "rel").lower().split()):
            yield attribute(element, "href")


def _leads_away(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:  # brackets that hold no address
        return True
    return bool(parts.netloc) or parts.scheme not in ("", "data")


_THIRDPARTIES_CHECKS: Final = (
    FairCheck(
        "NoThirdParty",
        "A1.1",
        ("CSP 3: default-src 'self'",),
        "No page and no style sheet makes a browser ask another host.",
        _alone,
    ),
)

_LANGUAGES: Final = (namespaces.RDF, namespaces.RDFS, namespaces.PREFIXES["owl"])
"""What every ontology is written in; FOOPS! does not count it as reuse."""

_OTHERS: Final = tuple(namespace for namespace in namespaces.REGISTERED if namespace not in _LANGUAGES)
_OWN: Final = (namespaces.RJ, namespaces.SHAPES)


def _used(triples: Iterable[Triple]) -> set[str]:
    """The properties and classes that the triples use."""
    found = set()
    for triple in triples:
        found.add(triple.predicate.value)
        if triple.predicate.value == namespaces.RDF_TYPE and isinstance(triple.object, NamedNode):
            found.add(triple.object.value)
    return found


def _all_used(site: BuiltSite) -> set[str]:
    return _used(quad.triple for quad in site.dump)


def _known(site: BuiltSite) -> Seen:
    """Every property and class is of a registered vocabulary, or of an ontology that the site itself publishes."""
    own = (*(f"{it.iri}#" for it in site.ontologies), *_OWN, site.base)
    message = "No registry knows the vocabulary of this term; use a term of a registered one."
    for path, terms in ((DUMP, _all_used(site)), (DESCRIPTION, _used(site.triples(DESCRIPTION)))):
        for term in sorted(terms):
            yield None if term.startswith((*namespaces.REGISTERED, *own)) else Flaw(path, message, term)


def _reused(site: BuiltSite) -> Seen:
    """Each ontology uses terms of others for its header, and builds its own on those of others."""
    for it in site.ontologies:
        stem = site.stem(it.iri)
        triples = site.triples(f"{stem}.ttl")
        header = {t.predicate.value for t in triples if str(t.subject) == f"<{it.iri}>"}
        body = {
            node.value
            for t in triples
            if str(t.subject) != f"<{it.iri}>"
            for node in (t.predicate, t.object)
            if isinstance(node, NamedNode)
        }
        for where, terms in (("header", header), ("terms", body)):
            message = f"The {where} of the ontology must use terms of registered vocabularies beside RDF, RDFS and OWL."
            fits = any(term.startswith(_OTHERS) for term in terms)
            yield None if fits else Flaw(f"{stem}.ttl", message, it.iri)


def _declared(site: BuiltSite) -> Seen:
    """VoID names each registered vocabulary that the data use."""
    named = {each.iri for each in site.dataset.objects("void:vocabulary")}
    used = _all_used(site)
    for namespace in (*_OWN, *namespaces.REGISTERED):
        if any(term.startswith(namespace) for term in used):
            message = "The data use this vocabulary; name it with void:vocabulary."
            predicate = expanded("void:vocabulary").value
            yield None if namespace in named else Flaw(DESCRIPTION, message, site.base, predicate, namespace)


_VOCABULARIES_CHECKS: Final = (
    FairCheck(
        "RegisteredVocabularies",
        "I2",
        ("F-UJI FsF-I2-01M", "FAIR-Checker F2B", "FAIR-Checker I2"),
        "Each property and class in use is of a registered vocabulary, or of an ontology that the site publishes.",
        _known,
    ),
    FairCheck(
        "OntologyReuse",
        "I2",
        ("FOOPS! VOC1", "FOOPS! VOC2"),
        "Each ontology uses the terms of registered vocabularies, in its header and for its terms.",
        _reused,
    ),
    FairCheck(
        "DeclaredVocabularies",
        "I2",
        ("VoID: vocabularies", "F-UJI FsF-I2-01M"),
        "VoID names each vocabulary that the data use.",
        _declared,
    ),
)

Count = tuple[Resource, str, int]
"""What is counted, the property that says the number, and the number that is true."""


def _union(site: BuiltSite) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in site.dump)


def _typed(triples: frozenset[Triple]) -> Iterator[tuple[str, str]]:
    """Subject and class, for each statement of a class."""
    return (
        (rdf_terms.text(t.subject), rdf_terms.text(t.object))
        for t in triples
        if t.predicate.value == namespaces.RDF_TYPE
    )


def _totals(site: BuiltSite) -> Iterator[Count]:
    triples = _union(site)
    yield site.dataset, "void:triples", len(triples)
    yield site.dataset, "void:distinctSubjects", len({t.subject for t in triples})
    yield site.dataset, "void:distinctObjects", len({t.object for t in triples})
    yield site.dataset, "void:properties", len({t.predicate for t in triples})
    yield site.dataset, "void:classes", len({kind for _, kind in _typed(triples)})


def _graphs(site: BuiltSite) -> Iterator[Count]:
    found = Counter(rdf_terms.text(quad.graph_name) for quad in site.dump)
    linksets = {subset.iri for subset in site.dataset.objects("void:subset") if subset.is_a("void:Linkset")}
    for iri in sorted({*found, *(subset.iri for subset in site.dataset.objects("void:subset"))} - linksets):
        yield site.described.resource(iri), "void:triples", found[iri]


def _partitions(site: BuiltSite) -> Iterator[Count]:
    triples = _union(site)
    classes = Counter(kind for _, kind in set(_typed(triples)))
    properties = Counter(t.predicate.value for t in triples)
    for partition in site.dataset.objects("void:classPartition"):
        yield partition, "void:entities", sum(classes[kind.iri] for kind in partition.objects("void:class"))
    for partition in site.dataset.objects("void:propertyPartition"):
        yield partition, "void:triples", sum(properties[each.iri] for each in partition.objects("void:property"))


def _linksets(site: BuiltSite) -> Iterator[Count]:
    triples = _union(site)
    for linkset in site.dataset.objects("void:subset"):
        if linkset.is_a("void:Linkset"):
            spaces = tuple(target.text("void:uriSpace") for target in linkset.objects("void:objectsTarget"))
            predicates = {each.iri for each in linkset.objects("void:linkPredicate")}
            links = [
                t for t in triples if t.predicate.value in predicates and rdf_terms.text(t.object).startswith(spaces)
            ]
            yield linkset, "void:triples", len(links)


def _compared(counts: Iterator[Count]) -> Seen:
    for thing, name, number in counts:
        said = thing.text(name)
        message = f"The dump has {number}; write that, or build the site again."
        yield None if said == str(number) else Flaw(DESCRIPTION, message, thing.iri, expanded(name).value, said)


def _whole(site: BuiltSite) -> Seen:
    return _compared(_totals(site))


def _by_graph(site: BuiltSite) -> Seen:
    return _compared(_graphs(site))


def _by_kind(site: BuiltSite) -> Seen:
    """Each partition's count, and that every class and property of the data has one."""
    yield from _compared(_partitions(site))
    triples = _union(site)
    used = {"void:class": {kind for _, kind in _typed(triples)}, "void:property": {t.predicate.value for t in triples}}
    for name, wanted in used.items():
        partitions = site.dataset.objects(f"{name}Partition")
        lost = wanted - {each.iri for partition in partitions for each in partition.objects(name)}
        message = f"A {name.removeprefix('void:')} that the data use has no partition; build the site again."
        yield Flaw(DESCRIPTION, message, site.base, expanded(name).value, ", ".join(sorted(lost))) if lost else None


def _by_link(site: BuiltSite) -> Seen:
    return _compared(_linksets(site))


_COUNTS_CHECKS: Final = (
    FairCheck(
        "VoidCounts",
        "R1",
        ("VoID: statistics",),
        "The numbers of triples, subjects, objects, properties and classes are those of the dump.",
        _whole,
    ),
    FairCheck(
        "VoidGraphs",
        "R1",
        ("VoID: subsets",),
        "Each graph of the dump is a subset with the number of its triples.",
        _by_graph,
    ),
    FairCheck(
        "VoidPartitions",
        "R1",
        ("VoID: partitions",),
        "Each class and each property of the data has a partition, with the number that the dump has.",
        _by_kind,
    ),
    FairCheck(
        "VoidLinksets",
        "I3",
        ("VoID: linksets", "F-UJI FsF-I3-01M"),
        "Each set of links to another data set has the number of links that the dump has.",
        _by_link,
    ),
)

_ENOUGH: Final = 3
_SAME: Final = expanded("owl:sameAs").value


def _links(site: BuiltSite, space: str) -> list[Quad]:
    """The mappings to what is below an authority's address."""
    return [
        q for q in site.dump if q.predicate.value in namespaces.MAPPINGS and rdf_terms.text(q.object).startswith(space)
    ]


def _authorities(site: BuiltSite) -> Seen:
    linked = [each.title for each in namespaces.AUTHORITIES if _links(site, each.space)]
    message = f"The data must link to {_ENOUGH} outside authorities with skos:exactMatch or another mapping of SKOS."
    fits = len(linked) >= _ENOUGH
    yield None if fits else Flaw(DUMP, message, site.base, value=", ".join(linked))


def _told(site: BuiltSite) -> Seen:
    """Each authority that the data link to has a linkset in VoID for each relation."""
    sets = [subset for subset in site.dataset.objects("void:subset") if subset.is_a("void:Linkset")]
    known = {
        (target.text("void:uriSpace"), predicate.iri)
        for linkset in sets
        for target in linkset.objects("void:objectsTarget")
        for predicate in linkset.objects("void:linkPredicate")
    }
    for authority in namespaces.AUTHORITIES:
        for predicate in sorted({link.predicate.value for link in _links(site, authority.space)}):
            message = f"VoID has no linkset for these links to {authority.title}; build the site again."
            yield None if (authority.space, predicate) in known else Flaw(DESCRIPTION, message, site.base, predicate)


def _qualified(site: BuiltSite) -> Seen:
    """Links to authorities say how alike the two are; owl:sameAs would make them one."""
    for quad in sorted(site.dump, key=str):
        outside = any(rdf_terms.text(quad.object).startswith(each.space) for each in namespaces.AUTHORITIES)
        if outside and (quad.predicate.value in namespaces.MAPPINGS or quad.predicate.value == _SAME):
            message = "owl:sameAs makes two things one; write skos:exactMatch."
            focus = rdf_terms.text(quad.subject)
            yield (
                Flaw(DUMP, message, focus, _SAME, rdf_terms.text(quad.object))
                if quad.predicate.value == _SAME
                else None
            )


_LINKS_CHECKS: Final = (
    FairCheck(
        "OutsideAuthorities",
        "I3",
        ("F-UJI FsF-I3-01M", "FAIR-Checker I3"),
        "The data link to at least three outside authorities, such as Wikidata, the EU's lists and the SDGs.",
        _authorities,
    ),
    FairCheck(
        "LinksAreQualified",
        "I3",
        ("F-UJI FsF-I3-01M",),
        "Links to outside authorities are mappings of SKOS, never owl:sameAs.",
        _qualified,
    ),
    FairCheck(
        "LinksetsDescribed", "I3", ("VoID: linksets",), "VoID has a linkset for each authority and relation.", _told
    ),
)

_CONDITION: Final = re.compile(r"RewriteCond\s+%\{HTTP_ACCEPT\}\s+(\S+)(?:\s+\[(.*)\])?")
_RULE: Final = re.compile(r"RewriteRule\s+(\S+)\s+(\S+)\s+\[(.*)\]")
_SWITCH: Final = re.compile(r"RewriteEngine\s+on", re.IGNORECASE)
_STATUS: Final = re.compile(r"R=([0-9]{3})")
_DEFAULT: Final = 302
"""What Apache answers to a rule with the bare flag R."""


@dataclass(frozen=True)
class Rule:
    """A rule: what Accept must match, what the path must match, where it leads, and with which status.

    Apache encodes what it redirects to if the rule is `encoding`: if it has no flag NE.
    """

    accepts: tuple[re.Pattern[str], ...]
    pattern: re.Pattern[str]
    target: str
    status: int
    line: int
    encoding: bool = True

    def apply(self, path: str, accept: str) -> str | None:
        """Where the rule leads for a path below the service's folder; None if it does not fit."""
        match = self.pattern.search(path)
        if match is None or not all(condition.search(accept) for condition in self.accepts):
            return None
        target = re.sub(r"\$(\d)", lambda group: match[int(group[1])] or "", self.target)
        return namespaces.as_uri(target) if self.encoding else target


def read_rules(path: Path, text: str) -> tuple[Rule, ...]:
    r"""The rules of the file at `path`, in their order.

    >>> text = "RewriteEngine on\nRewriteRule ^(.+)$ https://example.org/$1.html [R=303,L]"
    >>> rules = read_rules(Path(".htaccess"), text)
    >>> follow(rules, "state/CZE", "text/html")
    (303, 'https://example.org/state/CZE.html')

    Raises:
        InputError: a line is no such rule.
    """
    return tuple(_rewriting_rules(path, text))


def _rewriting_rules(path: Path, text: str) -> Iterator[Rule]:
    accepts: list[re.Pattern[str]] = []
    for number, line in _lines(text):
        condition, rule = _CONDITION.fullmatch(line), _RULE.fullmatch(line)
        try:
            if condition:
                accepts.append(_compiled(condition[1], condition[2] or ""))
            elif rule:
                flags = rule[3]
                pattern, encoding = _compiled(rule[1], flags), "NE" not in flags.split(",")
                yield Rule(tuple(accepts), pattern, rule[2], _rewriting_status(flags), number, encoding)
                accepts = []
            elif not _SWITCH.fullmatch(line):
                raise InputError.at(path, number, f"{line!r} is no rule that is known here")
        except re.error as error:
            raise InputError.at(path, number, f"the pattern does not hold: {error}") from error


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def _compiled(pattern: str, flags: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE if "NC" in flags.split(",") else 0)


def _rewriting_status(flags: str) -> int:
    """The status of a rule's redirect; one without the flag R leads to another host and so redirects, too."""
    found = _STATUS.search(flags)
    if found:
        return int(found[1])
    return 301 if "R=permanent" in flags else _DEFAULT


def follow(rules: Iterable[Rule], path: str, accept: str) -> tuple[int, str] | None:
    """Status and address of the first rule that fits; None if none does."""
    for rule in rules:
        target = rule.apply(path, accept)
        if target is not None:
            return rule.status, target
    return None


_HTML: Final = "text/html,application/xhtml+xml,*/*;q=0.8"
_ACCEPTED: Final = ((_HTML, ".html"), *((syntax.media_type, syntax.suffix) for syntax in TWINS))
_SEE_OTHER: Final = frozenset({302, 303})
_OPEN: Final = frozenset({"http", "https"})
_MAP: Final = "sitemap.xml"
_ROBOTS: Final = "robots.txt"


def _rules(site: BuiltSite) -> tuple[Rule, ...]:
    return read_rules(Path(RULES), site.text(RULES))


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
    answer = follow(rules, iri.removeprefix(site.base), accept)
    target = answer[1] if answer else ""
    path = unquote(target.removeprefix(host))
    if not target.isascii() or not target.startswith(host) or path not in site.paths or not path.endswith(suffix):
        message = f"Whoever asks for {accept} is led to no such file of the site; build it again, or mend the rules."
        return Flaw(RULES, message, iri, value=target)
    # Where the IRIs are the host's own, the rules are needed by nobody.
    own = not is_persistent(site.base)
    if not own and target.startswith(site.base) and follow(rules, target.removeprefix(site.base), accept):
        message = "The rules lead back to the identifiers themselves, round and round; say in rejoinder.toml, with "
        return Flaw(RULES, message + "`site`, where the site is hosted.", iri, value=target)
    return None


def _claimed(site: BuiltSite) -> Iterator[tuple[SiteDocument, str, str]]:
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
    for dump in site.dataset.objects("void:dataDump"):
        there = dump.iri.removeprefix(site.base) in site.paths
        yield None if there else Flaw(DESCRIPTION, message, site.base, expanded("void:dataDump").value, dump.iri)


def _protocol(site: BuiltSite) -> Seen:
    """Every address under which data are to be had begins with http or https."""
    message = "Data must be had over HTTP; write an address that begins with https://."
    for path, found in distributions(site):
        for name in ("dcat:accessURL", "dcat:downloadURL"):
            for target in found.objects(name):
                fits = urlsplit(target.iri).scheme in _OPEN
                yield None if fits else Flaw(path, message, found.iri, expanded(name).value, target.iri)
    message = "The identifier must begin with https://."
    yield None if urlsplit(site.base).scheme in _OPEN else Flaw(DESCRIPTION, message, site.base)


def _found(site: BuiltSite) -> Seen:
    """The site map names every page, at the address where the site is hosted, and crawlers may come."""
    host, listed = _host(site), set(_mapped(site))
    for page in site.pages:
        message = "The site map does not name this page; build the site again."
        yield None if host + namespaces.as_uri(page.path) in listed else Flaw(page.path, message)
    pages = {host + namespaces.as_uri(page.path) for page in site.pages}
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


_ACCESS_CHECKS: Final = (
    FairCheck(
        "SiteMap",
        "F4",
        ("sitemaps.org",),
        "The site map names every page, and crawlers may read them.",
        _found,
    ),
    FairCheck(
        "Negotiation",
        "A1",
        ("FOOPS! CN1", "FOOPS! URI1", "FOOPS! RDF1", "FOOPS! DOC1", "F-UJI FsF-A1-02MD"),
        "By the rules for w3id.org, the IRI of each document leads to its page, Turtle, JSON-LD and N-Triples.",
        _negotiated,
    ),
    FairCheck(
        "SeeOther",
        "A1",
        ("Cool URIs: 303",),
        "Each rule for w3id.org answers 303, or 302, and never 301.",
        _status,
    ),
    FairCheck(
        "FilesAreThere", "A1", ("F-UJI FsF-A1-02MD",), "Each link within the site leads to a file of it.", _files
    ),
    FairCheck("DumpsAreThere", "A1", ("F-UJI FsF-A1-02MD",), "Each dump that VoID names is there.", _dumps),
    FairCheck(
        "OpenProtocol",
        "A1.1",
        ("FOOPS! HTTP1", "F-UJI FsF-A1.1-01MD", "F-UJI FsF-A1.2-01MD", "FAIR-Checker A1.1"),
        "Identifiers and addresses of data begin with http or https.",
        _protocol,
    ),
)

CHECKS: Final = tuple(
    sorted(
        (
            *metadata_checks.ONTOLOGIES_CHECKS,
            *metadata_checks.CHECKS,
            *_COUNTS_CHECKS,
            *_ACCESS_CHECKS,
            *page_checks.CHECKS,
            *_THIRDPARTIES_CHECKS,
            *_VOCABULARIES_CHECKS,
            *_LINKS_CHECKS,
        ),
        key=lambda check: list(PRINCIPLES).index(check.principle),
    )
)
"""Every check, in the order of the principles."""


@dataclass(frozen=True)
class CheckResult:
    """What a check found: how many things it looked at, and a finding for each that is not as it should be."""

    check: FairCheck
    seen: int
    findings: tuple[Problem, ...]

    @property
    def passed(self) -> bool:
        """Whether everything is as it should be."""
        return not self.findings


@dataclass(frozen=True)
class Fairness:
    """How FAIR the site in a folder is: the results of all checks, in the order of the principles."""

    folder: Path
    results: tuple[CheckResult, ...]

    @property
    def findings(self) -> tuple[Problem, ...]:
        """The findings of all checks."""
        return tuple(finding for result in self.results for finding in result.findings)

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(result.passed for result in self.results)


def check_fair(folder: Path) -> Fairness:
    """How FAIR the site in `folder` is, which is a site's or that of a build; read from its files, offline.

    Raises:
        UsageError: there is no site in the folder.
    """
    site = open_site(folder)
    return Fairness(site.folder, tuple(run(check, site) for check in CHECKS))


def run(check: FairCheck, site: BuiltSite) -> CheckResult:
    """What a check finds on a site; one that has nothing to look at does not pass."""
    seen = list(_looked(check, site))
    if not seen:
        seen = [_finding(check, site, Flaw("index.html", f"There is nothing to check: {check.title}"))]
    return CheckResult(check, len(seen), tuple(finding for finding in seen if finding))


def _looked(check: FairCheck, site: BuiltSite) -> Iterator[Problem | None]:
    try:
        for flaw in check.look(site):
            yield _finding(check, site, flaw) if flaw else None
    except InputError as error:
        for problem in error.problems:
            yield _finding(check, site, Flaw(problem.path.as_posix(), problem.message))


def _finding(check: FairCheck, site: BuiltSite, flaw: Flaw) -> Problem:
    return Problem(
        severity=Severity.VIOLATION,
        path=site.folder / flaw.path,
        line=None,
        message=flaw.message,
        focus=flaw.focus or flaw.path,
        predicate=flaw.predicate,
        value=flaw.value,
        rule=check.rule,
        component=check.rule,
    )
