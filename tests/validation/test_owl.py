"""The ontology means what we mean: an OWL reasoner reads it with the vocabularies that it builds on, and the example.

HermiT, run by ROBOT, gets the ontology, PROV-O, ORG, SKOS, DCMI Terms, FOAF, what our terms use of schema.org, and a
sample of the example. The vocabularies come from npm (tests/owl/package.json). What follows is held against reviewed
lists: superclasses of our classes, and classes of individuals that neither a dossier nor a superclass gives them.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from conftest import ROOT, leave_out, maven_classpath
from rejoinder import formats, versions
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.namespaces import (
    DCTERMS,
    ONTOLOGY_GRAPH,
    PREFIXES,
    PROV,
    RDF_TYPE,
    RDFS,
    RJ,
    SCHEMA,
    SCHEMA_HTTP,
    SHAPES_GRAPH,
    SKOS,
)
from rejoinder.rdf import graphs, terms
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Triple

OWL: Final = PREFIXES["owl"]
XSD: Final = PREFIXES["xsd"]
VOCABULARIES: Final[Mapping[str, str]] = {
    "prov": PROV,
    "org": PREFIXES["org"],
    "skos": SKOS,
    "dcterms": DCTERMS,
    "foaf": PREFIXES["foaf"],
    "schema": SCHEMA,
}
"""The vocabularies by the names of their packages, with their namespaces."""

KNOWN_TYPES: Final = frozenset(XSD + name for name in ("string", "integer", "decimal", "boolean", "dateTime", "anyURI"))
"""The datatypes in our data that OWL 2 has; it lacks xsd:date and EDTF."""

NOT_OWL: Final = frozenset({"https://schema.org/priceSpecification", "https://schema.org/timestamp"})
"""Properties that schema.org declares equivalent to a class and to a property as classes, which no reasoner reads."""

_PERSON: Final = "dcterms:Agent foaf:Agent foaf:Person prov:Agent schema:Person schema:Thing"
_ORGANISATION: Final = (
    "dcterms:Agent foaf:Agent foaf:Organization org:Organization prov:Agent schema:Organization schema:Thing"
)
_CLAIM: Final = "prov:Entity schema:Claim schema:CreativeWork schema:Thing"
_EVENT: Final = "schema:Event schema:Thing"

SUPERCLASSES: Final[Mapping[str, str]] = {
    "Admission": _CLAIM,
    "AffectedPerson": _PERSON,
    "Assessment": "prov:Entity",
    "Claim": _CLAIM,
    "Contact": "schema:ContactPoint schema:Intangible schema:StructuredValue schema:Thing",
    "Delegation": _ORGANISATION,
    "Dossier": "foaf:Document prov:Entity",
    "Event": _EVENT,
    "Evidence": "prov:Entity",
    "Exhortation": "prov:Entity",  # no claim
    "Group": "prov:Agent",
    "Incident": _EVENT,
    "Issue": "skos:Concept",
    "Official": _PERSON,
    "Organisation": _ORGANISATION,
    "Passage": "oa:TextPositionSelector",
    "Person": _PERSON,
    "Proceeding": _EVENT,
    "Promise": _CLAIM,
    "Provision": "schema:CreativeWork schema:Legislation schema:Thing",
    "Record": "prov:Entity",
    "RefusedVisit": _EVENT,
    "Relation": "prov:Entity",
    "Report": "prov:Entity schema:Article schema:CreativeWork schema:Report schema:Thing",
    "Review": _EVENT,
    "Source": "schema:CreativeWork schema:Thing",
    "State": "prov:Agent schema:AdministrativeArea schema:Country schema:Place schema:Thing",
    "Statement": "prov:Activity",
    # To schema.org, an observation is a value with its unit.
    "Statistic": "schema:Intangible schema:Observation schema:QuantitativeValue schema:StructuredValue schema:Thing",
    "Verdict": "prov:Entity schema:ClaimReview schema:CreativeWork schema:Review schema:Thing",
}
"""The reviewed superclasses of each class of ours in other vocabularies; those of FOAF and ORG are also there."""

MORE_TYPES: Final[Mapping[str, str]] = {
    # To ORG, what has members is a foaf:Group: org:hasMember equals foaf:member.
    "rj:Organisation": "foaf:Group",
    "rj:Group": "dcterms:Agent foaf:Agent",
    # What has a topic is a document, as collections are; only that of the issues has a class, as a concept scheme.
    "skos:ConceptScheme": "foaf:Document",
    # SKOS gives the class Concept to all that its mappings link (S19, S39), also to the targets of the SDGs.
    "": "foaf:Document skos:Concept",
}
"""The reviewed classes that individuals get from properties alone, by their own classes."""


@dataclass(frozen=True)
class Inferred:
    """What the reasoner concluded: superclasses by class, classes by individual, and the pairs of equal classes."""

    superclasses: Mapping[str, AbstractSet[str]]
    types: Mapping[str, AbstractSet[str]]
    equal: AbstractSet[frozenset[str]]


Reason = Callable[[Iterable[Triple], Path], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def vocabularies() -> tuple[Triple, ...]:
    """Give what each vocabulary says of its own terms, in OWL; npm brings them once for all tests."""
    if not shutil.which("npm"):
        leave_out("owl", "npm is missing: the vocabularies of the reasoner's test cannot be fetched")
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"rejoinder-owl-{os.getuid()}"  # noqa: S108  # a cache
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copyfile(ROOT / "tests" / "owl" / name, folder / name)
        fetched = subprocess.run(["npm", "ci", "--silent"], cwd=folder, capture_output=True, text=True, check=False)
        if fetched.returncode:
            leave_out("owl", f"npm could not fetch the vocabularies: {fetched.stderr[-300:]}")
        found = {name: _vocabulary(folder, name, space) for name, space in VOCABULARIES.items()}
    return tuple(triple for triples in found.values() for triple in triples)


def _vocabulary(folder: Path, name: str, space: str) -> tuple[Triple, ...]:
    """Return the statements of a vocabulary about its own terms, and about the blank nodes in them.

    The package of PROV-O also has PROV's links to other vocabularies, which PROV-O does not state.
    """
    text = (folder / "node_modules" / "@vocabulary" / name / f"{name}.nq").read_text(encoding="utf-8")
    quads = terms.parse(text.replace(f"<{SCHEMA_HTTP}", f"<{SCHEMA}").replace("_:", f"_:{name}"), formats.NQUADS)
    about: defaultdict[object, list[Triple]] = defaultdict(list)
    for quad in quads:
        about[quad.subject].append(quad.triple)
    own = [node for node in about if isinstance(node, NamedNode) and node.value.startswith(space)]
    kept: list[Triple] = []
    todo: list[object] = list(own)
    seen = set(todo)
    while todo:
        for triple in about[todo.pop()]:
            kept.append(triple)
            if isinstance(triple.object, BlankNode) and triple.object not in seen:
                seen.add(triple.object)
                todo.append(triple.object)
    return tuple(kept)


@pytest.fixture(scope="module")
def ontology() -> tuple[Triple, ...]:
    """Give what the ontology says of its own terms; it only declares those of others, whose vocabularies are here."""
    quads = terms.parse_file(package_file("ontology/rejoinder.ttl"), ONTOLOGY_GRAPH)
    return tuple(quad.triple for quad in quads if terms.text(quad.subject).startswith(ONTOLOGY_GRAPH))


@pytest.fixture(scope="module")
def example(stored_once: Project) -> tuple[Triple, ...]:
    """Give the statements of the example's dossiers and collections, derived ones included.

    Rows of mappings are left out: they are statements about statements, and those are there as well.
    """
    base = stored_once.base
    store = versions.require_newest(stored_once.build).open()
    of_program = frozenset((base + "meta/", base + "question/", ONTOLOGY_GRAPH, SHAPES_GRAPH))
    quads = [quad for quad in graphs.statements(store) if terms.text(quad.graph_name) not in of_program]
    rows = {q.subject for q in quads if q.predicate.value == RDF_TYPE and terms.text(q.object) == OWL + "Axiom"}
    return tuple(dict.fromkeys(quad.triple for quad in quads if quad.subject not in rows))


@pytest.fixture(scope="session")
def reason() -> Reason:
    """Return a function that reasons over statements and writes all conclusions to a file."""
    if not (shutil.which("mvn") and shutil.which("java")):
        leave_out("owl", "Java and Maven are missing: no reasoner reads the ontology")
    classpath = maven_classpath("owl")

    def start(triples: Iterable[Triple], output: Path) -> subprocess.CompletedProcess[str]:
        given = output.with_suffix(".ttl")
        given.write_bytes(terms.serialize(list(dict.fromkeys(triples)), formats.TURTLE))
        command = ["java", "-Xmx2g", "-cp", classpath, "org.obolibrary.robot.CommandLineInterface", "reason"]
        command += ["--input", str(given), "--reasoner", "hermit", "--include-indirect", "true"]
        command += ["--axiom-generators", "SubClass EquivalentClass ClassAssertion", "--output", str(output)]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)

    return start


@pytest.fixture(scope="module")
def sample(example: Sequence[Triple]) -> tuple[Triple, ...]:
    return tuple(_sample(example))


@pytest.fixture(scope="module")
def inferred(
    vocabularies: Sequence[Triple],
    ontology: Sequence[Triple],
    sample: Sequence[Triple],
    reason: Reason,
    tmp_path_factory: pytest.TempPathFactory,
) -> Inferred:
    """Give the conclusions from everything together; the reasoner fails if there is a contradiction in it."""
    output = tmp_path_factory.mktemp("owl") / "inferred.ofn"
    answer = reason(_as_owl(vocabularies, (*ontology, *sample)), output)
    assert answer.returncode == 0, answer.stdout[-2000:]
    return _read(output)


def _sample(data: Sequence[Triple]) -> Iterator[Triple]:
    """Yield one statement for each property and the classes of its two ends, with these classes.

    Reasoning over all individuals takes minutes. The classes of an individual follow from the properties that it has.
    """
    kinds: defaultdict[object, set[str]] = defaultdict(set)
    for triple in data:
        if triple.predicate.value == RDF_TYPE:
            kinds[triple.subject].add(terms.text(triple.object))
    first: dict[tuple[object, ...], Triple] = {}
    for triple in sorted(data, key=str):
        if triple.predicate.value != RDF_TYPE:
            end = triple.object.datatype if isinstance(triple.object, Literal) else frozenset(kinds[triple.object])
            first.setdefault((frozenset(kinds[triple.subject]), triple.predicate, end), triple)
    yield from first.values()
    for node in dict.fromkeys(node for triple in first.values() for node in (triple.subject, triple.object)):
        for name in sorted(kinds[node]):
            yield Triple(node, NamedNode(RDF_TYPE), NamedNode(name))  # type: ignore[arg-type]  # a literal has none


def _as_owl(vocabularies: Sequence[Triple], ours: Sequence[Triple]) -> Iterator[Triple]:
    """Yield the statements in the form that OWL 2 DL has: every property has a kind, and datatypes are OWL's.

    schema.org is cut down to the terms that ours mention, with all above them. Imports are left out: all is here.
    """
    module = _module([triple for triple in vocabularies if _is_schema(triple.subject)], (*vocabularies, *ours))
    others = (triple for triple in vocabularies if not _is_schema(triple.subject))
    every = [*others, *module, *ours]
    yield from _kinds(every)
    for triple in every:
        if triple.predicate.value != OWL + "imports":
            yield Triple(triple.subject, triple.predicate, _plain(triple.object))


def _is_schema(node: object) -> bool:
    return isinstance(node, NamedNode) and node.value.startswith(SCHEMA)


def _plain(value: terms.Term) -> terms.Term:
    """Return a literal of a datatype that OWL 2 lacks as a text; a reasoner would refuse the whole."""
    if isinstance(value, Literal) and not value.language and value.datatype.value not in KNOWN_TYPES:
        return Literal(value.value)
    return value


def _module(schema: Iterable[Triple], mentioning: Iterable[Triple]) -> Iterator[Triple]:
    wanted = {OWL + name for name in ("equivalentClass", "inverseOf")} | {RDF_TYPE}
    wanted |= {RDFS + name for name in ("subClassOf", "subPropertyOf")}
    above: defaultdict[object, list[Triple]] = defaultdict(list)
    for triple in schema:
        said = triple.predicate.value in wanted and terms.text(triple.subject) not in NOT_OWL
        # Links to vocabularies beyond these would only add classes that nobody here uses.
        if said and terms.text(triple.object).startswith((SCHEMA, RDFS, PREFIXES["rdf"], *VOCABULARIES.values())):
            above[triple.subject].append(triple)
    outside = (triple for triple in mentioning if not _is_schema(triple.subject))
    todo = [node for t in outside for node in (t.predicate, t.object) if _is_schema(node)]
    seen = set(todo)
    while todo:
        for triple in above[todo.pop()]:
            yield triple
            if _is_schema(triple.object) and triple.object not in seen:
                seen.add(triple.object)
                todo.append(triple.object)


def _kinds(triples: Sequence[Triple]) -> Iterator[Triple]:
    """Yield the kind of each property that is used or declared without one: for values, or for nodes."""
    declared, properties, values, ranges = set(), set(), set(), {}
    for triple in triples:
        if triple.predicate.value == RDF_TYPE:
            kind = terms.text(triple.object)
            if kind.startswith(OWL) and kind.endswith("Property"):
                declared.add(triple.subject)
            elif kind == PREFIXES["rdf"] + "Property":
                properties.add(triple.subject)
        elif triple.predicate.value == RDFS + "range":
            ranges[triple.subject] = terms.text(triple.object)
        if isinstance(triple.object, Literal):
            values.add(triple.predicate)
        if not triple.predicate.value.startswith((OWL, RDFS, PREFIXES["rdf"])):
            properties.add(triple.predicate)
    for node in sorted(properties - declared, key=str):
        of_values = ranges.get(node, "").startswith(XSD) or ranges.get(node) == RDFS + "Literal" or node in values
        kind = "DatatypeProperty" if of_values else "ObjectProperty"
        yield Triple(node, NamedNode(RDF_TYPE), NamedNode(OWL + kind))


def _read(path: Path) -> Inferred:
    """Return what a file in OWL's functional syntax says of classes and individuals."""
    prefixes: dict[str, str] = {}
    above: defaultdict[str, set[str]] = defaultdict(set)
    types: defaultdict[str, set[str]] = defaultdict(set)
    equal = set()

    def whole(name: str) -> str:
        prefix, _, local = name.partition(":")
        return name[1:-1] if name.startswith("<") else prefixes[prefix] + local

    for line in path.read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"Prefix\((\w*):=<(.*)>\)", line):
            prefixes[found[1]] = found[2]
        elif found := re.fullmatch(r"(SubClassOf|EquivalentClasses|ClassAssertion)\(([^\s()]+) ([^\s()]+)\)", line):
            first, second = whole(found[2]), whole(found[3])
            if found[1] == "ClassAssertion":
                types[second].add(first)
            else:
                above[first].add(second)
                if found[1] == "EquivalentClasses":
                    above[second].add(first)
                    equal.add(frozenset({first, second}))
    return Inferred({name: _closure(name, above) for name in above}, types, equal)


def _closure(name: str, above: Mapping[str, AbstractSet[str]]) -> frozenset[str]:
    found: set[str] = set()
    todo = [name]
    while todo:
        for upper in above.get(todo.pop(), ()):
            if upper not in found:
                found.add(upper)
                todo.append(upper)
    return frozenset(found - {name})


def _short(names: Iterable[str]) -> str:
    """Return the names of classes as prefixed names in order; those of OWL, which all have, are left out."""
    spaces = {**VOCABULARIES, "rj": RJ, "oa": PREFIXES["oa"]}
    found = []
    for name in names:
        prefix = next((prefix for prefix, space in spaces.items() if name.startswith(space)), None)
        if prefix:
            found.append(f"{prefix}:{name.removeprefix(spaces[prefix])}")
    return " ".join(sorted(found))


@pytest.mark.slow
def test_everything_together_is_consistent_and_our_classes_are_below_those_that_we_mean(inferred: Inferred) -> None:
    ours = {name: inferred.superclasses[name] for name in inferred.superclasses if name.startswith(RJ)}
    found = {
        name.removeprefix(RJ): _short(upper for upper in above if not upper.startswith(RJ))
        for name, above in ours.items()
    }
    assert {name: above for name, above in found.items() if above} == SUPERCLASSES


@pytest.mark.slow
def test_no_class_of_ours_equals_another_and_none_of_theirs_is_below_one(inferred: Inferred) -> None:
    assert not {pair for pair in inferred.equal if any(name.startswith(RJ) for name in pair)}
    theirs = {name for name in inferred.superclasses if not name.startswith(RJ)}
    assert not {name for name in theirs if any(upper.startswith(RJ) for upper in inferred.superclasses[name])}


@pytest.mark.slow
def test_individuals_are_of_no_class_that_we_do_not_mean(inferred: Inferred, sample: Sequence[Triple]) -> None:
    given: defaultdict[str, set[str]] = defaultdict(set)
    for triple in sample:
        if triple.predicate.value == RDF_TYPE:
            given[terms.text(triple.subject)].add(terms.text(triple.object))
    assert len(given) > 100
    found: defaultdict[str, set[str]] = defaultdict(set)
    nodes = {terms.text(node) for triple in sample for node in (triple.subject, triple.object)}
    for node, kinds in inferred.types.items():
        if node in nodes and not node.startswith(RJ):
            expected = given[node].union(*(inferred.superclasses.get(kind, ()) for kind in given[node]))
            own = _short(kind for kind in given[node] if kind.startswith(RJ))
            found[own or _short(given[node])] |= kinds - expected
    assert {own: _short(kinds) for own, kinds in found.items() if _short(kinds)} == MORE_TYPES


@pytest.mark.slow
def test_no_two_individuals_are_inferred_to_be_one(
    vocabularies: Sequence[Triple], ontology: Sequence[Triple], example: Sequence[Triple]
) -> None:
    """A functional property with two values makes these one; an inverse functional one makes its subjects one."""
    rules = (*vocabularies, *ontology)
    below: defaultdict[str, set[str]] = defaultdict(set)
    for triple in rules:
        if triple.predicate.value == RDFS + "subPropertyOf":
            below[terms.text(triple.subject)].add(terms.text(triple.object))
    functional, inverse = (
        {terms.text(t.subject) for t in rules if t.predicate.value == RDF_TYPE and terms.text(t.object) == OWL + kind}
        for kind in ("FunctionalProperty", "InverseFunctionalProperty")
    )
    assert functional
    assert inverse
    values: defaultdict[tuple[object, str], set[object]] = defaultdict(set)
    subjects: defaultdict[tuple[object, str], set[object]] = defaultdict(set)
    for triple in example:
        for name in {triple.predicate.value} | _closure(triple.predicate.value, below):
            if name in functional:
                values[triple.subject, name].add(triple.object)
            if name in inverse:
                subjects[triple.object, name].add(triple.subject)
    assert not {key: found for key, found in values.items() if len(found) > 1}
    assert not {key: found for key, found in subjects.items() if len(found) > 1}
    assert all(triple.predicate.value != OWL + "sameAs" for triple in (*ontology, *example))


@pytest.mark.slow
def test_a_contradiction_would_be_found(
    vocabularies: Sequence[Triple], ontology: Sequence[Triple], reason: Reason, tmp_path: Path
) -> None:
    # PROV-O: what happens is no thing. A statement is an activity.
    wrong = Triple(NamedNode(RJ + "Statement"), NamedNode(RDFS + "subClassOf"), NamedNode(PROV + "Entity"))
    answer = reason(_as_owl(vocabularies, (*ontology, wrong)), tmp_path / "inferred.ofn")
    assert answer.returncode
    assert f"unsatisfiable: {RJ}Statement" in answer.stdout
