"""Literals of every datatype of XML Schema that a dossier may hold: random ones, and the extremes."""

from __future__ import annotations

import base64
from functools import partial
from typing import Final

from hypothesis import strategies as st

from rejoinder import namespaces
from rejoinder.rdf.terms import Literal, NamedNode

SIZES: Final = {"long": 64, "int": 32, "short": 16, "byte": 8}

YEARS = st.integers(-99_999, 99_999).map(lambda year: f"{'-' * (year < 0)}{abs(year):04d}")
ZONES = st.sampled_from(["", "Z", "+00:00", "-14:00", "+05:45"])
TIMES = st.times().map(lambda time: time.isoformat()) | st.sampled_from(
    ["24:00:00", "00:00:00.000", "23:59:59." + "9" * 20]
)
DIGITS = st.text("0123456789", min_size=1, max_size=30)
SIGNS = st.sampled_from(["", "+", "-"])
FRACTIONS = st.builds("{}{}.{}".format, SIGNS, DIGITS, DIGITS) | st.builds("{}.{}".format, SIGNS, DIGITS)
WHOLE = st.builds("{}{}".format, SIGNS, DIGITS)
FLOATS = (
    st.builds("{}{}{}".format, FRACTIONS | WHOLE, st.sampled_from("eE"), st.integers(-400, 400))
    | st.floats().map(lambda number: repr(number).replace("inf", "INF").replace("nan", "NaN"))
    | FRACTIONS
    | WHOLE
    | st.sampled_from(["INF", "-INF", "+INF", "NaN", "-0", "4.9e-324", "1.7976931348623157e308", "1e-45"])
)
DAY_TIMES = st.builds("{}P{}DT{}H{}M{}.{}S".format, st.sampled_from(["", "-"]), DIGITS, DIGITS, DIGITS, DIGITS, DIGITS)
YEAR_MONTHS = st.builds("{}P{}Y{}M".format, st.sampled_from(["", "-"]), DIGITS, DIGITS)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
"""Any text that Unicode has: what encodes no character, a surrogate, is none."""

FORBIDDEN: Final = tuple(map(chr, (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)))
"""What no XML document may hold."""

VISIBLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="".join(FORBIDDEN)), max_size=40)
"""Any text that XML can hold."""

TAGS = st.sampled_from(["en", "EN-gb", "zh-Hant-HK", "sl-rozaj-biske-1994", "de-CH-1996", "x-a", "ar-Latn"])


def _whole(least: int | None, most: int | None) -> st.SearchStrategy[str]:
    return st.integers(least, most).map(str)


FORMS: Final[dict[str, st.SearchStrategy[str]]] = {
    "boolean": st.sampled_from(["true", "false", "1", "0"]),
    "integer": WHOLE | _whole(None, None),
    "nonNegativeInteger": _whole(0, None),
    "positiveInteger": _whole(1, None),
    "nonPositiveInteger": _whole(None, 0),
    "negativeInteger": _whole(None, -1),
    **{name: _whole(-(2 ** (size - 1)), 2 ** (size - 1) - 1) for name, size in SIZES.items()},
    **{f"unsigned{name.capitalize()}": _whole(0, 2**size - 1) for name, size in SIZES.items()},
    "decimal": FRACTIONS | WHOLE,
    "double": FLOATS,
    "float": FLOATS,
    "date": st.builds(
        "{}{}{}".format, YEARS, st.dates().map(lambda day: f"-{day.month:02}-{min(day.day, 28):02}"), ZONES
    ),
    "time": st.builds("{}{}".format, TIMES, ZONES),
    "dateTime": st.builds("{}-12-31T{}{}".format, YEARS, TIMES, ZONES),
    "dateTimeStamp": st.builds("{}-02-28T{}Z".format, YEARS, TIMES),
    "gYear": st.builds("{}{}".format, YEARS, ZONES),
    "gYearMonth": st.builds("{}-{:02}{}".format, YEARS, st.integers(1, 12), ZONES),
    "gMonth": st.builds("--{:02}{}".format, st.integers(1, 12), ZONES),
    "gMonthDay": st.builds("--{:02}-{:02}{}".format, st.integers(1, 12), st.integers(1, 29), ZONES),
    "gDay": st.builds("---{:02}{}".format, st.integers(1, 31), ZONES),
    "duration": st.builds("{}M{}".format, YEAR_MONTHS.map(lambda form: form[:-1]), st.just("T5.50S"))
    | DAY_TIMES
    | YEAR_MONTHS,
    "dayTimeDuration": DAY_TIMES,
    "yearMonthDuration": YEAR_MONTHS,
    "hexBinary": st.binary(max_size=20).map(bytes.hex),
    "base64Binary": st.binary(max_size=20).map(lambda data: base64.b64encode(data).decode()),
    "string": TEXTS,
    "normalizedString": st.sampled_from(["", " a  b ", "é"]),
    "token": st.sampled_from(["", "a b", "é"]),
    "language": TAGS,
    "Name": st.just("a:b"),
    "NCName": st.just("a"),
    "NMTOKEN": st.just("1"),
    "anyURI": st.sampled_from(["https://example.org/a?b=c&d='e'#f", "a b", ""]),
}
"""The lexical forms of each datatype."""


def typed(text: str, datatype: str) -> Literal:
    """Return a literal of the datatype of XML Schema with that name."""
    return Literal(text, datatype=NamedNode(namespaces.XSD + datatype))


def literals(texts: st.SearchStrategy[str] = TEXTS) -> st.SearchStrategy[Literal]:
    """Any literal, its words from `texts`."""
    forms = FORMS | {"string": texts}
    of_xsd = st.one_of([form.map(partial(typed, datatype=name)) for name, form in forms.items()])
    tagged = st.builds(lambda text, tag: Literal(text, language=tag), texts, TAGS)
    return of_xsd | tagged | texts.map(Literal)


EXTREMES: Final = (
    *(
        typed(text, datatype)
        for datatype in ("double", "float")
        for text in (
            "50.30048311", "17417447", "11.23456789", "1000", "0.1", "-0", "-0.0E0", "NaN", "INF", "-INF", "1e400",
            "1E-400", "4.9e-324", "1.7976931348623157e308", "123456789.123456789", "1.0E6", "16777217", "3.4028235e38",
        )
    ),
    *(typed(text, "decimal") for text in (
        "1.5", "1.50", "10", "-0.0", ".5", "5.", "0.00000000000000001", "3.1415926535897932384626", "9" * 40 + ".1",
    )),
    *(typed(text, "integer") for text in (
        "0", "-0", "+5", "007", "9223372036854775807", "9223372036854775808", "9" * 4000,
    )),
    *(typed(text, name) for name, text in (
        ("nonNegativeInteger", "9" * 30), ("negativeInteger", "-1"), ("unsignedLong", "18446744073709551615"),
        ("long", "-9223372036854775808"), ("byte", "-128"), ("boolean", "1"), ("boolean", "false"),
        ("date", "-0044-03-15"), ("date", "2014-11-21+14:00"), ("date", "12014-01-01Z"), ("time", "24:00:00"),
        ("dateTime", "2014-12-31T24:00:00-05:30"), ("dateTime", "0001-01-01T00:00:00." + "1" * 30),
        ("dateTimeStamp", "2014-01-01T00:00:00Z"), ("gYear", "-0001"), ("gYear", "9" * 30), ("gYearMonth", "2014-02Z"),
        ("gMonth", "--12"), ("gMonthDay", "--02-29"), ("gDay", "---31"), ("duration", "-P1Y2M3DT4H5M6.7S"),
        ("duration", "P" + "9" * 40 + "Y"), ("dayTimeDuration", "PT60S"), ("yearMonthDuration", "P12M"),
        ("hexBinary", "0aFf"), ("base64Binary", "YWJj ZGVm"), ("anyURI", "a b"), ("language", "EN"),
    )),
    *(
        Literal(text, language=tag)
        for tag in ("en", "EN-gb", "zh-Hant")
        for text in ("", "a", " a\t\tb ", "one\r\ntwo\rthree\nfour")
    ),
    *map(Literal, (
        "", " ", "\t", "\n", "\r", "\r\n\r", "\\", "\\n", '"', '"""', 'a"', 'line\n"', 'line\n"""" \\', "'''",
        "<b>&amp;</b>]]>", "\x85\u2028\u2029", "\ufeff", "\u200e\u200f", "\x7f\x80", "\ufffd", "𐐀🏳️", "e\u0301", "@en",
        "1", "_x000D_", "x" * 100_000,
    )),
    Literal("{\"a\": 1.0}", datatype=NamedNode(namespaces.RDF + "JSON")),
    Literal("<b>é</b>\r", datatype=NamedNode(namespaces.RDF + "XMLLiteral")),
    Literal("<p>é", datatype=NamedNode(namespaces.RDF + "HTML")),
    Literal("2014~/2015", datatype=NamedNode(namespaces.EDTF)),
    Literal("x", datatype=NamedNode("https://example.org/type#")),
)  # fmt: skip
"""What others got wrong, or might; all of it can be held by XML."""
