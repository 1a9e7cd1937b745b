"""The texts of the interface in the language of a site: messages, dates and numbers.

English is the source: a message is its English text, and `locale/LANG/LC_MESSAGES/rejoinder.po` has its translation.
A language is added by adding a catalogue (`docs/site.md`). A text without a translation stays English.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rejoinder import dates
from rejoinder.errors import ProjectError, quoted
from rejoinder.lazily import lazy

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages.catalog import Message

SOURCE: Final = "en"
"""The language in which the messages are written."""
LOCALE: Final = Path(__file__).parent / "locale"
"""The folder of the catalogues that ship with the program."""
_WRITTEN_AS: Final = {"en": "en_GB"}
"""Locales of days and numbers, where a language has several: days before months, as the UN writes English."""
_EVERY: Final = (*range(201), 1_000_000)
"""Numbers among which every language has one of each of its plural forms."""


def N_(text: str) -> str:  # noqa: N802  # what gettext calls it everywhere
    """Return a message as it is: the call marks it for the catalogues, and whoever shows it looks it up."""
    return text


def NN_(one: str, many: str) -> tuple[str, str]:  # noqa: N802  # as above
    """Return a message for one and a message for several as they are, marked in the same way."""
    return one, many


def catalogues(language: str, folders: tuple[Path, ...] = (LOCALE,)) -> tuple[Path, ...]:
    """Return the catalogues of the language, then those of it without its region, then without its script.

    Standard: RFC 4647, section 3.4 (lookup).

    >>> [path.parts[-3] for path in catalogues("fr-ca")], catalogues("tlh")
    (['fr'], ())
    """
    parts = language.lower().split("-")
    tags = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    paths = (folder / tag / "LC_MESSAGES" / "rejoinder.po" for tag in tags for folder in folders)
    return tuple(path for path in paths if path.is_file())


QUOTED: Final = N_("“%(words)s”")
"""A text in quotation marks."""


@dataclass(frozen=True)
class Messages:
    """The interface in the language of its catalogues; without any, in English.

    A text is looked up in the first catalogue, then in the next.
    """

    found: tuple[Path, ...] = ()

    @property
    def language(self) -> str:
        """The tag of the language."""
        return self.found[0].parts[-3] if self.found else SOURCE

    @property
    def direction(self) -> str:
        """Return "ltr" or "rtl", the direction in which the language is written."""
        return _locale(self.language).text_direction if self.found else "ltr"

    @lazy
    def _translations(self) -> gettext.NullTranslations:
        every = [_read(path) for path in self.found]
        for first, following in pairwise(every):
            first.add_fallback(following)
        return every[0] if every else gettext.NullTranslations()

    def read(self) -> None:
        """Read the catalogues now, so that a mistake in one is found before anything is made with them.

        Raises:
            ProjectError: one cannot be read, or has a translation that cannot be shown.
        """
        _ = self._translations

    def translated(self, text: str, context: str = "") -> str:
        """Return the translation of a text without placeholders, such as the title of a question.

        A text of a project may have none, and stays as it is. `context` tells words apart that are the same in English:
        a supported claim, and supported recommendations.

        >>> Messages().translated("100 % of claims")
        '100 % of claims'
        """
        if not text:
            return ""
        return self._translations.pgettext(context, text) if context else self._translations.gettext(text)

    def gettext(self, message: str, /, **values: object) -> str:
        """Return the message with the values for its placeholders; numbers are written as the language does.

        >>> Messages().gettext("%(n)s of %(all)s", n=4, all=35305)
        '4 of 35,305'
        """
        return self._translations.gettext(message) % self.shown(values)

    def quoted(self, text: str) -> str:
        r"""Return a text in the quotation marks of the language.

        >>> Messages().quoted("untrue"), Messages(catalogues("fr")).quoted("faux")
        ('“untrue”', '«\xa0faux\xa0»')
        """
        return self.gettext(QUOTED, words=text)

    def ngettext(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Return the form of the message for the number, with the values for its placeholders.

        >>> Messages().ngettext("%(n)s row", "%(n)s rows", 1, n=1), Messages().ngettext("row", "rows", 2)
        ('1 row', 'rows')
        """
        return self.form(one, many, number) % self.shown(values)

    def form(self, one: str, many: str, number: int) -> str:
        """Return the form of the message for the number, with its placeholders."""
        return self._translations.ngettext(one, many, number)

    def forms(self, one: str, many: str) -> dict[str, str]:
        """Return the forms of words for numbers, by the name of the form in CLDR, for the browser's `PluralRules`.

        >>> Messages().forms("claim", "claims")
        {'one': 'claim', 'other': 'claims'}
        """
        rule = _locale(self.language).plural_form
        found: dict[str, str] = {}
        for number in _EVERY:
            found.setdefault(rule(number), self._translations.ngettext(one, many, number))
        # Of some languages, whole numbers are never "other".
        found.setdefault("other", self._translations.ngettext(one, many, _EVERY[-1]))
        return dict(sorted(found.items()))

    def shown(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return the values for placeholders, whole numbers as the language writes them."""
        return {name: self.number(it) if type(it) is int else it for name, it in values.items()}

    def number(self, number: int) -> str:
        """Return a whole number as the language writes it.

        >>> Messages().number(35305), Messages(catalogues("fr")).number(35305)
        ('35,305', '35\u202f305')
        """
        return _number(self.language, number)

    def date(self, text: str) -> str:
        """Return an EDTF date in words; dates other than plain days, months, years and spans stay as they are.

        >>> english, french = Messages(), Messages(catalogues("fr"))
        >>> [english.date(date) for date in ("2014-10-30", "2012-12", "1995", "../2014-11-21", "2012/2014", "2014~")]
        ['30 October 2014', 'December 2012', '1995', 'no later than 21 November 2014', '2012 to 2014', '2014~']
        >>> english.date("[..2014-04-30]")
        'no later than 30 April 2014'
        >>> [french.date(date) for date in ("2014-10-30", "2012-12", "1995")]
        ['30 octobre 2014', 'décembre 2012', '1995']
        """
        start, slash, end = _ONE_OF_UNTIL.sub(r"../\1", text).partition("/")
        first, last = _day(self.language, start), _day(self.language, end)
        if not slash:
            return first
        if start in ("", ".."):
            return self.gettext("no later than %(date)s", date=last)
        if end in ("", ".."):
            return self.gettext("from %(date)s on", date=first)
        return self.gettext("%(start)s to %(end)s", start=first, end=last)


ENGLISH: Final = Messages()
"""The interface as it is written in the source."""


def of_language(language: str, root: Path | None = None) -> Messages:
    """Return the interface in a language, or in English if there is no catalogue.

    Those of a project, in the folder `locale` below `root`, come before those of the program.
    """
    folders = (*((root / "locale",) if root else ()), LOCALE)
    return Messages(catalogues(language, folders))


def _read(path: Path) -> gettext.NullTranslations:
    """Return the translations of a catalogue, without those that wait for a review (`fuzzy`).

    Raises:
        ProjectError: it cannot be read, is no catalogue, or has a translation without the placeholders of its message.
    """
    from babel.messages.mofile import write_mo  # noqa: PLC0415  # only for another language than English
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415  # as above

    # Catalogues are read as translators write them: compiled ones would be missing in a checkout, or old.
    packed, refused = io.BytesIO(), "not a catalogue of messages in the format PO"
    try:
        catalogue = read_po(io.BytesIO(path.read_bytes()), abort_invalid=True)
        write_mo(packed, catalogue)
        packed.seek(0)
        found = gettext.GNUTranslations(packed)
    except OSError as error:
        raise ProjectError(f"{path}: cannot be read: {error.strerror}") from error
    except PoFileError as error:
        # It counts lines from 0, and says so in its text.
        reason = str(error).removesuffix(f" on {error.lineno}")
        raise ProjectError(f"{path}:{error.lineno + 1}: {refused}: {reason}") from error
    except (ValueError, LookupError) as error:  # of the header: a character set or a rule that does not exist
        raise ProjectError(f"{path}: {refused}: {error}") from error
    _check_plural(path, found, catalogue.num_plurals)
    for message in catalogue:
        if message.id and not message.fuzzy:
            _check_placeholders(path, message)
    return found


def _check_plural(path: Path, found: gettext.GNUTranslations, forms: int) -> None:
    """Try the rule for plural forms.

    Raises:
        ProjectError: there are numbers for which it gives no form of the catalogue.
    """
    for number in _EVERY:
        try:
            form = found.plural(number)  # type: ignore[attr-defined]  # gettext documents it for those who derive
        except (ArithmeticError, ValueError):
            form = -1
        if not 0 <= form < forms:
            raise ProjectError(f"{path}: the rule in Plural-Forms gives none of the {forms} forms for {number}")


_PLACEHOLDER: Final = re.compile(r"%%|%\(\w+\)s|\{\w+\}")


def _placeholders(text: str) -> frozenset[str] | None:
    """Return the placeholders in a text; None if it has any other percent sign, and so is not formatted.

    >>> sorted(_placeholders("%(n)s of {all}, 5 %%")), _placeholders("100 % of claims")
    (['%(n)s', '{all}'], None)
    """
    if "%" in _PLACEHOLDER.sub("", text):
        return None
    return frozenset(_PLACEHOLDER.findall(text)) - {"%%"}


def _check_placeholders(path: Path, message: Message) -> None:
    """Compare the placeholders of a translation with those of its message.

    Raises:
        ProjectError: they are others. A form for some numbers may leave one out, such as a dual the number.
    """
    ids, texts = ((it or "",) if isinstance(it, str | None) else tuple(it) for it in (message.id, message.string))
    originals = [found for it in ids if (found := _placeholders(it)) is not None]
    if len(originals) < len(ids):  # such as the title of a question, which is shown as it is
        return
    known = frozenset[str]().union(*originals)
    for text in filter(None, texts):
        own, where = _placeholders(text), f"{path}:{message.lineno}: the translation {quoted(text)}"
        if own is None:
            raise ProjectError(f"{where} has a percent sign that begins no placeholder; write it as a word")
        if strange := sorted(own - known):
            raise ProjectError(f"{where} has {', '.join(strange)}, which the message {quoted(ids[-1])} has not")
        if len(ids) == 1 and (missing := sorted(known - own)):
            raise ProjectError(f"{where} is without {', '.join(missing)}, which the message {quoted(ids[0])} has")


def _locale(language: str) -> Locale:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415  # needed for pages, and by no short command

    try:
        return Locale.parse(_WRITTEN_AS.get(language, language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):  # a language that CLDR does not know
        return Locale.parse(_WRITTEN_AS[SOURCE])


@lru_cache(maxsize=4096)
def _number(language: str, number: int) -> str:
    if language == SOURCE:
        return f"{number:,}"
    from babel.numbers import format_decimal  # noqa: PLC0415  # see `_locale`

    return format_decimal(number, locale=_locale(language))


_ONE_OF_UNTIL: Final = re.compile(r"\[\.\.([0-9-]+)\]")
"""One day, month or year of all until this one, in EDTF."""
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")


@lru_cache(maxsize=4096)
def _day(language: str, text: str) -> str:
    """Return a day or a month in words, everything else as it is."""
    if not _DATE.fullmatch(text) or not dates.is_calendar_date(text):
        return text
    from babel.dates import format_date, format_skeleton  # noqa: PLC0415  # see `_locale`

    try:
        first = dates.span(text).earliest
    except ValueError:  # no day of the calendar
        return text
    locale = _locale(language)
    written = format_skeleton("yMMMM", first, locale=locale) if len(text) == 7 else format_date(first, "long", locale)
    # With the abbreviation, a sentence that a date closes would end in two full stops; UN documents write the word.
    return written.replace("\u202fг.", "\u202fгода") if locale.language == "ru" else written
