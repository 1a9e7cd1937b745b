"""Many small graphs as a version, without a build: what a push of a thousand dossiers has to carry.

Each graph is a report with a few claims, statements and pieces of evidence, some 60 statements; the same call makes
the same graphs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from rejoinder import formats, namespaces, versions
from rejoinder.config import open_project
from rejoinder.rdf import graphs, terms
from rejoinder.rdf.terms import Literal, NamedNode, Quad, Store, Term
from rejoinder.versions import GraphEntry, Manifest, Version

BASE: Final = "https://w3id.org/rejoinder/"
_CLAIMS: Final = 4
_CREATED: Final = "2026-11-25T00:00:00Z"


def make_project(folder: Path, number: int) -> Version:
    """Make a project in `folder` whose first version has so many graphs."""
    folder.mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "rejoinder.toml").write_text(f'base = "{BASE}"\ntitle = "Small graphs"\n', encoding="utf-8")
    return _publish(folder, {iri: tuple(_report(iri, "first")) for iri in map(_iri, range(number))})


def change_one(folder: Path, occasion: int) -> Version:
    """Make the next version, in which one of the graphs has another title; each occasion gives it another."""
    iri = _iri(0)
    return _publish(folder, {iri: tuple(_report(iri, f"occasion {occasion}"))})


def write_quads(version: Version, path: Path) -> None:
    """Write the version as one N-Quads file, for loaders and uploads."""
    with path.open("wb") as file:
        for quad in graphs.statements(version.open()):
            file.write(f"{quad} .\n".encode())


def _publish(folder: Path, changed: dict[str, tuple[Quad, ...]]) -> Version:
    build = open_project(folder).build
    with versions.locked(build):
        last = versions.newest(build)
        entries = {entry.iri: entry for entry in last.manifest.graphs} if last else {}
        entries |= {iri: _entry(iri, quads) for iri, quads in changed.items()}
        with versions.draft(build, last.open() if last else None) as draft:
            store = Store(str(draft / "store"))
            _put(store, changed, is_new=last is None)
            store.flush()
            number = versions.next_number(build)
            return versions.publish(build, draft, Manifest(number, _CREATED, "benchmark", tuple(entries.values())))


def _put(store: Store, changed: dict[str, tuple[Quad, ...]], *, is_new: bool) -> None:
    """Put the graphs into the store as a build would."""
    if is_new:
        lines = ((iri, terms.serialize(quads, formats.NQUADS)) for iri, quads in changed.items())
        graphs.load(store, graphs.batches(lines))
        store.optimize()
    else:
        graphs.replace(store, changed)


def _entry(iri: str, quads: tuple[Quad, ...]) -> GraphEntry:
    digest = terms.content_digest(quads)
    return GraphEntry(iri, "", digest, digest, len(quads), 0)


def _iri(number: int) -> str:
    return f"{BASE}report/small-{number:04d}"


def _report(iri: str, title: str) -> Iterator[Quad]:
    """Yield the statements of a report."""
    yield from _node(iri, iri, "Report", [("title", Literal(title, language="en"))])
    for number in range(_CLAIMS):
        claim, said, against = (f"{iri}#{kind}-{number}" for kind in ("claim", "statement", "contradiction"))
        evidence = f"{iri}#evidence-{number}"
        label = Literal(f"What was claimed at place {number} of {iri}", language="en")
        yield from _node(iri, claim, "Claim", [("label", label), ("anchor", NamedNode(f"{iri}#p{number:03d}"))])
        speaker = NamedNode(f"{BASE}person/speaker-{number}")
        yield from _node(iri, said, "Statement", [("speaker", speaker), ("expresses", NamedNode(claim))])
        yield from _node(iri, evidence, "Evidence", [("label", label), ("start", Literal(number * 100))])
        pairs = [
            ("claim", NamedNode(claim)),
            ("evidence", NamedNode(evidence)),
            ("basis", NamedNode(f"{namespaces.RJ}explicit")),
        ]
        yield from _node(iri, against, "Contradiction", pairs)


def _node(graph: str, iri: str, kind: str, pairs: Iterable[tuple[str, Term]]) -> Iterator[Quad]:
    node, place = NamedNode(iri), NamedNode(graph)
    yield Quad(node, NamedNode(namespaces.RDF_TYPE), NamedNode(namespaces.RJ + kind), place)
    yield from (Quad(node, NamedNode(namespaces.RJ + name), value, place) for name, value in pairs)
