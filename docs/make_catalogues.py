"""Write the catalogues of the interface: `src/rejoinder/locale/LANG/LC_MESSAGES/rejoinder.po`.

The messages are those of the templates and of the program, and titles, summaries and heads of columns of the stored
questions. A new message is added without a translation, one that is no longer used is removed, and translations stay.
To add a language, give its tag: `python docs/make_catalogues.py ar`.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from rejoinder import question
from rejoinder.config import open_project
from rejoinder.messages import LOCALE
from rejoinder.site import question_page

ROOT: Final = Path(__file__).resolve().parents[1]
_PROGRAM: Final = ROOT / "src" / "rejoinder"
_KEYWORDS: Final = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "NN_": (1, 2), "forms": (1, 2)}
_METHODS: Final = [("**.py", "python"), ("site/templates/**.html", "jinja2"), ("site/templates/**.xml", "jinja2")]


def messages() -> Catalog:
    """Return all messages of the interface, without translations."""
    catalog = Catalog(project="Rejoinder", charset="utf-8", fuzzy=False)
    found = extract_from_dir(_PROGRAM, _METHODS, keywords=_KEYWORDS)
    for file, _, words, comments, context in found:
        catalog.add(words, locations=[(file, 1)], auto_comments=comments, context=context)
    for name, context, text in _of_questions():
        catalog.add(text, locations=[(f"queries/{name}.rq", 1)], context=context or None)
    return catalog


def _of_questions() -> Iterator[tuple[str, str, str]]:
    """Yield the texts of the stored questions, each with the name of its question and its context."""
    for name, found in question.of_project(open_project(ROOT)).items():
        yield from ((name, context, text) for context, text in question_page.texts(found))


def updated(path: Path) -> bytes:
    """Return the catalogue at the path with all messages: new ones are not translated, and none is guessed."""
    found = read_po(io.BytesIO(path.read_bytes()), locale=path.parts[-3]) if path.is_file() else Catalog(path.parts[-3])
    written = Catalog(
        found.locale,
        project="Rejoinder",
        header_comment="# The texts of the interface. `python docs/make_catalogues.py` adds what is new.",
        fuzzy=False,
        revision_date=found.revision_date,
        creation_date=found.creation_date,
    )
    for message in messages():
        if message.id:
            known = found.get(message.id, message.context)
            text = known.string if known and bool(known.pluralizable) == bool(message.pluralizable) else None
            written.add(message.id, text or "", [(file, 1) for file, _ in message.locations], context=message.context)
    out = io.BytesIO()
    write_po(out, written, width=0, include_lineno=False, sort_output=True)
    return b"".join(line for line in out.getvalue().splitlines(keepends=True) if not line.startswith(_DATES))


_DATES: Final = (
    b'"POT-Creation-Date',
    b'"PO-Revision-Date',
    b'"Generated-By',
    b'"Last-Translator',
    b'"Language-Team',
    b'"Report-Msgid',
)
"""Lines of the header that would change with every run, or that say nothing."""


def main(languages: list[str]) -> None:
    """Write the catalogues of these languages, or of all that there are."""
    for language in languages or sorted(path.name for path in LOCALE.iterdir()):
        path = LOCALE / language / "LC_MESSAGES" / "rejoinder.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(updated(path))


if __name__ == "__main__":
    main(sys.argv[1:])
