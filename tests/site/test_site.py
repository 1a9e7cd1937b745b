"""The site: whole, well-formed, self-contained; every IRI of the data leads to a page or an element of one."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import warnings
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import html5lib
import pytest

from conftest import mostly_slow, without_edition
from rejoinder import formats, namespaces, question, versions
from rejoinder.building import build
from rejoinder.config import Project, open_project
from rejoinder.rdf import graphs, query
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import NamedNode
from rejoinder.site import static
from rejoinder.site.resource import SiteUrls

FETCHED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "use": "href"}
NAVIGATED = {
    "cite-as",
    "describes",
    "license",
    "type",
    "author",
    "collection",
    "item",
    "alternate",
    "describedby",
    "original",
}
"""The links of a head that a browser does not fetch by itself."""


DATA = {"application/ld+json", "application/json"}
"""The types of scripts that a browser does not run: metadata, and words for the scripts of the page."""


@dataclass(frozen=True)
class Element:
    """A start tag."""

    tag: str
    attributes: dict[str, str]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {key: value or "" for key, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@dataclass(frozen=True)
class Document:
    """A page, parsed."""

    path: str
    source: str

    @cached_property
    def _parsed(self) -> _Parser:
        parser = _Parser()
        parser.feed(self.source)
        return parser

    @property
    def elements(self) -> list[Element]:
        """Its start tags."""
        return self._parsed.elements

    @cached_property
    def ids(self) -> Counter[str]:
        """The number of times that each id is used."""
        return Counter(e.attributes["id"] for e in self.elements if "id" in e.attributes)

    @property
    def text(self) -> str:
        """The visible text, with single blanks."""
        return " ".join(" ".join(self._parsed.text).split())

    def links(self) -> Iterable[str]:
        """Return the targets of its links."""
        return (e.attributes["href"] for e in self.elements if e.tag in ("a", "link") and "href" in e.attributes)


@pytest.fixture(scope="module")
def site(built_once: Project) -> Path:
    return versions.require_newest(built_once.build).site_path


@pytest.fixture(scope="module")
def documents(site: Path) -> dict[str, Document]:
    paths = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    paths -= {"404.html"}  # which hosts show where there is no page
    return {path: Document(path, (site / path).read_text(encoding="utf-8")) for path in paths}


@pytest.fixture(scope="module")
def report(documents: dict[str, Document]) -> Document:
    return documents["report/kaz-upr-20.html"]


@pytest.mark.parametrize("each", mostly_slow([1, 5], {5}), ids=["each", "each fifth"])
def test_every_page_is_html_without_a_parse_error(documents: dict[str, Document], each: int) -> None:
    assert len(documents) > 300
    small = [document for document in documents.values() if len(document.source) < 60_000][::each]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # html5lib's own
        for document in small:
            parser = html5lib.HTMLParser(strict=False)
            parser.parse(document.source)
            assert not parser.errors, (document.path, parser.errors[:3])


def test_every_link_within_the_site_leads_to_a_file_and_an_element(site: Path, documents: dict[str, Document]) -> None:
    broken = set()
    for document in documents.values():
        for link in set(document.links()):
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = os.path.normpath(Path(document.path).parent / unquote(parts.path)) if parts.path else document.path
            known = documents.get(target)
            if not (site / target).is_file() or (parts.fragment and known and parts.fragment not in known.ids):
                broken.add((document.path, link))
    assert not broken


def test_ids_are_unique_in_each_page(documents: dict[str, Document]) -> None:
    assert not [(d.path, name) for d in documents.values() for name, number in d.ids.items() if number > 1]


def test_every_iri_of_the_version_leads_to_a_page_an_element_of_one_or_a_dump(
    built_once: Project, site: Path, documents: dict[str, Document]
) -> None:
    addresses = SiteUrls(built_once.base)
    store = versions.require_newest(built_once.build).open()
    terms = {term for quad in graphs.statements(store) for term in (quad.subject, quad.predicate, quad.object)}
    own = built_once.base, namespaces.ONTOLOGY_GRAPH, namespaces.SHAPES_GRAPH
    iris = {term.value for term in terms if isinstance(term, NamedNode) and term.value.startswith(own)}
    assert len(iris) > 900
    lost = set()
    for iri in iris:
        stem = addresses.stem(iri)
        fragment = iri.partition("#")[2]
        # A report has pages beside its own, to which that leads on.
        pages = [documents[path] for path in (f"{stem}.html", *_beside(documents, stem)) if path in documents]
        if not pages or (fragment and not any(fragment in page.ids for page in pages)):
            lost.add(iri)
    # The description of the data set names the files with all data.
    dumps = {built_once.base + path.name for path in site.glob("dataset.*")}
    assert lost == dumps != set()


def _beside(documents: dict[str, Document], stem: str | None) -> list[str]:
    """Return the paths of the pages with the data and the text of a report, in their order."""
    numbers = ("", *(f"-{n}" for n in range(2, 20)))
    return [path for name in ("data", "text") for n in numbers if (path := f"{stem}/{name}{n}.html") in documents]


def test_a_report_and_its_data_pages_lead_on_to_one_another(documents: dict[str, Document]) -> None:
    """The script follows these addresses; each page names the next one, and the last one names none."""
    for stem in ("report/kaz-upr-20", "report/a-hrc-28-10"):
        paths = [f"{stem}.html", *_beside(documents, stem)]
        assert len(paths) > 2
        for path, after in zip(paths, [*paths[1:], None], strict=True):
            scripts = [
                e.attributes for e in documents[path].elements if e.tag == "script" and "data-next" in e.attributes
            ]
            leads = [os.path.normpath(Path(path).parent / each["data-next"]) for each in scripts]
            assert leads == ([after] if after and static.available() else []), path


MOST_BYTES = 300_000


def test_no_page_is_larger_than_300_kb(documents: dict[str, Document]) -> None:
    sizes = {path: len(document.source.encode()) for path, document in documents.items()}
    assert {path: size for path, size in sizes.items() if size > MOST_BYTES} == {}


def test_every_time_is_one_that_machines_read(documents: dict[str, Document]) -> None:
    """HTML allows a year, a month, a day or a moment, and nothing else that these pages have."""
    valid = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9:]{5,8}(\.[0-9]{1,3})?(Z|[+-][0-9]{2}:[0-9]{2}))?)?)?")
    times = [
        (d.path, e.attributes.get("datetime", "")) for d in documents.values() for e in d.elements if e.tag == "time"
    ]
    assert len(times) > 100
    assert [(path, moment) for path, moment in times if not valid.fullmatch(moment)] == []


def test_no_page_asks_anybody_else_for_anything(site: Path, documents: dict[str, Document]) -> None:
    for document in documents.values():
        for element in document.elements:
            address = element.attributes.get(FETCHED.get(element.tag, ""), "")
            followed = element.tag == "link" and element.attributes.get("rel") in NAVIGATED
            assert followed or not urlsplit(address).scheme, (document.path, element)
            assert not {"style", "onclick", "onload", "onerror"} & element.attributes.keys(), (document.path, element)
            assert element.tag not in {"style", "iframe", "object", "embed"}
            is_data = element.attributes.get("type") in DATA
            is_ours = "assets/" in element.attributes.get("src", "")
            assert element.tag != "script" or is_data or is_ours, (document.path, element)
    style = (site / "style.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style


def test_pages_have_landmarks_headings_in_order_and_a_language(documents: dict[str, Document]) -> None:
    for document in documents.values():
        tags = [element.tag for element in document.elements]
        assert {"header", "nav", "main", "footer", "title"} <= set(tags), document.path
        levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1, document.path
        assert levels.count(1) == 1, document.path
        assert all(after <= before + 1 for before, after in pairwise(levels)), document.path
        assert document.elements[0].attributes["lang"] == "en"
        assert all("scope" in e.attributes for e in document.elements if e.tag == "th"), document.path


def test_the_twins_of_a_page_hold_the_same_graph(site: Path) -> None:
    stems = {path.with_suffix("").relative_to(site).as_posix() for path in site.rglob("*.nt")}
    assert {"index", "report/kaz-upr-20", "state/CZE", "question/who-raised-what", "ns"} <= stems
    for stem in sorted(stems):
        base = "https://example.org/none"
        found = {
            rdf_terms.content_digest(
                rdf_terms.in_graph(rdf_terms.parse_file(site / (stem + syntax.suffix), base), base)
            )
            for syntax in (formats.TURTLE, formats.JSONLD, formats.NTRIPLES)
        }
        assert len(found) == 1, stem


def test_the_data_of_a_report_are_its_graph(site: Path, built_once: Project) -> None:
    version = versions.require_newest(built_once.build)
    iri = f"{built_once.base}report/kaz-upr-20"
    entry = version.manifest.entry(iri)
    assert entry is not None
    parsed = rdf_terms.in_graph(rdf_terms.parse_file(site / "report/kaz-upr-20.ttl"), iri)
    assert rdf_terms.content_digest(parsed) == entry.content_digest


def test_every_page_names_its_data_its_licence_and_how_to_cite_it(documents: dict[str, Document]) -> None:
    for document in documents.values():
        links = [e.attributes for e in document.elements if e.tag == "link"]
        relations = {link["rel"] for link in links}
        assert {"cite-as", "license", "type", "stylesheet"} <= relations, document.path
        data = re.search(r'<script type="application/ld\+json">(.*?)</script>', document.source, re.DOTALL)
        assert data, document.path
        described = json.loads(data[1])
        assert described["@context"] == "https://schema.org", document.path
        assert "reviewRating" not in document.source, document.path


def test_each_claim_stands_beside_what_bears_on_it(documents: dict[str, Document]) -> None:
    """The President's words stand after "However", so the text connects them; the editors only infer the rest."""
    source = documents["report/kaz-upr-20/claim-no-division.html"].source
    (claim,) = html5lib.parse(source, namespaceHTMLElements=False).iter("main")
    parts = {node.get("class"): " ".join(" ".join(node.itertext()).split()) for node in claim.iter("section")}
    assert "Marat Azilkhanov , Kazakhstan's representative" in " ".join(" ".join(claim.itertext()).split())
    explicit, inferred = parts["part explicit"], parts["part inferred"]
    assert explicit.startswith("Explicitly in the report 1 Contradicted by In December 2012 the President said")
    assert "Footnote 4: Site akorda.kz" in explicit
    assert "passage" in explicit
    assert "3860–4132" not in explicit  # positions in the text are for programs, and stand in the data
    assert inferred.startswith("By the editors’ inference 1 In tension with")
    assert "contradict" not in inferred


WITHOUT_FOOTNOTE = """SELECT (COUNT(?evidence) AS ?n) WHERE {
  ?report rj:hasEvidence ?evidence
  FILTER (STRENDS(STR(?report), "kaz-upr-20"))
  FILTER NOT EXISTS { ?evidence rj:footnote ?source }
}"""


def test_a_report_says_which_evidence_has_no_footnote(documents: dict[str, Document], built_once: Project) -> None:
    store = versions.require_newest(built_once.build).open()
    (number,) = map(rdf_terms.text, query.only_row(store, WITHOUT_FOOTNOTE))
    assert int(number) > 30
    assert f"Evidence without a footnote {number} of" in documents["report/kaz-upr-20/data.html"].text


def test_what_stands_above_many_things_of_a_kind_is_in_the_plural(site: Path) -> None:
    pages = "".join(
        path.read_text(encoding="utf-8") for path in sorted((site / "report/kaz-upr-20").glob("data*.html"))
    )
    counted = dict(re.findall(r'<h2 id="all-\w+">([^<]+) <span class="count">(\d+)<', pages))
    listed = dict.fromkeys(re.findall(r'<a href="#all-\w+">([^<]+)</a>', pages))
    assert counted.keys() == listed.keys()
    assert {"Statements", "Concerns", "Refused visits", "Evidence"} <= counted.keys()
    for words, number in counted.items():
        assert words.endswith("s") == (number != "1") or words in {"Evidence", "Background"}, (words, number)


# Everything in any document that bears on a claim of the report; admissions and promises are listed apart.
BEARING = """SELECT ?claim (GROUP_CONCAT(?mark) AS ?bearings) WHERE {
  ?report rj:hasClaim ?claim
  FILTER (STRENDS(STR(?report), "kaz-upr-20"))
  OPTIONAL {
    ?relation rj:claim ?claim ; rj:direction ?direction ; rj:basis ?basis .
    FILTER NOT EXISTS {
      ?relation rj:direction rj:Supporting ; rj:from ?reason .
      ?reason (^rj:asserted|prov:wasAttributedTo)/rj:asserted ?claim
    }
    BIND (CONCAT(STRAFTER(STR(?direction), "#"), STRAFTER(STR(?basis), "#")) AS ?mark)
  }
} GROUP BY ?claim"""
OUTCOMES = {
    "ContradictingExplicitBasis": "Claims explicitly contradicted",
    "QualifyingExplicitBasis": "Claims explicitly qualified",
    "SupportingExplicitBasis": "Claims explicitly supported",
    "ContradictingLogicalBasis": "Claims contradicted by the editors’ inference",
    "QualifyingLogicalBasis": "Claims qualified by the editors’ inference",
    "SupportingLogicalBasis": "Claims supported by the editors’ inference",
    "ContradictingContextualBasis": "Claims in tension with something by the editors’ inference",
    "QualifyingContextualBasis": "Claims perhaps qualified, by the editors’ inference",
    "SupportingContextualBasis": "Claims perhaps supported, by the editors’ inference",
    "": "Claims neither contradicted, qualified nor supported",
}
"""The heading of a group by the strongest of what a text says or, if none says anything, of what editors infer."""


def test_the_groups_of_a_report_page_agree_with_the_graph(report: Document, built_once: Project) -> None:
    answer = query.query(versions.require_newest(built_once.build).open(), BEARING)
    assert isinstance(answer, Table)
    bearings = [rdf_terms.text(row[1]) if row[1] else "" for row in answer.rows]
    expected = Counter(next(head for mark, head in OUTCOMES.items() if mark in each) for each in bearings)
    assert expected.total() > 20
    for heading, number in expected.items():
        assert f"{heading} {number} " in report.text


def test_no_page_about_reports_calls_a_claim_false(documents: dict[str, Document]) -> None:
    kinds = ("report/", "state/", "person/", "issue/", "organisation/")
    pages = [document for path, document in documents.items() if path.startswith(kinds)]
    assert pages
    assert not [d.path for d in pages if re.search(r"\b(false|lie[sd]?|lying|misleading)\b", d.text)]


def test_a_state_page_says_what_it_raised_with_whom_and_who_says_so(documents: dict[str, Document]) -> None:
    text = documents["state/CZE.html"].text
    assert "Criminal liability for libel" in text
    assert "open list" in text
    assert "Open Dialog Foundation: report on Kazakhstan's review of October 2014" in text


def test_each_question_has_its_answer_as_page_csv_and_json(site: Path, built_once: Project) -> None:
    names_of = question.of_project(built_once)
    assert len(names_of) > 50
    for name in names_of:
        for suffix in (".html", ".csv", ".json", ".rq", ".ttl"):
            assert (site / f"question/{name}{suffix}").is_file(), name
        assert "results" in json.loads((site / f"question/{name}.json").read_text(encoding="utf-8"))
    assert "<svg" in (site / "question/issues-ranked.html").read_text(encoding="utf-8")


def test_dumps_site_map_and_descriptions_are_there(site: Path, built_once: Project) -> None:
    version = versions.require_newest(built_once.build)
    packed = gzip.decompress((site / "dataset.nq.gz").read_bytes())
    assert packed == (version.export_path / "dataset.nq").read_bytes()
    tree = ET.fromstring((site / "sitemap.xml").read_text(encoding="utf-8"))  # noqa: S314  # our own file
    pages = (path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
    assert len(tree) == sum('<meta name="robots" content="noindex">' not in text for text in pages)
    assert "sitemap.xml" in (site / "robots.txt").read_text(encoding="utf-8")
    described = tuple(rdf_terms.parse((site / ".well-known/void").read_bytes(), formats.TURTLE))
    void = {q.predicate.value: rdf_terms.text(q.object) for q in described if q.subject == NamedNode(built_once.base)}
    assert int(void["http://rdfs.org/ns/void#triples"]) == len({q.triple for q in graphs.statements(version.open())})
    assert "[R=303" in (site / "w3id/.htaccess").read_text(encoding="utf-8")


def test_every_subset_of_the_data_set_is_said_to_be_a_data_set_or_a_linkset(site: Path) -> None:
    described = tuple(rdf_terms.parse((site / ".well-known/void").read_bytes(), formats.TURTLE))
    void = "http://rdfs.org/ns/void#"
    subsets = {q.object for q in described if q.predicate.value == f"{void}subset"}
    sets = {NamedNode(f"{void}Dataset"), NamedNode(f"{void}Linkset")}
    assert len(subsets) > 10
    assert subsets <= {q.subject for q in described if q.predicate.value == namespaces.RDF_TYPE and q.object in sets}


def test_hostile_words_are_shown_as_words(small_built: Project) -> None:
    dossier = small_built.data / "report/short.yaml"
    text = dossier.read_text(encoding="utf-8")
    hostile = "<script>alert(1)</script>&\\\"'</title><img src=x onerror=alert(2)>"
    text = text.replace("label: Every association is registered within a week", f'label: "{hostile}"', 1)
    dossier.write_text(text, encoding="utf-8")
    built_again = build.build(small_built)
    assert built_again.is_new
    assert built_again.version
    for path in built_again.version.site_path.rglob("*.html"):
        document = Document(path.name, path.read_text(encoding="utf-8"))
        assert not [e for e in document.elements if e.tag == "img" or "onerror" in e.attributes], path
        inline = [e.attributes for e in document.elements if e.tag == "script" and "src" not in e.attributes]
        assert {each.get("type") for each in inline} <= DATA, path
    report = built_again.version.site_path / "report/short.html"
    assert "<script>alert(1)</script>" in Document("", report.read_text(encoding="utf-8")).text


def test_a_link_that_would_run_is_no_link() -> None:
    addresses = SiteUrls("https://example.org/")
    for iri in (
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "JAVASCRIPT:x",
        "http://[",
    ):
        assert addresses.link(iri, "index.html") is None
    for local in ("../x", "a/../../x", "a//b", "a%2e/b", ".well-known/void", "a\\b", "a b"):
        assert addresses.stem(f"https://example.org/{local}") is None


def test_what_did_not_change_is_linked_not_written_again(small_built: Project) -> None:
    first = versions.require_newest(small_built.build)
    dossier = small_built.data / "report/short.yaml"
    text = dossier.read_text(encoding="utf-8")
    dossier.write_text(text.replace("label: Decriminalise libel", "label: Make libel no crime", 1), encoding="utf-8")
    build.build(small_built)
    second = versions.require_newest(small_built.build)
    assert second.path != first.path
    kept = [path for path in second.site_path.rglob("*") if path.is_file() and path.stat().st_nlink > 1]
    every = [path for path in second.site_path.rglob("*") if path.is_file()]
    changed = {path.relative_to(second.site_path).as_posix() for path in set(every) - set(kept)}
    assert "report/short/data.html" in changed
    assert "state/NOR.html" in changed
    assert "state/NLD.html" not in changed
    assert "ns.html" not in changed
    # The page of a question says how to cite the answer, which is one of the new version.
    assert len([path for path in changed if not re.fullmatch(r"question/.*\.html", path)]) < 60


@pytest.mark.slow
def test_the_site_is_the_same_whether_built_at_once_or_step_by_step(small_built: Project, tmp_path: Path) -> None:
    dossier = small_built.data / "report/short.yaml"
    text = dossier.read_text(encoding="utf-8")
    dossier.write_text(text.replace("label: Decriminalise libel", "label: Make libel no crime", 1), encoding="utf-8")
    build.build(small_built)
    step_by_step = versions.require_newest(small_built.build).site_path
    shutil.copytree(small_built.root, tmp_path / "fresh", ignore=shutil.ignore_patterns("build"))
    fresh = open_project(tmp_path / "fresh")
    build.build(fresh)
    at_once = versions.require_newest(fresh.build).site_path
    about_the_version = {"index.html", "index.nt", "index.ttl", "index.jsonld", ".well-known/void", "feed.xml"}
    about_the_version |= {"sitemap.xml", "sparql.html", *(path.name for path in step_by_step.glob("dataset.*"))}

    def files(site: Path) -> dict[str, bytes]:
        found = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
        return {name: path.read_bytes() for name, path in found.items() if not name.startswith(("version/", "meta/"))}

    ours, theirs = files(step_by_step), files(at_once)
    assert ours.keys() == theirs.keys()
    differing = {path for path in ours if without_edition(ours[path]) != without_edition(theirs[path])}
    assert differing <= about_the_version


def test_a_new_title_makes_a_new_site(small_built: Project) -> None:
    first = versions.require_newest(small_built.build)
    config = small_built.root / "rejoinder.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("A small project", "Our reports"), encoding="utf-8")
    assert not build.build(small_built).is_new
    again = build.build(open_project(small_built.root))
    assert again.is_new
    assert again.version
    assert again.version.path != first.path
    assert "Our reports" in (again.version.site_path / "index.html").read_text(encoding="utf-8")
