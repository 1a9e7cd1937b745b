"""Lists of all claims, all evidence and all recommendations, which the browser filters by facets.

The rows of a list are read together: each property once for the whole list, not once for each row. A row stands on a
page of fifty and, for the browser, in a script of the same fifty. Each facet is one script: its values and, for each
row, the numbers of its values.

    store ──read──▶ rows and facets ──▶ claim/page-2.html, claim/page-2.js, claim/facet-speaker.js, claim/index.csv

Facets of one group belong together: a claim is found by a speaker and a year only if that speaker made it in that year,
and by a direction and a basis only if one relation has both. So what the text states and what the editors infer is
never mixed.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from operator import itemgetter
from typing import Final

from rejoinder import namespaces
from rejoinder.lazily import lazy
from rejoinder.messages import N_, NN_, Messages
from rejoinder.rdf.terms import Literal, NamedNode
from rejoinder.site import inline, schema_org
from rejoinder.site.affected import AffectedNames
from rejoinder.site.claims import (
    Bearing,
    Grounds,
    bearing_of,
    bears_on_claim,
    grounds_by,
)
from rejoinder.site.entities import is_affected
from rejoinder.site.inline import named
from rejoinder.site.render import Page, PageMetadata, Renderer
from rejoinder.site.resource import ClassMembers, GraphReader, by_label, chosen, expanded

ROWS: Final = 50
"""Rows on a page, and in a script."""

_SCRIPT: Final = "text/javascript; charset=utf-8"
_CSV: Final = "text/csv; charset=utf-8"
_NUMERALS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LAST: Final = 1 << 40


@dataclass(frozen=True)
class ListKind:
    """A list: the class of its rows, its title, what one row and several are called, and what the list is."""

    rdf_class: str
    title: str
    one: str
    many: str
    summary: str
    cells: tuple[str, ...]
    """The columns of the CSV file that are no facets, behind the IRI and the words."""
    facets: tuple[str, ...]
    """The names of the facets, in their order on the page."""


KINDS: Final = {
    "claim": ListKind(
        "rj:Claim",
        N_("Claims"),
        *NN_("claim, admission or promise", "claims, admissions and promises"),
        N_(
            "Every claim on this site: who made it, when and where, and what contradicts, qualifies or supports it. "
            "“Neither contradicted, qualified nor supported” means that no document on this site does so; the reasons "
            "that the speaker gives are not counted."
        ),
        ("date", "dating", "role", "quote", "place"),
        ("speaker", "state", "issue", "direction", "basis", "source", "proceeding", "year", "status", "document"),
    ),
    "evidence": ListKind(
        "rj:Evidence",
        N_("Evidence"),
        *NN_("piece of evidence", "pieces of evidence"),
        N_(
            "Every fact or finding that a report on this site sets out, its source, and the claims that it "
            "contradicts, qualifies or supports."
        ),
        ("date", "dating", "place"),
        (
            "issue",
            "direction",
            "basis",
            "speaker",
            "state",
            "source",
            "kind",
            "proceeding",
            "year",
            "status",
            "document",
        ),
    ),
    "recommendation": ListKind(
        "rj:Recommendation",
        N_("Recommendations"),
        *NN_("recommendation", "recommendations"),
        N_(
            "Every recommendation on this site: who made it to which State, in which session, and the State’s response."
        ),
        ("date", "dating", "place"),
        ("by", "state", "issue", "response", "session", "cycle", "year", "action", "status", "document"),
    ),
}
"""The lists by the first segment of their paths."""

_TITLES: Final = {
    "action": N_("Kind of action"),
    "basis": N_("Who connects it"),
    "by": N_("Recommended by"),
    "cycle": N_("Cycle"),
    "direction": N_("Contradicted, qualified, supported"),
    "document": N_("Document"),
    "issue": N_("Issue"),
    "kind": N_("Kind of evidence"),
    "proceeding": N_("Said at"),
    "response": N_("Response"),
    "session": N_("Session"),
    "source": N_("Source of the evidence"),
    "speaker": N_("Speaker"),
    "state": N_("Said for the State"),
    "status": N_("Review of the entry"),
    "year": N_("Year"),
}
"""The titles of the facets."""
_OTHER_TITLES: Final = {
    ("evidence", "direction"): N_("How it bears on a claim"),
    ("evidence", "proceeding"): N_("Proceeding"),
    ("evidence", "source"): N_("Source"),
    ("evidence", "speaker"): N_("Who made the claim"),
    ("evidence", "state"): N_("The claim was made for"),
    ("recommendation", "state"): N_("State under review"),
}
"""The titles that a facet has in one list only."""

_PASSIVE: Final = {
    Bearing.CONTRADICTS: N_("Contradicted"),
    Bearing.TENSION: N_("In tension"),
    Bearing.QUALIFIES: N_("Qualified"),
    Bearing.MAY_QUALIFY: N_("Perhaps qualified"),
    Bearing.SUPPORTS: N_("Supported"),
    Bearing.MAY_SUPPORT: N_("Perhaps supported"),
    Bearing.REASONS: N_("With reasons of the speaker’s own"),
    Bearing.REPEATS: N_("Said again"),
}
_ACTIVE: Final = {
    Bearing.CONTRADICTS: N_("Contradicts a claim"),
    Bearing.TENSION: N_("In tension with a claim"),
    Bearing.QUALIFIES: N_("Qualifies a claim"),
    Bearing.MAY_QUALIFY: N_("May qualify a claim"),
    Bearing.SUPPORTS: N_("Supports a claim"),
    Bearing.MAY_SUPPORT: N_("May support a claim"),
    Bearing.REASONS: N_("Is the speaker’s own reason for a claim"),
    Bearing.REPEATS: N_("Says the same as a claim"),
}
_NOTHING: Final = "none"
_BASES: Final = {"explicit": N_("Explicitly, in the report"), "inferred": N_("By the editors’ inference")}
_SOURCES: Final = {
    "footnote": N_("A footnote"),
    "attributed": N_("Named in the sentence"),
    "law": N_("A law, as the report describes it"),
    "assessment": N_("The publisher’s own assessment"),
    _NOTHING: N_("No source is named"),
    "claim": N_("Another claim"),
}
_GROUNDS: Final = dict(zip(Grounds, _SOURCES, strict=False))
_ACTIONS: Final = {
    "1": N_("1: minimal action"),
    "2": N_("2: continue"),
    "3": N_("3: consider"),
    "4": N_("4: general action"),
    "5": N_("5: specific action"),
}


_UNITS: Final = {
    "rj:paragraph": (N_("para. %(number)s"), N_("paras. %(number)s")),
    "rj:page": (N_("p. %(number)s"), N_("pp. %(number)s")),
}
"""By what a passage is cited: one and several."""


@dataclass(frozen=True)
class Fact:
    """A piece of what a row says: a text, the link to what has that name, and the words around it."""

    text: Literal
    link: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Mark:
    """A short note on a row, the classes of its style, and its language if it may be another than the page's."""

    text: str
    style: str
    language: str = ""


@dataclass(frozen=True)
class Row:
    """A claim, a piece of evidence or a recommendation, as a list shows it; `cells` are for the CSV file.

    Links are from the folder of the list, in which all its files are.
    """

    iri: str
    link: str
    words: Literal
    facts: tuple[Fact, ...]
    marks: tuple[Mark, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet: its name in an address, its words, and the numbers of the values that include it."""

    name: str
    label: Literal
    parents: tuple[int, ...] = ()


@dataclass(frozen=True)
class Facet:
    """A facet: its values in order and, for each row, the numbers of its values; -1 stands for none.

    In facets of one `group`, the values of a row at the same position belong together.
    """

    name: str
    title: str
    group: str
    values: tuple[FacetValue, ...]
    column: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class FilterableList:
    """The rows of a list in their order, and its facets."""

    kind: str
    rows: tuple[Row, ...]
    facets: tuple[Facet, ...]


class _Properties:
    """Reads whole properties of the union of all graphs, each once."""

    def __init__(
        self, reader: GraphReader, link: Callable[[str], str], affected_names: AffectedNames, words: Messages
    ) -> None:
        self.reader, self.link, self.affected_names, self.words = reader, link, affected_names, words
        self._facts: dict[tuple[str, str, str], Fact] = {}
        self._values: dict[str, dict[str, list[str]]] = {}
        self._subjects: dict[str, dict[str, list[str]]] = {}

    def values(self, name: str, iri: str) -> Sequence[str]:
        """Return the values of the property, in order: IRIs, and the texts of literals."""
        return self._read(name).get(iri, ())

    def first(self, name: str, iri: str) -> str:
        """Return the first value, or an empty text."""
        return next(iter(self.values(name, iri)), "")

    def subjects(self, name: str, iri: str) -> Sequence[str]:
        """Return what has the thing as a value of the property, in order."""
        if name not in self._subjects:
            pairs = ((value, subject) for subject, values in self._read(name).items() for value in values)
            self._subjects[name] = _grouped(pairs)
        return self._subjects[name].get(iri, ())

    def _read(self, name: str) -> Mapping[str, list[str]]:
        if name not in self._values:
            quads = self.reader.quads(None, expanded(name))
            self._values[name] = _grouped(
                # The same IRIs are subjects of many properties: each is kept once.
                (sys.intern(quad.subject.value), sys.intern(quad.object.value))
                for quad in quads
                if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal)
            )
        return self._values[name]

    def texts(self, *names: str) -> Mapping[str, Literal]:
        """Return a text of each subject in the best language; that of an earlier property comes first."""
        found: dict[str, Literal] = {}
        for name in names:
            several: dict[str, list[Literal]] = defaultdict(list)
            for quad in self.reader.quads(None, expanded(name)):
                if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                    several[quad.subject.value].append(quad.object)
            for subject, texts in several.items():
                best = chosen(texts, self.reader.language)
                if best is not None:
                    found.setdefault(subject, best)
        return found

    def fact(self, iri: str, sentence: str = "%(name)s", **values: str) -> Fact:
        """Return the name of a shared thing, which many rows have, with a link and the sentence around it."""
        before, _, after = self.words.gettext(sentence, name="\0", **values).partition("\0")
        key = iri, before, after
        if iri in self.affected:
            return Fact(Literal(self.words.gettext("A person affected")), "", before, after)
        if key not in self._facts:
            label = self.label(iri)
            lead, name, rest = label.value.rpartition(self.reader.label(iri).value)
            known = Literal(name, language=label.language) if label.language else Literal(name)
            self._facts[key] = Fact(known, self.link(iri), before + lead, rest + after)
        return self._facts[key]

    def label(self, iri: str) -> Literal:
        """Return the label of a shared thing; of a person whom reports do not name, the office and who is meant."""
        label, full = self.reader.label(iri), named(self.reader.resource(iri), self.words)
        return label if full == label.value else Literal(full, language=label.language or "")

    def rows(self, rdf_class: str) -> list[str]:
        """Return the things of the class in the order of their documents and texts."""
        quads = self.reader.quads(None, expanded("rdf:type"), expanded(rdf_class))
        found = {sys.intern(quad.subject.value) for quad in quads if isinstance(quad.subject, NamedNode)}
        return sorted(found, key=lambda iri: (namespaces.document_of(iri), self._position(iri), iri))

    def _position(self, iri: str) -> int:
        return min(
            (int(at) for it in self.values("rj:anchor", iri) for at in self.values("oa:start", it)), default=_LAST
        )

    def day(self, iri: str) -> str:
        """Return the first day on which it can have been or, if that is open, the last one; empty without a date."""
        return self.first("rj:earliest", iri) or self.first("rj:latest", iri)

    def year(self, iri: str) -> str:
        """Return the year in which it must have been or, if that may be one of several, the span of these (EDTF)."""
        first, last = (self.first(name, iri)[:4] for name in ("rj:earliest", "rj:latest"))
        if first == last:
            return first or _NOTHING
        return f"{first or '..'}/{last or '..'}"

    def dating(self, iri: str) -> str:
        """Return where the date of an entry, or of a proceeding, comes from, in words; empty if it is of its own."""
        is_place = bool(self.subjects("rj:inProceeding", iri))
        found = inline.dating_of_occasion(self.values, iri) if is_place else inline.dating(self.values, iri)
        return self.words.gettext(found.value) if found else ""

    def date(self, date: str, iri: str) -> Fact:
        """Return the date of an entry in words, and where it comes from."""
        how = self.dating(iri)
        return Fact(Literal(self.words.date(date)), after=f" ({how})" if how else "")

    def place(self, iri: str) -> str:
        """Return the first paragraph or page that it cites; empty if it cites none."""
        anchors = sorted(self.values("rj:anchor", iri), key=lambda it: (int(self.first("oa:start", it) or _LAST), it))
        for anchor, (name, units) in product(anchors, _UNITS.items()):
            if number := self.first(name, anchor).replace("-", "–"):
                return self.words.gettext(units["–" in number], number=number)
        return ""

    def report(self, iri: str) -> str:
        """Return the report that the dossier of the entry describes, or the document itself if it is no dossier."""
        document = namespaces.document_of(iri)
        return self.first("foaf:primaryTopic", document) or document

    def status(self, iri: str) -> Sequence[str]:
        """Return the review status of the entry, else that of its document."""
        document = namespaces.document_of(iri)
        return self.values("rj:status", iri) or self.values("rj:status", document) or (_NOTHING,)

    def source(self, iri: str) -> str:
        """Return what the report says about the source of what bears on a claim, as a value of the facet."""
        if iri in self._claims:
            return "claim"
        kinds = {kind.rpartition("#")[2] for kind in self.values("rj:kind", iri)}
        found = self.values("rj:footnote", iri), self.attributed(iri), self.values("rj:provision", iri)
        return _GROUNDS[grounds_by(kinds, *map(bool, found))]

    def attributed(self, iri: str) -> list[str]:
        """Return the same as `claims.attributed`."""
        own = self.values("dcterms:publisher", self.report(iri))
        return [who for who in self.values("prov:wasAttributedTo", iri) if who not in own]

    @lazy
    def _claims(self) -> frozenset[str]:
        return frozenset(self.rows("rj:Claim"))

    def speakers(self, claim: str) -> Iterator[tuple[str, str, str]]:
        """Yield the statements of a claim, each with a speaker and the State that the speaker represents."""
        for statement in self.subjects("rj:expresses", claim):
            for speaker in self.values("rj:speaker", statement):
                own = (speaker,) if speaker in self._states else ()
                for state in self.values("rj:represents", speaker) or own or ("",):
                    yield statement, speaker, state

    @lazy
    def affected(self) -> frozenset[str]:
        """Return the persons whom no list names."""
        return frozenset(it.iri for it in self.reader.of_class("rj:AffectedPerson") if is_affected(it))

    @lazy
    def _states(self) -> frozenset[str]:
        return frozenset(it.iri for it in self.reader.of_class("rj:State"))

    def bearing(self, relation: str, source: str, claim: str) -> tuple[Bearing, str] | None:
        """Return how the relation's source bears on its claim, and whether the text or the editors connect them."""
        way, basis = (self.first(name, relation).rpartition("#")[2] for name in ("rj:direction", "rj:basis"))
        found = bearing_of(way, basis, lambda: self._is_own_word(source, claim))
        return found and (found[0], "explicit" if found[1].is_explicit else "inferred")

    def _is_own_word(self, source: str, claim: str) -> bool:
        """Return the same as `claims.is_own_word`."""
        drawn_on = (who for it in self.values("rj:drawsOn", source) for who in self.values("rj:speaker", it))
        said_by = (speaker for _, speaker, _ in self.speakers(source))
        authors = {*said_by, *self.values("prov:wasAttributedTo", source), *drawn_on}
        return not authors.isdisjoint(speaker for _, speaker, _ in self.speakers(claim))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the second of each pair by the first, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    for values in found.values():
        values.sort()
    return dict(found)


@dataclass(frozen=True)
class Lists:
    """The lists of a site, each made when it is first needed."""

    renderer: Renderer
    _made: dict[str, FilterableList] = field(default_factory=dict, compare=False, repr=False)

    def get(self, kind: str) -> FilterableList:
        """Return the list."""
        if kind not in self._made:
            self._made[kind] = made(self.renderer, kind)
        return self._made[kind]

    def pages(self, kind: str) -> int:
        """Return how many pages the list has, without making it."""
        return -(-len(self._members[kind].all) // ROWS)

    @lazy
    def _members(self) -> Mapping[str, ClassMembers]:
        return {name: self.renderer.reader.members(kind.rdf_class) for name, kind in KINDS.items()}


Items = dict[tuple[str, ...], Sequence[tuple[str, ...]]]
"""The values of a row: for each group of facets, what belongs together."""


def made(renderer: Renderer, kind: str) -> FilterableList:
    """Return the list, the newest rows first."""
    at = f"{kind}/{_name(1)}.html"
    read = _Properties(renderer.reader, lambda iri: renderer.link(iri, at) or "", renderer.affected, renderer.words)
    words = read.texts(*(("rj:wording",) if kind == "recommendation" else ()), "rdfs:label")
    make = {"claim": _claim, "evidence": _evidence, "recommendation": _recommendation}[kind]
    found = [
        (*make(read, iri, words.get(iri) or read.reader.label(iri)), iri) for iri in read.rows(KINDS[kind].rdf_class)
    ]
    # Sorting keeps the order of the text among rows of one day; rows without a date are last.
    found.sort(key=itemgetter(0), reverse=True)
    columns: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    groups: dict[str, str] = {}
    for _, _, items, _ in found:
        for names, values in items.items():
            for place, name in enumerate(names):
                columns[name].append(tuple(value[place] for value in values))
                groups[name] = names[0]
    facets = (_facet(read, kind, name, groups[name], columns[name]) for name in KINDS[kind].facets if name in columns)
    return FilterableList(kind, tuple(row for _, row, _, _ in found), tuple(facets))


_Made = tuple[str, Row, Items]
"""The day of a row, the row, and its values."""


def _claim(read: _Properties, iri: str, words: Literal) -> _Made:
    statements = sorted(read.subjects("rj:expresses", iri), key=lambda it: (read.day(it), it))
    told: dict[tuple[Fact, ...], list[Fact]] = defaultdict(list)  # who spoke, by when and where
    roles: list[str] = []
    occasions: list[tuple[str, ...]] = []
    for statement in statements:
        role = ", ".join(read.values("rj:roleAsStated", statement))
        spoken = N_("%(name)s, %(role)s") if role else "%(name)s"
        proceedings = read.values("rj:inProceeding", statement)
        dates = [read.date(date, statement) for date in read.values("dcterms:date", statement)]
        speakers = [read.fact(speaker, spoken, role=role) for speaker in read.values("rj:speaker", statement)]
        told[*dates, *map(read.fact, proceedings)] += speakers
        roles += [role] if role else []
        who = [(speaker, state) for said, speaker, state in read.speakers(iri) if said == statement] or [("", "")]
        occasions += [(*one, place, read.year(statement)) for one, place in product(who, proceedings or ("",))]
    facts = [fact for occasion, speakers in told.items() for fact in (*speakers, *occasion)]
    links = [(link, source) for link in read.subjects("rj:claim", iri) for source in read.values("rj:from", link)]
    relations = [
        (link, *found, read.source(source)) for link, source in links if (found := read.bearing(link, source, iri))
    ]
    marks = [Mark(read.words.gettext(text), "kind") for name, text in _SORTS.items() if read.subjects(name, iri)]
    marks += _bearing_marks(read, [relation[:3] for relation in relations], _PASSIVE)
    unnamed = sum(source == _NOTHING for *_, source in relations)
    marks += [Mark(read.words.gettext("No source is named: %(n)s", n=unnamed), "none")] if unnamed else []
    for verdict in read.subjects("schema:itemReviewed", iri):
        said = (
            read.words.gettext("The report’s word: “%(word)s”", word=word) for word in read.values("rj:word", verdict)
        )
        marks += [Mark(text, "word") for text in said]
    days = [dates_of for it in statements for dates_of in read.values("dcterms:date", it)]
    how = "; ".join(map(read.dating, statements))
    cells = ("; ".join(days), how, "; ".join(roles), "; ".join(read.values("rj:quote", iri)), read.place(iri))
    items: Items = {
        ("speaker", "state", "proceeding", "year"): occasions or [("", "", "", _NOTHING)],
        ("direction", "basis", "source"): [
            *((bearing.name.lower(), basis, source) for _, bearing, basis, source in relations),
            *(() if bears_on_claim(bearing for _, bearing, *_ in relations) else ((_NOTHING, "", ""),)),
        ],
    }
    day = max(map(read.day, statements), default="")
    return day, _row(read, iri, words, facts, marks, cells), items | _common(read, iri)


_SORTS: Final = {"rj:hasPromise": N_("A promise"), "rj:hasAdmission": N_("An admission, as the editors read it")}


def _evidence(read: _Properties, iri: str, words: Literal) -> _Made:
    report, source = read.report(iri), read.source(iri)
    found = [
        (link, claim, *known)
        for link in read.subjects("rj:from", iri)
        for claim in read.values("rj:claim", link)
        if (known := read.bearing(link, iri, claim))
    ]
    given = read.values("dcterms:date", iri)
    facts = [read.fact(kind) for kind in read.values("rj:kind", iri)]
    facts += [read.date(date, iri) for date in given]
    facts += [read.fact(it, N_("Words or finding of %(name)s")) for it in read.attributed(iri)]
    marks = _bearing_marks(read, [(link, bearing, basis) for link, _, bearing, basis in found], _ACTIVE)
    unnamed = source == _NOTHING
    named = read.words.gettext(_SOURCES[source])
    marks.append(Mark(named if unnamed else read.words.gettext("Source: %(source)s", source=named), "none" * unnamed))
    relations = []
    for _, claim, bearing, basis in found:
        made_by = [(speaker, state) for _, speaker, state in read.speakers(claim)] or [("", "")]
        relations += [(bearing.name.lower(), basis, *one) for one in made_by]
    items: Items = {
        ("direction", "basis", "speaker", "state"): relations or [(_NOTHING, "", "", "")],
        ("source",): [(source,)],
        ("kind",): _single(read.values("rj:kind", iri)),
        ("proceeding",): _single(read.values("rj:inProceeding", report)),
        ("year",): [(read.year(iri),)],
    }
    row = _row(read, iri, words, facts, marks, ("; ".join(given), read.dating(iri), read.place(iri)))
    return read.day(report), row, items | _common(read, iri)


def _recommendation(read: _Properties, iri: str, words: Literal) -> _Made:
    by, under = read.values("rj:raisedBy", iri), read.values("rj:addressedTo", iri)
    proceedings, answers = read.values("rj:inProceeding", iri), read.values("rj:response", iri)
    dated = iri if read.values("dcterms:date", iri) else next(iter(proceedings), iri)
    given = read.values("dcterms:date", dated)
    facts = [read.fact(it, "%(name)s" if at else N_("By %(name)s")) for at, it in enumerate(by)]
    facts += [read.fact(it, N_("To %(name)s")) for it in under]
    facts += [read.fact(it) for it in proceedings]
    facts += [read.date(date, dated) for date in given]
    marks = [_named_mark(read, it, "response") for it in answers]
    items: Items = {
        ("by",): _single(by),
        ("state",): _single(under),
        ("response",): [(it,) for it in answers] or [(_NOTHING,)],
        **{
            (name,): _single([it for place in proceedings for it in read.values(f"rj:{name}", place)])
            for name in ("session", "cycle")
        },
        ("year",): [(read.year(dated),)],
        ("action",): _single(read.values("rj:actionCategory", iri)),
    }
    row = _row(read, iri, words, facts, marks, ("; ".join(given), read.dating(dated), read.place(iri)))
    return read.day(dated), row, items | _common(read, iri)


def _row(  # noqa: PLR0913, PLR0917  # the parts of a row
    read: _Properties, iri: str, words: Literal, facts: list[Fact], marks: list[Mark], cells: tuple[str, ...]
) -> Row:
    """Return the row, with what it is about, where it stands, and whether somebody checked it."""
    facts += [read.fact(issue, N_("On %(name)s")) for issue in read.values("rj:about", iri)]
    document, place = namespaces.document_of(iri), read.place(iri)
    facts.append(read.fact(document, N_("In %(name)s, %(place)s") if place else N_("In %(name)s"), place=place))
    if described := read.affected_names.qualification(words.value):
        facts.append(Fact(Literal(described)))
    checked = [it for it in read.status(iri) if it != _NOTHING]
    marks += [_named_mark(read, it, "status") for it in checked]
    return Row(iri, read.link(iri), words, tuple(dict.fromkeys(facts)), tuple(marks), cells)


def _named_mark(read: _Properties, value: str, kind: str) -> Mark:
    """Return a mark with the label of a response or status."""
    label = read.reader.label(value)
    return Mark(label.value.capitalize(), f"{kind} {value.rpartition('#')[2].lower()}", label.language or "")


def _common(read: _Properties, iri: str) -> Items:
    """Return the values of the facets that every list has."""
    return {
        ("issue",): _single(read.values("rj:about", iri)),
        ("status",): _single(read.status(iri)),
        ("document",): [(namespaces.document_of(iri),)],
    }


def _single(values: Iterable[str]) -> list[tuple[str, ...]]:
    return [(value,) for value in values]


def _bearing_marks(
    read: _Properties, relations: Iterable[tuple[str, Bearing, str]], verbs: Mapping[Bearing, str]
) -> list[Mark]:
    """Return a mark for each bearing and basis: how many, and who answers for them."""
    numbers: Counter[tuple[Bearing, str]] = Counter()
    answerable: dict[tuple[Bearing, str], set[str]] = defaultdict(set)
    for link, bearing, basis in relations:
        numbers[bearing, basis] += 1
        answerable[bearing, basis].update(read.values("prov:wasAttributedTo", link))
    marks = []
    for bearing, basis in product(Bearing, _BASES):
        if number := numbers[bearing, basis]:
            names = ", ".join(it.label.value for it in by_label(map(read.reader.resource, answerable[bearing, basis])))
            verb, gettext = read.words.gettext(verbs[bearing]), read.words.gettext
            if basis == "explicit":
                text = gettext("%(bearing)s, explicitly: %(n)s", bearing=verb, n=number)
            else:
                text = gettext("%(bearing)s, by inference: %(n)s", bearing=verb, n=number)
            marks.append(Mark(text + (f" ({names})" if names else ""), f"{bearing.name.lower()} {basis}"))
    if not marks and verbs is _ACTIVE:
        marks.append(Mark(read.words.gettext(_ON_NO_CLAIM), ""))
    elif verbs is _PASSIVE and not bears_on_claim(bearing for bearing, _ in numbers):
        marks.append(Mark(read.words.gettext(_NO_VALUE["direction"]), ""))
    return marks


_ON_NO_CLAIM: Final = N_("Connected with no claim")


_NO_VALUE: Final = {
    "direction": N_("Neither contradicted, qualified nor supported"),
    "response": N_("No response is recorded"),
    "source": _SOURCES[_NOTHING],
    "status": N_("Not stated"),
    "year": N_("No date"),
}
"""The words of the value of a facet that says that there is none."""
_NUMBERS: Final = frozenset({"year", "session", "cycle"})
"""The facets whose values are numbers, or spans of years, the largest first."""


def _facet(read: _Properties, kind: str, name: str, group: str, column: Sequence[tuple[str, ...]]) -> Facet:
    """Return the facet with the numbers of its values instead of the values."""
    directions = {bearing.name.lower(): verb for bearing, verb in (_ACTIVE if kind == "evidence" else _PASSIVE).items()}
    words = {"direction": directions, "basis": _BASES, "source": _SOURCES, "action": _ACTIONS}.get(name)
    gettext = read.words.gettext
    column = [tuple("" if value in read.affected else value for value in values) for values in column]
    found = {value for values in column for value in values} - {""}
    parents = _ancestry(read, found) if name == "issue" else {}

    def label(value: str) -> Literal:
        if value == _NOTHING and name in _NO_VALUE:
            # Evidence bears on claims, and nothing bears on it.
            return Literal(gettext(_ON_NO_CLAIM if (kind, name) == ("evidence", "direction") else _NO_VALUE[name]))
        if words:
            return Literal(gettext(words[value]) if value in words else value)
        return Literal(read.words.date(value) if name == "year" else value) if name in _NUMBERS else read.label(value)

    def order(value: str) -> tuple[object, ...]:
        if words:
            return value == _NOTHING, list(words).index(value) if value in words else 0, value
        if name in _NUMBERS:
            # A span of years is behind its first year, or behind its last one if that is all that is known.
            number = value.lstrip("./").partition("/")[0]
            return value == _NOTHING, -int(number) if number.isdigit() else 0, "/" in value, value
        return value == _NOTHING, _path(value, parents, label)

    ordered = sorted(found | parents.keys(), key=order)
    numbers = {value: number for number, value in enumerate(ordered)} | {"": -1}
    values = tuple(
        FacetValue(
            value
            if words or name in _NUMBERS or value == _NOTHING
            else read.reader.resource(value).short.removeprefix("rj:"),
            label(value),
            tuple(numbers[it] for it in parents.get(value, ())),
        )
        for value in ordered
    )
    coded = tuple(tuple(numbers[value] for value in values) for values in column)
    return Facet(name, gettext(_OTHER_TITLES.get((kind, name), _TITLES[name])), group, values, coded)


def _ancestry(read: _Properties, issues: Iterable[str]) -> dict[str, Sequence[str]]:
    """Return the broader issues of these and of all above them."""
    found: dict[str, Sequence[str]] = {}
    left = sorted(issues)
    while left:
        issue = left.pop()
        if issue not in found:
            found[issue] = read.values("skos:broader", issue)
            left += found[issue]
    return found


def _path(
    value: str, parents: Mapping[str, Sequence[str]], label: Callable[[str], Literal]
) -> tuple[tuple[str, str], ...]:
    """Return the place of an issue among all: behind the first broader one."""
    path: dict[str, None] = {}
    at: str | None = value
    while at is not None and at not in path:  # a circle of broader issues ends where it began
        path[at] = None
        at = next(iter(parents.get(at, ())), None)
    return tuple((label(it).value.casefold(), it) for it in reversed(path))


def files(renderer: Renderer, lists: Lists, kind: str, name: str) -> Mapping[str, Callable[[], Page]]:
    """Return what makes the files called `name` in the folder of the list, by suffix."""
    facet = name.removeprefix("facet-")
    if facet != name and facet in KINDS[kind].facets:
        return {".js": lambda: _facet_file(lists.get(kind), facet, renderer.words.language)}
    number = _number(name)
    if not 1 <= number <= lists.pages(kind):
        return {}
    made: dict[str, Callable[[], Page]] = {
        ".html": lambda: _page(renderer, lists.get(kind), number),
    }
    if renderer.scripts:
        made[".js"] = lambda: _rows_file(renderer.project.base, lists.get(kind), number, renderer.words.language)
    if number == 1:
        made[".csv"] = lambda: _csv_file(lists.get(kind))
    return made


def stems(lists: Lists, kind: str) -> Iterator[str]:
    """Yield the stems of the files of a list; none if it has no rows."""
    pages = lists.pages(kind)
    yield from (f"{kind}/{_name(number)}" for number in range(1, pages + 1))
    if pages and lists.renderer.scripts:
        yield from (f"{kind}/facet-{name}" for name in KINDS[kind].facets)


def _name(number: int) -> str:
    return "index" if number == 1 else f"page-{number}"


def _number(name: str) -> int:
    """Return the number of the page with that name, 0 if there is none.

    >>> [_number(name) for name in ("index", "page-2", "page-1", "page-02", "other")]
    [1, 2, 0, 0, 0]
    """
    text = name.removeprefix("page-")
    number = 1 if name == "index" else int(text) if text.isascii() and text.isdigit() else 0
    return number if _name(number) == name else 0


def _page(renderer: Renderer, found: FilterableList, number: int) -> Page:
    """Return one page of the list."""
    kind, path = KINDS[found.kind], f"{found.kind}/{_name(number)}.html"
    pages = -(-len(found.rows) // ROWS)
    gettext = renderer.words.gettext
    title = gettext(kind.title)
    title = title if number == 1 else gettext("%(title)s, page %(number)s", title=title, number=number)
    iri = f"{renderer.project.base}{found.kind}/{'' if number == 1 else _name(number)}"
    head = PageMetadata(
        title=title,
        description=gettext(kind.summary),
        iri=iri,
        kind=schema_org.kind_iri("CollectionPage"),
        structured=schema_org.collection(renderer.reader.resource(iri), title),
    )
    return renderer.page(
        "list.html",
        path,
        head,
        # Each entry has its own page, which says whether search engines may find it: those on persons affected say no.
        names_affected=True,
        kind=kind,
        rows=found.rows[(number - 1) * ROWS : number * ROWS],
        total=len(found.rows),
        pages=pages,
        number=number,
        name=_name,
        kind_folder=f"{found.kind}/",
        first=f"{found.kind}/index.html",
        csv=f"{found.kind}/index.csv",
        config={
            "base": renderer.project.base,
            "rows": len(found.rows),
            "size": ROWS,
            "cells": kind.cells,
            "facets": [{"name": it.name, "title": it.title, "group": it.group} for it in found.facets],
        },
    )


def _rows_file(base: str, found: FilterableList, number: int, interface: str) -> Page:
    """Return the script with the rows of one page."""
    rows = [
        [
            row.iri.removeprefix(base),
            row.link,
            row.words.value,
            _language(row.words, interface),
            [_trimmed(it.text.value, it.link, it.before, it.after, _language(it.text, interface)) for it in row.facts],
            [_trimmed(it.text, it.style, "" if it.language == interface else it.language) for it in row.marks],
            row.cells,
        ]
        for row in found.rows[(number - 1) * ROWS : number * ROWS]
    ]
    return _script(f"{found.kind}/{_name(number)}.js", rows)


def _trimmed(*texts: str) -> list[str]:
    """Return the texts without the empty ones at the end."""
    found = list(texts)
    while found and not found[-1]:
        found.pop()
    return found


def _language(text: Literal, interface: str) -> str:
    """Return the language of a text, if it is another than the page's."""
    return text.language if text.language and text.language != interface else ""


def _facet_file(found: FilterableList, name: str, interface: str) -> Page:
    """Return the script with the values of a facet and, for each row, the numbers of its values."""
    facet = next((it for it in found.facets if it.name == name), None)
    values = facet.values if facet else ()
    column = facet.column if facet else ()
    return _script(
        f"{found.kind}/facet-{name}.js",
        {
            "values": [[it.name, it.label.value, _language(it.label, interface), it.parents] for it in values],
            "column": ",".join(" ".join(map(_numeral, numbers)) for numbers in column),
        },
    )


def _numeral(number: int) -> str:
    """Return the number to base 36, which browsers read; a dash for none.

    >>> [_numeral(number) for number in (-1, 0, 35, 36)]
    ['-', '0', 'z', '10']
    """
    if number < 0:
        return "-"
    head, last = divmod(number, 36)
    return (_numeral(head) if head else "") + _NUMERALS[last]


def _script(path: str, value: object) -> Page:
    """Return a script that passes the value to the page, which may load scripts from disk but fetch nothing."""
    name = path.rpartition("/")[2].removesuffix(".js")
    text = f"rejoinderPart({json.dumps(name)},{json.dumps(value, ensure_ascii=False, separators=(',', ':'))})\n"
    return Page(path, text.encode(), _SCRIPT)


def _csv_file(found: FilterableList) -> Page:
    """Return the whole list as CSV; in columns of one group, the values at the same place belong together."""
    out = io.StringIO()
    write = csv.writer(out).writerow  # with the line ends of RFC 4180
    write(("iri", "words", *KINDS[found.kind].cells, *(facet.name for facet in found.facets)))
    for at, row in enumerate(found.rows):
        write((row.iri, row.words.value, *row.cells, *(_labels(facet, at) for facet in found.facets)))
    return Page(f"{found.kind}/index.csv", out.getvalue().encode(), _CSV)


def _labels(facet: Facet, at: int) -> str:
    labels = [facet.values[number].label.value if number >= 0 else "" for number in facet.column[at]]
    return "; ".join(labels) if any(labels) else ""
