"""Hostile Turtle and TriG: what they can say and a dossier may not is refused, in a sentence and in no time."""

from __future__ import annotations

from pathlib import Path

import pytest

import rejoinder
from rejoinder.config import Project
from rejoinder.dossiers.reader import Dossier, Reader, open_reader
from rejoinder.errors import InputError, Problem
from rejoinder.rdf import terms

HEAD = "@prefix : <#> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"


@pytest.fixture
def dossiers(tmp_path: Path) -> Reader:
    (tmp_path / "report").mkdir()
    return open_reader("https://example.org/", tmp_path)


def _read(dossiers: Reader, text: str, suffix: str = "ttl") -> Dossier:
    path = dossiers.data / f"report/a.{suffix}"
    path.write_text(HEAD + text, encoding="utf-8")
    return dossiers.read(path)


def _problem(dossiers: Reader, text: str, suffix: str = "ttl") -> Problem:
    with pytest.raises(InputError) as caught:
        _read(dossiers, text, suffix)
    (problem,) = caught.value.problems
    return problem


RING = " ".join(f"_:b{n} :p _:b{(n + step) % 60} ." for n in range(60) for step in (1, 7, 13))

NAMELESS = [
    (":a :b 1 .\n:a :b <<( :c :d :e )>> .", 4, "statements about statements"),
    (":a :b :c ~ :r {| :d :e |} .", 3, "statements about statements"),
    (":a :b 1 .\n:a :b [] .", 4, "blank nodes"),
    (":a :b '[' ; # [\n :c ( 1 ) .", 4, "blank nodes"),
    (RING, 3, "blank nodes"),
]


@pytest.mark.parametrize("suffix", ["ttl", "trig"])
@pytest.mark.parametrize(("text", "line", "words"), NAMELESS)
def test_what_has_no_name_is_refused_with_its_line(
    dossiers: Reader, text: str, line: int, words: str, suffix: str
) -> None:
    problem = _problem(dossiers, text, suffix)
    assert problem.line == line
    assert words in problem.message


ILL_TYPED = [
    ("abc", "integer"), ("1.5", "nonNegativeInteger"), ("-1", "nonNegativeInteger"), ("0", "positiveInteger"),
    ("1", "negativeInteger"), ("128", "byte"), ("256", "unsignedByte"), ("2147483648", "int"), ("-32769", "short"),
    ("9223372036854775808", "long"), ("18446744073709551616", "unsignedLong"), (" 1", "integer"), ("١", "integer"),
    ("2014-02-30", "date"), ("1900-02-29", "date"), ("2014-04-31T00:00:00", "dateTime"), ("14-01-01", "date"),
    ("2014-01-01T24:00:01", "dateTime"), ("2014-01-01T00:00:00", "dateTimeStamp"), ("25:00:00", "time"),
    ("2014-01-01+15:00", "date"), ("--02-30", "gMonthDay"), ("---32", "gDay"), ("--13", "gMonth"), ("x", "gYear"),
    ("maybe", "boolean"), ("one", "decimal"), ("1e5", "decimal"), ("NaN", "decimal"), ("-NaN", "double"),
    ("inf", "float"), ("e1", "double"), ("P", "duration"), ("P1DT", "duration"), ("PT5M.5S", "dayTimeDuration"),
    ("P1D", "yearMonthDuration"), ("P1Y", "dayTimeDuration"), ("", "integer"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "datatype"), ILL_TYPED)
def test_what_is_no_value_of_its_datatype_is_refused_with_its_line(dossiers: Reader, value: str, datatype: str) -> None:
    problem = _problem(dossiers, f':a :b 1 .\n:c :d "{value}"^^xsd:{datatype} .')
    assert problem.line == 4
    assert f"is not a value of the datatype xsd:{datatype}" in problem.message


WELL_TYPED = [
    ("9" * 30, "integer"), ("-" + "9" * 30, "negativeInteger"), ("9" * 4000, "integer"), ("-0", "nonNegativeInteger"),
    ("9223372036854775807", "long"), ("18446744073709551615", "unsignedLong"), ("-128", "byte"),
    ("3.1415926535897932384626", "decimal"), ("9" * 25 + ".5", "decimal"), (".5", "decimal"), ("5.", "decimal"),
    ("1e400", "double"), ("+INF", "double"), ("-0", "float"), ("1E-999999", "double"), ("2012-02-29", "date"),
    ("-0004-02-29", "date"), ("123456789012-01-01", "date"), ("0000-01-01", "date"), ("--02-29", "gMonthDay"),
    ("2014-01-01T24:00:00.000", "dateTime"), ("2014-01-01T00:00:00." + "1" * 40, "dateTime"),
    ("2014-01-01T00:00:00Z", "dateTimeStamp"), ("24:00:00", "time"), ("-99999999999999999999", "gYear"),
    ("P" + "9" * 40 + "Y", "duration"), ("-P1Y2M3DT4H5M6.7S", "duration"), ("PT0.5S", "dayTimeDuration"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "datatype"), WELL_TYPED)
def test_what_is_a_value_is_read_though_the_store_cannot_reckon_with_it(
    dossiers: Reader, value: str, datatype: str
) -> None:
    (quad,) = _read(dossiers, f':c :d "{value}"^^xsd:{datatype} .').quads
    assert terms.text(quad.object) == value


def test_a_number_longer_than_programs_read_is_refused_with_what_to_do(dossiers: Reader) -> None:
    problem = _problem(dossiers, f":a :b {'9' * 4001} .")
    assert problem.message == ("the xsd:integer is 4,001 characters long; write at most 4,000, or write it as a text")


@pytest.mark.parametrize("way", ["ltr", "rtl"])
def test_a_text_with_a_direction_is_refused_with_its_line(dossiers: Reader, way: str) -> None:
    problem = _problem(dossiers, f':a :b 1 .\n:c :d "أوصي"@ar--{way} .')
    assert problem.line == 4
    assert problem.message == f"the direction in '@ar--{way}' is not allowed: many programs cannot read it; write '@ar'"


def test_values_are_read_and_brackets_in_texts_are_no_brackets(dossiers: Reader) -> None:
    values = ", ".join(f'"{"([<<" * 40}{n}"' for n in range(3)) + ', 1, 1.5, true, "2014-02-28"^^xsd:date'
    long = ', """a "quoted" \\""" [[ """, \'\'\'it\'s ((\'\'\', <http://example.org/(_:x)>'
    assert len(_read(dossiers, f":a_:b :b_\\(c {values}{long} . # it's [ {'[' * 90}").quads) == 10


def test_a_date_that_is_no_edtf_is_refused_with_its_line(dossiers: Reader) -> None:
    text = ':a :b 1 .\n:c :d "2014-02-29"^^<http://id.loc.gov/datatypes/edtf/EDTF> .'
    assert _problem(dossiers, text).line == 4


@pytest.mark.parametrize(("opened", "closed"), [("[ :b ", "]"), ("( ", ")"), ("<<( :a :b ", ")>>")])
def test_deep_nesting_is_refused_before_it_is_parsed(dossiers: Reader, opened: str, closed: str) -> None:
    text = f":a :b \n{opened * 50_000} 1 {closed * 50_000} ."
    problem = _problem(dossiers, text)
    assert (problem.line, problem.message) == (4, "the nesting is deeper than 64 levels")


def test_a_text_longer_than_the_parser_bears_is_refused(dossiers: Reader) -> None:
    assert "longer than 16 MB" in _problem(dossiers, f':a :b "{"x" * (17 << 20)}" .').message


@pytest.mark.parametrize("text", ["", "# nothing\n", "@prefix : <https://example.org/> .\n"])
def test_a_file_that_states_nothing_is_refused(small: Project, text: str) -> None:
    path = small.data / "report/empty.ttl"
    path.write_text(text, encoding="utf-8")
    for problems in (rejoinder.check(small).problems, rejoinder.build(small, with_site=False).broken[0].problems):
        assert [(problem.path, problem.message.partition(";")[0]) for problem in problems] == [
            (path, "the file states nothing")
        ]
