"""The keys that docs/dossier.md and the JSON Schema call needed are those without which a shape refuses the entry."""

from __future__ import annotations

import rdflib
import yaml
from rdflib.namespace import RDF, RDFS, SH

import make_dossier
from conftest import ROOT
from rejoinder.rdf.jsonld import read_context

RJ = rdflib.Namespace("https://w3id.org/rejoinder/ns#")
TABLE = yaml.load((ROOT / "ontology/dossier.yaml").read_bytes(), Loader=yaml.CSafeLoader)
SHAPES = rdflib.Graph().parse(ROOT / "ontology/shapes.ttl")
ONTOLOGY = rdflib.Graph().parse(ROOT / "ontology/rejoinder.ttl")
CONTEXT = read_context(ROOT / "ontology/context.jsonld")
BY_SCHEMA = {"type", "lang"}
"""What the JSON Schema demands itself, because the reader cannot begin without it."""
BY_ANOTHER_SHAPE = {("Proceeding", "kind"), ("Concern", "about"), ("Issue", "prefLabel")}
"""Keys that a shape demands in another form: a kind unless it is a review, an issue unless it is a recommendation."""


def demanded(kind: str) -> set[str]:
    """Return the properties that the shapes for the kind, and for its superclasses, demand at least once.

    The keys of a report are those of two things: of the report, and of the dossier that describes it.
    """
    names = [RJ.Report, RJ.Dossier] if kind == "Report" else [RJ[kind]]
    classes = {above for name in names for above in ONTOLOGY.transitive_objects(name, RDFS.subClassOf)}
    shapes = {shape for each in classes for shape in SHAPES.subjects(SH.targetClass, each)}
    found = set()
    for shape in shapes:
        assert (shape, RDF.type, SH.NodeShape) in SHAPES
        for constraint in SHAPES.objects(shape, SH.property):
            least, path = SHAPES.value(constraint, SH.minCount), SHAPES.value(constraint, SH.path)
            if least is not None and int(str(least)) > 0 and isinstance(path, rdflib.URIRef):
                found.add(str(path))
    return found


def test_what_is_called_needed_is_what_the_shapes_demand() -> None:
    compared = 0
    for name, kind in TABLE["kinds"].items():
        own = {make_dossier._key(entry, TABLE["keys"].get(entry, {})) for entry in kind["keys"]}
        wanted = {key for iri in demanded(name) for key in CONTEXT.keys_of(iri) if key in own}
        needs = set(kind.get("needs", ())) - BY_SCHEMA
        special = {key for each, key in BY_ANOTHER_SHAPE if each == name}
        assert needs - special == wanted - special, name
        compared += len(needs)
    assert compared > 100


def test_every_needed_key_is_a_key_of_its_kind() -> None:
    for name, kind in TABLE["kinds"].items():
        keys = {make_dossier._key(entry, TABLE["keys"].get(entry, {})) for entry in kind["keys"]}
        assert set(kind.get("needs", ())) <= keys, name
