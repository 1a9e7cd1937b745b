"""The checklist of `check --fair`: whether a built site is findable, accessible, interoperable and reusable.

`ontology/fair.ttl` names every check, with its principle and the equivalent tests of other tools. FOOPS!, F-UJI and
FAIR-Checker ask hosts and registries over the network; this module reads the files before they are published. SHACL
shapes in that file check the site's descriptions of itself; functions of this module check the files.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from rejoinder import formats, namespaces
from rejoinder.disk import package_file
from rejoinder.errors import InputError, Problem
from rejoinder.fair.built_site import DESCRIPTION, DUMP, TWINS, BuiltSite, SiteDocument, attribute, open_site
from rejoinder.namespaces import expand
from rejoinder.rdf import graphs, terms
from rejoinder.rdf.terms import Literal, NamedNode, Triple, text
from rejoinder.site import metadata
from rejoinder.site.resource import Resource
from rejoinder.validation.shacl import open_validator

_FAIR: Final = f"{namespaces.SHAPES}Fair"
PRINCIPLES: Final = {
    "F1": "Data and metadata have a globally unique and persistent identifier",
    "F2": "Data are described with rich metadata",
    "F3": "Metadata name the data that they describe",
    "F4": "Data and metadata can be found by searching",
    "A1": "Data and metadata are retrieved by their identifier",
    "A1.1": "The protocol is open, free and implementable by anyone",
    "A1.2": "Metadata say who may have access",
    "I1": "Data and metadata use a formal, shared language",
    "I2": "They use vocabularies that are FAIR themselves",
    "I3": "They refer to other data, and say how",
    "R1": "They are described by many accurate attributes",
    "R1.1": "They have a clear licence",
    "R1.2": "They have detailed provenance",
    "R1.3": "They meet the standards of their community",
}
"""The FAIR principles that the checks test, with short descriptions."""

_CLASS, _SUBJECTS, _OBJECTS = (namespaces.SH + f"target{name}" for name in ("Class", "SubjectsOf", "ObjectsOf"))

Seen = Iterator[Problem | None]
"""One item for each thing that a check examined: the problem, or None."""


@dataclass(frozen=True)
class FairCheck:
    """A check by name; `mirrors` are the equivalent tests of other tools, `title` says what is true if it passes."""

    name: str
    principle: str
    mirrors: tuple[str, ...]
    title: str
    targets: frozenset[tuple[str, str]]
    """The targets of the check's SHACL shape: property (such as `sh:targetClass`) and value."""

    @property
    def rule(self) -> str:
        """The IRI by which findings name it."""
        return _FAIR + self.name


@dataclass(frozen=True)
class CheckResult:
    """The result of a check: the number of things examined, and a finding for each that is wrong."""

    check: FairCheck
    seen: int
    findings: tuple[Problem, ...]

    @property
    def passed(self) -> bool:
        """Return whether the check found no problem."""
        return not self.findings


@dataclass(frozen=True)
class Fairness:
    """The results of all checks of a site, in the order of the principles."""

    folder: Path
    results: tuple[CheckResult, ...]

    @property
    def findings(self) -> tuple[Problem, ...]:
        """The findings of all checks."""
        return tuple(finding for result in self.results for finding in result.findings)

    @property
    def passed(self) -> bool:
        """Return whether every check passed."""
        return all(result.passed for result in self.results)


def read_checks() -> tuple[FairCheck, ...]:
    """Return every check that `ontology/fair.ttl` names, in the order of the principles."""
    said: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in terms.parse_file(package_file("ontology/fair.ttl")):
        said[text(quad.subject)][quad.predicate.value].append(text(quad.object))
    checks = [
        FairCheck(
            name=iri.removeprefix(_FAIR),
            principle=principle.removeprefix(namespaces.FAIR),
            mirrors=tuple(values[expand("skos:note")]),
            title=values[expand("rdfs:comment")][0],
            targets=frozenset((name, each) for name in (_CLASS, _SUBJECTS, _OBJECTS) for each in values[name]),
        )
        for iri, values in said.items()
        for principle in values[expand("dcterms:conformsTo")]
    ]
    return tuple(sorted(checks, key=lambda check: list(PRINCIPLES).index(check.principle)))


def check_fair(folder: Path) -> Fairness:
    """Return the results of all checks of the site in `folder`, which may be a build's; only files are read.

    Raises:
        UsageError: there is no site in the folder.
    """
    site, checks = open_site(folder), read_checks()
    seen, found = _by_shapes(site, checks)
    results = []
    for check in checks:
        walks = [FUNCTIONS[check.name](site)] if check.name in FUNCTIONS else []
        if check.name in PAGE_FUNCTIONS:
            walks += (PAGE_FUNCTIONS[check.name](site, page) for page in site.pages)
        looked = [each for walk in walks for each in _attempted(walk)]
        problems = [*found[check.name], *filter(None, looked)]
        # A shape can find more than one thing wrong with a node.
        number = max(seen[check.name] + len(looked), len(problems))
        if not number:  # otherwise a check that examines nothing would pass on any site
            problems, number = [Problem(Path("index.html"), None, f"There is nothing to check: {check.title}")], 1
        findings = (
            replace(
                each,
                path=site.folder / each.path,
                focus=each.focus or each.path.as_posix(),
                rule=check.rule,
                component=each.component or check.rule,
            )
            for each in problems
        )
        results.append(CheckResult(check, number, tuple(findings)))
    return Fairness(site.folder, tuple(results))


def _attempted(walk: Seen) -> Seen:
    """Yield the results of a check; a file that cannot be read is a finding."""
    try:
        yield from walk
    except InputError as error:
        yield from error.problems


def _by_shapes(site: BuiltSite, checks: Sequence[FairCheck]) -> tuple[Counter[str], dict[str, list[Problem]]]:
    """Return the number of nodes that each check's shape examined, and its findings.

    Each file is judged alone, since a reader may fetch it alone, and a finding is about one file.
    """
    validator = open_validator(package_file("ontology/fair.ttl"))
    seen: Counter[str] = Counter()
    found: dict[str, list[Problem]] = {check.name: [] for check in checks}
    for path in (*site.descriptions, "index.html", DUMP):
        try:
            triples = _statements(site, path)
        except InputError as error:
            # The content of the file is unknown, so no check of descriptions can pass.
            for check in checks:
                found[check.name] += error.problems if check.targets else ()
            continue
        aimed: defaultdict[tuple[str, str], set[object]] = defaultdict(set)
        for triple in triples:
            if triple.predicate.value == namespaces.RDF_TYPE:
                aimed[_CLASS, text(triple.object)].add(triple.subject)
            aimed[_SUBJECTS, triple.predicate.value].add(triple.subject)
            aimed[_OBJECTS, triple.predicate.value].add(triple.object)
        for check in checks:
            seen[check.name] += len(set().union(*(aimed[target] for target in check.targets)))
        for result in validator.validate(terms.serialize(triples, formats.NTRIPLES).decode()):
            document = f"{site.stem(result.focus)}.ttl" if path == DUMP else path
            problem = Problem(
                path=Path(document if document in site.paths else path),
                line=None,
                message=result.message,
                focus=result.focus,
                predicate="" if result.path.startswith("(") else result.path,  # of several properties, none is at fault
                value=result.value,
                component=result.component,
                term=result.term,
            )
            found[result.shape.removeprefix(_FAIR)].append(problem)
    return seen, found


def _statements(site: BuiltSite, path: str) -> frozenset[Triple]:
    """Return the statements of a file of the site, and the classes by which shapes target what it describes."""
    if path == DUMP:
        return site.union.union(_terms(site))
    page = path == "index.html"
    said = site.start.structured_triples() if page else site.triples(path)
    kind = "Page" if page else "Dataset" if path == DESCRIPTION else "Version"
    subject = NamedNode(site.descriptions.get(path, site.base))
    return said | {Triple(subject, NamedNode(namespaces.RDF_TYPE), NamedNode(_FAIR + kind))}


def _terms(site: BuiltSite) -> Iterator[Triple]:
    """Yield the class by which shapes target the terms of an ontology, without the terms of others that it declares."""
    ontologies = tuple(it.iri for it in site.data.instances("owl:Ontology"))
    kinds = frozenset(
        expand(f"owl:{name}") for name in ("Class", "ObjectProperty", "DatatypeProperty", "NamedIndividual")
    )
    for triple in site.union:
        is_typed = triple.predicate.value == namespaces.RDF_TYPE and text(triple.object) in kinds
        if is_typed and text(triple.subject).startswith(ontologies):
            yield Triple(triple.subject, triple.predicate, NamedNode(f"{_FAIR}Term"))


def _expect(  # noqa: PLR0913, PLR0917  # all that a finding can say
    fits: object, path: str, message: str, focus: str = "", predicate: str = "", value: str = ""
) -> Problem | None:
    """Return None if `fits`, else the problem; `predicate` is a prefixed name."""
    name = expand(predicate) if predicate else ""
    return None if fits else Problem(Path(path), None, message, focus=focus, predicate=name, value=value)


# Checks of the site as a whole


def _ontology_documents(site: BuiltSite) -> Seen:
    message = "The document at the ontology's address declares another ontology, or none; declare this one alone."
    for it in site.data.instances("owl:Ontology"):
        path = f"{site.stem(it.iri)}.ttl"
        declared = {each.iri for each in site.reader(site.triples(path)).of_class("owl:Ontology")}
        yield _expect(declared == {it.iri}, path, message, it.iri, value=_listed(declared))


def _ontology_versions(site: BuiltSite) -> Seen:
    """Check the version IRI of each ontology, and its earlier versions on the site."""
    for it in site.data.instances("owl:Ontology"):
        stem = site.stem(it.iri) or it.iri
        for version in it.objects("owl:versionIRI"):
            message = "The version IRI of the ontology leads to no file; put its page and its Turtle there."
            fits = {f"{site.stem(version.iri)}{suffix}" for suffix in (".html", ".ttl")} <= site.paths
            yield _expect(fits, f"{stem}.ttl", message, it.iri, "owl:versionIRI", version.iri)
        number = _parts(it.text("owl:versionInfo"))
        held = (
            path.removesuffix(".ttl") for path in site.paths if path.startswith(f"{stem}/") and path.endswith(".ttl")
        )
        # As numbers, because 0.10 is later than 0.9.
        older = sorted((parts, each) for each in held if () < (parts := _parts(each[len(stem) + 1 :])) < number)
        message = "The site holds an earlier version of the ontology; name it with owl:priorVersion."
        fits = not older or older[-1][1] in {site.stem(prior.iri) for prior in it.objects("owl:priorVersion")}
        value = ", ".join(name for _, name in older)
        yield _expect(fits, f"{stem}.ttl", message, it.iri, "owl:priorVersion", value)


def _parts(number: str) -> tuple[int, ...]:
    """Return the numbers of a version for comparison; none if it is not a version."""
    return tuple(map(int, number.split("."))) if re.fullmatch(r"[0-9]+(\.[0-9]+)*", number) else ()


def _well_known_void(site: BuiltSite) -> Seen:
    message = "VoID must be at .well-known/void and say what index.ttl says; build the site again."
    fits = metadata.VOID in site.paths and site.triples(metadata.VOID) == site.triples(DESCRIPTION)
    yield _expect(fits, metadata.VOID, message, site.base)


def _site_map(site: BuiltSite) -> Seen:
    """Check that the site map and the pages agree, and that robots.txt admits crawlers."""
    robots = [line.strip() for line in site.text("robots.txt").splitlines()]
    address = next((line.partition(":")[2].strip() for line in robots if line.lower().startswith("sitemap:")), "")
    message = "robots.txt must name the site map and may not keep crawlers out; remove 'Disallow: /'."
    yield _expect(address and "disallow: /" not in map(str.lower, robots), "robots.txt", message)
    content, name = site.text("sitemap.xml"), "sitemap.xml"
    if "<!DOCTYPE" in content:  # it may declare entities, which can expand without limit or name other files
        raise InputError.at(Path(name), None, "a site map has no document type; remove it, or build the site again")
    try:
        tree = ET.fromstring(content)  # noqa: S314  # without a document type, there are no entities
    except ET.ParseError as error:
        raise InputError.at(Path(name), None, f"the site map is not XML: {error}; build the site again") from error
    listed = {element.text or "" for element in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    pages = {address.removesuffix(name) + namespaces.as_uri(page.path): page.path for page in site.pages}
    # Pages about persons affected are kept out of search engines, and so out of the site map.
    hidden = {page.path for page in site.pages if page.elements('meta[name="robots"][content="noindex"]')}
    for page, path in pages.items():
        if path not in hidden:
            yield _expect(page in listed, path, "The site map does not name this page; build the site again.")
    for page in sorted(listed - pages.keys()):
        yield _expect(False, name, "The site map names a page that is not there; build the site again.", value=page)


@dataclass(frozen=True)
class Client:
    """A client: its name, the Accept header that it sends, and the suffixes of the files that it reads."""

    name: str
    accept: str
    reads: tuple[str, ...]


# The headers are recorded from the programs or their sources; `tests/cases/accept_headers.csv` has more of them.

_DATA: Final = (".ttl", ".jsonld", ".nt", ".rdf")
_EDITOR: Final = "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09"

ONTOLOGY_CLIENTS: Final = (
    Client("the OWL API (Protégé, ROBOT)", _EDITOR, (".rdf",)),
    Client("FOOPS!", "application/rdf+xml", (".rdf",)),
)
"""Clients that ask for ontologies alone."""

CLIENTS: Final = (
    Client(
        "rdflib",
        "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, application/n-quads, "
        "application/trix, application/trig",
        _DATA,
    ),
    Client(
        "Apache Jena",
        "text/turtle,application/n-triples;q=0.9,application/rdf+xml;q=0.7,application/trig,application/n-quads;q=0.9,"
        "application/ld+json;q=0.8,*/*;q=0.5",
        _DATA,
    ),
    Client(
        "Comunica",
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
        "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,application/xml;q=0.3,image/svg+xml;q=0.3,"
        "text/xml;q=0.3,text/html;q=0.2,application/xhtml+xml;q=0.18,application/json;q=0.135,text/shaclc;q=0.1,"
        "text/shaclc-ext;q=0.05",
        _DATA,
    ),
    Client(
        "RDF4J",
        "application/n-triples;q=0.4, text/plain;q=0.4, application/rdf+xml;q=0.1, application/xml;q=0.1, "
        "text/xml;q=0.1, text/turtle;q=0.5, application/x-turtle;q=0.5, text/n3;q=0.5, text/rdf+n3;q=0.5, "
        "application/rdf+json;q=0.9, application/trig, application/x-trig, application/x-trigstar, "
        "application/n-quads;q=0.9, text/x-nquads;q=0.9, text/nquads;q=0.9, application/x-binary-rdf, "
        "application/x-ld+ndjson, application/trix, application/ld+json, text/x-turtlestar;q=0.5, "
        "application/x-turtlestar;q=0.5",
        _DATA,
    ),
    Client(
        "a browser",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        (".html",),
    ),
)
"""Clients that ask for anything, with the headers that they send as they come."""

_CONDITION: Final = re.compile(r"\s*RewriteCond\s+%\{HTTP_ACCEPT\}\s+(\S+)\s+\[NC\]\s*")
_RULE: Final = re.compile(r"\s*RewriteRule\s+(\S+)\s+(\S+)\s+\[\S*\bL\b\S*\]\s*")


@dataclass(frozen=True)
class _RedirectRule:
    """A rule: its line, the pattern of the path, the target, and the patterns that the header has to match."""

    line: int
    path: re.Pattern[str]
    target: str
    accepted: tuple[re.Pattern[str], ...]


def _read_redirects(text: str) -> Iterator[_RedirectRule]:
    """Yield the rules of a `.htaccess` as Apache reads them, as far as ours go; lines of other kinds are passed over.

    Raises:
        re.error: a pattern is none.
    """
    accepted: list[re.Pattern[str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if condition := _CONDITION.fullmatch(line):
            accepted.append(re.compile(condition[1], re.IGNORECASE))
        elif rule := _RULE.fullmatch(line):  # conditions are for the next rule alone
            yield _RedirectRule(number, re.compile(rule[1]), rule[2], tuple(accepted))
            accepted = []


def _redirected(rules: tuple[_RedirectRule, ...], path: str, accept: str) -> tuple[int, str] | None:
    """Return the line of the rule that answers a request, and the address that it leads to; None if none does.

    >>> rules = tuple(_read_redirects("RewriteRule ^(.+)$ https://example.org/$1.ttl [R=303,L]"))
    >>> _redirected(rules, "state/CZE", "text/turtle")
    (1, 'https://example.org/state/CZE.ttl')
    """
    for rule in rules:
        found = rule.path.search(path)
        if found and all(pattern.search(accept) for pattern in rule.accepted):
            return rule.line, _expanded(rule.target, (found[0], *found.groups("")))
    return None


def _expanded(target: str, groups: tuple[str, ...]) -> str:
    """Return the target with the groups of the pattern in place of `$1` and its like; one that is not there is empty.

    >>> _expanded("https://example.org/$1.ttl$2", ("state/CZE", "state/CZE"))
    'https://example.org/state/CZE.ttl'
    """
    parts = re.split(r"\$([0-9])", target)
    numbers = [int(part) for part in parts[1::2]]
    values = [groups[number] if number < len(groups) else "" for number in numbers]
    return "".join(text for pair in zip(parts[::2], [*values, ""], strict=True) for text in pair)


def _redirect_rules(site: BuiltSite) -> Seen:
    """Check the redirect rules for w3id.org as text; a test asks a real Apache for their answers."""
    path = Path("w3id/.htaccess")
    for number, line in enumerate(site.text(path.as_posix()).splitlines(), 1):
        rule = re.fullmatch(r"\s*RewriteRule\s+\S+\s+(\S+)\s+\[(\S+)\]\s*", line)
        if not rule:
            continue
        message = "Only the status 303, or 302 for those who need it, says that the page is not the thing; write R=303."
        yield None if {"R=303", "R=302"} & {*rule[2].split(",")} else Problem(path, number, message, value=rule[2])
        message = "The rules lead back to the identifiers themselves, round and round; say in rejoinder.toml, with "
        message += "`site`, where the site is hosted."
        # Only w3id.org would answer such a target by these rules again.
        back = rule[1].startswith(site.base) and site.base.startswith("https://w3id.org/")
        yield Problem(path, number, message, value=rule[1]) if back else None


def _clients_find_data(site: BuiltSite) -> Seen:
    """Ask the rules for w3id.org for one document of each folder, with the headers of clients that others wrote."""
    name = "w3id/.htaccess"
    try:
        rules = tuple(_read_redirects(site.text(name)))
    except re.error as error:
        message = f"A pattern in the rules is not valid: {error}; build the site again."
        yield Problem(Path(name), None, message)
        return
    ontologies = [site.stem(it.iri) for it in site.data.instances("owl:Ontology")]
    # Backwards, so that of each folder the first document remains.
    stems = {stem.partition("/")[0]: stem for stem in map(site.stem, sorted(site.documents, reverse=True)) if stem}
    asked = [(stem, client) for stem in ("index", *stems.values()) for client in CLIENTS]
    asked += [(stem, client) for stem in ontologies if stem for client in ONTOLOGY_CLIENTS]
    for stem, client in asked:
        offered = {stem + suffix for suffix in client.reads} & site.paths
        if not offered:  # what a version holds has no page
            continue
        line, target = _redirected(rules, stem.removesuffix("index"), client.accept) or (None, "")
        message = f"The rules lead {client.name} to no file of this document that it reads; build the site again."
        fits = any(target.endswith(f"/{namespaces.as_uri(path)}") for path in offered)
        yield None if fits else Problem(Path(name), line, message, focus=site.base + stem, value=target)


def _dumps_are_there(site: BuiltSite) -> Seen:
    """Check that each file named in a description exists and has the stated size."""
    message = "The description names a file that is not on the site; build it again."
    for path, thing in site.things.items():
        for dump in thing.objects("void:dataDump"):
            there = dump.iri.removeprefix(site.base) in site.paths
            yield _expect(there, path, message, thing.iri, "void:dataDump", dump.iri)
        for each, address in _downloads(thing):
            file, said = address.removeprefix(site.base), each.text("dcat:byteSize")
            there = file in site.paths
            yield _expect(there, path, message, each.iri, "dcat:downloadURL", address)
            size = str(len(site.content(file))) if there else said
            # A version that was published without files has no sizes.
            fits = said == size or (not said and path != DESCRIPTION)
            yield _expect(fits, path, f"The file has {size} bytes; write that.", each.iri, "dcat:byteSize", said)


def _downloads(dataset: Resource) -> list[tuple[Resource, str]]:
    """Return the distributions of a data set or version, each with the address of its file."""
    distributions = dataset.objects("dcat:distribution")
    return [(each, target.iri) for each in distributions for target in each.objects("dcat:downloadURL")]


def _signposted_items(site: BuiltSite) -> Seen:
    message = 'The start page needs a <link rel="item"> with its type to this file.'
    offered = {link.path for link in site.start.linked("item") if link.media_type}
    for each, address in _downloads(site.dataset):
        fits = address.removeprefix(site.base) in offered
        yield _expect(fits, "index.html", message, each.iri, value=address)


def _style_sheets(site: BuiltSite) -> Seen:
    for path in sorted(path for path in site.paths if path.endswith(".css")):
        for address in re.findall(r"""(?:url\(|@import)\s*["']?([^"')\s;]+)""", site.text(path)):
            yield _expect(_stays(address), path, _THIRD_PARTY, value=address)


# Properties of schema.org, with the equivalent ones in DCAT and Dublin Core.
_SAME: Final = {
    "name": "dcterms:title",
    "description": "dcterms:description",
    "identifier": "dcterms:identifier",
    "license": "dcterms:license",
    "datePublished": "dcterms:issued",
    "dateModified": "dcterms:modified",
    "version": "dcat:version",
    "keywords": "dcat:keyword",
}


def _page_agrees_with_data(site: BuiltSite) -> Seen:
    page = site.start.structured
    stated = [triple for triple in site.triples(DESCRIPTION) if text(triple.subject) == site.base]
    for key, name in _SAME.items():
        said = {text(triple.object) for triple in stated if triple.predicate.value == expand(name)}
        value: Any = page.get(key)
        message = f"The page and the RDF do not say the same: {key} against {name}."
        fits = said == set(map(str, value if isinstance(value, list) else [value]))
        yield _expect(fits, "index.html", message, site.base, name, str(value))
    files = {address for _, address in _downloads(site.dataset)}
    shown = {item.get("contentUrl") for item in page.get("distribution", []) if isinstance(item, dict)}
    message = "The page and the RDF name other files to download."
    yield _expect(files == shown, "index.html", message, site.base, "dcat:downloadURL")


def _twins_agree(site: BuiltSite) -> Seen:
    suffixes = tuple(syntax.suffix for syntax in (*TWINS, formats.RDFXML))
    stems = {path.rpartition(".")[0] for path in site.paths if path.endswith(suffixes)}
    # A dump has twins of other formats, and the context is no data.
    for stem in sorted(stem for stem in stems if stem.rpartition("/")[2] not in ("context", "dataset")):
        yield from _attempted(_compared(site, [stem + suffix for suffix in suffixes if stem + suffix in site.paths]))


def _compared(site: BuiltSite, paths: Sequence[str]) -> Seen:
    # By digest, which does not depend on the order of statements or the labels of blank nodes.
    digests = {terms.content_digest(terms.in_graph(site.triples(path), site.base)) for path in paths}
    message = "The file and its other formats do not say the same, or there is no other format; build the site again."
    yield _expect(len(digests) == 1 and len(paths) > 1, paths[0], message)


def _registered_vocabularies(site: BuiltSite) -> Seen:
    own = (*(f"{it.iri}#" for it in site.data.instances("owl:Ontology")), namespaces.RJ, namespaces.SHAPES, site.base)
    message = "No registry knows the vocabulary of this term; use a term of a registered one."
    for path, triples in ((DUMP, site.union), (DESCRIPTION, site.triples(DESCRIPTION))):
        used = {t.predicate.value for t in triples}
        used |= {text(t.object) for t in triples if t.predicate.value == namespaces.RDF_TYPE}
        for term in sorted(used):
            yield _expect(term.startswith((*namespaces.REGISTERED, *own)), path, message, term)


def _void_counts(site: BuiltSite) -> Seen:
    """Count the statements of the dump, and compare the counts with VoID's."""
    counts = metadata.void_statistics(graphs.union_store(site.dump))
    sizes = Counter(text(quad.graph_name) for quad in site.dump)
    rows = [*metadata.void_rows(counts, site.base)]
    rows += ((site.base, "void:subset", NamedNode(iri)) for iri in sizes)
    rows += ((iri, "void:triples", Literal(number)) for iri, number in sizes.items())
    counted: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for subject, name, value in rows:
        counted[subject, name].add(text(value))
    said: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for triple in site.triples(DESCRIPTION):
        said[text(triple.subject), triple.predicate.value].add(text(triple.object))
    for (subject, name), values in sorted(counted.items()):
        found = said[subject, expand(name)]
        message = f"The dump has {_listed(values - found)}; write that, or build the site again."
        if values <= found:
            message = f"The dump does not have {_listed(found - values)}; remove that, or build the site again."
        yield _expect(values == found, DESCRIPTION, message, subject, name, _listed(found - values))


def _listed(values: set[str]) -> str:
    return ", ".join(sorted(values))


# Checks of each page


def _files_are_there(site: BuiltSite, page: SiteDocument) -> Seen:
    message = "The page links to a file that is not there; build the site again."
    for element in page.elements("a[href], link[href], script[src], img[src]"):
        href = attribute(element, "href") or attribute(element, "src")
        path = page.resolved(href)
        if path is not None:
            yield _expect(path in site.paths, page.path, message, value=href)


def _signposting(site: BuiltSite, page: SiteDocument) -> Seen:
    about = site.data.resource(page.subject or site.base)
    stated = about.objects("dcterms:license")
    # An imported graph may state no licence, and then its page need not.
    is_import = page.subject != site.base and not stated and about.is_a("void:Dataset")
    for relation in ("cite-as", "type", *(() if is_import else ("license",))):
        yield _expect(page.linked(relation), page.path, f'The page needs a <link rel="{relation}">.', page.subject)
    licences = {each.iri for each in stated or site.dataset.objects("dcterms:license")}
    fits = {link.href for link in page.linked("license")} <= licences
    yield _expect(fits, page.path, "The page names another licence than the data.", page.subject)


_THIRD_PARTY: Final = "The page makes the browser ask another host; bring the file with the site."
# Elements that a browser fetches without a click; it only shows other links.
_FETCHED: Final = "script[src], img[src], iframe[src], source[src], video[src], audio[src], embed[src], object[data]"
_FETCHED_LINKS: Final = frozenset(
    {"apple-touch-icon", "dns-prefetch", "icon", "manifest", "mask-icon", "modulepreload", "preconnect", "prefetch"}
    | {"preload", "prerender", "stylesheet"}
)


def _no_third_party(site: BuiltSite, page: SiteDocument) -> Seen:  # noqa: ARG001  # one form for all
    asked = [attribute(each, "src") or attribute(each, "data") for each in page.elements(_FETCHED)]
    asked += [attribute(each, "href") for each in page.elements("use[href]")]
    asked += [link.href for link in page.links if link.relation.lower() in _FETCHED_LINKS]
    for address in asked:
        yield _expect(_stays(address), page.path, _THIRD_PARTY, value=address)


def _stays(address: str) -> bool:
    """Return whether a link stays on the page's host."""
    try:
        parts = urlsplit(address)
    except ValueError:  # brackets that hold no address
        return False
    return not parts.netloc and parts.scheme in ("", "data")


def _embedded_json_ld(site: BuiltSite, page: SiteDocument) -> Seen:
    """Check subject, name and licence in the JSON-LD of a page."""
    triples, said = page.structured_triples(), page.structured
    about, licence, name = str(said.get("@id", page.subject)), said.get("license"), said.get("name")
    message = "The JSON-LD in the page must describe what the page is cited as."
    yield _expect(triples and about == page.subject, page.path, message, page.subject, value=about)
    message = "The JSON-LD in the page names another licence than the page."
    fits = licence in {None, *(link.href for link in page.linked("license"))}
    yield _expect(fits, page.path, message, page.subject, value=str(licence))
    if _is_described(site, page):
        thing = site.dataset if page.subject == site.base else site.data.resource(page.subject)
        names = {
            each.value for key in ("rdfs:label", "dcterms:title", "skos:prefLabel") for each in thing.literals(key)
        }
        message = "The page calls it by a name that the data do not give it."
        yield _expect(not names or name in names, page.path, message, page.subject, value=str(name))


def _is_described(site: BuiltSite, page: SiteDocument) -> bool:
    """Return whether the page is about the data set or one of its documents."""
    return page.subject == site.base or page.subject in site.documents


def _pages_lead_to_data(site: BuiltSite, page: SiteDocument) -> Seen:
    """Check the links from a page to its data, and that these describe the page's subject."""
    if not _is_described(site, page):
        return
    stem = page.path.removesuffix(".html")
    written = {syntax for syntax in formats.RDF_SYNTAXES if stem + syntax.suffix in site.paths}
    for relation in ("describedby", "alternate"):
        offered = {link.media_type for link in page.linked(relation) if link.path in site.paths}
        lost = {syntax.media_type for syntax in written.union(TWINS)} - offered
        message = f'The page needs a <link rel="{relation}"> to {_listed(lost)}.'
        yield _expect(not lost, page.path, message, page.subject)
    links = (link for link in page.linked("describedby") if link.media_type == formats.NTRIPLES.media_type)
    subjects = {text(triple.subject) for link in links if link.path for triple in site.triples(link.path)}
    message = "The RDF that the page leads to says nothing of what the page is about; build the site again."
    yield _expect(page.subject in subjects, page.path, message, page.subject)


def _language_tags(site: BuiltSite, page: SiteDocument) -> Seen:  # noqa: ARG001  # one form for all
    # In RDF files, a shape checks that texts have a language tag, and parsers refuse malformed tags.
    language = attribute(page.elements("html")[0], "lang")
    fits = re.fullmatch(r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?(-[a-z0-9]{5,8})*", language, re.IGNORECASE)
    message = "The page needs the attribute lang, with a language tag of BCP 47."
    yield _expect(fits, page.path, message, page.subject, value=language)


FUNCTIONS: Final[dict[str, Callable[[BuiltSite], Seen]]] = {
    "OntologyIsItself": _ontology_documents,
    "OntologyVersions": _ontology_versions,
    "WellKnownVoid": _well_known_void,
    "SiteMap": _site_map,
    "RedirectRules": _redirect_rules,
    "ClientsFindData": _clients_find_data,
    "DumpsAreThere": _dumps_are_there,
    "Signposting": _signposted_items,
    "NoThirdParty": _style_sheets,
    "PageAgreesWithData": _page_agrees_with_data,
    "TwinsAgree": _twins_agree,
    "RegisteredVocabularies": _registered_vocabularies,
    "VoidCounts": _void_counts,
}
PAGE_FUNCTIONS: Final[dict[str, Callable[[BuiltSite, SiteDocument], Seen]]] = {
    "FilesAreThere": _files_are_there,
    "Signposting": _signposting,
    "NoThirdParty": _no_third_party,
    "EmbeddedJsonLd": _embedded_json_ld,
    "PagesLeadToData": _pages_lead_to_data,
    "LanguageTags": _language_tags,
}
"""The functions that check each page, by the name of the check in `ontology/fair.ttl`."""
