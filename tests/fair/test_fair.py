"""`check --fair`: the site that is built passes every check, and each check fails where the site is broken just so."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

import make_fair
import rejoinder
from conftest import ROOT, SHARED, SMALL, Once, Run, mostly_slow
from rejoinder import formats, namespaces, question, versions
from rejoinder.building import build
from rejoinder.config import Project, open_project
from rejoinder.disk import package_file
from rejoinder.errors import Severity
from rejoinder.fair import checklist
from rejoinder.fair.built_site import DUMP, TWINS
from rejoinder.fair.checklist import FUNCTIONS, PAGE_FUNCTIONS, PRINCIPLES, check_fair, read_checks
from rejoinder.rdf import graphs, terms
from rejoinder.rdf.terms import Literal, NamedNode, Quad, Triple
from rejoinder.server.sparql import service_description
from rejoinder.site import metadata
from rejoinder.site.resource import expanded
from rejoinder.validation.shacl import Engine, open_validator

BASE: Final = "https://w3id.org/rejoinder/"
CZE: Final = f"{BASE}state/CZE"
STATES: Final = f"{BASE}state/"
SDG: Final = "http://metadata.un.org/sdg/"


@pytest.fixture(scope="module")
def project(once: Once) -> Project:
    """Give the small project under the addresses of this repository, built with one stored question.

    Every break is checked on all files of the site, of which the example has ten times as many.
    """

    def make(root: Path) -> None:
        shutil.copytree(SMALL / "data", root / "data")
        shutil.copyfile(ROOT / "pyproject.toml", root / "pyproject.toml")
        with (root / "data/issue.yaml").open("a", encoding="utf-8") as issues:  # matches of its last issue
            issues.write(f"    broadMatch: {SDG}16.10\n    relatedMatch: {SDG}16.3\n")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(question, "_paths", lambda _: {"who-raised-what": ROOT / "queries/who-raised-what.rq"})
            assert build.build(open_project(root)).is_new

    return once("fair", make)


@dataclass(frozen=True)
class Copy:
    """A copy of the site that may be broken; what is written anew does not touch the original."""

    folder: Path

    def text(self, path: str) -> str:
        """Return a file as text."""
        return (self.folder / path).read_text(encoding="utf-8")

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file anew: the copy's other files are links to the original's."""
        target = self.folder / path
        target.unlink(missing_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def replace(self, path: str, old: str, new: str) -> None:
        """Replace words of a file everywhere; they must be there."""
        assert old in self.text(path), (path, old)
        self.write(path, self.text(path).replace(old, new))

    def structured(self, path: str, **changed: object) -> None:
        """Set keys of a page's JSON-LD; remove those that are None."""
        start, end = '<script type="application/ld+json">', "</script>"
        before, _, rest = self.text(path).partition(start)
        described, _, after = rest.partition(end)
        kept = {key: value for key, value in (json.loads(described) | changed).items() if value is not None}
        self.write(path, f"{before}{start}{json.dumps(kept)}{end}{after}")

    def triples(self, path: str) -> set[Triple]:
        """Return the triples of a file."""
        return {quad.triple for quad in terms.parse_file(self.folder / path, BASE)}

    def state(self, stem: str, triples: Iterable[Triple]) -> None:
        """Write the data of a document in all syntaxes; N-Triples are Turtle, too."""
        said = sorted(triples, key=str)
        for syntax in (*TWINS, formats.RDFXML):
            written = formats.NTRIPLES if syntax is formats.TURTLE else syntax
            if syntax in TWINS or (self.folder / f"{stem}{syntax.suffix}").exists():
                self.write(stem + syntax.suffix, terms.serialize(said, written))

    def describe(self, remove: Callable[[Triple], bool], *add: Triple) -> None:
        """Change what the data set says of itself, without some triples and with others; in every file that says it."""
        said = self.triples("index.nt")
        assert add or any(map(remove, said))
        self.state("index", kept := {t for t in said if not remove(t)} | set(add))
        self.write(metadata.VOID, terms.serialize(sorted(kept, key=str), formats.NTRIPLES))

    def change(self, graph: str, remove: Callable[[Triple], bool], *add: Triple) -> None:
        """Change a graph, without some triples and with others: in the dump, in its documents, in the counts."""
        quads = set(terms.parse(gzip.decompress((self.folder / DUMP).read_bytes()), formats.NQUADS))
        own = {quad.triple for quad in quads if quad.graph_name == NamedNode(graph)}
        kept = {triple for triple in own if not remove(triple)} | set(add)
        assert kept != own
        changed = {quad for quad in quads if quad.graph_name != NamedNode(graph)} | set(terms.in_graph(kept, graph))
        self.write(DUMP, gzip.compress(terms.serialize(sorted(changed, key=str), formats.NQUADS)))
        local = graph.removeprefix(BASE) + ("index" if graph.endswith("/") else "")
        for stem in (local, f"{local}/0.2.0"):
            if (self.folder / f"{stem}.ttl").exists():
                self.state(stem, kept)
        self._recount(changed)

    def _recount(self, quads: set[Quad]) -> None:
        """Make the counts and the size true again."""
        found = {
            Triple(NamedNode(s), expanded(p), o)
            for s, p, o in metadata.void_rows(metadata.void_statistics(graphs.union_store(quads)), BASE)
        }
        sizes = {str(len((self.folder / DUMP).read_bytes()))}
        size = NamedNode(namespaces.XSD + "nonNegativeInteger")
        for iri in {terms.text(quad.graph_name) for quad in quads}:
            number = sum(quad.graph_name == NamedNode(iri) for quad in quads)
            found.add(Triple(NamedNode(iri), expanded("void:triples"), Literal(number)))
            found.add(said(BASE, "void:subset", iri))
        found |= {said(f"{BASE}#{DUMP}", "dcat:byteSize", Literal(number, datatype=size)) for number in sizes}
        spoken = {(triple.subject, triple.predicate) for triple in found}
        self.describe(lambda t: (t.subject, t.predicate) in spoken, *found)


def said(subject: str, name: str, value: Literal | str) -> Triple:
    """Return a triple; a value that is text is an IRI."""
    return Triple(NamedNode(subject), expanded(name), NamedNode(value) if isinstance(value, str) else value)


def of(name: str, subject: str | None = None, value: str | None = None) -> Callable[[Triple], bool]:
    """Return a function for whether a triple has that property, and that subject and value if they are given."""
    predicate = expanded(name)
    return lambda t: (
        t.predicate == predicate and subject in (None, terms.text(t.subject)) and value in (None, terms.text(t.object))
    )


def nothing(triple: Triple) -> bool:  # noqa: ARG001  # the form of what chooses triples
    """Return False: choose no triple."""
    return False


@pytest.fixture
def site(project: Project, tmp_path: Path) -> Copy:
    source = project.build / "current/site"
    shutil.copytree(source.resolve(), tmp_path / "site", copy_function=os.link)
    return Copy(tmp_path / "site")


def failed(folder: Path) -> set[str]:
    return {result.check.name for result in check_fair(folder).results if not result.passed}


def in_ontology(*add: Triple, without: Callable[[Triple], bool] = nothing) -> Callable[[Copy], None]:
    return lambda site: site.change(namespaces.ONTOLOGY_GRAPH, without, *add)


def in_states(*add: Triple, without: Callable[[Triple], bool] = nothing) -> Callable[[Copy], None]:
    return lambda site: site.change(STATES, without, *add)


def described(*add: Triple, without: Callable[[Triple], bool] = nothing) -> Callable[[Copy], None]:
    return lambda site: site.describe(without, *add)


def page(path: str, old: str, new: str) -> Callable[[Copy], None]:
    return lambda site: site.replace(path, old, new)


def _false_identifier(site: Copy) -> None:
    site.describe(of("dcterms:identifier"), said(BASE, "dcterms:identifier", Literal("kaz")))
    site.structured("index.html", identifier="kaz")


def _older_version(site: Copy) -> None:
    site.state("ns/0.0.9", site.triples("ns/0.2.0.nt"))


def _no_wikidata(site: Copy) -> None:
    site.change(STATES, lambda t: terms.text(t.object).startswith("http://www.wikidata.org/"))


def _nothing_about_czechia(site: Copy) -> None:
    site.state("state/CZE", [said(f"{BASE}state/FIN", "rdfs:label", Literal("Finland", language="en"))])


NS: Final = namespaces.ONTOLOGY_GRAPH
TRIG: Final = f"{BASE}#dataset.trig"
VERSION: Final = "owl:versionIRI"

BREAKS: Final[dict[str, Callable[[Copy], None]]] = {
    "OntologyIsItself": in_ontology(
        said(NS, "vann:preferredNamespaceUri", Literal("https://example.org/ns#")),
        without=of("vann:preferredNamespaceUri"),
    ),
    "OntologyVersionIri": in_ontology(said(NS, VERSION, NS), without=of(VERSION)),
    "OntologyVersions": in_ontology(said(NS, VERSION, f"{NS}/9.9.9"), without=of(VERSION)),
    "OntologyMinimumMetadata": in_ontology(without=of("dcterms:description", NS)),
    "OntologyPrefix": in_ontology(without=of("vann:preferredNamespacePrefix")),
    "OntologyRecommendedMetadata": in_ontology(without=of("dcterms:bibliographicCitation")),
    "OntologyDetailedMetadata": in_ontology(without=of("bibo:status")),
    "TermLabels": in_ontology(without=of("rdfs:label", f"{NS}#Claim")),
    "TermDefinitions": in_ontology(without=of("skos:definition", f"{NS}#Claim")),
    "OntologyProvenance": in_ontology(said(NS, "dcterms:creator", "https://example.org/nobody")),
    "DatasetPersistentIri": _false_identifier,
    "DatasetCoreMetadata": described(without=of("dcterms:creator", BASE)),
    "DistributionsLocated": described(without=of("dcat:accessURL", TRIG)),
    "WellKnownVoid": page(metadata.VOID, 'void:uriSpace "https://w3id.org/rejoinder/" ;', ""),
    "StructuredDataset": lambda site: site.structured("index.html", creator=None),
    "SiteMap": lambda site: site.write(
        "sitemap.xml", re.sub(r"<url><loc>[^<]*CZE\.html</loc></url>", "", site.text("sitemap.xml"))
    ),
    "AccessRights": described(
        said(BASE, "dcterms:accessRights", "https://example.org/open"), without=of("dcterms:accessRights")
    ),
    "PageAgreesWithData": lambda site: site.structured("index.html", version="99"),
    "DistributionContent": described(
        said(TRIG, "dcat:compressFormat", Literal("application/gzip")), without=of("dcat:compressFormat", TRIG)
    ),
    "Licence": described(said(TRIG, "dcterms:license", "https://example.org/licence")),
    "Provenance": described(without=of("prov:endedAtTime")),
    "DatasetProvenance": described(without=of("foaf:name")),
    "CommunityStandards": described(without=of("dcat:dataset")),
    "OpenFormats": described(
        said(TRIG, "dcat:mediaType", "https://www.iana.org/assignments/media-types/application/zip"),
        without=of("dcat:mediaType", TRIG),
    ),
    "VoidCounts": described(said(BASE, "void:classes", Literal(1)), without=of("void:classes")),
    "RedirectRules": page("w3id/.htaccess", "R=303", "R=301"),
    "ClientsFindData": page("w3id/.htaccess", "$1.rdf", "$1.html"),
    "FilesAreThere": page("state/CZE.html", "</main>", '<a href="nowhere.html">x</a></main>'),
    "DumpsAreThere": described(said(BASE, "void:dataDump", f"{BASE}lost.nq")),
    "OpenProtocol": described(said(TRIG, "dcat:accessURL", "ftp://example.org/"), without=of("dcat:accessURL", TRIG)),
    "EmbeddedJsonLd": lambda site: site.structured("state/CZE.html", **{"@id": f"{BASE}state/FIN"}),
    "Signposting": page("state/CZE.html", '<link rel="license"', '<link rel="author"'),
    "NoThirdParty": page("state/CZE.html", "</main>", '<img src="//example.org/x.png" alt="x"></main>'),
    "PagesLeadToData": page(
        "state/CZE.html", 'rel="alternate" type="text/turtle"', 'rel="alternate" type="text/plain"'
    ),
    "TwinsAgree": lambda site: site.write("state/CZE.nt", site.text("state/CZE.nt").split("\n", 1)[1]),
    "LanguageTags": in_states(said(CZE, "rdfs:label", Literal("Czechia"))),
    "RegisteredVocabularies": in_states(Triple(NamedNode(CZE), NamedNode("https://example.org/p"), Literal("x"))),
    "OutsideAuthorities": _no_wikidata,
    "LinksAreQualified": in_states(said(CZE, "owl:sameAs", "http://www.wikidata.org/entity/Q213")),
}
"""How to break a site so that one check fails, and no other."""


def _size(number: str) -> Literal:
    return Literal(number, datatype=NamedNode(namespaces.XSD + "nonNegativeInteger"))


def _small_version(site: Copy) -> None:
    old = site.triples("version/1/index.nt")
    node = f"{BASE}version/1/#dataset.trig"
    kept = {t for t in old if not of("dcat:byteSize", node)(t)}
    assert kept != old
    site.state("version/1/index", kept | {said(node, "dcat:byteSize", _size("1"))})


def _version_without(name: str) -> Callable[[Copy], None]:
    def cut(site: Copy) -> None:
        old = site.triples("version/1/index.nt")
        kept = {t for t in old if not of(name)(t)}
        assert kept != old
        site.state("version/1/index", kept)

    return cut


def _void(name: str, node: str) -> Callable[[Copy], None]:
    return described(said(node, name, Literal(999_999)), without=of(name, node))


BREAKS_MORE: Final[dict[str, tuple[Callable[[Copy], None], set[str]]]] = {
    # What is asked of the data set is asked of each version.
    "version: title": (_version_without("dcterms:title"), {"DistributionContent"}),
    "version: address": (_version_without("dcat:accessURL"), {"DistributionsLocated"}),
    "version: licence": (_version_without("dcterms:license"), {"Licence"}),
    "version: build": (_version_without("prov:wasGeneratedBy"), {"Provenance"}),
    "version: size": (_small_version, {"DumpsAreThere"}),
    # A check that asks several things fails at each.
    "an older ontology": (_older_version, {"OntologyVersions"}),
    "size": (described(said(TRIG, "dcat:byteSize", _size("1")), without=of("dcat:byteSize", TRIG)), {"DumpsAreThere"}),
    "no size": (described(without=of("dcat:byteSize", TRIG)), {"DumpsAreThere"}),
    "lost file": (
        described(said(TRIG, "dcat:downloadURL", f"{BASE}x.trig")),
        {"DumpsAreThere", "PageAgreesWithData", "Signposting"},
    ),
    "data about another thing": (_nothing_about_czechia, {"PagesLeadToData"}),
    "another name": (lambda site: site.structured("state/CZE.html", name="Bohemia"), {"EmbeddedJsonLd"}),
    "item": (page("index.html", '<link rel="item" type="application/trig" href="dataset.trig">', ""), {"Signposting"}),
    "style": (page("style.css", "body", "@import '//example.org/x'; body"), {"NoThirdParty"}),
    "language": (page("state/CZE.html", '<html lang="en" dir="ltr">', '<html lang="english!">'), {"LanguageTags"}),
    "VoID: graph": (_void("void:triples", NS), {"VoidCounts"}),
    "VoID: partition": (_void("void:entities", f"{BASE}#class-rj-Claim"), {"VoidCounts"}),
    "VoID: linkset": (_void("void:triples", f"{BASE}#sdg-skos-broadMatch"), {"VoidCounts"}),
    "VoID: no linkset": (
        described(without=of("void:subset", BASE, f"{BASE}#sdg-skos-broadMatch")),
        {"VoidCounts"},
    ),
    "VoID: vocabulary": (described(without=of("void:vocabulary", BASE, namespaces.SKOS)), {"VoidCounts"}),
    "VoID: too much": (described(said(BASE, "void:vocabulary", "http://example.org/")), {"VoidCounts"}),
    "two ontologies in one document": (
        lambda site: site.state(
            "ns", site.triples("ns.nt") | {said(f"{NS}x", "rdf:type", f"{namespaces.PREFIXES['owl']}Ontology")}
        ),
        {"OntologyIsItself"},
    ),
    # A version IRI elsewhere cannot be followed on this site, either.
    "OntologyPersistentIri": (
        in_ontology(said(NS, VERSION, "https://example.org/ns/0.1.0"), without=of(VERSION)),
        {"OntologyPersistentIri", "OntologyVersions"},
    ),
}


def test_the_site_passes_every_check(project: Project) -> None:
    fairness = check_fair(project.build)
    assert [finding.message for finding in fairness.findings] == []
    assert fairness.passed
    assert all(result.seen for result in fairness.results)


@pytest.mark.slow
def test_the_example_lacks_nothing_but_an_address_that_lasts(built_once: Project) -> None:
    assert failed(built_once.build) == {"DatasetPersistentIri"}


def test_every_check_has_a_break_and_every_principle_a_check() -> None:
    checks = read_checks()
    broken = {*BREAKS}.union(*(expected for _, expected in BREAKS_MORE.values()))
    assert {check.name for check in checks} == broken
    assert len({check.name for check in checks}) == len(checks) == 40
    assert {check.principle for check in checks} == set(PRINCIPLES)
    assert all(check.mirrors for check in checks)


def test_every_check_has_a_shape_or_a_function() -> None:
    names = {check.name: bool(check.targets) for check in read_checks()}
    assert {*FUNCTIONS, *PAGE_FUNCTIONS} <= names.keys()
    assert {name for name, has_shape in names.items() if not has_shape} <= {*FUNCTIONS, *PAGE_FUNCTIONS}


def test_two_engines_find_the_same(site: Copy) -> None:
    shapes = package_file("ontology/fair.ttl")
    dataset = said(BASE, "rdf:type", f"{namespaces.SHAPES}FairDataset")
    lost = {expanded(name) for name in ("dcterms:creator", "dcterms:license", "dcat:mediaType", "dcat:downloadURL")}
    kept = [triple for triple in site.triples("index.nt") if triple.predicate not in lost]
    lines = terms.serialize([dataset, *kept], formats.NTRIPLES).decode()
    first, second = (
        {(result.focus, result.path, result.shape, result.message) for result in validator.validate(lines)}
        for validator in (open_validator(shapes, engine) for engine in Engine)
    )
    assert first == second
    assert {shape.removeprefix(f"{namespaces.SHAPES}Fair") for _, _, shape, _ in first} == {
        "DatasetCoreMetadata",
        "DistributionContent",
        "DistributionsLocated",
        "Licence",
        "OpenFormats",
    }


@pytest.mark.parametrize("name", mostly_slow(BREAKS, {"Licence", "TwinsAgree"}))
def test_a_site_broken_in_one_way_fails_that_check_alone(name: str, site: Copy) -> None:
    BREAKS[name](site)
    assert failed(site.folder) == {name}


@pytest.mark.slow
@pytest.mark.parametrize("name", BREAKS_MORE)
def test_a_site_broken_in_a_way_that_two_checks_see_fails_both(name: str, site: Copy) -> None:
    broken, expected = BREAKS_MORE[name]
    broken(site)
    assert failed(site.folder) == expected


def test_a_site_at_its_own_identifiers_would_be_redirected_for_ever(site: Copy) -> None:
    for path in ("w3id/.htaccess", "robots.txt", "sitemap.xml"):
        site.replace(path, "https://rejoinder.example/", BASE)
    (result,) = (result for result in check_fair(site.folder).results if not result.passed)
    assert result.check.name == "RedirectRules"
    assert "`site`" in result.findings[0].message
    assert result.findings[0].line == 5


def test_a_check_that_finds_nothing_to_look_at_fails(site: Copy) -> None:
    site.describe(of("dcat:distribution", BASE))
    site.change(f"{BASE}meta/", of("dcat:distribution"))  # the graph that describes the dumps as well
    shutil.rmtree(site.folder / "version")
    results = {result.check.name: result for result in check_fair(site.folder).results}
    for name in ("DistributionsLocated", "DistributionContent", "OpenFormats"):
        (finding,) = results[name].findings
        assert finding.message == f"There is nothing to check: {results[name].check.title}"


@pytest.mark.parametrize(
    ("path", "content", "check"),
    [
        pytest.param(DUMP, b"no gzip", "VoidCounts", marks=pytest.mark.slow),
        (DUMP, gzip.compress(b"<a> <b> .\n", mtime=0), "VoidCounts"),
        pytest.param("index.ttl", b"\xff\xfe", "DatasetCoreMetadata", marks=pytest.mark.slow),
        pytest.param("state/CZE.jsonld", b'{"@id": ', "TwinsAgree", marks=pytest.mark.slow),
        pytest.param("sitemap.xml", b"<urlset>", "SiteMap", marks=pytest.mark.slow),
        ("sitemap.xml", b'<!DOCTYPE u [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><urlset>&c;</urlset>', "SiteMap"),
        pytest.param("style.css", b"@import 'https://example.org/x.css';", "NoThirdParty", marks=pytest.mark.slow),
    ],
)
def test_a_file_that_cannot_be_read_is_a_finding(site: Copy, path: str, content: bytes, check: str) -> None:
    site.write(path, content)
    fairness = check_fair(site.folder)
    results = {result.check.name: result for result in fairness.results}
    assert not results[check].passed
    assert any(finding.path == site.folder / path for finding in results[check].findings)


def test_json_ld_that_is_no_object_or_has_another_context_is_a_finding(site: Copy) -> None:
    site.replace("state/CZE.html", '"@context": "https://schema.org"', '"@context": "https://example.org"')
    site.replace("state/FIN.html", '<script type="application/ld+json">', '<script type="application/ld+json">[')
    findings = next(r for r in check_fair(site.folder).results if r.check.name == "EmbeddedJsonLd").findings
    assert {finding.path.name for finding in findings} == {"FIN.html", "CZE.html"}


def test_findings_are_violations_named_by_the_check(site: Copy) -> None:
    site.describe(of("dcterms:creator", BASE))
    (finding,) = check_fair(site.folder).findings
    assert finding.severity is Severity.VIOLATION
    assert finding.rule == f"{namespaces.SHAPES}FairDatasetCoreMetadata"
    assert finding.focus == BASE
    assert finding.predicate == f"{namespaces.DCTERMS}creator"


@pytest.mark.slow
def test_a_build_a_version_and_a_site_are_found(project: Project, tmp_path: Path) -> None:
    for folder in (project.build, project.build / "current", project.build / "current/site"):
        assert checklist.check_fair(folder).passed
    with pytest.raises(rejoinder.errors.UsageError, match="no site is here"):
        check_fair(tmp_path)


def test_the_command_tells_each_principle_and_what_failed(site: Copy, run: Run) -> None:
    passed = run("check", "--fair", site.folder)
    assert passed.returncode == 0, passed.stdout
    assert passed.stdout.splitlines()[-1].endswith(": all passed")
    assert all(f"{principle}  {words}" in passed.stdout for principle, words in PRINCIPLES.items())
    site.describe(of("dcterms:creator", BASE))
    broken = run("check", "--fair", site.folder)
    assert broken.returncode == 1
    assert "This needs dcterms:creator; write it." in broken.stdout
    assert run("check", "--fair", site.folder / "state").returncode == 2
    assert run("check", "--fair", site.folder, "--source", "x").returncode == 2


@pytest.mark.slow
def test_the_command_speaks_the_forms_of_other_check_ups(site: Copy, run: Run) -> None:
    site.describe(of("dcterms:creator", BASE))
    told = json.loads(run("check", "--fair", site.folder, "--format", "json").stdout)
    assert [check["name"] for check in told["checks"] if not check["passed"]] == ["DatasetCoreMetadata"]
    sarif = json.loads(run("check", "--fair", site.folder, "--format", "sarif").stdout)
    assert len(sarif["runs"][0]["results"]) == 1
    turtle = run("check", "--fair", site.folder, "--format", "turtle").stdout
    report = list(terms.parse(turtle, formats.TURTLE))
    assert [q for q in report if q.predicate.value == f"{namespaces.SH}conforms" and terms.text(q.object) == "false"]


def test_each_check_has_a_name_to_be_found_by_in_the_shapes(project: Project) -> None:
    store = versions.require_newest(project.build).open()
    for check in read_checks():
        comments = store.quads_for_pattern(NamedNode(check.rule), expanded("rdfs:comment"), None)
        assert {terms.text(quad.object) for quad in comments} == {check.title}, "write it into ontology/fair.ttl"


def test_the_page_of_the_checks_is_up_to_date() -> None:
    page = (ROOT / "docs" / "fair.md").read_text(encoding="utf-8")
    assert page.partition(make_fair.MARK)[2].strip() == make_fair.generated().strip(), "run `make docs`"


def test_the_endpoint_describes_itself(project: Project) -> None:
    service = NamedNode("https://rejoinder.example/sparql")
    manifest = versions.require_newest(project.build).manifest
    described = service_description(project, manifest, formats.NTRIPLES, service.value, own=True)
    triples = [q.triple for q in terms.parse(described, formats.NTRIPLES)]
    own = {(t.predicate.value.rpartition("#")[2], terms.text(t.object)) for t in triples if t.subject == service}
    space = "http://www.w3.org/ns/sparql-service-description#"
    assert {
        ("type", f"{space}Service"),
        ("endpoint", service.value),
        ("supportedLanguage", f"{space}SPARQL11Query"),
        ("resultFormat", "http://www.w3.org/ns/formats/SPARQL_Results_JSON"),
        ("resultFormat", "http://www.w3.org/ns/formats/Turtle"),
    } <= own
    assert {"defaultDataset"} <= {name for name, _ in own}
    graphs_named = {terms.text(t.object) for t in triples if t.predicate.value == f"{space}name"}
    assert graphs_named == {entry.iri for entry in manifest.graphs}


def test_matches_to_the_development_goals_are_targets_that_exist() -> None:
    known = SHARED / "realdata/reference/sdg/sdg-kos-goals-targets-indicators.ttl"
    if not known.exists():
        pytest.skip("the list of the goals is not here (../shared/realdata/reference/sdg)")
    targets = {
        quad.subject.value
        for quad in terms.parse_file(known)
        if isinstance(quad.subject, NamedNode) and terms.text(quad.object).endswith("sdg/ontology#Target")
    }
    text = (ROOT / "data/issue.yaml").read_text(encoding="utf-8")
    matched = re.findall(r"^ {4}\w+Match: (\S+)$", text, re.MULTILINE)
    assert len(matched) == text.count("the editors' judgement, not the report's") == 9
    assert set(matched) <= targets
