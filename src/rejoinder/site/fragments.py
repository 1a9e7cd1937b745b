"""The pages on which the fragments of a report stand, so that each fragment's IRI leads to an element of a page.

The report's own page shows its claims. Every fragment has an element on one of the data pages of the report or, if it
is a passage and the site may show the text, on a page with the text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rejoinder import namespaces
from rejoinder.lazily import lazy
from rejoinder.rdf import graphs
from rejoinder.rdf.terms import BlankNode, NamedNode, Triple
from rejoinder.site.claims import kind_of
from rejoinder.site.passages import SourceText, cuts
from rejoinder.site.resource import Resource

MOST: Final = 230_000
"""The estimated bytes of a data page; titles of linked things are not counted, so a page may have twice as many."""
_ELEMENT, _STATEMENT, _QUOTE = 300, 130, 700
"""The estimated bytes of an element of a page, of a statement in it without its words, and of a passage in words."""
_START, _ANCHOR, _HAS_PART = namespaces.OA + "start", namespaces.RJ + "anchor", namespaces.RJ + "hasStatisticPart"
MOST_CLAIMS: Final = 100
"""The most claims that the report's own page shows; the data pages have all."""
_SPOKEN: Final = frozenset({"Claim", "Admission", "Promise", "Exhortation"})
_FIRST: Final = ("Claim", "Relation", "Evidence", "Statement", "Concern", "Recommendation", "Approval", "Position")
"""The kinds of fragments that come first on the data pages; passages come last."""


@dataclass(frozen=True)
class Section:
    """The fragments of one kind on one data page, in the order of the text; `total` counts them on all pages."""

    kind: Resource
    parts: tuple[Resource, ...]
    total: int

    @property
    def anchor(self) -> str:
        """The id of the section."""
        return f"all-{self.kind.fragment.lower()}"


@dataclass(frozen=True)
class ReportPages:
    """The pages of a report beside its own: data pages, each with its sections, and pages with the text if it is given.

    `owned` are the names of fragments that are shown within others, such as the parts of a statistic, with the name of
    the other, which is empty for the report itself. `begins` are the positions in the text at which the pages with the
    text begin.
    """

    stem: str
    data: tuple[tuple[Section, ...], ...]
    owned: tuple[tuple[str, str], ...] = ()
    begins: tuple[int, ...] = ()
    passages: tuple[Resource, ...] = ()

    @lazy
    def stems(self) -> tuple[str, ...]:
        """Return the stems of all these pages, in the order in which one leads to the next."""
        return (*self._numbered("data", len(self.data)), *self._numbered("text", len(self.begins)))

    def _numbered(self, name: str, number: int) -> tuple[str, ...]:
        return tuple(f"{self.stem}/{name}" + (f"-{n}" if n > 1 else "") for n in range(1, number + 1))

    @lazy
    def places(self) -> Mapping[str, str]:
        """Return the stem of the page of each fragment, by its name; that of claims is the report's own if all fit."""
        spoken = {
            section.kind: section.total for page in self.data for section in page if section.kind.fragment in _SPOKEN
        }
        own = frozenset(spoken) if sum(spoken.values()) <= MOST_CLAIMS else frozenset()
        found = {
            part.fragment: self.stem if section.kind in own else stem
            for stem, sections in zip(self.stems, self.data, strict=False)
            for section in sections
            for part in section.parts
        }
        found |= {part: found.get(owner, self.stem) for part, owner in self.owned}
        texts = self.stems[len(self.data) :]
        on_text = {it.fragment: texts[bisect_right(self.begins, it.number("oa:start")) - 1] for it in self.passages}
        return found | (on_text if texts else {})

    def section(self, kind: str) -> str | None:
        """Return the path and id of the first section of a kind, None if there are none of that kind."""
        for stem, sections in zip(self.stems, self.data, strict=False):
            for section in sections:
                if section.kind.fragment == kind:
                    return f"{stem}.html#{section.anchor}"
        return None


def report_pages(report: Resource, stem: str, text: SourceText | None) -> ReportPages:
    """Return the pages beside the one of the report at `stem`, after one reading of its graph."""
    found = _read(report)
    resource = report.reader.resource
    kinds: dict[frozenset[str], Resource | None] = {}
    by_kind: dict[Resource, list[Resource]] = defaultdict(list)
    for iri, names in found.classes.items():
        classes = frozenset(names)
        if classes not in kinds:  # a report has few combinations of classes
            kinds[classes] = kind_of(resource(iri))
        kind = kinds[classes]
        if kind and kind.fragment == "Report":
            found.owners[iri] = report.iri
        elif kind and iri not in found.owners and not (text and kind.fragment == "Passage"):
            by_kind[kind].append(resource(iri))
    pages: list[list[Section]] = [[]]
    left = MOST
    for kind in sorted(by_kind, key=_precedence):
        parts, here = sorted(by_kind[kind], key=lambda it: (found.position(it.iri), it.iri)), list[Resource]()
        for part in parts:
            size = found.size(part.iri, text is not None)
            if size > left and (here or pages[-1]):
                pages[-1] += [Section(kind, tuple(here), len(parts))] if here else []
                pages.append([])
                here, left = [], MOST
            here.append(part)
            left -= size
        pages[-1].append(Section(kind, tuple(here), len(parts)))
    data = tuple(map(tuple, pages))
    owned = tuple((resource(part).fragment, resource(owner).fragment) for part, owner in found.owners.items())
    if text is None:
        return ReportPages(stem, data, owned)
    passages = tuple(sorted(map(resource, found.starts), key=lambda it: (found.starts[it.iri], it.iri)))
    begins = cuts([text.span(it) for it in passages], len(text.words), MOST // 3)  # a character may have three bytes
    return ReportPages(stem, data, owned, tuple(begins), passages)


def _precedence(kind: Resource) -> tuple[int, str]:
    name = kind.fragment
    place = _FIRST.index(name) if name in _FIRST else len(_FIRST) + (name == "Passage")
    return place, kind.label.value


@dataclass(frozen=True)
class _Fragments:
    """The fragments that a report's graph describes, by IRI: classes, passages, where passages begin, and sizes.

    `owners` are the things with which others are shown, such as the statistic of which something is a part.
    """

    classes: dict[str, set[str]]
    anchors: dict[str, list[str]]
    starts: dict[str, int]
    sizes: dict[str, int]
    owners: dict[str, str]

    def position(self, iri: str) -> int:
        """Return where the first passage of a fragment begins; very large if it has none."""
        begins = (self.starts[passage] for passage in (iri, *self.anchors[iri]) if passage in self.starts)
        return min(begins, default=1 << 40)

    def size(self, iri: str, with_text: bool) -> int:
        """Return the estimated bytes of the element of a fragment, with its passages if the text is given."""
        owned = (part for part, owner in self.owners.items() if owner == iri)
        quotes = len(self.anchors[iri]) * _QUOTE if with_text else 0
        return self.sizes[iri] + sum(self.sizes[part] for part in owned) + quotes


def _read(report: Resource) -> _Fragments:
    """Read the graph of the report once."""
    found = _Fragments(defaultdict(set), defaultdict(list), {}, defaultdict(lambda: _ELEMENT), {})
    for quad in graphs.statements(report.reader.store, report.iri):
        if not isinstance(quad.subject, NamedNode) or isinstance(quad.object, BlankNode | Triple):
            continue
        iri, name, value = quad.subject.value, quad.predicate.value, quad.object.value
        if not iri.startswith(f"{report.iri}#"):
            continue
        found.sizes[iri] += _STATEMENT + len(value.encode())
        if name == namespaces.RDF_TYPE:
            found.classes[iri].add(value)
        elif name == _START and value.isascii() and value.isdigit():
            found.starts[iri] = int(value)
        elif name == _ANCHOR:
            found.anchors[iri].append(value)
        elif name == _HAS_PART:
            found.owners[value] = iri
    return found
