"""Hostile and mistaken YAML: what a dossier's author gets to read when the file does not say what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from rejoinder.dossiers.reader import Reader, open_reader
from rejoinder.errors import InputError, Problem


@pytest.fixture
def dossiers(tmp_path: Path) -> Reader:
    (tmp_path / "report").mkdir()
    return open_reader("https://example.org/", tmp_path)


def _problems(dossiers: Reader, text: str) -> tuple[Problem, ...]:
    path = dossiers.data / "report/a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        dossiers.read(path)
    return caught.value.problems


def test_a_value_longer_than_1_mb_is_refused_with_its_line(dossiers: Reader) -> None:
    (problem,) = _problems(dossiers, f"type: Report\nlang: en\ntitle: {'x' * (1 << 20)}y\n")
    assert problem.line == 3
    assert "longer than 1,048,576 characters" in problem.message


def test_many_long_values_are_read(dossiers: Reader) -> None:
    claims = "\n".join(f'  "#c{n}": {{label: {"x" * (1 << 20)}}}' for n in range(20))
    path = dossiers.data / "report/a.yaml"
    path.write_text(f"type: Report\nlang: en\nclaims:\n{claims}\n", encoding="utf-8")
    # Type and language of the dossier, the link to its report and its type, and each claim's link and label.
    assert len(dossiers.read(path).quads) == 44


def test_an_id_in_two_sections_is_named_with_both_lines(dossiers: Reader) -> None:
    text = 'type: Report\nlang: en\nclaims:\n  "#torture":\n    label: a\nevidence:\n  "#torture":\n    label: b\n'
    (problem,) = _problems(dossiers, text)
    assert problem.line == 7
    assert problem.message == "the id '#torture' is here and on line 4; give each thing an id of its own"


HEAD = "type: Report\nlang: en\n"
HINT = "'#claim-torture:' is a comment here, so YAML leaves this line out"


@pytest.mark.parametrize("first", ['"#claim-a": {label: a}', '"#claim-a":\n    label: a'])
def test_an_id_without_quotation_marks_is_said_to_be_a_comment(dossiers: Reader, first: str) -> None:
    text = f"type: Report\nlang: en\nclaims:\n  {first}\n  #claim-torture:\n    label: b\n    titel: x\n"
    problems = _problems(dossiers, text)
    hint = next(problem for problem in problems if HINT in problem.message)
    assert text.splitlines()[(hint.line or 0) - 1] == "  #claim-torture:"
    assert 'write "#claim-torture":' in hint.message


@pytest.mark.parametrize("comment", ["#claim-torture: see below", "# claim-torture:", "#claim-torture:\n  #  label: a"])
def test_other_comments_are_no_ids(dossiers: Reader, comment: str) -> None:
    text = f'type: Report\nlang: en\nclaims:\n  {comment}\n  "#a":\n    titel: x\n'
    assert not any("comment" in problem.message for problem in _problems(dossiers, text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'label: "Haiti got 213\nnote: "#x"\n',
            "3: a quotation mark is not closed: the text that begins here goes on to l",
        ),
        (
            'label: "Haiti got 213\nnote: "x"\ndate: "1"\n',
            "3: a quotation mark is not closed: the text that begins here g",
        ),
        (
            'label: "Haiti\nplace: ""\n',
            '3: a quotation mark is not closed: the text that begins here goes on to line 4; close it, or write \\" f',
        ),
        (
            "label: 'Haiti\nnote: don't\n",
            "3: a quotation mark is not closed: the text that begins here goes on to line 4; close it, or write '' for",
        ),
        ('label: "Haiti\nnote: x\n', "3: a quotation mark is not closed: the text that begins here goes on to line 5;"),
        (
            'label: "Haiti\nnote: " x"\n',
            "3: a quotation mark is not closed: the text that begins here goes on to line 4;",
        ),
        (
            'claims:\n  "#a:\n    label: x\n  "#b":\n',
            "4: a quotation mark is not closed: the text that begins here goes on to line 6",
        ),
        (
            "label: 'Haiti's report'\n",
            '3: the text in quotation marks ends before "s report\'"; add the mark that is missing, or',
        ),
        ('label: "Haiti" and "x"\n', "3: the text in quotation marks ends before 'and \"x\"'; add the mark that is"),
        (
            'anchor: ["#p1, "#p2"]\n',
            "3: the text in quotation marks ends before '#p2\"]'; add the mark that is missing",
        ),
        ('claims:\n  "#a": label: x\n', "4: this is not YAML: mapping values are not allowed in this context;"),
        ('label: "x"\n  note: y\n', "4: this is not YAML: did not find expected key;"),
    ],
)
def test_a_quotation_mark_that_is_not_closed_is_named_where_it_begins(dossiers: Reader, text: str, words: str) -> None:
    (problem,) = _problems(dossiers, HEAD + text)
    assert f"{problem.line}: {problem.message}".startswith(words)


def test_a_quotation_mark_is_named_after_byte_order_marks(dossiers: Reader) -> None:
    (problem,) = _problems(dossiers, '\ufeff\ufefflabel: "Haiti\n')
    assert problem.message.startswith("a quotation mark is not closed")


def test_a_quotation_mark_inside_a_text_is_read(dossiers: Reader) -> None:
    path = dossiers.data / "report/a.yaml"
    path.write_text(f'{HEAD}label: "A \\"no\\"\n  to \'it\'" # so\nnote: {{"en":"b"}}\n', encoding="utf-8")
    assert {'"A \\"no\\" to \'it\'"@en', '"b"@en'} <= {str(quad.object) for quad in dossiers.read(path).quads}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "label: Recommendation #5 was accepted\n",
            "3: YAML takes '#5 was accepted' for a comment; put the whole text in ",
        ),
        (
            "label: {en: Recommendation #5 was}\n",
            "3: YAML takes '#5 was}' for a comment; put the whole text in quotation",
        ),
        (
            "label: Point\n  four #é\n",
            "4: YAML takes '#é' for a comment; put the whole text in quotation marks, or write a blank",
        ),
        ("anchor: [#p009]\r\ndate: 2014\r\n", "3: YAML takes '#p009]' for a comment; put each id in quotation marks"),
        (
            "anchor: [#p009, #p010]\ndate: 2014\n",
            "3: YAML takes '#p009, #p010]' for a comment; put each id in quotation mar",
        ),
        (
            'anchor: ["#p009", #p010]\ndate: 2014\n',
            "3: YAML takes '#p010]' for a comment; put each id in quotation marks, ",
        ),
        (
            'anchor: [\n  "#p1",\n  #p2,\n  "#p3"]\n',
            "5: YAML takes '#p2,' for a comment; put each id in quotation marks, or ",
        ),
        (
            'relations:\n  "#r": {claim: #c1, from: "#e1"}\n',
            "4: YAML takes '#c1, from: \"#e1\"}' for a comment; put each",
        ),
        (
            'anchor: ["#p1", "#p2"\nnote: x\n',
            "3: a bracket is not closed: what begins here goes on to line 4; close it, or",
        ),
    ],
)
def test_a_text_or_id_that_yaml_takes_for_a_comment_is_told(dossiers: Reader, text: str, words: str) -> None:
    (problem,) = _problems(dossiers, HEAD + text)
    assert f"{problem.line}: {problem.message}".startswith(words)


def test_what_is_twice_in_a_list_is_named_on_its_line(dossiers: Reader) -> None:
    text = f'{HEAD}statements:\n  "#s":\n    expresses:\n      - "#claim-a"\n      - "#claim-b"\n      - "#claim-a"\n'
    (problem,) = _problems(dossiers, text)
    assert problem.line == 8
    twice = "'expresses' of #s has '#claim-a' a second time"
    assert problem.message == f"{twice}; write what you meant instead, or remove it"


@pytest.mark.parametrize("comment", ["# five", "#", "##", "#! five", "#-- five"])
def test_comments_after_values_are_left_out(dossiers: Reader, comment: str) -> None:
    path = dossiers.data / "report/a.yaml"
    path.write_text(f'{HEAD}label: a {comment}\nanchor: [  {comment}\n  "#p" {comment}\n  ]\n', encoding="utf-8")
    assert '"a"@en' in {str(quad.object) for quad in dossiers.read(path).quads}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("type: Rapport\nlang: en\n", 1, "'type' is 'Rapport'; write Report. A report has its type in the first line;"),
        (f'{HEAD}passages:\n  "#p1": {{start: -1}}\n', 4, "'start' of #p1 is -1; write a number of at least 0. "),
        (f"{HEAD}characters: many\n", 3, "'characters' is 'many'; write a whole number, such as 15363"),
        (f'{HEAD}place: ""\n', 3, "'place' is ''; write at least one character. The place, in the report's"),
        (f"{HEAD}title: {{en: a}}\n", 3, "'title' is keys with values under it; write text, such as \"Human rights in"),
        (f"{HEAD}label: 1\n", 3, "'label' is 1; write text or texts by language, such as \"Police broke up a rally"),
        (f"{HEAD}note: [a, b]\n", 3, "'note' is a list; write text or texts by language, such as \"The report"),
        (f"{HEAD}label: {{}}\n", 3, "'label' is keys with values under it; write the text of one language at least. "),
        (
            f"{HEAD}label: {{EN: a}}\n",
            3,
            "'EN' under 'label' is no language tag; write a language tag, in small",
        ),
        (
            "lang: en\nissues:\n  torture:\n    prefLabel: Torture\n",
            4,
            "'prefLabel' is 'Torture'; write it by language: {en:",
        ),
        (
            "lang: en\nissues:\n  torture:\n    prefLabel: 1\n",
            4,
            '\'prefLabel\' is 1; write texts by language, such as {"en": "Freedom of assembly"',
        ),
        (
            f'{HEAD}evidence:\n  "#e":\n    footnote: 1\n',
            5,
            "'footnote' of #e is 1; write text or a list, such as \"#fn-3",
        ),
        (f'{HEAD}claims:\n  "#c": {{private: yes}}\n', 4, "'private' of #c is 'yes'; write true or false"),
        (
            f'{HEAD}passages:\n  "#p": {{paragraph: § 4}}\n',
            4,
            "'paragraph' of #p is '§ 4'; write the number of the par",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_told_what_to_write(dossiers: Reader, text: str, line: int, words: str) -> None:
    (problem,) = _problems(dossiers, text)
    assert problem.line == line
    assert problem.message.startswith(words)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("type: Report\nlabel: x\n", ["the dossier lacks the key 'lang'; add it, or let 'rejoinder migrate' do so in"]),
        ("label: Issues\n", ["the dossier lacks the key 'lang'; add it, or let 'rejoinder migrate' do so in a"]),
        ("type: Report\nlnag: en\n", ["the key 'lnag' is unknown here; did you mean 'lang'?"]),
        ("type: Report\nLang: en\n", ["the key 'Lang' is unknown here; did you mean 'lang'?"]),
        ("typ: Report\nlang: en\nclaims: {}\n", ["the key 'typ' is unknown here; did you mean 'type'?"]),
        ("type: Report\nlang:\n", ["'lang' is empty; write a value,"]),
        ("type: Report\nlang: ENG\n", ["'lang' is 'ENG'; write a language tag, in small letters: en, ru"]),
        ("type: Report\nlang: eng\n", ["'lang' is 'eng'; the tag of this language has two letters: write en"]),
        ("type: Report\nlang: fre-CA\n", ["'lang' is 'fre-CA'; the tag of this language has two letters: write fr-CA"]),
        (
            f"{HEAD}label: {{rus: a}}\n",
            ["'rus' under 'label' is no language tag; the tag of this language has two letters: write ru"],
        ),
        ("type: Report\nlang: 7\n", ["'lang' is 7; write text, such as \"en\""]),
    ],
)
def test_a_language_that_is_missing_or_misspelt_is_told_once(dossiers: Reader, text: str, messages: list[str]) -> None:
    found = [problem.message for problem in _problems(dossiers, text)]
    assert [message[: len(start)] for message, start in zip(found, messages, strict=True)] == messages


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("publisher", "state/KAZ", "write KAZ; 'rejoinder migrate' rewrites such"),
        ("publisher", "../organisation/odf", "write odf; 'rejoinder migrate' rewrites such"),
        (
            "publisher",
            "[odf, ../person/jane-example]",
            "write person/jane-example; 'rejoinder migrate' rewrites such older forms",
        ),
        ("anchor", "../report/b#p1", "write b#p1; 'rejoinder migrate' rewrites such"),
        ("anchor", "../report/a#p1", "write \"#p1\"; 'rejoinder migrate' rewrites such"),
        ("anchor", "'#p009 #p010'", 'write several as a list: ["#p009", "#p010"]'),
        ("anchor", '"#p009, #p010"', 'write several as a list: ["#p009", "#p010"]'),
        ("publisher", "[KAZ, 'odf, CZE']", 'write several as a list: ["odf", "CZE"]'),
        (
            "anchor",
            "p009",
            'write the id of a passage in this file, in quotation marks: "#p012"; or the name of another',
        ),
        ("publisher", "Amnesty International", "write a State by its three capital letters: KAZ; a person or"),
        ("publisher", "“KAZ”", '“ is not a quotation mark in YAML; write "KAZ"'),
        ("anchor", "«#p1»", '« is not a quotation mark in YAML; write "#p1"'),
        ("language", "„ENG“", '„ is not a quotation mark in YAML; write "ENG"'),
        ("status", "‘confirmed’", '‘ is not a quotation mark in YAML; write "confirmed"'),
        ("publisher", "“Amnesty”", "write a State by its three capital letters: KAZ; a person or"),
    ],
)
def test_a_name_in_an_old_form_or_in_printed_quotation_marks_is_told_as_it_has_to_be(
    dossiers: Reader, key: str, value: str, words: str
) -> None:
    (problem,) = _problems(dossiers, f"{HEAD}{key}: {value}\n")
    assert problem.message.startswith(f"{key!r} is ")
    assert problem.message.partition("; ")[2].startswith(words)


def test_an_id_in_printed_quotation_marks_is_told_as_it_has_to_be(dossiers: Reader) -> None:
    (problem,) = _problems(dossiers, f"{HEAD}claims:\n  “#claim-a”: {{label: a}}\n")
    assert problem.line == 4
    wrong = "the id '“#claim-a”' does not have the right form"
    assert problem.message == f'{wrong}; “ is not a quotation mark in YAML; write "#claim-a"'


def test_printed_quotation_marks_stay_in_texts(dossiers: Reader) -> None:
    path = dossiers.data / "report/a.yaml"
    path.write_text(f"{HEAD}label: “Visits”\n", encoding="utf-8")
    assert '"“Visits”"@en' in {str(quad.object) for quad in dossiers.read(path).quads}


@pytest.mark.parametrize(
    ("section", "entry", "new"),
    [
        ("calls", "calledBy: odf", "recommendations"),
        ("contradictions", 'setAgainst: "#e"', "relations"),
        ("qualifications", 'setAgainst: "#e"', "relations"),
    ],
)
def test_a_section_that_has_a_new_name_is_told_once_with_it(
    dossiers: Reader, section: str, entry: str, new: str
) -> None:
    (problem,) = _problems(dossiers, f'{HEAD}{section}:\n  "#a": {{label: a, {entry}}}\n')
    assert problem.line == 3
    assert problem.message.startswith(f"the key {section!r} is called {new!r} since version 0.2.0 of the vocabulary; ")


@pytest.mark.parametrize(
    ("section", "old", "new"),
    [
        ("concerns", "review", "proceeding"),
        ("recommendations", "calledBy", "raisedBy"),
        ("relations", "setAgainst", "from"),
    ],
)
def test_a_key_that_has_a_new_name_is_told_with_it(dossiers: Reader, section: str, old: str, new: str) -> None:
    (problem,) = _problems(dossiers, f'{HEAD}{section}:\n  "#a":\n    label: a\n    {old}: x\n')
    assert problem.line == 6
    assert problem.message.startswith(f"the key {old!r} is called {new!r} since version 0.2.0 of the vocabulary; ")
