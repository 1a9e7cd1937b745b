"""Serialise graphs canonically: reproducible byte for byte, and easy to read.

Turtle and TriG are grouped by subject with prefixes. JSON-LD is framed with the shipped context, so that it looks like
the dossier and a web developer can use it as plain JSON.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import accumulate, groupby
from typing import IO, BinaryIO, Final, TypeVar
from xml.parsers import expat

from rejoinder import formats, namespaces
from rejoinder.errors import UnwritableError
from rejoinder.formats import Syntax
from rejoinder.rdf import terms
from rejoinder.rdf.jsonld import Context, json_ld
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Quad, RdfSyntaxError, Term, Triple

MAX_DEPTH: Final = 32
"""The deepest nesting of blank nodes; deeper ones are written by label, because parsers limit the depth."""

_FIRST: Final = namespaces.RDF + "first"
_REST: Final = namespaces.RDF + "rest"
_NIL: Final = namespaces.RDF + "nil"

_BARE: Final = {
    namespaces.XSD + "integer": re.compile(r"0|-?[1-9][0-9]{0,17}"),
    namespaces.XSD + "decimal": re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{0,5}[1-9]"),
    namespaces.XSD + "boolean": re.compile(r"true|false"),
}
"""The lexical forms of literals that are written without quotation marks, by datatype.

Readers make a number of such a token and write it out anew, so only the form that they would write is left bare;
a double never is, since they differ there.
"""

_GZIP_LEVEL: Final = 6
"""Level 9 makes our N-Quads 3 % smaller and takes three times as long."""
_GZIP_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Without time and name, so that the same data give the same bytes. Standard: RFC 1952, section 2.3."""
_LAST_BLOCK: Final = b"\x03\0"
"""An empty block, marked as the last one. Standard: RFC 1951, section 3.2.3."""
_LARGE: Final = 1_000
"""The statements of a graph from which compressing it together with others makes it no smaller."""
_SMALL_GRAPHS: Final = 32
"""The number of small graphs that are compressed together, on average."""

_T = TypeVar("_T")

_LETTERS: Final = (
    "A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_LOCAL: Final = re.compile(
    rf"[{_LETTERS}_0-9](?:[{_LETTERS}_0-9.\-\xb7\u0300-\u036f\u203f\u2040]*"
    rf"[{_LETTERS}_0-9\-\xb7\u0300-\u036f\u203f\u2040])?"
)
"""Turtle's PN_LOCAL without escapes and colons."""

_LONG_ESCAPES: Final = {ord("\\"): r"\\", ord("\r"): r"\r"} | {
    code: f"\\u{code:04X}" for code in (*range(9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF)
}
"""Escapes for characters that a multi-line string cannot contain."""

_ENDING: Final = re.compile(r'"(?=""|\Z)')
"""Quotation marks that would end a multi-line string."""

NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that no XML document may hold, not even escaped. Standard: XML 1.0, section 2.2."""

_LABEL: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_INSTEAD: Final = "choose another format, such as Turtle"


def write(quads: Iterable[Quad], syntax: Syntax, base: str, context: Context) -> bytes:
    """Return the statements in `syntax`; a syntax without named graphs gets the union of the graphs.

    `base` is the IRI base of the project, `context` the JSON-LD context to write with.

    Raises:
        UnwritableError: RDF/XML cannot hold a statement; the graph is named.
    """
    # Equal graphs give equal bytes, so unchanged files need not be written and diffs stay short.
    ordered = _by_graphs(quads) if syntax.quads else terms.canonical(quads)
    if syntax is formats.TURTLE:
        return turtle(ordered, base).encode()
    if syntax is formats.TRIG:
        return trig(ordered, base).encode()
    if syntax is formats.JSONLD:
        return json_ld(ordered, context).encode()
    if syntax is formats.NQUADS:
        return terms.serialize(ordered, syntax)
    if syntax is formats.RDFXML:
        return _rdf_xml(ordered, base)
    return terms.serialize(terms.triples(ordered), syntax)


def _by_graphs(quads: Iterable[Quad]) -> tuple[Quad, ...]:
    """Return the quads graph by graph, each canonical, because stores rename blank nodes."""
    graphs = groupby(sorted(quads, key=_by_graph), key=lambda quad: quad.graph_name)
    return tuple(quad for _, members in graphs for quad in terms.canonical(members))


def _by_graph(quad: Quad) -> tuple[str, str]:
    return str(quad.graph_name), str(quad)


def turtle(quads: Sequence[Quad], base: str) -> str:
    """Return the statements of one graph as Turtle, or of several as one."""
    graphs = {terms.text(quad.graph_name) for quad in quads}
    document = graphs.pop() if len(graphs) == 1 else None
    return turtle_text(quads, namespaces.prefixes_for(base, document), document)


def trig(quads: Iterable[Quad], base: str) -> str:
    """Return the statements as TriG: one block for each named graph, in order."""
    graphs = groupby(sorted(quads, key=_by_graph), key=lambda quad: terms.text(quad.graph_name))
    return "".join(joined_turtle(((iri, turtle(tuple(members), base)) for iri, members in graphs), named=True))


def joined_turtle(documents: Iterable[tuple[str, str]], *, named: bool) -> Iterator[str]:
    r"""Yield graphs, each an IRI and its Turtle, as parts of one document; a prefix is declared once.

    It is TriG if the graphs are to be `named`, else Turtle with the statements of all of them.

    >>> document = "@prefix ex: <https://example.org/> .\n\nex:a a ex:B ."
    >>> print("".join(joined_turtle([("https://example.org/g", document)], named=True)))
    @prefix ex: <https://example.org/> .
    <BLANKLINE>
    <https://example.org/g> {
    ex:a a ex:B .
    }
    <BLANKLINE>
    """
    parts = joined_files(((iri, text.encode()) for iri, text in documents), named=named)
    return (bytes(part).decode() for part in parts)


def joined_files(documents: Iterable[tuple[str, bytes]], *, named: bool) -> Iterator[bytes | memoryview]:
    """Yield what `joined_turtle` does, as bytes of UTF-8; the graphs are copied, not read, which is much faster."""
    declared: dict[bytes, bytes] = {}
    for iri, text in documents:
        head, body = _split_prefixes(text)
        undeclared = [line for line in head if declared.get(line.split()[1]) != line]
        declared |= {line.split()[1]: line for line in undeclared}
        yield b"".join(line + b"\n" for line in (*undeclared, *([b""] if undeclared else [])))
        # Not indented, because that would change literals with several lines.
        yield (f"<{iri}> {{\n" if named else f"# {iri}\n").encode()
        yield body
        yield b"\n}\n" if named else b"\n\n"


def _split_prefixes(text: bytes) -> tuple[list[bytes], memoryview]:
    """Return the prefix lines of a Turtle document written here, and the rest."""
    head, start, end = [], 0, len(text)
    while text.startswith(b"@prefix ", start):
        after = text.find(b"\n", start) % (end + 1)  # the end, if no line follows
        head.append(text[start:after])
        start = after + 1
    while text.startswith(b"\n", start):
        start += 1
    while text.endswith(b"\n", start, end):
        end -= 1
    return head, memoryview(text)[start:end]


# A dump is put together of parts, each compressed for itself, so that parts of unchanged graphs can be copied. They are
# blocks of one gzip member, as pigz writes them: several members would be as valid, but the DecompressionStream of
# browsers, with which our pages read a dump, refuses them.


@dataclass(frozen=True)
class Part:
    """A part of a dump: its bytes as they are in the file; CRC-32 and size in bytes of its lines."""

    content: bytes
    checksum: int
    size: int


@dataclass
class PartsFile:
    r"""A file of lines that is written part by part, with gzip if `is_packed`; the next part begins `at` this place.

    >>> import gzip, io
    >>> file = PartsFile(io.BytesIO(), is_packed=True)
    >>> for lines in (b"one\n", b"two\n"):
    ...     file.add(file.part(lines))
    >>> file.end()
    >>> gzip.decompress(file.out.getvalue())
    b'one\ntwo\n'
    """

    out: IO[bytes]
    is_packed: bool
    at: int = 0
    checksum: int = 0
    size: int = 0

    def __post_init__(self) -> None:
        if self.is_packed:
            self.at = self.out.write(_GZIP_HEAD)

    def part(self, lines: bytes) -> Part:
        """Return the lines as a part of such a file; compressed, it needs nothing before it."""
        if not self.is_packed:
            return Part(lines, 0, 0)
        deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        content = deflate.compress(lines) + deflate.flush(zlib.Z_SYNC_FLUSH)
        return Part(content, zlib.crc32(lines), len(lines))

    def add(self, part: Part) -> None:
        """Write the next part."""
        self.at += self.out.write(part.content)
        self.checksum = _shifted(self.checksum, part.size) ^ part.checksum
        self.size += part.size

    def end(self) -> None:
        """Write the end of the file, which stays open."""
        if self.is_packed:
            self.out.write(_LAST_BLOCK + struct.pack("<II", self.checksum, self.size % (1 << 32)))


def _product(one: int, other: int) -> int:
    """Return the product of two polynomials over GF(2), modulo that of CRC-32; the highest bit is the lowest power."""
    product = 0
    while one:
        if one & 0x80000000:
            product ^= other
        one = one << 1 & 0xFFFFFFFF
        other = other >> 1 ^ (0xEDB88320 if other & 1 else 0)
    return product


_BYTES: Final = tuple(accumulate(range(48), lambda power, _: _product(power, power), initial=0x00800000))
"""What a CRC-32 is multiplied by for 1, 2, 4, 8 … bytes that come after."""


def _shifted(checksum: int, size: int) -> int:
    r"""Return what a CRC-32 adds to that of so many bytes after it. Method: `crc32_combine` of zlib.

    >>> _shifted(zlib.crc32(b"one"), 3) ^ zlib.crc32(b"two") == zlib.crc32(b"onetwo")
    True
    """
    return reduce(_product, (power for bit, power in enumerate(_BYTES) if size >> bit & 1), checksum)


def in_parts(graphs: Iterable[tuple[str, int, _T]]) -> Iterator[tuple[_T, ...]]:
    """Yield graphs, each an IRI, the number of its statements and anything, in the parts that they are packed in.

    Where a part ends depends only on its last graph, so that a graph that comes or grows leaves the other parts.
    """
    part: list[_T] = []
    for iri, statements, graph in graphs:
        if statements:
            part.append(graph)
            if statements >= _LARGE or hashlib.sha256(iri.encode()).digest()[0] % _SMALL_GRAPHS == 0:
                yield tuple(part)
                part = []
    if part:
        yield tuple(part)


def pack(lines: BinaryIO, syntax: Syntax, out: IO[bytes]) -> None:
    """Write lines of N-Quads, those of a graph together, as compressed N-Quads or N-Triples."""
    graphs = (
        (name.decode().strip("<>"), len(members), b"".join(members if syntax.quads else without_graphs(members)))
        for name, members in ((name, list(group)) for name, group in groupby(lines, key=_graph_of_line))
    )
    file = PartsFile(out, is_packed=True)
    for part in in_parts(graphs):
        file.add(file.part(b"".join(part)))
    file.end()


def _graph_of_line(line: bytes) -> bytes:
    return line.rsplit(b" ", 2)[1]


def without_graphs(lines: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield lines of N-Quads, as the engine writes them, as N-Triples.

    >>> list(without_graphs([b'<x:s> <x:p> "a b" <x:g> .\n']))
    [b'<x:s> <x:p> "a b" .\n']
    """
    return (line.rsplit(b" ", 2)[0] + b" .\n" for line in lines)


def with_graph(lines: bytes, graph: str) -> bytes:
    r"""Return lines of N-Triples, as the engine writes them, as N-Quads of the graph.

    >>> with_graph(b'<x:s> <x:p> "a .\\n" .\n', "x:g")
    b'<x:s> <x:p> "a .\\n" <x:g> .\n'
    """
    return lines.replace(b" .\n", b" <" + graph.encode() + b"> .\n")


# The layout of Turtle is ours: the engine's own writer nests no blank nodes, puts all objects on one line and declares
# prefixes in another order in each run; rdflib's shortens doubles. The engine still writes each term.


def turtle_text(triples: Iterable[Triple | Quad], prefixes: Mapping[str, str], document: str | None = None) -> str:
    """Return the triples as Turtle: one property a line, blank nodes nested, only the prefixes that are used.

    The subject `document` comes first, then subjects with a class, by class and IRI, then the rest.

    >>> a = NamedNode("https://example.org/a")
    >>> print(turtle_text([Triple(a, a, Literal(1))], {"ex": "https://example.org/"}).strip())
    @prefix ex: <https://example.org/> .
    <BLANKLINE>
    ex:a ex:a 1 .
    """
    subjects: dict[Term, dict[str, list[Term]]] = {}
    for triple in triples:
        subjects.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
    for properties in subjects.values():
        for iri, values in properties.items():
            if len(values) > 1:  # by text, because terms of the engine have no order
                properties[iri] = sorted(dict.fromkeys(values), key=str)
    prefix_of = {namespace: prefix for prefix, namespace in prefixes.items()}
    writer = _Writer(subjects, prefix_of, _nestable(subjects))
    body = "\n".join(writer.blocks(document))
    head = [f"@prefix {prefix}: <{prefixes[prefix]}> .\n" for prefix in sorted(writer.used)]
    return "".join([*head, "\n" if head else "", body])


def _nestable(subjects: Mapping[Term, Mapping[str, list[Term]]]) -> set[Term]:
    """Return the blank nodes that are mentioned only once, not inside a triple term, and so need no label."""
    mentions: dict[Term, int] = {subject: 0 for subject in subjects if isinstance(subject, BlankNode)}
    for term in (term for properties in subjects.values() for values in properties.values() for term in values):
        if isinstance(term, BlankNode):
            mentions[term] = mentions.get(term, 0) + 1
        elif isinstance(term, Triple):
            mentions |= dict.fromkeys(_blank_nodes_in(term), 2)  # a triple term cannot contain a nested node
    return {node for node, count in mentions.items() if count == 1}


def _blank_nodes_in(triple: Triple) -> Iterator[Term]:
    for term in (triple.subject, triple.object):
        if isinstance(term, Triple):
            yield from _blank_nodes_in(term)
        elif isinstance(term, BlankNode):
            yield term


@dataclass
class _Writer:
    """Writes the statements of each subject as Turtle, and records the prefixes and nested blank nodes used so far."""

    subjects: Mapping[Term, Mapping[str, list[Term]]]
    prefix_of: Mapping[str, str]
    nestable: set[Term]
    used: set[str] = field(default_factory=set)
    written: set[Term] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)

    def blocks(self, document: str | None) -> Iterator[str]:
        """Yield the statements of each subject, with nested blank nodes inside them."""
        ordered = sorted(self.subjects, key=lambda subject: self._place(subject, document))
        nested = [subject for subject in ordered if subject in self.nestable]
        for subject in (*(subject for subject in ordered if subject not in self.nestable), *nested):
            if subject not in self.written:  # a nested one is left over if it is too deep or in a cycle
                self.written.add(subject)
                yield f"{self._term(subject, MAX_DEPTH)} {self._properties(subject, 0)} .\n"

    def _place(self, subject: Term, document: str | None) -> tuple[bool, bool, tuple[str, ...], str]:
        classes = tuple(map(str, self.subjects[subject].get(namespaces.RDF_TYPE, ())))
        is_document = isinstance(subject, NamedNode) and subject.value == document
        return not is_document, not classes, classes, str(subject)

    def _properties(self, subject: Term, depth: int) -> str:
        """Return the properties of a subject, its classes first."""
        margin = "    " * (depth + 1)
        properties = self.subjects[subject]
        ordered = sorted(properties, key=lambda iri: (iri != namespaces.RDF_TYPE, iri))
        return f" ;\n{margin}".join(
            f"{'a' if iri == namespaces.RDF_TYPE else self._name(iri)} "
            + f",\n{margin}    ".join(self._term(term, depth) for term in properties[iri])
            for iri in ordered
        )

    def _term(self, term: Term, depth: int) -> str:
        if isinstance(term, NamedNode):
            return self._name(term.value)
        if isinstance(term, Literal):
            return self._literal(term)
        if isinstance(term, BlankNode) and depth < MAX_DEPTH and term in self.nestable and term not in self.written:
            return self._nested(term, depth)
        return str(term)

    def _nested(self, node: BlankNode, depth: int) -> str:
        members = self._members(node)
        if members is not None:
            return f"( {''.join(f'{self._term(member, depth + 1)} ' for member in members)})"
        self.written.add(node)
        if node not in self.subjects:
            return "[]"  # nothing is said of it
        return f"[ {self._properties(node, depth + 2)} ]"

    def _members(self, node: Term) -> list[Term] | None:
        """Return the members of the list that begins at `node`, marked as written; None if it is no plain list."""
        cells: dict[Term, Term] = {}
        while not (isinstance(node, NamedNode) and node.value == _NIL):
            cell = self.subjects.get(node, {})
            plain = node in self.nestable and node not in self.written and node not in cells
            if not plain or {key: len(values) for key, values in cell.items()} != {_FIRST: 1, _REST: 1}:
                return None
            cells[node], node = cell[_FIRST][0], cell[_REST][0]
        self.written |= cells.keys()
        return list(cells.values())

    def _literal(self, literal: Literal) -> str:
        text, datatype = literal.value, literal.datatype.value
        plain = _BARE.get(datatype)
        if plain and plain.fullmatch(text):
            return text
        # A query in the shapes is read by people: a text with line breaks keeps them.
        quoted = f'"""{_long(text)}"""' if "\n" in text else str(Literal(text))
        if literal.language:
            direction = f"--{literal.direction.value}" if literal.direction else ""
            return f"{quoted}@{literal.language}{direction}"
        return quoted if datatype == namespaces.XSD + "string" else f"{quoted}^^{self._name(datatype)}"

    def _name(self, iri: str) -> str:
        """Return the IRI as a prefixed name where a prefix fits, else in angle brackets."""
        if iri not in self.names:
            self.names[iri] = self._new_name(iri)
        return self.names[iri]

    def _new_name(self, iri: str) -> str:
        # Only a namespace that ends where the last segment begins, so that the local name needs no escape.
        at = max(iri.rfind("#"), iri.rfind("/")) + 1
        prefix = self.prefix_of.get(iri[:at])
        if prefix is None or not _LOCAL.fullmatch(iri, at):
            return str(NamedNode(iri))
        self.used.add(prefix)
        return f"{prefix}:{iri[at:]}"


def _long(text: str) -> str:
    r"""Return the text as it stands between three quotation marks.

    >>> print(_long('a "word"'))
    a "word\"
    """
    return _ENDING.sub(r"\"", text.translate(_LONG_ESCAPES))


def _rdf_xml(quads: Sequence[Quad], base: str) -> bytes:
    """Return the union of the graphs as RDF/XML, in the order given; only the prefixes of properties are declared."""
    # Not by `checked`, because only quads can tell in which graph the problem is.
    check = _XmlCheck()
    for quad in quads:
        problem = check.problem(quad.triple)
        if problem:
            raise UnwritableError(f"graph {quad.graph_name}: {problem}; export it as Turtle or in another format")
    triples = terms.triples(quads)
    prefixes = _prefixes_of_properties(triples, namespaces.prefixes_for(base))
    return escape_carriage_returns(terms.serialize(map(_labelled, triples), formats.RDFXML, prefixes))


def checked(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the triples, blank nodes with labels that are names in XML.

    Raises:
        UnwritableError: XML cannot hold one of them.
    """
    check = _XmlCheck()
    for triple in triples:
        problem = check.problem(triple)
        if problem:
            raise UnwritableError(f"{problem}; {_INSTEAD}")
        yield _labelled(triple)


def escape_carriage_returns(xml: bytes) -> bytes:
    r"""Return the document of XML with its carriage returns escaped: a reader makes a line feed of a bare one.

    >>> escape_carriage_returns(b"<a>one\r\ntwo</a>")
    b'<a>one&#xD;\ntwo</a>'
    """
    return xml.replace(b"\r", b"&#xD;")


def _prefixes_of_properties(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes that the triples need: in RDF/XML only properties have prefixed names."""
    properties = {triple.predicate.value for triple in triples}
    return {
        prefix: namespace
        for prefix, namespace in prefixes.items()
        if any(iri.startswith(namespace) for iri in properties)
    }


@dataclass
class _XmlCheck:
    """Finds triples that RDF/XML cannot express; remembers the properties that it has checked."""

    elements: dict[str, bool] = field(default_factory=dict)

    def problem(self, triple: Triple) -> str | None:
        """Return a sentence about the part of the triple that XML cannot express; None if it can express all."""
        iri = triple.predicate.value
        if iri not in self.elements:  # properties are few, triples many
            self.elements[iri] = _is_element(triple.predicate)
        if not self.elements[iri]:
            return f"the property <{iri}> cannot be written in RDF/XML: its last part is not the name of an XML element"
        if isinstance(triple.object, Triple):
            return self.problem(triple.object)
        for term in (triple.object, triple.subject):
            found = NOT_XML.search(term.value) if isinstance(term, Literal | NamedNode) else None
            if found:
                return f"a value of <{iri}> of {triple.subject} holds U+{ord(found[0]):04X}, which XML cannot hold"
        return None


def _is_element(iri: NamedNode) -> bool:
    """Return whether the property can be written as an element that readers parse back to the same IRI."""
    node = NamedNode("urn:x")
    triple = Triple(node, iri, node)
    try:
        written = terms.serialize([triple], formats.RDFXML)
        expat.ParserCreate(namespace_separator=" ").Parse(written, True)
        return [quad.triple for quad in terms.parse(written, formats.RDFXML)] == [triple]
    except (expat.ExpatError, RdfSyntaxError, OSError):
        return False


def _labelled(triple: Triple) -> Triple:
    nodes = (triple.subject, triple.object)
    if not any(isinstance(term, BlankNode | Triple) for term in nodes):
        return triple
    subject, value = (_xml_label(term) for term in nodes)
    return Triple(subject, triple.predicate, value)  # type: ignore[arg-type]  # a node stays a node


def _xml_label(term: Term) -> Term:
    """Return the term, a blank node with a label that is a name in XML."""
    if isinstance(term, Triple):
        return _labelled(term)
    if isinstance(term, BlankNode) and not _LABEL.fullmatch(term.value):
        return BlankNode(f"n.{term.value.encode().hex()}")
    return term
