"""The interface in other languages: whole catalogues, no text outside them, no word of English, right to left."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import html5lib
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

import make_catalogues
import rejoinder
from browsing import opened
from rejoinder import versions
from rejoinder.config import Project
from rejoinder.errors import ProjectError
from rejoinder.messages import LOCALE, Messages, catalogues, of_language
from rejoinder.site import routes
from rejoinder.site.render import TEMPLATES
from rejoinder.site.snapshot import Snapshot, open_snapshot

COMPLETE = ("fr", "ru")
CLAIM = "report/kaz-upr-20/claim-article-400-narrows.html"
PAGES = (
    "index.html",
    CLAIM,
    "report/kaz-upr-20.html",
    "report/kaz-upr-20/data.html",
    "claim/index.html",
    "evidence/index.html",
    "recommendation/index.html",
    "state/KAZ.html",
    "state/index.html",
    "person/index.html",
    "issue/torture.html",
    "question/contradicted-claims.html",
    "question/index.html",
    "how-to-read.html",
    "search.html",
    "compare.html",
    "sparql.html",
    "version/index.html",
    "version/1/index.html",
    "ns.html",
)


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    """Return every message of the interface."""
    return [message for message in make_catalogues.messages() if message.id]


def _catalogue(language: str) -> Catalog:
    (path,) = catalogues(language)
    return read_po(io.BytesIO(path.read_bytes()), locale=language)


def _placeholders(text: str) -> list[str]:
    """Return what a translation must have, too: placeholders and markup."""
    return sorted(re.findall(r"%\(\w+\)s|\{\w+\}|</?\w+[^>]*>", text))


def _texts(given: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (given or "",) if isinstance(given, str | None) else tuple(given)


@pytest.mark.parametrize("language", COMPLETE)
def test_a_catalogue_has_every_message_and_no_other(language: str, messages: list[Message]) -> None:
    found = _catalogue(language)
    assert {(it.context, *_texts(it.id)) for it in found if it.id} == {(it.context, *_texts(it.id)) for it in messages}
    assert [it.id for it in found if it.id and not (all(_texts(it.string)) and it.string)] == []
    assert [it.id for it in found if it.fuzzy and it.id] == []


@pytest.mark.parametrize("language", COMPLETE)
def test_a_translation_has_the_placeholders_and_the_markup_of_its_message(language: str) -> None:
    wrong = {
        text: _texts(it.id)[-1]
        for it in _catalogue(language)
        if it.id
        for text in _texts(it.string)
        if _placeholders(text) not in map(_placeholders, _texts(it.id))
    }
    assert wrong == {}


def test_russian_has_three_forms_and_french_says_nought_in_the_singular() -> None:
    russian, french = of_language("ru"), of_language("fr")
    said = [russian.ngettext("%(n)s row", "%(n)s rows", n, n=n) for n in (1, 2, 5, 11, 21, 1002)]
    assert said == ["1 строка", "2 строки", "5 строк", "11 строк", "21 строка", "1\xa0002 строки"]
    assert [french.ngettext("%(n)s row", "%(n)s rows", n, n=n) for n in (0, 1, 2)] == ["0 ligne", "1 ligne", "2 lignes"]
    assert russian.forms("claim", "claims").keys() == {"one", "few", "many", "other"}


def test_dates_are_in_words_of_the_language() -> None:
    russian, french = of_language("ru"), of_language("fr")
    assert french.date("2014-10-30") == "30 octobre 2014"
    assert french.date("../2014-11-21") == "21 novembre 2014 au plus tard"
    assert french.date("../2014") == "2014 au plus tard"
    assert russian.date("2012/2014") == "2012 — 2014"
    assert russian.date("../2012-12") == "самое позднее декабрь 2012\u202fгода"


UNMARKED = {
    "API": "a name",
    "CSV": "a name of a format, as the next ones",
    "JSON": "",
    "JSON-LD": "",
    "N-Triples": "",
    "RDF Patch": "",
    "RDF/XML": "",
    "SPARQL": "",
    "Turtle": "",
    "VoID and DCAT": "two names of vocabularies",
    "OpenAPI": "a name",
    "rejoinder ask": "a command, which is typed as it stands",
    "feed.xml": "a part of an address",
}
"""Texts in templates that are no messages, with the reason."""
_SHOWN = re.compile(r"""(?:aria-label|placeholder|alt|title)=["']([^"']*)["']""")
_NAMES = {"csv", "json", "sparql"}
"""Values of `title` that name a format for programs."""


def _unmarked(template: str) -> Iterator[str]:
    """Yield the texts between tags, and those of attributes that are read to people, outside of messages."""
    parts: list[str] = []
    in_message = depth = 0
    tokens = list(Environment(extensions=["jinja2.ext.i18n"], autoescape=True).lex(template))
    for at, (_, kind, value) in enumerate(tokens):
        following = next((text for _, name, text in tokens[at + 1 :] if name == "name"), "")
        if kind == "block_begin" and following in ("trans", "endtrans"):
            in_message += 1 if following == "trans" else -1
        depth += {"variable_begin": 1, "block_begin": 1, "variable_end": -1, "block_end": -1}.get(kind, 0)
        if kind == "data" and not in_message:
            parts.append(value)
        elif kind == "variable_begin" and not in_message:
            parts.append("\0")
    text = "".join(parts)
    yield from _SHOWN.findall(text)
    # In a macro there is text that no tag surrounds, or an attribute alone.
    yield from re.split(r"<[^>]*>", re.sub(r' \w+="[^"]*"', "", text))


def test_templates_have_no_text_that_is_no_message() -> None:
    found = {
        (path.name, words)
        for path in TEMPLATES.iterdir()
        if path.suffix in (".html", ".xml")
        for text in _unmarked(path.read_text(encoding="utf-8"))
        for words in (" ".join(text.replace("\0", " ").split()).strip(" :·.,;=…“”()"),)
        if re.search(r"[^\W\d_]{2}", words) and words not in UNMARKED and words not in _NAMES
    }
    assert found == set()


def _snapshot(project: Project, language: str, root: Path | None = None) -> Snapshot:
    spoken = replace(project, language=language, root=root or project.root)
    return open_snapshot(spoken, versions.require_newest(project.build))


def _own_words(node: ET.Element, language: str) -> Iterator[str]:
    """Yield the texts of a page in its own language: not those of elements that say that they are in another."""
    if node.get("lang", language) != language or node.tag in ("script", "style", "code", "pre"):
        return
    yield from (node.get(name, "") for name in ("aria-label", "placeholder", "alt"))
    yield node.text or ""
    for child in node:
        yield from _own_words(child, language)
        yield child.tail or ""


def _parsed(snapshot: Snapshot, path: str) -> ET.Element:
    page = routes.page(snapshot, path)
    assert page
    found: ET.Element = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    return found


@pytest.mark.parametrize("language", COMPLETE)
def test_the_page_of_a_claim_has_no_word_of_the_english_interface(language: str, stored_once: Project) -> None:
    page = _parsed(_snapshot(stored_once, language), CLAIM)
    assert (page.get("lang"), page.get("dir")) == (language, "ltr")
    shown = {" ".join(text.split()).strip(" :,.;") for text in _own_words(page, language)} - {""}
    english = {
        piece.strip(" :,.;")
        for it in _catalogue(language)
        if it.id
        for text, said in zip(_texts(it.id), _texts(it.string), strict=False)
        if text != said
        for piece in re.split(r"%\(\w+\)s|<[^>]*>", text)
    }
    # Words that are the same in the other language are messages, too: “Date”, “Source”.
    known = {piece.strip(" \xa0:,.;") for it in _catalogue(language) for text in _texts(it.string) for piece in [text]}
    assert {words for words in shown & english - known if re.search(r"[^\W\d_]{2}", words)} == set()
    assert shown & known


@pytest.mark.parametrize("language", COMPLETE)
def test_labels_without_a_translation_are_marked_as_english(language: str, stored_once: Project) -> None:
    page = _parsed(_snapshot(stored_once, language), CLAIM)
    (heading,) = page.iter("h1")
    assert [node.get("lang") for node in heading.iter("bdi")] == ["en"]


WORDS: Final = {
    "fr": ("contradicted-claims", "explicitement dans le rapport", "explicitly in the report"),
    "ru": ("claims-and-what-became-of-them", "утверждение", "claim"),
}


@pytest.mark.parametrize("language", COMPLETE)
def test_an_answer_has_names_and_the_words_of_its_query_in_the_language(language: str, stored_once: Project) -> None:
    """The query that the page shows asks for that language, too."""
    snapshot = _snapshot(stored_once, language)
    name, words, english = WORDS[language]
    cells = {" ".join(node.itertext()).strip() for node in _parsed(snapshot, f"question/{name}.html").iter("td")}
    assert words in cells
    assert english not in cells
    name = "who-raised-what"
    germany = {"fr": "Allemagne", "ru": "Германия"}[language]
    assert germany in {" ".join(node.itertext()) for node in _parsed(snapshot, f"question/{name}.html").iter("a")}
    query = routes.page(snapshot, f"question/{name}.rq")
    assert query
    assert f'VALUES ?language {{ "{language}" }}' in query.content.decode()


def _written(root: Path, language: str, messages: str, header: str = "") -> Path:
    """Write a catalogue of a project; its first message is in line 3, or one lower for each line of the header."""
    path = root / "locale" / language / "LC_MESSAGES" / "rejoinder.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'msgid ""\nmsgstr "Language: {language}\\n"\n{header}{messages}', encoding="utf-8")
    return path


RULE = r'"Plural-Forms: nplurals=2; plural=%s;\n"' + "\n"


@pytest.mark.parametrize(
    ("header", "messages", "refusal"),
    [
        ("", 'msgid "Claims\n', r":3: not a catalogue .*: missing msgstr"),
        (r'"Content-Type: text/plain; charset=foo\n"' + "\n", "", ": not a catalogue .*: unknown encoding: foo"),
        (RULE % "n $ 2", "", r": not a catalogue .*: invalid token"),
        (RULE % "n/0", "", ": the rule in Plural-Forms gives none of the 2 forms for 0"),
        (RULE % "n", "", ": the rule in Plural-Forms gives none of the 2 forms for 2"),
        (
            "",
            'msgid "%(n)s of %(all)s"\nmsgstr "%(m)s de %(all)s, %(n)s"',
            r":3: the translation .* has %\(m\)s, which",
        ),
        ("", 'msgid "%(n)s of %(all)s"\nmsgstr "%(n)s"', r":3: the translation .* is without %\(all\)s, which"),
        ("", 'msgid "Show {number} more"\nmsgstr "Más"', r":3: the translation .* is without \{number\}, which"),
        ("", 'msgid "Claims"\nmsgstr "% de"', ":3: the translation '% de' has a percent sign"),
        ("", 'msgid "Claims"\nmsgstr "50 %"', ":3: the translation '50 %' has a percent sign"),
        (
            "",
            'msgid "%(n)s row"\nmsgid_plural "%(n)s rows"\nmsgstr[0] "%(n)s"\nmsgstr[1] "%(x)s"',
            r":3: the translation .* has %\(x\)s, which",
        ),
    ],
)
def test_a_catalogue_that_is_wrong_is_refused_with_its_name(
    header: str, messages: str, refusal: str, tmp_path: Path
) -> None:
    _written(tmp_path, "es", messages, header)
    with pytest.raises(ProjectError, match=r"rejoinder\.po" + refusal):
        of_language("es", tmp_path).read()


def test_a_catalogue_that_cannot_be_read_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"es\.po: cannot be read: No such file"):
        Messages((tmp_path / "es.po",)).read()


def test_what_is_shown_as_it_is_may_have_a_percent_sign_and_a_form_may_leave_its_number_out(tmp_path: Path) -> None:
    """The title of a question is no format; a translation that waits for a review is not used."""
    title = 'msgid "50 % of claims"\nmsgstr "50 % des assertions"\n\n'
    plural = 'msgid "%(n)s row"\nmsgid_plural "%(n)s rows"\nmsgstr[0] "une ligne"\nmsgstr[1] "%(n)s lignes"\n\n'
    unsure = '#, fuzzy\nmsgid "%(n)s of %(all)s"\nmsgstr "%(x)s"\n'
    _written(tmp_path, "fr", title + plural + unsure, RULE % "n != 1")
    french = of_language("fr", tmp_path)
    assert french.translated("50 % of claims") == "50 % des assertions"
    assert [french.ngettext("%(n)s row", "%(n)s rows", n, n=n) for n in (1, 2)] == ["une ligne", "2 lignes"]


@pytest.mark.parametrize("run", [rejoinder.check, rejoinder.build])
def test_a_wrong_catalogue_is_refused_before_anything_is_made(
    run: Callable[[Project], object], project: Project
) -> None:
    _written(project.root, "es", 'msgid "Claims"\nmsgstr "%(m)s"\n')
    with pytest.raises(ProjectError, match=r"rejoinder\.po:3: "):
        run(replace(project, language="es"))
    assert not project.build.exists()


def test_every_shortening_of_a_tag_has_its_catalogues(tmp_path: Path) -> None:
    """The longest comes first, and of each that of the project before that of the program."""
    for language, text in (("fr-ca", "Allégations"), ("fr", "Assertions"), ("sr-latn", "Tvrdnje")):
        _written(tmp_path, language, f'msgid "Claims"\nmsgstr "{text}"\n')
    canadian = of_language("fr-CA", tmp_path)
    roots = [path.parents[3] for path in canadian.found]
    assert [path.parts[-3] for path in canadian.found] == ["fr-ca", "fr", "fr"]
    assert roots == [tmp_path, tmp_path, LOCALE.parent]
    assert (canadian.language, canadian.gettext("Claims"), canadian.gettext("States")) == (
        "fr-ca",
        "Allégations",
        "États",
    )
    assert of_language("sr-latn-rs", tmp_path).gettext("Claims") == "Tvrdnje"


def test_a_project_translates_into_another_language_and_what_it_leaves_out_is_english(tmp_path: Path) -> None:
    path = tmp_path / "locale" / "es" / "LC_MESSAGES" / "rejoinder.po"
    path.parent.mkdir(parents=True)
    path.write_text('msgid ""\nmsgstr "Language: es\\n"\n\nmsgid "Claims"\nmsgstr "Afirmaciones"\n', encoding="utf-8")
    spanish = of_language("es-mx", tmp_path)
    assert (spanish.language, spanish.gettext("Claims"), spanish.gettext("States")) == ("es", "Afirmaciones", "States")


def test_a_project_changes_single_messages_of_a_catalogue_of_the_program(tmp_path: Path) -> None:
    path = tmp_path / "locale" / "fr" / "LC_MESSAGES" / "rejoinder.po"
    path.parent.mkdir(parents=True)
    path.write_text('msgid ""\nmsgstr "Language: fr\\n"\n\nmsgid "Claims"\nmsgstr "Assertions"\n', encoding="utf-8")
    french = of_language("fr", tmp_path)
    assert (french.gettext("Claims"), french.gettext("States")) == ("Assertions", "États")


LETTERS = str.maketrans(dict(zip("abcdefghijklmnopqrstuvwxyz", "ابتثجحخدذرزسشصضطظعغفقكلمنه", strict=False)))


def pseudo(text: str) -> str:
    """Return a text with Arabic letters for the Latin ones outside of placeholders and markup.

    >>> pseudo('<a href="%(link)s">Cab</a>')
    '<a href="%(link)s">تاب</a>'
    """
    pieces = re.split(r"(%\(\w+\)s|\{\w+\}|<[^>]*>)", text)
    return "".join(piece if at % 2 else piece.lower().translate(LETTERS) for at, piece in enumerate(pieces))


@pytest.fixture(scope="module")
def right_to_left(stored_once: Project, messages: list[Message], tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Return the example with an interface that a machine made and that is written from right to left."""
    root = tmp_path_factory.mktemp("pseudo")
    catalogue = Catalog("ar")
    for it in messages:
        many = pseudo(_texts(it.id)[-1])
        catalogue.add(it.id, many if isinstance(it.id, str) else [many] * catalogue.num_plurals, context=it.context)
    path = root / "locale" / "ar" / "LC_MESSAGES" / "rejoinder.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, catalogue)
    return _snapshot(stored_once, "ar", root)


@pytest.fixture(scope="module")
def english(messages: list[Message]) -> set[str]:
    """Return the texts of the interface between its placeholders and markup."""
    return {
        piece.strip(" :,.;")
        for it in messages
        for text in _texts(it.id)
        for piece in re.split(r"%\(\w+\)s|<[^>]*>", text)
    }


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_only_words_of_the_catalogue(path: str, right_to_left: Snapshot, english: set[str]) -> None:
    """What a page says in Latin letters is data, or a name: all else came through the catalogue."""
    page = _parsed(right_to_left, path)
    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    shown = {" ".join(text.split()).strip(" :,.;") for text in _own_words(page, "ar")}
    assert {words for words in shown & english if re.search(r"[^\W\d_]{2}", words)} - UNMARKED.keys() == set()


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_pages_from_right_to_left_fit_their_window(
    view: str, right_to_left: Snapshot, browser: Any, tmp_path: Path
) -> None:
    for path in (*PAGES, "style.css"):
        page = routes.page(right_to_left, path)
        assert page
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(page.content)
    window = opened(browser, view)
    for path in PAGES:
        window.goto((tmp_path / path).as_uri())
        assert window.evaluate("getComputedStyle(document.body).direction") == "rtl"
        wide = window.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide[0] <= wide[1], path
    window.context.close()


def test_every_catalogue_is_read_and_has_a_direction() -> None:
    found = {path.name: of_language(path.name) for path in LOCALE.iterdir()}
    assert set(COMPLETE) <= found.keys()
    assert {name: it.language for name, it in found.items()} == {name: name for name in found}
    assert Messages().direction == "ltr"


def test_a_page_has_all_that_its_scripts_say() -> None:
    said: set[str] = set()
    for path in sorted((make_catalogues.ROOT / "src" / "frontend").glob("*.ts")):
        said |= set(re.findall(r'\b(?:_|ngettext)\(\s*"([^"]*)"', path.read_text(encoding="utf-8")))
    given = set(re.findall(r'^    "([^"]*)": (?:_|forms)\("\1"', (TEMPLATES / "sparql.html").read_text("utf-8"), re.M))
    assert len(said) > 20
    assert said == given
