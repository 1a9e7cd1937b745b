"""Render pages from Jinja templates.

Jinja escapes all values. Links are relative to the page's own file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Context
from markupsafe import Markup

from rejoinder import formats, messages
from rejoinder.config import Project
from rejoinder.formats import Syntax
from rejoinder.lazily import lazy
from rejoinder.messages import N_, Messages
from rejoinder.rdf import serialize
from rejoinder.rdf.terms import Literal
from rejoinder.site import inline
from rejoinder.site.affected import AffectedNames
from rejoinder.site.claims import ClaimOutcome, PartsWithPages, attributed, grounds, publishers
from rejoinder.site.fragments import ReportPages, report_pages
from rejoinder.site.inline import Inline, office_of
from rejoinder.site.passages import SourceText, places, text_of, units
from rejoinder.site.reads import of_layout
from rejoinder.site.resource import REPEATED, GraphReader, Resource, SiteUrls, expanded, relative

TERMS: Final = {
    "bibo:status": N_("status"),
    "dcterms:bibliographicCitation": N_("to cite"),
    "dcterms:created": N_("created"),
    "dcterms:creator": N_("creator"),
    "dcterms:date": N_("date"),
    "dcterms:identifier": N_("identifier"),
    "dcterms:isPartOf": N_("part of"),
    "dcterms:isReplacedBy": N_("replaced by"),
    "dcterms:issued": N_("issued"),
    "dcterms:language": N_("language"),
    "dcterms:license": N_("licence"),
    "dcterms:modified": N_("modified"),
    "dcterms:publisher": N_("publisher"),
    "dcterms:source": N_("source"),
    "dcterms:title": N_("title"),
    "owl:annotatedProperty": N_("relation"),
    "owl:annotatedSource": N_("maps"),
    "owl:annotatedTarget": N_("to"),
    "owl:priorVersion": N_("version before"),
    "owl:versionIRI": N_("this version"),
    "owl:versionInfo": N_("version"),
    "org:memberOf": N_("belongs to"),
    "pav:authoredBy": N_("judged by"),
    "prov:wasAttributedTo": N_("attributed to"),
    "prov:wasDerivedFrom": N_("made from"),
    "rdfs:comment": N_("note"),
    "rdfs:domain": N_("is said of"),
    "rdfs:label": N_("label"),
    "rdfs:range": N_("values"),
    "rdfs:seeAlso": N_("see also"),
    "rdfs:subClassOf": N_("is a kind of"),
    "rdfs:subPropertyOf": N_("implies"),
    "schema:email": N_("e-mail"),
    "schema:locationCreated": N_("place of publication"),
    "schema:sameAs": N_("same as"),
    "schema:url": N_("website"),
    "sh:message": N_("message"),
    "sh:severity": N_("severity"),
    "sh:targetClass": N_("checks each"),
    "skos:altLabel": N_("also called"),
    "skos:broadMatch": N_("broader match"),
    "skos:broader": N_("broader"),
    "skos:closeMatch": N_("close match"),
    "skos:definition": N_("definition"),
    "skos:editorialNote": N_("editor’s note"),
    "skos:exactMatch": N_("exact match"),
    "skos:inScheme": N_("in the list"),
    "skos:narrowMatch": N_("narrower match"),
    "skos:notation": N_("code"),
    "skos:relatedMatch": N_("related match"),
    "vann:preferredNamespacePrefix": N_("prefix"),
    "vann:preferredNamespaceUri": N_("namespace"),
    "sssom:confidence": N_("likeness"),
    "sssom:mapping_justification": N_("found by"),
    "sssom:mapping_tool": N_("proposed by the program"),
    "sssom:predicate_modifier": N_("but"),
    "sssom:review_date": N_("reviewed on"),
    "sssom:reviewer_id": N_("reviewed by"),
}
"""The words for properties on pages, by prefixed name."""

_OWN_WORDS: Final = {
    "rj:affected": N_("persons concerned"),
    "rj:approvedBy": N_("approval by"),
    "rj:holder": N_("position of"),
    "rj:participant": N_("took part"),
    "rj:provision": N_("law"),
    "rj:responsible": N_("carried out by"),
    "rj:roleIn": N_("spoke for"),
    "rj:troikaMember": N_("troika"),
}
"""The words for properties of our own whose labels do not fit beside a value."""

_NO_PLURAL: Final = frozenset({"Background", "Evidence"})

WORDS_BY_IRI: Final = {expanded(name).value: words for name, words in (TERMS | _OWN_WORDS).items()}
"""The same words by the IRI of the property."""

PARTS: Final = {
    expanded(name).value: words
    for name, words in {
        "dcterms:publisher": N_("published it"),
        "org:memberOf": N_("has it as a member"),
        "prov:wasAttributedTo": N_("said or found it"),
        "rj:about": N_("is its subject"),
        "rj:addressedTo": N_("is asked to act"),
        "rj:affected": N_("is concerned"),
        "rj:approvedBy": N_("approved"),
        "rj:confirmedBy": N_("checked the entry"),
        "rj:editor": N_("edited the dossier"),
        "rj:holder": N_("takes the position"),
        "rj:participant": N_("took part"),
        "rj:party": N_("is or is not party to the treaty"),
        "rj:person": N_("can be contacted"),
        "rj:provision": N_("is the law in question"),
        "rj:responsible": N_("carried it out"),
        "rj:roleIn": N_("is the body of the speaker"),
        "rj:visitor": N_("was forbidden to visit"),
    }.items()
}
"""The words for the part of a thing in an entry that points to it, by the IRI of the property."""


def heading(label: Literal, number: int) -> Literal:
    """Return the heading for `number` things of a kind; only English labels get a plural.

    >>> [heading(Literal(word, language="en"), 2).value for word in ("Claim", "Part of a statistic", "Evidence")]
    ['Claims', 'Parts of a statistic', 'Evidence']
    >>> heading(Literal("Claim", language="en"), 1).value, heading(Literal("Утверждение", language="ru"), 2).value
    ('Claim', 'Утверждение')
    """
    if number == 1 or label.language != "en" or label.value in _NO_PLURAL:
        return label
    # "Part of a statistic" becomes "Parts of a statistic".
    noun, of, rest = label.value.partition(" of ")
    noun = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return Literal(noun + of + rest, language="en")


TEMPLATES: Final = Path(__file__).parent / "templates"
RDF_ALTERNATES: Final = (formats.TURTLE, formats.JSONLD, formats.NTRIPLES)
VOCABULARY_ALTERNATES: Final = (*RDF_ALTERNATES, formats.RDFXML)
"""The syntaxes of a vocabulary: ontology editors such as Protégé ask for RDF/XML before any other."""

ABOUT: Final = "https://schema.org/AboutPage"
"""The class of a page about a thing, in addition to the class of the thing (Signposting)."""

HTML: Final = "text/html; charset=utf-8"

_HIDDEN: Final = (
    "rdf:type",
    "rdfs:label",
    "skos:prefLabel",
    "rj:anchor",
    "rj:lang",
    "rj:pseudonymous",
    "rj:earliest",
    "rj:latest",
    "rj:hasStatisticPart",
    # Only machines can use these; the data have them.
    "oa:start",
    "oa:end",
    "rj:characters",
    "schema:sha256",
    "void:triples",
    "skos:hasTopConcept",
    "skos:topConceptOf",
)
"""Properties that a page shows in another way, or that repeat what it shows."""


@dataclass(frozen=True)
class Page:
    """A file of the site: its path, content and media type, and whether it names persons affected."""

    path: str
    content: bytes
    media_type: str
    names_affected: bool = False


@dataclass(frozen=True)
class PageMetadata:
    """The metadata in the head of a page.

    `iri` is what it is about and is cited as, `kind` the schema.org class of that, `structured` its description in
    schema.org's terms; `alternates` is the stem of the files that say the same in RDF, if there are any, in `syntaxes`.
    `authors` are the IRIs of those who wrote it, where that is not the publisher of the site; `describes` is what a
    document is about that is cited itself, such as the report of a dossier. `licences` are those of what it shows, if
    that is not simply the licence of the site; an import may have none.
    """

    title: str
    description: str
    iri: str
    kind: str
    structured: dict[str, Any]
    alternates: str | None = None
    syntaxes: tuple[Syntax, ...] = RDF_ALTERNATES
    authors: tuple[str, ...] = ()
    describes: str | None = None
    licences: tuple[str, ...] | None = None


class _Context(Context):
    """The names that a template sees. No function among them wants the context, for which Jinja looks at each call."""

    def call(self, function: Callable[..., Any], /, *args: Any, **values: Any) -> Any:
        """Call a function or macro from a template."""
        # What Jinja passes from within loops and blocks to functions that want the context.
        values.pop("_loop_vars", None)
        values.pop("_block_vars", None)
        return function(*args, **values)


def environment_of(words: Messages) -> Environment:
    """Return the templates with the texts of the interface in the language of `words`."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        auto_reload=False,  # templates do not change while the program runs
        optimized=False,  # to look for constants to fold takes a sixth of the time for compiling, and finds hardly any
        autoescape=True,
        # A misspelt name in a template is an error, not an empty place on a page.
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],  # {% trans %} and _()
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.context_class = _Context
    # Messages may have markup, and are trusted as templates are; what stands in their placeholders is escaped.
    environment.globals["gettext"] = environment.globals["_"] = partial(_gettext, words, {})
    environment.globals["ngettext"] = partial(_ngettext, words)
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # of the extension: values as keywords
    environment.globals["forms"] = words.forms
    environment.globals["direction"] = words.direction
    environment.globals["language"] = words.language
    environment.filters["translated"] = words.translated
    environment.filters["quoted"] = partial(_quoted, words)
    environment.filters["in_words"] = words.date
    environment.filters["number"] = words.number
    environment.filters["percent"] = partial(quote, safe="")
    environment.globals["publishers"] = publishers
    environment.globals["attributed"] = attributed
    environment.globals["office_of"] = partial(office_of, words=words)
    environment.globals["dating"] = environment.filters["dating"] = inline.dating_of
    environment.globals["grounds"] = grounds
    environment.globals["unanswered"] = ClaimOutcome.UNANSWERED
    environment.globals["HIDDEN"] = REPEATED | {expanded(name).value for name in _HIDDEN}
    environment.globals["TERMS"] = {iri: words.gettext(text) for iri, text in WORDS_BY_IRI.items()}
    environment.globals["PARTS"] = {iri: words.gettext(text) for iri, text in PARTS.items()}
    environment.globals["ABOUT"] = ABOUT
    environment.globals["places"] = places
    environment.globals["units"] = units
    environment.tests["resource"] = lambda value: isinstance(value, Resource)
    return environment


def _gettext(words: Messages, known: dict[str, Markup], message: str, /, **values: object) -> Markup:
    """Return a message; `known` keeps those without placeholders, which stand on every page."""
    if values:
        return Markup(words.translated(message)) % words.shown(values)  # noqa: S704  # what catalogues have is trusted
    if message not in known:
        known[message] = Markup(words.translated(message)) % {}  # noqa: S704  # as above
    return known[message]


def _quoted(words: Messages, text: str) -> Markup:
    return _gettext(words, {}, messages.QUOTED, words=text)


def _ngettext(words: Messages, one: str, many: str, number: int, /, **values: object) -> Markup:
    return Markup(words.form(one, many, number)) % words.shown(values)  # noqa: S704  # as above


@dataclass(frozen=True)
class Renderer:
    """Renders the pages of one version of a project's data; `scripts` says whether the site has any."""

    project: Project
    reader: GraphReader
    scripts: bool = False
    _reports: dict[str, tuple[ReportPages, SourceText | None] | None] = field(default_factory=dict, repr=False)

    @lazy
    def words(self) -> Messages:
        """Return the interface in the language of the site."""
        return messages.of_language(self.project.language, self.project.root)

    @lazy
    def _environment(self) -> Environment:
        return environment_of(self.words)

    @lazy
    def addresses(self) -> SiteUrls:
        """Return the links and paths of the project's things."""
        return SiteUrls(self.project.base, self._parts)

    @lazy
    def _parts(self) -> PartsWithPages:
        return PartsWithPages(self.reader)

    @lazy
    def affected(self) -> AffectedNames:
        """Return the names of persons affected."""
        return AffectedNames(self.reader, self.words)

    def page(
        self, template: str, path: str, head: PageMetadata, *, names_affected: bool = False, **values: object
    ) -> Page:
        """Render the page at `path`; with `names_affected`, it has the names of persons affected, and is not listed."""

        def href(target: Resource | str) -> str | None:
            iri = target if isinstance(target, str) else target.iri
            if iri not in links:
                links[iri] = self.link(iri, path)
            return links[iri]

        links: dict[str, str | None] = {}
        qualification = self.affected.qualification if names_affected else None
        text = self._environment.get_template(template).render(
            **values,
            head=head,
            site=self.project,
            reader=self.reader,
            href=href,
            inline=Inline(self.words, partial(_gettext, self.words, {}), href, qualification),
            anchor=lambda target: self.anchor(target.iri, path),
            quoted=self.quoted,
            file=lambda target: relative(target, path),
            here=path,
            alternates=alternate_files(head.alternates, head.syntaxes) if head.alternates else (),
            dataset=self.project.base,
            scripts=self.scripts,
            names_affected=names_affected,
            qualification=qualification or _nothing,
        )
        careful = text if names_affected else self.affected.left_out(text)
        # The note on names left out stands on every page as it is rendered, and stays where there are any.
        return Page(path, (_NOTE.sub("", careful) if careful == text else careful).encode(), HTML, names_affected)

    def link(self, iri: str, at: str = "index.html") -> str | None:
        """Return the link to the page or element that shows `iri`, from the file `at`; None if there can be none."""
        return self.addresses.link(iri, at, self._page_of(iri))

    def anchor(self, iri: str, at: str) -> str | None:
        """Return the link to the element for `iri` on a page of its document, even if it has a page of its own."""
        return self.addresses.anchor(iri, at, self._page_of(iri))

    def _page_of(self, iri: str) -> str | None:
        document, _, fragment = iri.partition("#")
        if not fragment:
            return None
        self.reader.reads.note([of_layout(iri)])
        pages = self.report_pages(document)
        return pages.places.get(fragment) if pages else None

    def layout(self, iri: str) -> Mapping[str, object]:
        """Return what depends on where the parts of the report `iri` are, by IRI.

        Links to a part depend on the page that it is on, and on whether it has one of its own; what quotes the report
        depends on its text.
        """
        found = self._report(iri)
        if found is None:
            return {}
        pages, text = found
        own = self._parts.of(iri)
        parts = {f"{iri}#{fragment}": page for fragment, page in pages.places.items()}
        return {iri: text and text.digest, **{part: (page, part in own) for part, page in parts.items()}}

    def report_pages(self, iri: str) -> ReportPages | None:
        """Return the pages beside that of the report `iri`, None if it is not the IRI of a report of this site."""
        found = self._report(iri)
        return found[0] if found else None

    def source_text(self, iri: str) -> SourceText | None:
        """Return the source text of the report `iri`, if it may be shown."""
        self.reader.reads.note([of_layout(iri)])  # with another text, its passages are on other pages
        found = self._report(iri)
        return found[1] if found else None

    def quoted(self, passage: Resource) -> tuple[str, str, str, str] | None:
        """Return text before a passage, its words, text after it, and their language, if the text may be shown."""
        text = self.source_text(passage.document.iri)
        title = passage.document.report.literal("dcterms:title") if text else None
        return (*text.quoted(passage), (title and title.language) or "") if text else None

    def _report(self, iri: str) -> tuple[ReportPages, SourceText | None] | None:
        if iri not in self._reports:
            report = self.reader.resource(iri)
            stem = self.addresses.stem(iri) if report.is_a("rj:Dossier") else None
            text = text_of(self.project, report) if stem else None
            self._reports[iri] = (report_pages(report, stem, text), text) if stem else None
        return self._reports[iri]

    def document(self, template: str, path: str, media_type: str, **values: object) -> Page:
        """Render the XML document at `path`, with characters replaced that XML cannot express."""
        text = self.affected.left_out(self._environment.get_template(template).render(**values, site=self.project))
        return Page(path, serialize.NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text).encode(), media_type)

    def stem(self, resource: Resource) -> str:
        """Return the path, without its suffix, of the page of a thing on the site."""
        found = self.addresses.stem(resource.iri)
        if found is None:
            raise ValueError(f"{resource.iri} has no address on this site")
        return found


_NOTE: Final = re.compile(r'<p class="note left-out">.*?</p>\n?', re.DOTALL)


def _nothing(_: str) -> str:
    return ""


def alternate_files(stem: str, syntaxes: tuple[Syntax, ...] = RDF_ALTERNATES) -> tuple[tuple[str, Syntax], ...]:
    """Return the RDF files beside the page at `stem`."""
    return tuple((stem + syntax.suffix, syntax) for syntax in syntaxes)
