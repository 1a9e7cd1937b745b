"""What comes out: the same graph in every syntax for every reader, the same bytes every time, pleasant to read."""

from __future__ import annotations

import difflib
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import rdflib
from rdflib.compare import isomorphic

import rejoinder
from conftest import Run, mostly_slow
from rejoinder import formats, namespaces, versions
from rejoinder.config import Project, new_project, open_project
from rejoinder.disk import package_file
from rejoinder.formats import Syntax
from rejoinder.rdf import serialize, terms
from rejoinder.rdf.jsonld import read_context
from rejoinder.rdf.terms import Quad

RDFLIB_NAMES = {"ntriples": "nt", "jsonld": "json-ld", "rdfxml": "xml"}
REPORT = "report/kaz-upr-20"
BY_NAME = pytest.mark.parametrize("syntax", formats.RDF_SYNTAXES, ids=lambda syntax: syntax.name)
MOSTLY_SLOW = pytest.mark.parametrize(
    "syntax", mostly_slow(formats.RDF_SYNTAXES, {formats.TRIG}), ids=lambda syntax: syntax.name
)


@pytest.fixture(scope="module")
def stored(built_once: Project) -> tuple[Quad, ...]:
    """Give what the store holds, as the writers never saw it."""
    return tuple(terms.parse((built_once.build / "current/export/dataset.nq").read_bytes(), formats.NQUADS))


def _lines(quads: tuple[Quad, ...]) -> set[str]:
    """Return the statements as lines, whatever graph they are in: JSON-LD of one graph is no dataset."""
    return {str(quad.triple) for quad in quads}


def test_the_model_has_no_blank_nodes_so_that_equal_lines_are_isomorphic_graphs(stored: tuple[Quad, ...]) -> None:
    data = [quad for quad in stored if "/ns>" not in str(quad.graph_name) and "/shapes>" not in str(quad.graph_name)]
    assert not [q for q in data if isinstance(q.subject, terms.BlankNode) or isinstance(q.object, terms.BlankNode)]


@BY_NAME
def test_a_report_parses_back_in_pyoxigraph(built_once: Project, stored: tuple[Quad, ...], syntax: Syntax) -> None:
    read = tuple(terms.parse(rejoinder.export(built_once, syntax, REPORT), syntax))
    assert _lines(read) == _lines(_report(built_once, stored))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib's own parsers use what it deprecates
@MOSTLY_SLOW
def test_a_report_parses_back_in_rdflib(built_once: Project, stored: tuple[Quad, ...], syntax: Syntax) -> None:
    read = rdflib.Dataset(default_union=True)
    read.parse(data=rejoinder.export(built_once, syntax, REPORT), format=RDFLIB_NAMES.get(syntax.name, syntax.name))
    triples = "".join(f"{quad.triple} .\n" for quad in _report(built_once, stored))
    expected = rdflib.Graph().parse(data=triples, format="nt")
    assert isomorphic(_union(read), expected)


@MOSTLY_SLOW
def test_everything_parses_back_in_pyoxigraph(built_once: Project, stored: tuple[Quad, ...], syntax: Syntax) -> None:
    read = terms.parse(rejoinder.export(built_once, syntax), syntax)
    if syntax.quads:
        assert _by_graph(tuple(read)) == _by_graph(stored)
    else:
        assert terms.content_digest(read) == terms.content_digest(
            Quad(q.subject, q.predicate, q.object) for q in stored
        )


@BY_NAME
def test_everything_parses_back_in_jena(
    built_once: Project, tmp_path: Path, jena: Callable[[Path], set[str]], syntax: Syntax
) -> None:
    path = tmp_path / f"all{syntax.suffix}"
    path.write_bytes(rejoinder.export(built_once, syntax))
    read = tuple(terms.parse("\n".join(jena(path)), formats.NQUADS))
    expected = tuple(terms.parse(path.read_bytes(), syntax))
    assert _by_graph(read) == _by_graph(expected)


@pytest.mark.slow
def test_the_bytes_are_the_same_every_time(built_once: Project, tmp_path: Path) -> None:
    """Python orders its sets by chance, and anew in each process."""
    code = (
        "import pathlib, sys, rejoinder\n"
        "from rejoinder import formats\n"
        "for syntax in formats.RDF_SYNTAXES:\n"
        "    file = pathlib.Path(sys.argv[1], syntax.name)\n"
        "    file.write_bytes(rejoinder.export(rejoinder.open_project(), syntax))\n"
    )
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        command = [sys.executable, "-c", code, str(tmp_path / seed)]
        subprocess.run(command, cwd=built_once.root, env=os.environ | {"PYTHONHASHSEED": seed}, check=True)
    for syntax in formats.RDF_SYNTAXES:
        first, second = ((tmp_path / seed / syntax.name).read_bytes() for seed in ("1", "2"))
        assert first == second, syntax.name
        assert first == rejoinder.export(built_once, syntax), syntax.name


@pytest.mark.slow
def test_two_builds_of_the_same_data_write_the_same_files_but_for_their_time(
    built_once: Project, tmp_path: Path
) -> None:
    other = open_project(new_project(tmp_path / "other", example=True))
    rejoinder.build(other)

    def written(project: Project) -> dict[Path, bytes]:
        version = versions.require_newest(project.build)
        folder, time = version.export_path, version.manifest.created.encode()
        content = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        # The record of parts has their checksums, and one part has the time.
        content.pop(Path("dataset.parts"))
        plain = {path: gzip.decompress(it) if path.suffix == ".gz" else it for path, it in content.items()}
        return {path: it.replace(time, b"") for path, it in plain.items()}

    one, two = written(built_once), written(other)
    assert sorted(one) == sorted(two)
    assert [path for path in one if one[path] != two[path]] == []


@BY_NAME
def test_a_store_may_name_blank_nodes_as_it_likes(built_once: Project, syntax: Syntax) -> None:
    context = read_context(package_file("ontology/context.jsonld"))
    graph, label = terms.NamedNode("https://example.org/g"), terms.NamedNode("https://example.org/p")
    named = [
        tuple(Quad(terms.BlankNode(name), label, terms.Literal(str(at)), graph) for at, name in enumerate(found))
        for found in (("a", "b"), ("b", "a"))
    ]
    one, other = (serialize.write(quads, syntax, built_once.base, context) for quads in named)
    assert one == other


def test_the_dumps_of_a_build_are_those_of_the_export(built_once: Project) -> None:
    for syntax in (formats.TRIG, formats.NQUADS):
        dump = built_once.build / f"current/export/dataset{syntax.suffix}"
        assert dump.read_bytes() == rejoinder.export(built_once, syntax)


def test_the_dumps_without_graphs_have_the_statements_of_all(built_once: Project, stored: tuple[Quad, ...]) -> None:
    folder = built_once.build / "current/export"
    turtle = terms.parse((folder / "dataset.ttl").read_bytes(), formats.TURTLE)
    lines = terms.parse(gzip.decompress((folder / "dataset.nt.gz").read_bytes()), formats.NTRIPLES)
    union = [Quad(quad.subject, quad.predicate, quad.object) for quad in stored]
    assert terms.content_digest(turtle) == terms.content_digest(lines) == terms.content_digest(union)


def test_turtle_is_grouped_and_prefixed(built_once: Project) -> None:
    text = rejoinder.export(built_once, formats.TURTLE, REPORT).decode()
    assert text.count("\nkaz-upr-20:claim-no-division a ") == 1
    body = [line for line in text.splitlines() if not line.startswith("@prefix")]
    assert not [line for line in body if built_once.base + REPORT + "#" in line]


def test_one_more_anchor_changes_the_lines_of_its_node_alone(built_once: Project, stored: tuple[Quad, ...]) -> None:
    """A writer that orders nodes by how often they are mentioned, as rdflib's does, moves others."""
    report = _report(built_once, stored)
    claim, passage = (terms.NamedNode(f"{built_once.base}{REPORT}#{name}") for name in ("claim-no-division", "p001"))
    anchor = Quad(claim, terms.NamedNode(f"{namespaces.RJ}anchor"), passage, report[0].graph_name)
    assert anchor not in report
    before, after = (serialize.turtle(quads, built_once.base).splitlines() for quads in (report, (*report, anchor)))
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    assert changed == [
        "-     rj:anchor kaz-upr-20:p025 ;",
        "+     rj:anchor kaz-upr-20:p001,",
        "+         kaz-upr-20:p025 ;",
    ]


def test_json_ld_reads_like_the_dossier_it_came_from(built_once: Project) -> None:
    document = json.loads(rejoinder.export(built_once, formats.JSONLD, REPORT))
    claim = document["claims"]["#claim-no-division"]
    assert claim["about"] == "non-traditional-religious-associations"
    assert claim["anchor"] == "#p025"
    assert document["passages"]["#p001"] | {"sha256": ""} == {
        "type": ["oa:TextPositionSelector", "rj:Passage"],
        "start": 1,
        "end": 26,
        "sha256": "",
    }
    assert claim["quote"] == {"en": "does not divide the community into traditional and non-traditional"}
    assert document["concerns"]["#concern-previous-recommendations"]["raisedBy"] == [
        "state/CZE", "state/FIN", "state/NLD", "state/NOR",
    ], "a State by its path, because agents are of several kinds"  # fmt: skip


def test_a_graph_goes_to_a_file_whole_or_not_at_all(built_once: Project, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report.ttl"
    assert run("export", target, "--graph", REPORT, cwd=built_once.root).returncode == 0
    assert target.read_bytes() == rejoinder.export(built_once, formats.TURTLE, REPORT)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["report.ttl"]


def _report(built_once: Project, stored: tuple[Quad, ...]) -> tuple[Quad, ...]:
    return tuple(quad for quad in stored if quad.graph_name == terms.NamedNode(built_once.base + REPORT))


def _union(dataset: rdflib.Dataset) -> rdflib.Graph:
    graph = rdflib.Graph()
    for triple in dataset.triples((None, None, None)):
        graph.add(triple)
    return graph


def _by_graph(quads: tuple[Quad, ...]) -> dict[str, str]:
    """Return the digest of each graph, the same for isomorphic graphs."""
    graphs = {str(quad.graph_name) for quad in quads}
    return {iri: terms.content_digest(q for q in quads if str(q.graph_name) == iri) for iri in graphs}
