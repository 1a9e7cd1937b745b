"""The files that hold everything, of the data set or of one of its versions, described alike.

Standard: DCAT 3, section 6.8 (Distribution).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejoinder import formats, names
from rejoinder.site.rows import Row, called
from rejoinder.store.rdf import Literal, NamedNode

_NUMBER: Final = NamedNode(names.XSD + "nonNegativeInteger")
_TITLES: Final = {
    "dataset.trig": ("All graphs as TriG", formats.TRIG.media_type, None),
    "dataset.nq.gz": ("All graphs as N-Quads, packed with gzip", formats.NQUADS.media_type, "application/gzip"),
}

DUMPS: Final = tuple(_TITLES)
"""The names of the files that hold everything."""


@dataclass(frozen=True)
class Dump:
    """All data in one file: its name, title, media type, that of its packing, and size in bytes if there is a file."""

    path: str
    title: str
    media_type: str
    packed: str | None
    size: int | None


def expected(folder: Path) -> tuple[Dump, ...]:
    """The files that hold everything; the size only of those that lie in the folder of exports."""
    sizes = {name: (folder / name).stat().st_size for name in DUMPS if (folder / name).is_file()}
    return tuple(Dump(name, *told, sizes.get(name)) for name, told in _TITLES.items())


def dumps(folder: Path) -> tuple[Dump, ...]:
    """The files in a folder of exports that hold everything."""
    return tuple(dump for dump in expected(folder) if dump.size is not None)


def described(dataset: str, dump: Dump, license_iri: str) -> Iterator[Row]:
    """A file as a distribution of the data set or version with the IRI `dataset`, below which it stands."""
    node = f"{dataset}#{dump.path}"
    yield dataset, "dcat:distribution", NamedNode(node)
    yield dataset, "void:dataDump", NamedNode(dataset + dump.path)
    yield node, "rdf:type", NamedNode(names.PREFIXES["dcat"] + "Distribution")
    yield from called(node, dump.title)
    yield node, "dcat:accessURL", NamedNode(dataset)
    yield node, "dcat:downloadURL", NamedNode(dataset + dump.path)
    yield node, "dcat:mediaType", NamedNode(names.MEDIA_TYPES + dump.media_type)
    yield node, "dcterms:license", NamedNode(license_iri)
    if dump.packed:
        yield node, "dcat:compressFormat", NamedNode(names.MEDIA_TYPES + dump.packed)
    if dump.size is not None:
        yield node, "dcat:byteSize", Literal(str(dump.size), datatype=_NUMBER)
