"""How to cite an entry, a report or an answer: as a sentence, and as BibTeX, CSL-JSON and RIS.

A claim is cited as an entry of the dossier that records it: the authors are the editors of the dossier, and the title
names the speaker and the report, so that nobody takes the editors for the speaker, or the speaker for the report.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from rejoinder.config import Project
from rejoinder.messages import ENGLISH, Messages
from rejoinder.site import inline
from rejoinder.site.claims import publishers, speakers
from rejoinder.site.inline import named
from rejoinder.site.resource import Resource

_LATEX: Final = str.maketrans(
    {char: "\\" + char for char in "&%$#_"}
    # BibTeX counts braces, even after a backslash, so none may stand alone.
    | {"{": r"\textbraceleft{}", "}": r"\textbraceright{}", "\\": r"\textbackslash{}"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_DAY: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
_RIS: Final = {"report": "RPRT", "dataset": "DATA", "entry": "ELEC"}


@dataclass(frozen=True)
class Edition:
    """The version in which something became what it is now, and the day of that version."""

    number: int
    date: str


@dataclass(frozen=True)
class Citation:
    """What a citation names; `kind` is a type of CSL: entry, report or dataset.

    `date` is a date of EDTF, `within` the work that the cited one is a part of, `iri` what it is cited as, if that is
    known, and `name` the name of files with the citation.

    >>> cited = Citation("Names & dates", "https://example.org/r#c", "r-c", ("The editors",), "2026-11-30", "Ours")
    >>> cited.sentence
    'The editors: Names & dates. Ours, 30 November 2026. https://example.org/r#c'
    """

    title: str
    iri: str
    name: str
    authors: tuple[str, ...]
    date: str
    publisher: str
    kind: str = "entry"
    within: str = ""
    version: int | None = None
    words: Messages = ENGLISH
    """The interface in whose language the sentence is."""

    @property
    def sentence(self) -> str:
        """The citation as a sentence."""
        gettext, publisher = self.words.gettext, self.publisher
        if self.version:
            # A number of a version is a name, without separators.
            publisher = gettext("%(publisher)s, version %(number)s", publisher=publisher, number=str(self.version))
        made = ", ".join(filter(None, (publisher, self.words.date(self.date) if self.date else "")))
        within = gettext("In: %(work)s", work=self.within) if self.within else ""
        parts = (f"{', '.join(self.authors)}: {self.title}", within, made)
        ended = (f"{part}{'' if part[-1] in '.?!' else '.'}" for part in parts if part)
        return " ".join((*ended, *((self.iri,) if self.iri else ())))

    @property
    def bibtex(self) -> str:
        r"""The citation as an entry of BibTeX, with fields that BibLaTeX reads as well.

        >>> print(Citation("Names & dates", "https://example.org/r#c", "r-c", ("A",), "2026", "B").bibtex)
        @misc{r-c,
          author = {{A}},
          title = {{Names \& dates}},
          year = {2026},
          date = {2026},
          publisher = {B},
          howpublished = {\url{https://example.org/r#c}},
          url = {https://example.org/r#c}
        }
        """
        escaped = {
            "author": " and ".join(f"{{{author.translate(_LATEX)}}}" for author in self.authors),
            "title": f"{{{self.title.translate(_LATEX)}}}",
            "year": self.date[:4] if _DAY.match(self.date) else "",
            "date": self.date if _DAY.fullmatch(self.date) else "",
            "publisher": self.publisher.translate(_LATEX),
            "note": self.words.gettext("In: %(work)s", work=self.within).translate(_LATEX) if self.within else "",
            "version": str(self.version or ""),
            # Styles of plain BibTeX show `howpublished`, and know no `url`.
            "howpublished": f"\\url{{{self.iri}}}" if self.iri else "",
            "url": self.iri,
        }
        fields = ",\n".join(f"  {key} = {{{value}}}" for key, value in escaped.items() if value)
        return f"@{'techreport' if self.kind == 'report' else 'misc'}{{{self.name},\n{fields}\n}}"

    @property
    def csl_json(self) -> str:
        """The citation in the JSON of the Citation Style Language, which Zotero and pandoc read."""
        found: dict[str, Any] = {
            "id": self.name,
            "type": self.kind,
            "title": self.title,
            "author": [{"literal": author} for author in self.authors],
            "issued": self._issued,
            "container-title": self.within,
            "publisher": self.publisher,
            "version": str(self.version or ""),
            "URL": self.iri,
        }
        return json.dumps([{key: value for key, value in found.items() if value}], ensure_ascii=False, indent=1)

    @property
    def _issued(self) -> dict[str, Any]:
        day = _DAY.fullmatch(self.date)
        if day:
            return {"date-parts": [[int(part) for part in day.groups() if part]]}
        return {"literal": self.words.date(self.date)} if self.date else {}  # an uncertain date of EDTF

    @property
    def ris(self) -> str:
        """The citation in the format RIS, which EndNote, Mendeley and Zotero read."""
        day = _DAY.match(self.date)
        fields = (
            ("TY", _RIS[self.kind]),
            *(("AU", author) for author in self.authors),
            ("TI", self.title),
            ("T2", self.within),
            ("PY", day[1] if day else ""),
            ("DA", self.date.replace("-", "/") if _DAY.fullmatch(self.date) else ""),
            ("PB", self.publisher),
            ("ET", self.words.gettext("Version %(number)s", number=str(self.version)) if self.version else ""),
            ("UR", self.iri),
            ("ID", self.name),
        )
        # A line is a field, so a value must not contain a line break.
        lines = [f"{tag}  - {' '.join(value.split())}" for tag, value in fields if value]
        return "\r\n".join((*lines, "ER  - ", ""))


def of_entry(it: Resource, project: Project, words: Messages, edition: Edition | None = None) -> Citation:
    """Return how to cite a claim or another entry of a dossier."""
    said, raised = (
        ", ".join(named(who, words) for who in agents) for agents in (speakers(it), it.objects("rj:raisedBy"))
    )
    by_whom = words.gettext("said by %(who)s", who=said) if said else raised
    days = {(each.text("dcterms:date"), inline.dating_of(each)) for each in it.subjects("rj:expresses")}
    when = ", ".join(filter(None, (inline.date_in_words(*day, words) for day in sorted(days, key=itemgetter(0)))))
    by = ", ".join(filter(None, (by_whom, when)))
    document = it.document
    return Citation(
        title=f"{it.label.value} ({by})" if by else it.label.value,
        iri=it.iri,
        name=_name(it.iri),
        authors=_editors(document, project),
        date=edition.date if edition else "",
        publisher=project.title,
        within=words.gettext("Dossier of %(report)s", report=_described(document, words)),
        version=edition.number if edition else None,
        words=words,
    )


def of_dossier(dossier: Resource, project: Project, words: Messages, edition: Edition | None = None) -> Citation:
    """Return how to cite the dossier of a report."""
    return Citation(
        title=words.gettext("Dossier of %(report)s", report=_described(dossier, words)),
        iri=dossier.iri,
        name=_name(dossier.iri),
        authors=_editors(dossier, project),
        date=edition.date if edition else "",
        publisher=project.title,
        kind="dataset",
        version=edition.number if edition else None,
        words=words,
    )


def of_published(dossier: Resource, words: Messages) -> Citation:
    """Return how to cite the published report itself, which a dossier describes."""
    report, names = dossier.report, tuple(who.label.value for who in publishers(dossier))
    pages, authors = report.objects("schema:url"), tuple(who.label.value for who in report.objects("dcterms:creator"))
    return Citation(
        title=report.text("dcterms:title") or report.label.value,
        # Our IRI of the report leads to its dossier, which is another document.
        iri=pages[0].iri if pages else "",
        name=_name(dossier.iri),
        authors=authors or names,
        date=report.text("dcterms:date"),
        publisher=report.text("rj:symbol") or ", ".join(names),
        kind="report",
        words=words,
    )


def of_answer(title: str, iri: str, project: Project, words: Messages, edition: Edition | None = None) -> Citation:
    """Return how to cite the answer to a question, or another page over all data."""
    return Citation(
        title=title,
        iri=iri,
        name=_name(iri),
        authors=(project.publisher,),
        date=edition.date if edition else "",
        publisher=project.title,
        kind="dataset",
        version=edition.number if edition else None,
        words=words,
    )


def _editors(document: Resource, project: Project) -> tuple[str, ...]:
    return tuple(editor.label.value for editor in document.objects("rj:editor")) or (project.publisher,)


def _described(dossier: Resource, words: Messages) -> str:
    """Return publisher, title, symbol and date of the report of a dossier, as a citation names them."""
    report, names = dossier.report, ", ".join(who.label.value for who in publishers(dossier))
    title, date = report.text("dcterms:title") or report.label.value, report.text("dcterms:date")
    return ", ".join(
        filter(None, (names, words.quoted(title), report.text("rj:symbol"), words.date(date) if date else ""))
    )


def _name(iri: str) -> str:
    """Return a name of plain letters for the entry with that IRI.

    >>> _name("https://example.org/report/kaz-upr-20#claim-x"), _name("https://example.org/report/звіт")
    ('kaz-upr-20-claim-x', 'entry')
    """
    return re.sub(r"[^A-Za-z0-9-]+", "-", iri.rstrip("/").rpartition("/")[2]).strip("-") or "entry"
