"""The ontology keeps its word: to readers, to the vocabularies it leans on, and to the files that lean on it.

Standards: OWL 2, RDF Schema 1.1, PROV-O, SHACL; the header as the FAIR checkers FOOPS! and F-UJI look for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pytest
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SH, SKOS, TIME, VANN, XSD, DefinedNamespace

from conftest import ROOT
from rejoinder import namespaces, versions
from rejoinder.config import Project

RJ: Final = rdflib.Namespace(namespaces.RJ)
RJSH: Final = rdflib.Namespace(namespaces.SHAPES)
OA: Final = rdflib.Namespace(namespaces.OA)
BIBO: Final = rdflib.Namespace("http://purl.org/ontology/bibo/")
CRM: Final = rdflib.Namespace("http://www.cidoc-crm.org/cidoc-crm/")
MARL: Final = rdflib.Namespace("http://www.gsi.dit.upm.es/ontologies/marl/ns#")
MP: Final = rdflib.Namespace("http://purl.org/mp/")
SSSOM: Final = rdflib.Namespace("https://w3id.org/sssom/")
SPAR: Final = rdflib.Namespace("http://purl.org/spar/")
EDTF: Final = rdflib.URIRef(namespaces.EDTF)

FOLDER: Final = ROOT / "ontology"
ONTOLOGY: Final = rdflib.Graph().parse(FOLDER / "rejoinder.ttl")
SHAPES: Final = rdflib.Graph().parse(FOLDER / "shapes.ttl")
FAIR: Final = rdflib.Graph().parse(FOLDER / "fair.ttl")
HEADERS: Final = {
    "ontology": (ONTOLOGY, rdflib.URIRef(namespaces.ONTOLOGY_GRAPH)),
    "shapes": (SHAPES, rdflib.URIRef(namespaces.SHAPES_GRAPH)),
}
CONTEXT: Final[dict[str, Any]] = json.loads((FOLDER / "context.jsonld").read_text(encoding="utf-8"))["@context"]
SCHEMA: Final[dict[str, Any]] = json.loads((FOLDER / "dossier.schema.json").read_text(encoding="utf-8"))["$defs"]

Iri = rdflib.URIRef
Node = rdflib.term.Node

# rdflib knows the terms of most vocabularies; of the others, the terms we use, as their specifications have them.
VOCABULARIES: Final[tuple[type[DefinedNamespace], ...]] = (
    DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SH, SKOS, TIME, VANN, XSD,
)  # fmt: skip
OTHER_TERMS: Final = {
    *(OA[name] for name in ("TextPositionSelector", "hasSelector", "start", "end", "exact")),
    *(BIBO[name] for name in ("status", "status/draft", "status/published", "number", "presentedAt")),
    *(BIBO[name] for name in ("locator", "pageStart")),
    *(SPAR[name] for name in ("amo/hasEvidence", "amo/hasWarrant", "deo/Background", "doco/Footnote", "doco/Section")),
    *(CRM[name] for name in ("P82a_begin_of_the_begin", "P82b_end_of_the_end")),
    *(MARL[name] for name in ("Opinion", "hasPolarity")),
    Iri("http://data.europa.eu/eli/ontology#ResourceType"),
    Iri("http://linkedevents.org/ontology/involvedAgent"),
    Iri("http://www.w3.org/ns/dqv#computedOn"),
    Iri("http://purl.org/pav/authoredBy"),
    *(SSSOM[name] for name in ("Mapping", "MappingSet", "NegatedPredicate", "mappings", "mapping_justification")),
    *(SSSOM[name] for name in ("confidence", "mapping_tool", "predicate_modifier", "review_date", "reviewer_id")),
    *(MP[name] for name in ("challenges", "supports")),
    EDTF,
}

ALIGNMENTS: Final = [
    (RJ.Report, RDFS.subClassOf, SDO.Report),
    (RJ.Passage, RDFS.subClassOf, OA.TextPositionSelector),
    (RJ.State, RDFS.subClassOf, SDO.Country),
    (RJ.State, RDFS.subClassOf, PROV.Agent),
    (RJ.Issue, RDFS.subClassOf, SKOS.Concept),
    (RJ.Recommendation, RDFS.subClassOf, RJ.Intervention),
    (RJ.Concern, RDFS.subClassOf, RJ.Intervention),
    (RJ.Person, RDFS.subClassOf, PROV.Agent),
    (RJ.Official, RDFS.subClassOf, RJ.Person),
    (RJ.AffectedPerson, RDFS.subClassOf, RJ.Person),
    (RJ.Organisation, RDFS.subClassOf, ORG.Organization),
    (RJ.Organisation, RDFS.subClassOf, PROV.Agent),
    (RJ.Delegation, RDFS.subClassOf, RJ.Organisation),
    (RJ.Statement, RDFS.subClassOf, PROV.Activity),
    (RJ.Claim, RDFS.subClassOf, PROV.Entity),
    (RJ.Claim, RDFS.subClassOf, SDO.Claim),
    (RJ.Evidence, RDFS.subClassOf, PROV.Entity),
    (RJ.Verdict, RDFS.subClassOf, SDO.ClaimReview),
    (RJ.Provision, RDFS.subClassOf, SDO.Legislation),
    (RJ.Event, RDFS.subClassOf, SDO.Event),
    (RJ.speaker, RDFS.subPropertyOf, PROV.wasAssociatedWith),
    (RJ.about, RDFS.subPropertyOf, DCTERMS.subject),
    (RJ.cites, RDFS.subPropertyOf, DCTERMS.references),
    (RJ.anchor, RDFS.seeAlso, OA.hasSelector),
    (RJ.asserted, RDFS.seeAlso, FOAF.made),
    (RJ.contradicts, RDFS.seeAlso, MP.challenges),
    (RJ.represents, RDFS.seeAlso, PROV.actedOnBehalfOf),
    (RJ.expresses, RDFS.seeAlso, PROV.generated),
]
UNMATCHED: Final = rdflib.Literal("No term of a vocabulary known to us says this.", lang="en")

DERIVED_TRIPLES: Final = [
    (RJ.raisedConcern, PROV.Agent, RJ.Issue),
    (RJ.recommendedOn, PROV.Agent, RJ.Issue),
    (RJ.asserted, PROV.Agent, RJ.Claim),
    (RJ.contradicts, None, RJ.Claim),
]
"""The domain and the range of each; None where things of two classes do it, here evidence and claims."""


def _instances(kind: Node) -> set[Iri]:
    """Return our terms of one kind; those of other vocabularies are only declared, as OWL 2 DL requires."""
    return {node for node in ONTOLOGY.subjects(RDF.type, kind) if isinstance(node, Iri) and node in RJ}


CLASSES: Final = _instances(OWL.Class)
OBJECT_PROPERTIES: Final = _instances(OWL.ObjectProperty)
DATATYPE_PROPERTIES: Final = _instances(OWL.DatatypeProperty)
INDIVIDUALS: Final = _instances(OWL.NamedIndividual)
DEPRECATED: Final = {node for node in ONTOLOGY.subjects(OWL.deprecated, rdflib.Literal(True)) if isinstance(node, Iri)}
PROPERTIES: Final = OBJECT_PROPERTIES | DATATYPE_PROPERTIES
TERMS: Final = sorted(CLASSES | PROPERTIES | INDIVIDUALS)
ENUMERATIONS: Final = sorted(CLASSES & {kind for each in INDIVIDUALS for kind in ONTOLOGY.objects(each, RDF.type)})
NAMED_SHAPES: Final = sorted(node for node in SHAPES.subjects(RDF.type, SH.NodeShape) if isinstance(node, Iri))
KEYS: Final = {
    key: Iri(CONTEXT[prefix] + name)
    for key, term in CONTEXT.items()
    if isinstance(term, dict)
    for prefix, name in [term["@id"].split(":")]
}
KINDS_OF_KIND: Final = {RJ[f"{name}Kind"] for name in ("Evidence", "Provision", "Proceeding", "Organisation")}
KINDS: Final = {RJ[name]: set(each["properties"]) - {"type"} for name, each in SCHEMA.items() if "properties" in each}
OF_REPORT: Final = set(SCHEMA["Report"]["x-ofReport"])
KINDS[RJ.Dossier] = KINDS[RJ.Report] - OF_REPORT | {"report"}  # the reader writes this one
KINDS[RJ.Report] = OF_REPORT | {"label"}


@pytest.fixture(scope="module")
def data(built_once: Project) -> rdflib.Graph:
    """Give the example data with all derived statements, as one graph; without ontology, shapes and questions."""
    version = versions.require_newest(built_once.build)
    graph = rdflib.Graph()
    for entry in version.manifest.graphs:
        if entry.source:
            graph.parse(version.export_path / f"{namespaces.graph_path(built_once.base, entry.iri)}.ttl")
    return graph


def _local(term: Iri) -> str:
    return term.rpartition("#")[2]


def _exists(iri: str) -> bool:
    """Whether the vocabulary in whose namespace `iri` lies has it; ours included."""
    term = Iri(iri)
    return term in TERMS or term in OTHER_TERMS or any(term in vocabulary for vocabulary in VOCABULARIES)


def _above(graph: rdflib.Graph, node: Node, predicate: Iri) -> set[Node]:
    """Return what `node` leads to by one step or more; `node` itself only through a cycle."""
    found: set[Node] = set()
    todo = list(graph.objects(node, predicate))
    while todo:
        if (upper := todo.pop()) not in found:
            found.add(upper)
            todo += graph.objects(upper, predicate)
    return found


def _classes_of(name: Node) -> set[Node]:
    return {name, *_above(ONTOLOGY, name, RDFS.subClassOf)}


# The header


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize(
    "predicate",
    [
        DCTERMS.title, DCTERMS.description, DCTERMS.creator, DCTERMS.publisher, DCTERMS.license, DCTERMS.created,
        DCTERMS.issued, DCTERMS.modified, DCTERMS.bibliographicCitation, BIBO.status, OWL.versionIRI, OWL.versionInfo,
        VANN.preferredNamespacePrefix, VANN.preferredNamespaceUri,
    ],
    ids=lambda predicate: re.split("[#/]", predicate)[-1],
)  # fmt: skip
def test_the_header_says(name: str, predicate: Iri) -> None:
    graph, ontology = HEADERS[name]
    assert (ontology, RDF.type, OWL.Ontology) in graph
    assert graph.value(ontology, predicate, any=True)


@pytest.mark.parametrize("name", HEADERS)
def test_title_and_description_are_in_english(name: str) -> None:
    graph, ontology = HEADERS[name]
    for predicate in (DCTERMS.title, DCTERMS.description):
        assert "en" in _languages(graph.objects(ontology, predicate))


@pytest.mark.parametrize("name", HEADERS)
def test_licence_creator_and_publisher_are_iris(name: str) -> None:
    graph, ontology = HEADERS[name]
    for predicate in (DCTERMS.license, DCTERMS.creator, DCTERMS.publisher):
        assert all(isinstance(value, Iri) for value in graph.objects(ontology, predicate))


@pytest.mark.parametrize("name", HEADERS)
def test_the_version_iri_is_the_iri_and_the_version(name: str) -> None:
    graph, ontology = HEADERS[name]
    version = graph.value(ontology, OWL.versionInfo, any=False)
    assert re.fullmatch(r"\d+\.\d+\.\d+", str(version))
    assert graph.value(ontology, OWL.versionIRI, any=False) == Iri(f"{ontology}/{version}")


def test_ontology_and_shapes_have_one_version() -> None:
    numbers = {str(graph.value(iri, OWL.versionIRI)).removeprefix(f"{iri}/") for graph, iri in HEADERS.values()}
    assert len(numbers) == 1


@pytest.mark.parametrize("name", HEADERS)
def test_the_days_of_the_header_are_in_order(name: str) -> None:
    graph, ontology = HEADERS[name]
    days = [graph.value(ontology, each) for each in (DCTERMS.created, DCTERMS.issued, DCTERMS.modified)]
    written = [day for day in days if isinstance(day, rdflib.Literal)]
    assert all(day.datatype == XSD.date for day in written)
    assert written == sorted(written)


@pytest.mark.parametrize(("name", "prefix", "namespace"), [("ontology", "rj", RJ), ("shapes", "rjsh", RJSH)])
def test_the_preferred_prefix_is_the_one_that_everything_uses(name: str, prefix: str, namespace: str) -> None:
    graph, ontology = HEADERS[name]
    assert str(graph.value(ontology, VANN.preferredNamespacePrefix)) == prefix
    assert str(graph.value(ontology, VANN.preferredNamespaceUri)) == namespace == namespaces.PREFIXES[prefix]


def test_the_citation_names_the_version_and_the_iri() -> None:
    graph, ontology = HEADERS["ontology"]
    citation = str(graph.value(ontology, DCTERMS.bibliographicCitation))
    assert f"version {graph.value(ontology, OWL.versionInfo)} " in citation
    assert citation.endswith(ontology)


# Each term by itself


def _languages(values: Iterable[Node]) -> list[str]:
    return sorted(str(value.language) for value in values if isinstance(value, rdflib.Literal) and value.language)


def test_everything_in_the_ontology_is_a_class_a_property_or_an_individual() -> None:
    described = {node for node in ONTOLOGY.subjects() if isinstance(node, Iri) and node in RJ}
    assert described == set(TERMS)


def test_every_term_has_a_label_in_each_language_of_the_interface() -> None:
    def languages(term: Iri) -> tuple[list[str], set[str | None]]:
        labels = [label for label in ONTOLOGY.objects(term, RDFS.label) if isinstance(label, rdflib.Literal)]
        return _languages(labels), {label.language for label in labels if re.search("[А-Яа-яЁё]", label)}

    assert [term for term in TERMS if languages(term) != (["en", "fr", "ru"], {"ru"})] == []


def test_every_term_has_a_definition_an_example_and_says_who_defines_it() -> None:
    def is_told(term: Iri) -> bool:
        (definition,) = ONTOLOGY.objects(term, SKOS.definition)
        return (
            bool(re.fullmatch(r"[A-Z].*\.", str(definition)))
            and _languages([definition]) == ["en"]
            and bool(ONTOLOGY.value(term, SKOS.example))
            and set(ONTOLOGY.objects(term, RDFS.isDefinedBy)) == {Iri(namespaces.ONTOLOGY_GRAPH)}
        )

    assert [term for term in TERMS if not is_told(term)] == []


def test_the_example_of_a_section_property_is_in_the_data(data: rdflib.Graph) -> None:
    base = "https://example.org/reports/"
    places = {name: f"{base}report/{name}#" for name in ("kaz-upr-20", "a-hrc-28-10", "svn-stakeholders-2019")}
    places["report"] = base + "report/"

    def expanded(name: str) -> Iri:
        prefix, _, rest = name.partition(":")
        return Iri(name[1:-1] if name.startswith("<") else places.get(prefix, f"{base}{prefix}/") + rest)

    examples = [str(ONTOLOGY.value(each, SKOS.example)) for each in ONTOLOGY.subjects(RDFS.subPropertyOf, RJ.describes)]
    # Those of a nameless document show what no dossier of the example has.
    shown = [example.split() for example in examples if not example.startswith("<> ")]
    assert len(shown) > len(examples) * 3 / 4
    assert [each for each in shown if (expanded(each[0]), RJ[each[1][3:]], expanded(each[2])) not in data] == []


@pytest.mark.parametrize("enumeration", ENUMERATIONS, ids=_local)
def test_the_example_of_an_enumeration_names_one_of_its_individuals(enumeration: Iri) -> None:
    members = {f"rj:{_local(each)}" for each in INDIVIDUALS if (each, RDF.type, enumeration) in ONTOLOGY}
    assert members & set(re.findall(r"rj:\w+", str(ONTOLOGY.value(enumeration, SKOS.example))))


def test_a_term_is_of_one_kind() -> None:
    assert not OBJECT_PROPERTIES & DATATYPE_PROPERTIES
    assert not CLASSES & (PROPERTIES | INDIVIDUALS)
    assert not PROPERTIES & INDIVIDUALS


def test_classes_and_individuals_begin_with_a_capital_and_properties_do_not() -> None:
    assert all(_local(term)[0].isupper() for term in CLASSES | INDIVIDUALS)
    assert all(_local(term)[0].islower() for term in PROPERTIES)


def test_an_individual_is_of_one_enumeration() -> None:
    for individual in INDIVIDUALS:
        assert len(set(ONTOLOGY.objects(individual, RDF.type)) & CLASSES) == 1


def _without_successor(graph: rdflib.Graph) -> set[Node]:
    """Return the deprecated terms that name no term to use instead, or one that is deprecated itself."""
    deprecated = set(graph.subjects(OWL.deprecated, rdflib.Literal(True)))
    successors = {term: set(graph.objects(term, DCTERMS.isReplacedBy)) for term in deprecated}
    return {term for term in deprecated if not successors[term] or successors[term] & deprecated}


def test_a_deprecated_term_names_what_to_use_instead() -> None:
    assert _without_successor(ONTOLOGY) == set()
    # That the check finds what is wrong is tried on four that are made up.
    assert len(DEPRECATED) == 9, "three classes of 0.1.0, the three properties that led to them, and three more"
    made_up = rdflib.Graph()
    for name, successors in {"alone": [], "chained": ["replaced"], "replaced": ["new"]}.items():
        made_up.add((RJ[name], OWL.deprecated, rdflib.Literal(True)))
        for successor in successors:
            made_up.add((RJ[name], DCTERMS.isReplacedBy, RJ[successor]))
    assert _without_successor(made_up) == {RJ.alone, RJ.chained}


# The terms together, and the vocabularies they lean on


def test_terms_are_aligned_as_the_design_says() -> None:
    assert [alignment for alignment in ALIGNMENTS if alignment not in ONTOLOGY] == []


def _outside(term: Iri) -> set[Node]:
    """Return the terms of other vocabularies that `term` lies below or leads to."""
    above = _above(ONTOLOGY, term, RDFS.subClassOf) | _above(ONTOLOGY, term, RDFS.subPropertyOf)
    return {
        each for each in above | set(ONTOLOGY.objects(term, RDFS.seeAlso)) if isinstance(each, Iri) and each not in RJ
    }


def test_every_class_and_property_is_aligned_or_says_that_no_term_fits() -> None:
    says = {term for term in CLASSES | PROPERTIES if (term, SKOS.scopeNote, UNMATCHED) in ONTOLOGY}
    assert {term for term in CLASSES | PROPERTIES if not _outside(term)} - DEPRECATED == says - DEPRECATED


def test_for_few_terms_no_term_fits() -> None:
    assert len(set(ONTOLOGY.subjects(SKOS.scopeNote, UNMATCHED))) < len(CLASSES | PROPERTIES) / 4


def test_a_term_leads_to_other_vocabularies_and_never_by_skos() -> None:
    """SKOS S19, S39, S40: what a mapping of SKOS links becomes a concept, which a class or a property is not."""
    others = set(ONTOLOGY.objects(None, RDFS.seeAlso))
    assert {other for other in others if not isinstance(other, Iri) or other in RJ} == set()
    assert [
        name
        for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
        if (None, SKOS[name], None) in ONTOLOGY
    ] == []


def test_the_data_state_what_our_properties_say_in_the_terms_of_others(data: rdflib.Graph) -> None:
    """RDFS adds nothing in the properties of other vocabularies above ours (rdfs7)."""
    pairs = [
        (lower, upper)
        for lower in PROPERTIES
        for upper in _above(ONTOLOGY, lower, RDFS.subPropertyOf)
        if not str(upper).startswith(str(RJ))
    ]
    implied = {(one, upper, other) for lower, upper in pairs for one, other in data.subject_objects(lower)}
    assert len(implied) > 2000
    assert [triple for triple in implied if triple not in data] == []


@pytest.mark.parametrize(("term", "domain", "range_"), DERIVED_TRIPLES)
def test_a_derived_triple_joins_what_the_design_says(term: Iri, domain: Iri | None, range_: Iri) -> None:
    assert set(ONTOLOGY.objects(term, RDFS.domain)) == {domain} - {None}
    assert set(ONTOLOGY.objects(term, RDFS.range)) == {range_}


def test_only_a_verdict_is_a_claim_review() -> None:
    assert {name for name in CLASSES if SDO.ClaimReview in _classes_of(name)} == {RJ.Verdict}
    assert not list(ONTOLOGY.triples((None, None, SDO.reviewRating)))


def test_an_official_is_a_person_and_not_a_post() -> None:
    """ORG: a post is a position that exists whether or not somebody holds it (org:Post, org:holds)."""
    assert (RJ.Official, None, ORG.Post) not in ONTOLOGY


def test_no_class_is_both_activity_and_entity() -> None:
    """PROV-O: prov:Activity and prov:Entity are disjoint."""
    assert {name for name in CLASSES if {PROV.Activity, PROV.Entity} <= _classes_of(name)} == set()


def test_what_prov_attributes_to_somebody_is_an_entity() -> None:
    """PROV-O: the domain of prov:wasAttributedTo is prov:Entity."""
    attributed = {name for name, keys in KINDS.items() if "attributedTo" in keys}
    assert KEYS["attributedTo"] == PROV.wasAttributedTo
    assert {name for name in attributed if PROV.Entity not in _classes_of(name)} == set()


@pytest.mark.parametrize("relation", [RDFS.subClassOf, RDFS.subPropertyOf])
def test_nothing_is_above_itself(relation: Iri) -> None:
    assert [term for term in TERMS if term in _above(ONTOLOGY, term, relation)] == []


def test_domains_ranges_and_superclasses_are_classes_that_exist() -> None:
    for relation in (RDFS.domain, RDFS.range, RDFS.subClassOf):
        assert (None, relation, None) in ONTOLOGY
        for each in ONTOLOGY.objects(None, relation):
            assert isinstance(each, Iri)
            assert each in CLASSES or (each not in RJ and _exists(each))


def test_an_object_property_points_at_things_and_a_datatype_property_at_values() -> None:
    values = {RDF.langString, EDTF}
    for term in PROPERTIES:
        ranges = set(ONTOLOGY.objects(term, RDFS.range))
        literal = {each for each in ranges if each in values or str(each).startswith(str(XSD))}
        assert literal == (ranges if term in DATATYPE_PROPERTIES else set())


def test_a_subproperty_keeps_to_what_prov_says_of_the_property_above() -> None:
    """PROV-O: an activity was associated with agents. Nothing of ours generates: two may express one claim."""
    ends = {PROV.wasAssociatedWith: (PROV.Activity, PROV.Agent)}
    for above, (domain, range_) in ends.items():
        assert (None, RDFS.subPropertyOf, above) in ONTOLOGY
        for term in ONTOLOGY.subjects(RDFS.subPropertyOf, above):
            assert any(domain in _classes_of(each) for each in ONTOLOGY.objects(term, RDFS.domain))
            assert any(range_ in _classes_of(each) for each in ONTOLOGY.objects(term, RDFS.range))


@pytest.mark.parametrize("name", HEADERS)
def test_every_outside_term_is_in_its_vocabulary(name: str) -> None:
    graph, _ = HEADERS[name]
    nodes = {node for triple in graph for node in triple if isinstance(node, Iri)}
    datatypes = {each.datatype for each in graph.objects() if isinstance(each, rdflib.Literal) and each.datatype}
    documents = ("https://w3id.org/rejoinder/", "https://creativecommons.org/licenses/", "https://www.ohchr.org/")
    terms = {iri for iri in nodes | datatypes if iri in RJ or not any(map(iri.startswith, documents))}
    assert {iri for iri in terms if not _exists(iri)} == set()


# The files that use the names

TEXTS: Final = sorted(
    path
    for pattern in ("ontology/*.*", "ontology/*/*.rq", "queries/*.rq", "data/**/*.*", "src/rejoinder/**/*.py")
    for path in ROOT.glob(pattern)
)
_NAME: Final = re.compile(r"(?:\brj:|w3id\.org/rejoinder/ns#|\bRJ \+ \")([A-Za-z]\w*)")
_SHAPE: Final = re.compile(r"(?:\brjsh:|w3id\.org/rejoinder/shapes#|\bSHAPES \+ \")([A-Za-z]\w*)")


def test_every_name_of_ours_in_a_file_is_defined() -> None:
    names = {_local(term) for term in TERMS} | {"has"}  # with which the names of all section properties begin
    described = {*SHAPES.subjects(), *FAIR.subjects()}
    shapes = {_local(node) for node in described if isinstance(node, Iri) and node in RJSH}
    unknown = {}
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")
        if found := (set(_NAME.findall(text)) - names) | (set(_SHAPE.findall(text)) - shapes):
            unknown[path] = found
    assert unknown == {}


def test_the_data_use_only_terms_that_exist(data: rdflib.Graph) -> None:
    used = {*data.predicates(), *data.objects(None, RDF.type)}
    assert {term for term in used if not (isinstance(term, Iri) and _exists(term))} == set()


def test_every_class_and_property_is_used_by_a_file() -> None:
    """A name that no shape, key, rule, question or datum uses is only a burden."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in TEXTS if path.name != "rejoinder.ttl")
    idle = set(TERMS) - DEPRECATED - {RJ[name] for name in _NAME.findall(text)}
    assert idle - set(ENUMERATIONS) == set(), "an enumeration is used through its individuals"


def _iris_of_http_schema_org(graph: rdflib.Graph) -> list[Node]:
    nodes = (node for triple in graph for node in triple)
    return [node for node in nodes if isinstance(node, Iri) and node.startswith("http://schema.org/")]


def test_schema_org_is_https_everywhere() -> None:
    spelled = {path.name for path in TEXTS if "http://schema.org/" in path.read_text(encoding="utf-8")}
    # The shape that forbids it has to spell it, and so has the check.
    assert spelled == {"shapes.ttl", "schema-org-is-https.rq"}
    assert not _iris_of_http_schema_org(SHAPES)
    assert "<http://schema.org/" not in (FOLDER / "checks/schema-org-is-https.rq").read_text(encoding="utf-8")


def test_the_data_say_of_nothing_that_it_is_the_same_as_another(data: rdflib.Graph) -> None:
    assert (None, OWL.sameAs, None) not in data


def test_schema_org_is_https_in_the_data_as_built(data: rdflib.Graph) -> None:
    assert not _iris_of_http_schema_org(data)


def test_nothing_in_the_data_is_both_activity_and_entity(data: rdflib.Graph) -> None:
    entities = {*data.subjects(RDF.type, PROV.Entity), *data.subjects(PROV.wasAttributedTo)}
    assert not entities & set(data.subjects(RDF.type, PROV.Activity))


def test_the_data_keep_to_domains_and_ranges(data: rdflib.Graph) -> None:
    outside = {
        (term, domain, subject)
        for term in PROPERTIES
        for domain in ONTOLOGY.objects(term, RDFS.domain)
        for subject in data.subjects(term)
        if (subject, RDF.type, domain) not in data
    }
    assert outside == set()
    beyond = {
        (term, range_, value)
        for term in PROPERTIES
        for range_ in ONTOLOGY.objects(term, RDFS.range)
        for value in data.objects(None, term)
        if not _is_in(value, range_, data)
    }
    assert beyond == set()


def _is_in(value: Node, range_: Node, data: rdflib.Graph) -> bool:
    if isinstance(value, rdflib.Literal):
        # rdflib leaves the datatype of a plain text out (RDF 1.1 Turtle, 2.5.1).
        return range_ == (RDF.langString if value.language else value.datatype or XSD.string)
    return (value, RDF.type, range_) in data or (value, RDF.type, range_) in ONTOLOGY


# Context and JSON Schema


def test_every_key_of_the_context_stands_for_a_property_that_exists() -> None:
    assert {key: iri for key, iri in KEYS.items() if not _exists(iri) or iri in CLASSES | INDIVIDUALS} == {}


def test_every_prefix_of_the_context_is_the_one_that_the_program_uses() -> None:
    prefixes = {key: value for key, value in CONTEXT.items() if str(value).endswith(("#", "/"))}
    assert prefixes == {key: namespaces.PREFIXES[key] for key in prefixes}


def test_every_key_of_a_dossier_is_in_the_context() -> None:
    assert set().union(*KINDS.values()) - set(KEYS) == set()


def test_every_key_of_the_context_is_written_derived_or_published() -> None:
    """Written in dossiers; or derived; or there so that what else is published is readable as JSON-LD."""
    derived = {term for term in PROPERTIES if re.search("[Dd]erive", str(ONTOLOGY.value(term, SKOS.definition)))}
    published = derived | set(ONTOLOGY.predicates()) | set(SHAPES.predicates())
    idle = set(KEYS) - set().union(*KINDS.values())
    assert {key for key in idle if KEYS[key] not in published} == set()


def test_every_kind_of_thing_in_a_dossier_is_a_class() -> None:
    assert set(KINDS) - {RJ.Collection} - CLASSES == set()


def test_every_key_reads_values_as_the_range_says() -> None:
    def is_read(key: str) -> bool:
        term, definition = KEYS[key], CONTEXT[key]
        coercion = definition.get("@type", "")
        if term in OBJECT_PROPERTIES:
            return coercion in ("@id", "@vocab") or definition["@container"] == "@id"
        if ONTOLOGY.value(term, RDFS.range) == RDF.langString:
            return "@language" in (definition.get("@container"), *definition)
        prefix, _, name = coercion.partition(":") if coercion else ("xsd", "", "string")
        return ONTOLOGY.value(term, RDFS.range) == Iri(CONTEXT[prefix] + name)

    ours = [key for key, iri in KEYS.items() if iri in RJ]
    assert ours
    assert [key for key in ours if not is_read(key)] == []


@pytest.mark.parametrize("key", sorted(key for key, term in CONTEXT.items() if "@vocab" in str(term)))
def test_the_words_of_a_key_are_individuals_of_its_range(key: str) -> None:
    individuals = {RJ[value.removeprefix("rj:")] for value in CONTEXT[key]["@context"].values()}
    ranges = set(ONTOLOGY.objects(KEYS[key], RDFS.range)) or KINDS_OF_KIND
    assert individuals == {each for name in ranges for each in ONTOLOGY.subjects(RDF.type, name)}


def test_every_part_of_a_dossier_holds_things_of_the_range() -> None:
    parts = [key for key, term in CONTEXT.items() if "@container': '@id" in str(term) and key != "report"]
    assert parts
    for key in parts:
        kind = SCHEMA[key]["additionalProperties"]["$ref"].removeprefix("#/$defs/")
        assert set(ONTOLOGY.objects(KEYS[key], RDFS.range)) == {RJ[kind]}, key
        assert (KEYS[key], RDFS.subPropertyOf, RJ.describes) in ONTOLOGY, key


def test_a_thing_has_only_keys_whose_domain_it_is_in() -> None:
    outside = {
        (kind, key)
        for kind in set(KINDS) & CLASSES
        for key in KINDS[kind]
        if not set(ONTOLOGY.objects(KEYS[key], RDFS.domain)) <= _classes_of(kind)
    }
    assert outside == set()


@pytest.mark.parametrize("kind", sorted(set(KINDS) & CLASSES), ids=_local)
def test_a_dossier_can_write_what_the_shapes_require(kind: Iri) -> None:
    writable = {KEYS[key] for key in KINDS[kind]}
    writable |= {RDFS.label} if SKOS.prefLabel in writable else set()  # SKOS S11; the program derives it
    required = {
        path
        for shape in NAMED_SHAPES
        if _classes_of(kind) & set(SHAPES.objects(shape, SH.targetClass))
        for each in SHAPES.objects(shape, SH.property)
        if SHAPES.value(each, SH.minCount)
        for path in SHAPES.objects(each, SH.path)
        if isinstance(path, Iri)
    }
    assert required - writable == set()


# Shapes


def test_the_shapes_declare_the_prefixes_that_everything_uses() -> None:
    declared = {str(SHAPES.value(each, SH.prefix)): each for each in SHAPES.objects(None, SH.declare)}
    assert declared
    for prefix, each in declared.items():
        assert str(SHAPES.value(each, SH.namespace)) == namespaces.PREFIXES[prefix]


def test_every_shape_with_a_target_has_a_name_of_ours() -> None:
    targets = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)
    aimed = {node for target in targets for node in SHAPES.subjects(target)}
    assert aimed == set(NAMED_SHAPES) == set(SHAPES.subjects(RDF.type, SH.NodeShape))
    assert all(shape in RJSH for shape in NAMED_SHAPES)


def test_a_shape_aims_at_classes_and_properties_of_ours_that_exist() -> None:
    assert set(SHAPES.objects(None, SH.targetClass)) <= CLASSES | {SSSOM.Mapping}
    assert set(SHAPES.objects(None, SH["class"])) <= CLASSES | {PROV.Agent, SKOS.Concept}
    for relation in (SH.targetSubjectsOf, SH.targetObjectsOf):
        for each in SHAPES.objects(None, relation):
            assert isinstance(each, Iri)
            assert each in PROPERTIES or (each not in RJ and _exists(each))


def test_a_path_is_a_property_that_exists() -> None:
    inverse = set(SHAPES.objects(None, SH.inversePath))
    paths = (set(SHAPES.objects(None, SH.path)) | inverse) - set(SHAPES.subjects(SH.inversePath))
    assert paths
    for path in paths:
        assert isinstance(path, Iri)
        assert path in PROPERTIES or (path not in RJ and _exists(path))


def _property_shapes() -> Iterator[tuple[Iri, Node]]:
    """Every property of a shape of ours that has one property as its path, with that property."""
    for shape in SHAPES.objects(None, SH.property):
        path = SHAPES.value(shape, SH.path)
        if isinstance(path, Iri):
            yield path, shape


def test_a_shape_asks_for_no_other_class_or_datatype_than_the_range() -> None:
    assert any(_property_shapes())
    for path, shape in _property_shapes():
        for range_ in ONTOLOGY.objects(path, RDFS.range):
            assert all(range_ in _classes_of(each) for each in SHAPES.objects(shape, SH["class"]))
            assert set(SHAPES.objects(shape, SH.datatype)) <= {range_}


def test_the_values_to_choose_from_are_individuals_of_the_range() -> None:
    choices = [(path, each) for path, shape in _property_shapes() for each in SHAPES.objects(shape, SH["in"])]
    assert choices
    for path, choice in choices:
        kinds = {ONTOLOGY.value(each, RDF.type, any=True) for each in Collection(SHAPES, choice)}
        assert set(Collection(SHAPES, choice)) <= INDIVIDUALS
        assert kinds <= {OWL.NamedIndividual, *ONTOLOGY.objects(path, RDFS.range)} or path == RJ.kind


def test_every_result_has_a_message() -> None:
    targets = {RDF.type, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.severity, SH.property}
    for shape in NAMED_SHAPES:
        assert set(SHAPES.predicates(shape)) <= targets or SHAPES.value(shape, SH.message)
        for each in SHAPES.objects(shape, SH.property):
            assert set(SHAPES.predicates(each)) == {SH.path} or SHAPES.value(each, SH.message)


def _messages() -> Iterator[rdflib.Literal]:
    yield from (message for message in SHAPES.objects(None, SH.message) if isinstance(message, rdflib.Literal))
    for path in sorted((FOLDER / "checks").glob("*.rq")):
        for text, language in re.findall(r'sh:resultMessage "(.*)"@?(\w*)', path.read_text(encoding="utf-8")):
            yield rdflib.Literal(text, lang=language or None)


def test_every_message_is_one_english_sentence() -> None:
    def is_sentence(message: rdflib.Literal) -> bool:
        return (
            message.language == "en"
            and bool(re.fullmatch(r"[A-Z`'].*[^.…]\.", message))
            and not re.search(r"[.!?…] +[A-Z`]", re.sub(r"e\.g\. ", "", message))
        )

    assert [message for message in _messages() if not is_sentence(message)] == []


def test_the_check_queries_have_messages_too() -> None:
    queries = list((FOLDER / "checks").glob("*.rq"))
    assert len(list(_messages())) == len(set(SHAPES.subjects(SH.message))) + len(queries)
