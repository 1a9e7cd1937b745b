"""Anchors and coverage: what the graph says of a text is held against the text."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

import rejoinder
from conftest import SMALL, Run
from rejoinder import namespaces
from rejoinder.config import Project, open_project
from rejoinder.dossiers.yaml import parse_yaml
from rejoinder.errors import Severity
from rejoinder.validation import source_text as validation_source_text

REPORT = "data/report/kaz-upr-20.yaml"


def test_every_sentence_of_the_report_is_carried(project: Project, source_text: Path) -> None:
    measured = rejoinder.check(project, source=source_text).coverage
    assert measured is not None
    assert len(measured.sentences) > 80
    assert measured.missing == ()
    assert measured.covered == measured.characters


def test_every_anchor_has_the_digest_of_its_slice(project: Project, source_text: Path) -> None:
    checkup = rejoinder.check(project, (project.root / REPORT,), source=source_text)
    assert [finding for finding in checkup.findings if finding.predicate.endswith("sha256")] == []


def test_a_shifted_anchor_is_found_with_its_line(project: Project, run: Run, source_text: Path) -> None:
    path = project.root / REPORT
    text = path.read_text(encoding="utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if row.startswith('  "#p026": {start: 4133,'))
    path.write_text(text.replace('"#p026": {start: 4133,', '"#p026": {start: 4134,'), encoding="utf-8")
    answer = run("check", REPORT, "--source", source_text)
    assert answer.returncode == 1
    assert f"{REPORT}:{line}: violation: #p026: the text from 4134 to 4355 has another checksum" in answer.stdout


@pytest.mark.parametrize("place", ["start: 4133, end: 4120", "start: 4133, end: 99999"])
def test_a_passage_that_cannot_be_there_is_reported_once(project: Project, source_text: Path, place: str) -> None:
    path = project.root / REPORT
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"#p026": {start: 4133, end: 4355', f'"#p026": {{{place}'), encoding="utf-8")
    findings = rejoinder.check(project, (path,), source=source_text).findings
    (finding,) = (finding for finding in findings if finding.focus.endswith("#p026"))
    assert "`end`" in finding.message


@pytest.mark.usefixtures("project")
def test_another_text_is_not_taken_for_the_source(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Another text. It is short.\n", encoding="utf-8")
    answer = run("check", REPORT, "--source", other)
    assert answer.returncode == 1
    assert "other.txt is not the text this report was read from" in answer.stdout
    assert (
        "; name the text as it was then, or print its sha256 and its passages anew with 'rejoinder anchor"
        in answer.stdout
    )


def test_a_sentence_that_nothing_is_anchored_to_is_named_by_position() -> None:
    text = "One is told. Two is not.\n"
    known = (validation_source_text.Passage("#a", 0, 12, hashlib.sha256(b"One is told.").hexdigest(), ("#n",)),)
    measured = validation_source_text.measure(text, known)
    assert [(sentence.start, sentence.end) for sentence in measured.missing] == [(13, 24)]
    # "Oneistold." is 10 characters, "Twoisnot." is 9.
    assert (measured.covered, measured.characters) == (10, 19)


def test_a_passage_that_nothing_uses_covers_nothing() -> None:
    assert (
        validation_source_text.measure("One is told.", (validation_source_text.Passage("#a", 0, 12, "", ()),)).covered
        == 0
    )


@pytest.fixture
def poem(tmp_path: Path) -> Path:
    path = tmp_path / "poem.txt"
    path.write_text("Ярко 🌞 светит.\nThe second\n line ends here.\n", encoding="utf-8", newline="")
    return path


def test_anchor_counts_code_points(poem: Path) -> None:
    (found,) = rejoinder.anchor(poem, "second line … here.")
    # Я-р-к-о-blank-sun-blank is 7, "светит." 7, the line end 1, "The " 4: the passage begins at 19.
    assert (found.start, found.end) == (19, 42)
    assert found.sha256 == hashlib.sha256(b"second\n line ends here.").hexdigest()


def test_anchor_prints_a_line_that_a_dossier_takes(run: Run, poem: Path) -> None:
    answer = run("anchor", poem, "светит", cwd=poem.parent)
    digest = hashlib.sha256("светит".encode()).hexdigest()
    assert answer.stdout == f'  "#p001": {{start: 7, end: 13, sha256: {digest}}}\n'


def test_anchor_says_when_the_words_are_not_there(run: Run, poem: Path) -> None:
    answer = run("anchor", poem, "darkness", cwd=poem.parent)
    assert answer.returncode == 2
    assert "these words are not there" in answer.stderr


@pytest.mark.slow
def test_a_quote_that_the_report_does_not_print_is_found(project: Project, run: Run, source_text: Path) -> None:
    path = project.root / REPORT
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("quote: much more leniently", "quote: far more mildly"), encoding="utf-8")
    answer = run("check", REPORT, "--source", source_text)
    assert answer.returncode == 1
    assert "#claim-lenient-assessment: these words are not in the passage" in answer.stdout


def _quoting(root: Path, text: str, quote: str, *passages: str, mode: str = "part-quoted") -> Project:
    """Return the small project, where the claim has a quote of the text, and the entries cite these passages of it."""
    project = open_project(shutil.copytree(SMALL, root / "project"))
    path = project.data / "report/short.yaml"
    told = path.read_text(encoding="utf-8").partition("passages:\n")[0]
    told = re.sub(r"sha256: .*", f"sha256: {hashlib.sha256(text.encode()).hexdigest()}", told)
    told = re.sub(r"characters: .*", f"characters: {len(text)}", told).replace("mode: indirect", f"mode: {mode}")
    claim = "    label: Every association is registered within a week\n"
    cited = json.dumps([f"#p{number}" for number, _ in enumerate(passages)])
    told = re.sub(r"anchor: .*", f"anchor: {cited}", told)
    told = told.replace(claim, f"{claim}    quote: {json.dumps(quote)}\n") + "passages:\n"
    for number, words in enumerate(passages):
        start, digest = text.index(words), hashlib.sha256(words.encode()).hexdigest()
        told += f'  "#p{number}": {{start: {start}, end: {start + len(words)}, sha256: {digest}}}\n'
    path.write_text(told, encoding="utf-8")
    (root / "text.txt").write_text(text, encoding="utf-8")
    return project


def _about_quote(project: Project) -> list[tuple[Severity, str]]:
    """Return severity and message of each finding on the quote."""
    text = project.root.parent / "text.txt"
    found = rejoinder.check(project, (project.data / "report/short.yaml",), source=text).findings
    return [(finding.severity, finding.message) for finding in found if finding.predicate == f"{namespaces.RJ}quote"]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ('They are registered "within a week", it said.', "within a week"),
        ("They are registered ‘within\n a week’, it said.", "within a week"),
        ("They are registered “within a week of the Minister’s word ”.4 So it is.", "a week of the Minister’s word"),
        ("Sie werden „binnen einer Woche“ eingetragen.", "binnen einer Woche"),
        ("Sie werden »binnen einer Woche« eingetragen.", "einer Woche"),
        ("Elles le sont dans l’« espace d’une semaine » après la demande.", "espace d’une semaine"),
        ("“We register all. They wait a week. None waits longer,” it said.", "They wait a week."),
        ("“We register “all””, it said.", "“all”"),
        ('1. The State said: "We do it\nwithin a week."\n2. It is so.', "within a week"),
    ],
)
def test_words_in_quotation_marks_of_any_kind_are_quoted(tmp_path: Path, text: str, quote: str) -> None:
    assert _about_quote(_quoting(tmp_path, text, quote, text)) == []


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("They are registered within a week, it said.", "within a week"),
        ("They are “registered” within a week, “it” said.", "within a week"),
        ('They are "registered" within a week, "it" said.', "within a week"),
        ("The Minister’s men say within a week, the State’s own words.", "within a week"),
        ("1. They are “registered.\n2. It is done within a week.\n3. So” it is.", "within a week"),
    ],
)
def test_a_quote_that_the_text_does_not_print_in_quotation_marks_is_warned_of(
    tmp_path: Path, text: str, quote: str
) -> None:
    (passage,) = (line for line in text.splitlines() if quote in line)
    warned = "the text does not print these words in quotation marks; quote words that it does, or remove the quote"
    assert _about_quote(_quoting(tmp_path, text, quote, passage)) == [(Severity.WARNING, warned)]


def test_every_quote_of_the_example_stands_in_quotation_marks(project: Project, source_text: Path) -> None:
    findings = rejoinder.check(project, (project.root / REPORT,), source=source_text).findings
    assert [finding for finding in findings if finding.predicate == f"{namespaces.RJ}quote"] == []


@pytest.mark.parametrize(
    "cited", [("Every one is “registered.",), ("Every one is “registered.", "Within a week” it is.")]
)
def test_a_quote_that_goes_beyond_one_passage_is_told_apart(tmp_path: Path, cited: tuple[str, ...]) -> None:
    text = "Every one is “registered. Within a week” it is."
    beyond = "these words go beyond the passage; a quote lies within one: cite a longer passage, or quote less"
    project = _quoting(tmp_path, text, "registered. Within a week", *cited)
    assert _about_quote(project) == [(Severity.VIOLATION, beyond)]


def test_words_elsewhere_in_the_text_are_not_in_the_passage(tmp_path: Path) -> None:
    project = _quoting(
        tmp_path, "Every one is registered. It is “within a week”.", "within a week", "Every one is registered."
    )
    ((severity, message),) = _about_quote(project)
    assert severity is Severity.VIOLATION
    assert message.startswith("these words are not in the passage")


def test_a_quote_of_a_statement_that_the_report_gives_in_its_own_words_is_a_violation(tmp_path: Path) -> None:
    text = "Every one is registered “within a week”."
    ((severity, message),) = _about_quote(_quoting(tmp_path, text, "within a week", text, mode="indirect"))
    assert severity is Severity.VIOLATION
    assert message.startswith("A `quote` gives the speaker's own words, but every statement that expresses this is")


def test_what_was_not_compared_with_the_text_is_said_with_the_command_that_does(tmp_path: Path, run: Run) -> None:
    text = "Every one is registered “within a week”."
    folder = _quoting(tmp_path, text, "within a year", text).root  # the text does not say this
    advice = "1 quote and 1 passage not compared with the text ('rejoinder check --source FILE' compares them)"
    assert f"\nText      {advice}\n" in run("build", "--no-site", cwd=folder).stdout
    plain = run("check", cwd=folder)
    assert plain.returncode == 0
    assert f"source: {advice}\n" in plain.stdout
    compared = run("check", "--source", tmp_path / "text.txt", cwd=folder)
    assert compared.returncode == 1
    assert "not compared" not in compared.stdout
    (tmp_path / "other.txt").write_text("Another text.", encoding="utf-8")
    assert advice in run("check", "--source", tmp_path / "other.txt", cwd=folder).stdout
    about_collection = run("check", "data/issue.yaml", cwd=folder).stdout
    assert "not compared" not in about_collection, "nothing in it is from a text"


def test_a_violation_does_not_keep_the_source_from_being_measured(
    project: Project, run: Run, source_text: Path
) -> None:
    path = project.root / REPORT
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    list: closed\n", "", 1), encoding="utf-8")
    answer = run("check", REPORT, "--source", source_text)
    assert answer.returncode == 1
    assert "source: 85 of 85 sentences cited" in answer.stdout


def test_a_sentence_that_nothing_is_anchored_to_is_named_by_its_line_and_first_words(run: Run, tmp_path: Path) -> None:
    assert run("new", "mine", cwd=tmp_path).returncode == 0
    told = "This is the first sentence of the text and it is carried now."
    text = f"{told}\n\nThis is\nthe second, {'and it is long, ' * 9}which nothing carries.\n"
    source = tmp_path / "mine" / "text.txt"
    source.write_text(text, encoding="utf-8")
    (path,) = (tmp_path / "mine/data/report").iterdir()
    passage = f'"#p001": {{start: 0, end: {len(told)}, sha256: {hashlib.sha256(told.encode()).hexdigest()}}}'
    dossier = path.read_text(encoding="utf-8").replace(f'"#p001": {{start: 0, end: 60, sha256: {"0" * 64}}}', passage)
    path.write_text(dossier.replace("0" * 64, hashlib.sha256(text.encode()).hexdigest()), encoding="utf-8")
    answer = run("check", path, "--source", "text.txt", cwd=tmp_path / "mine")
    words = 'text.txt:3: no entry cites "This is the second, and it is long, and it is long, and it …"'
    assert words in answer.stdout


REPORT_TEXT = """\
Introduction \r
1. The State (A/HRC/3) was reviewed on 3 May 2012. Mr. J. Smith led it, see para. 5 and art. 7. \r
 (a) A national report (A/HRC/1); \r
 (c) A summary prepared by the Office (A/HRC/3).  \r
2. It had paid 3.5 per cent of 2.4 billion on 5. May. The law of Sept. 2011
was good, as Mr. \r
J. Smith said on
12. May 2012. \r
 I. Summary of the proceedings \r
 A. Presentation by the State \r
3. Spain asked a question. Spain made recommendations. \r
115.1. Ratify the treaty (Spain).
"""


def test_sentences_are_found_inside_numbered_paragraphs() -> None:
    found = [" ".join(REPORT_TEXT[start:end].split()) for start, end in validation_source_text.sentences(REPORT_TEXT)]
    assert found == [
        "Introduction",
        "The State (A/HRC/3) was reviewed on 3 May 2012.",
        "Mr. J. Smith led it, see para. 5 and art. 7.",
        "(a) A national report (A/HRC/1);",
        "(c) A summary prepared by the Office (A/HRC/3).",
        "It had paid 3.5 per cent of 2.4 billion on 5. May.",
        "The law of Sept. 2011 was good, as Mr. J. Smith said on 12. May 2012.",
        "I. Summary of the proceedings",
        "A. Presentation by the State",
        "Spain asked a question.",
        "Spain made recommendations.",
        "Ratify the treaty (Spain).",
    ]


def test_anchor_all_shows_the_number_and_first_words_of_each_passage_as_a_comment(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "text.txt"
    text = "1. The State: was #reviewed\x07 \n on a very\tlong day in May. It was so.\r\n\n\x0c2. One"
    source.write_text(text, encoding="utf-8", newline="")
    printed = run("anchor", source, "--all", cwd=tmp_path).stdout
    assert [line.partition("}  # ")[2] for line in printed.splitlines()[3:]] == [
        "1. The State: was #reviewed on a very long …",
        "It was so.",
        "2. One",
    ]
    passages = parse_yaml(source, printed).value["passages"]
    assert isinstance(passages, dict)
    assert list(passages) == ["#p001", "#p002", "#p003"]
