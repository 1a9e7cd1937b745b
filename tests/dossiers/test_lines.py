"""The line that a finding names: that of the very statement, however Turtle and TriG are written; and what it costs."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from rejoinder import formats, namespaces
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.dossiers.reader import Reader, open_reader
from rejoinder.dossiers.turtle import TextLines, statement_lines
from rejoinder.dossiers.yaml import YamlLines, read_yaml
from rejoinder.rdf import terms
from rejoinder.validation import checks
from rejoinder.validation.checks import KnownResources, dangling

GRAPH = "https://example.org/reports/record/a"
FOLDER = GRAPH.rpartition("/")[0] + "/"
V = "https://example.org/v/"
X = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def _lines(text: str) -> TextLines:
    return TextLines(text, formats.TRIG, GRAPH)


# Each text is a sibling of the others; `@@` stands on the line that must be found, and is taken out.
FOUND: dict[str, tuple[str, tuple[str | None, ...]]] = {
    "a relative IRI": ("<#b> <p> 1 .\n@@<#a> <p> 2 .", (GRAPH + "#a",)),
    "an IRI written whole": (f"<#b> <p> <#a> .\n@@<{GRAPH}#a> <p> 2 .", (GRAPH + "#a",)),
    "a prefixed name": (f"@prefix r: <{GRAPH}#> .\n<#ba> <p> r:a .\n@@r:a <p> 2 .", (GRAPH + "#a",)),
    "a prefix of SPARQL's": (f"PREFIX r: <{GRAPH}#>\nprefix s: <x:>\n@@r:a <p> 2 .", (GRAPH + "#a",)),
    "an empty prefix": (f"@prefix : <{GRAPH}#> .\n@@:a <p> 2 .", (GRAPH + "#a",)),
    "a prefix declared anew": (
        f"@prefix r: <x:> .\nr:a <p> 1 .\n@prefix r: <{GRAPH}#> .\n@@r:a <p> 2 .",
        (GRAPH + "#a",),
    ),
    "a base": ("@base <x:/y/> .\n<z> <p> 1 .\nBASE <x:/w/>\n@@<z> <p> 1 .", ("x:/w/z",)),
    "the document itself": ("<#a> <p> <> .\n@@<> <p> 2 .", (GRAPH,)),
    "an escape in an IRI": ("<#b> <p> 1 .\n@@<#\\u0061> <p> 2 .", (GRAPH + "#a",)),
    "an escape in a name": (f"@prefix r: <{V}> .\nr:ab <p> 1 .\n@@r:a\\#b\\. <p> 2 .", (V + "a#b.",)),
    "percent and dots in a name": (f"@prefix r: <{V}> .\nr:a <p> r:a.b .\n@@r:a.b%41 <p> 2 .", (V + "a.b%41",)),
    "a name that ends where the statement does": (
        f"@prefix r: <{V}> .\n<#b> <p> r:a.\n@@r:a <p> r:b.",
        (V + "a",),
    ),
    "a name that is a part of another": ("<#a-b> <p> 1 .\n<#ba> <p> 1 .\n@@<#a> <p> 2 .", (GRAPH + "#a",)),
    "a mention before the subject": ("<#b> <p> <#a> ;\n <q> <#a> .\n@@<#a> <p> 2 .", (GRAPH + "#a",)),
    "a mention alone": ("<#b> <p> 1 ;\n@@ <q> <#a> .", (GRAPH + "#a",)),
    "a property mentioned": ("<#b> <p> 1 ;\n@@ <q> <#a> .", (FOLDER + "q",)),
    "a datatype mentioned": (f"<#b> <p> 1 ;\n <q>\n@@ 'x'^^<{V}d> .", (V + "d",)),
    "a comment that looks like it": ("# <#a> <p> 1 .\n<#b> <p> 2 . # <#a>\n@@<#a> <p> 3 .", (GRAPH + "#a",)),
    "a text that looks like it": ('<#b> <p> "<#a> <p> 1 ." .\n@@<#a> <p> 3 .', (GRAPH + "#a",)),
    "a long text that looks like it": (
        '<#b> <p> """\n<#a> <p> 1 .\n\\"""\n<#a> ""<q>""\n""" .\n@@<#a> <p> 3 .',
        (GRAPH + "#a",),
    ),
    "a long text of the other kind": ("<#b> <p> '''\n<#a> <p> \"\"\" .\n''\n''' .\n@@<#a> <p> 3 .", (GRAPH + "#a",)),
    "a sign of comment in a text": ('<#b> <p> "#" . <#c> <p> "\\"#" .\n@@<#a> <p> 3 .', (GRAPH + "#a",)),
    "a quotation mark in a comment": ('<#b> <p> 1 . # " \'\'\' """ <\n@@<#a> <p> 3 .', (GRAPH + "#a",)),
    "empty lines": ("\n\n<#b> <p> 2 .\n\n  \t\n@@  <#a>\n\n<p> 3 .", (GRAPH + "#a",)),
    "lines that end in two characters": ("<#b> <p>\r\n 2 .\r\n@@<#a> <p> 3 .\r\n", (GRAPH + "#a",)),
    "lines that end in a carriage return": ("# <#a>\r<#b> <p>\r 2 .\r@@<#a> <p> 3 .\r", (GRAPH + "#a",)),
    "all on one line": ("@@<#b> <p> 1 . <#a> <p> 1 .", (GRAPH + "#a",)),
    "a class": ("<#b> a <#t> .\n<#a>\n@@  a <#t> .", (GRAPH + "#a", RDF + "type", GRAPH + "#t")),
    "a property": ("<#a> <p> 1 ;\n@@ <q> 2 .", (GRAPH + "#a", FOLDER + "q")),
    "a property of another subject": ("<#b> <q> 1 .\n<#a> <p> 1 ;\n@@ <q> 1 .", (GRAPH + "#a", FOLDER + "q")),
    "a property in a second statement": (
        "<#a> <p> 1 .\n<#b> <q> 1 .\n@@<#a> <q> 2 .",
        (GRAPH + "#a", FOLDER + "q"),
    ),
    "a value": ("<#a> <p> 1 ,\n@@ 2 ,\n 3 .", (GRAPH + "#a", FOLDER + "p", "2")),
    "a value behind stray semicolons": ("<#a> <p> 1 ;;\n;\n@@ <p> 2 ;\n.", (GRAPH + "#a", FOLDER + "p", "2")),
    "a value that is not there": ("<#a> <q> 1 ;\n@@ <p> 1 ,\n 2 .", (GRAPH + "#a", FOLDER + "p", "7")),
    "a property that is not there": ("<#b> <q> 1 .\n@@<#a> <p> 1 .", (GRAPH + "#a", FOLDER + "q", "7")),
    "a text with escapes": ('<#a> <p> "x" ,\n@@ "x\\t\\u0041" .', (GRAPH + "#a", FOLDER + "p", "x\tA")),
    "a text with a language": ("<#a> <p> 'x'@en-GB ,\n@@ 'y'@en,\n'z'@de .", (GRAPH + "#a", FOLDER + "p", "y")),
    "a text with a datatype": (
        f"<#a> <p> 'x'^^<{V}d> ,\n@@ 'y'^^ # <#a>\n <{V}d> ,\n'z' .",
        (GRAPH + "#a", FOLDER + "p", "y"),
    ),
    "a number as the store has it": ("<#a> <p> 1 ,\n@@ 1.50 .", (GRAPH + "#a", FOLDER + "p", "1.5")),
    "a whole number as the store has it": (
        f"<#a> <p> 1 ,\n@@ '007'^^<{X}integer> .",
        (GRAPH + "#a", FOLDER + "p", "7"),
    ),
    "numbers of every form": ("<#a> <p> 1, -1, +.5, 1.e5, 1.5E-3,\n@@ 2.", (GRAPH + "#a", FOLDER + "p", "2")),
    "a number that ends where the statement does": ("<#b> <p> 1.<#c> <p> 2.5.\n@@<#a> <p> 3.", (GRAPH + "#a",)),
    "a truth value": ("<#a> <p> true,\n@@ false.", (GRAPH + "#a", FOLDER + "p", "false")),
    "an empty collection": (
        "<#b> <p> ( # )\n ) .\n<#a> <q> 1 ;\n@@ <p> () .",
        (GRAPH + "#a", FOLDER + "p", RDF + "nil"),
    ),
    "behind an empty collection": ("<#b> <p> (\n) , () .\n@@<#a> <q> 1 .", (GRAPH + "#a",)),
    "a property followed backwards": (
        "<#b> <p> <#c> ,\n@@ <#a> .\n<#a> <p> 1 .",
        (GRAPH + "#a", "^" + FOLDER + "p", GRAPH + "#b"),
    ),
    "backwards to nothing": ("<#b> <p> <#c> .\n@@<#a> <p> 1 .", (GRAPH + "#a", "^" + FOLDER + "p")),
    "an IRI that some statement mentions": ("<#a> <p> 1 ;\n@@ a <#c> .", (GRAPH + "#a", None, GRAPH + "#c")),
    "a property that some statement has": ("<#a> <p> 1 ;\n@@ <q> <#c> .", (GRAPH + "#a", None, FOLDER + "q")),
    "a graph": ("<g> { <#b> <p> <#a> }\nGRAPH <#a> {\n@@<#a> <p> 1 }", (GRAPH + "#a",)),
    "a graph without a name": ("{ <#b> <p> 2 }\n{\n@@<#a> <p> 1 . }\n<g> { <#a> <p> 3 }", (GRAPH + "#a",)),
    "the last statement of a graph": ("<g> { <#b> <p> 2 }\n@@<#a> <p> 1 .", (GRAPH + "#a",)),
    "N-Triples": (f'<{V}b> <{V}p> <{V}a> .\n@@<{V}a> <{V}p> "x"@en .', (V + "a",)),
    "a version": ('VERSION "1.1"\n@version "1.1" .\n@@<#a> <p> 1 .', (GRAPH + "#a",)),
    "other alphabets": ("<#б> <p> 1 .\n@@<#а> <p> 'Привіт 🌞' .", (GRAPH + "#а",)),
}


@pytest.mark.parametrize("kind", FOUND)
def test_the_line_is_that_of_the_statement(kind: str) -> None:
    text, asked = FOUND[kind]
    before, mark, after = text.partition("@@")
    assert mark
    line = len(before.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    node, predicate, value = (*asked, None, None)[:3]
    assert _lines(before + after).find(node or "", predicate, value) == line


@pytest.mark.parametrize("text", ["<#b> <p> 1 .", "# <#a>\n<#b> <p> '<#a>' .", "<#ab> <#aa> <#xa> ."])
def test_what_is_not_there_has_no_line(text: str) -> None:
    assert _lines(text).find(GRAPH + "#a") is None


GAPS = (
    " ", "  ", "\n", "\n\n", "\r\n", "\t", " # a comment: <#s1> <p> 'x' .\n", "\n#\"\"\" not a text '\n", " #\r\n",
)  # fmt: skip
SUBJECTS = ("<#s{}>", f"<{GRAPH}#s{{}}>", "r:s{}", "<#\\u0073{}>")
PREDICATES = ("<p{}>", "v:p{}", f"<{FOLDER}p{{}}>")
OBJECTS = (
    '"o{} <#s1> ."', "'o{} # \\' ; , .'", '"""o{}\n<#s1> <p1> "" .\n"""', "'''o{}\n'' .'''", "{}", "{}.25", "-{}e3",
    "<#o{}>", "r:o{}.x", '"o{}"@en', "'o{}'^^v:d{}", "v:o\\,{}", "()", "true", "v:%41{}",
)  # fmt: skip


def _written(seed: int) -> tuple[str, list[int]]:
    """Any Turtle, with the line of each object."""
    chance = random.Random(seed)  # the same texts every time
    text = f"@prefix r: <{GRAPH}#> . @prefix v: <{FOLDER}> ."
    lines: list[int] = []

    def gap() -> str:
        return chance.choice(GAPS)

    for number in range(30):
        text += gap() + chance.choice(SUBJECTS).format(number)
        for verb in range(chance.randint(1, 3)):
            text += gap() + (";" + gap() if verb else "") + chance.choice(PREDICATES).format(verb) + gap()
            for other in range(chance.randint(1, 3)):
                text += ("," + gap()) if other else ""
                lines.append(text.replace("\r\n", "\n").count("\n") + 1)
                text += chance.choice(OBJECTS).replace("{}", str(number * 100 + verb * 10 + other)) + " "
        text += gap() + chance.choice((".", ";" + gap() + "."))
    return text + "\n", lines


@pytest.mark.parametrize("seed", range(60))
def test_every_statement_of_any_turtle_has_its_line(seed: int) -> None:
    text, expected = _written(seed)
    quads = tuple(terms.parse(text, formats.TURTLE, GRAPH))
    assert [lines.object for lines in statement_lines(text)] == expected
    assert len(quads) == len(expected)
    found = TextLines(text, formats.TURTLE, GRAPH)
    first: dict[tuple[str, str, str], int] = {}
    for quad, line in zip(quads, expected, strict=True):
        key = (terms.text(quad.subject), quad.predicate.value, terms.text(quad.object))
        assert found.find(*key) == first.setdefault(key, line)


# What it costs: calls are counted, of Python and of C, since no clock is the same twice.


def _calls(work: Callable[[], Any]) -> Counter[str]:
    """Return the calls that the work makes, by the names of what is called."""
    made: Counter[str] = Counter()

    def count(frame: FrameType, event: str, called: Any) -> None:
        if event == "call":
            made[frame.f_code.co_name] += 1
        elif event == "c_call":
            made[getattr(called, "__name__", "")] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return made


def _claims(number: int) -> str:
    head = f"@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix v: <{V}> . <> rdfs:label 'C'@en .\n"
    return head + "".join(f"<{V}{i}>\n a v:Claim ;\n v:text 'claim {i}' ;\n v:held 0{i} .\n\n" for i in range(number))


def test_the_text_is_read_once_and_in_time_that_grows_with_it() -> None:
    cost = []
    for number in (200, 400, 800):
        lines = _lines(_claims(number))
        calls = _calls(lambda lines=lines: lines.find(f"{V}0"))  # type: ignore[misc]  # mypy wants no default
        assert calls["finditer"] == 2  # the tokens, and the ends of lines
        cost.append(sum(calls.values()))
    assert cost[1] < 2.1 * cost[0]
    assert cost[2] < 2.1 * cost[1]


def test_a_line_costs_the_same_in_a_short_text_and_a_long_one() -> None:
    cost = []
    for number in (100, 1000):
        lines = _lines(_claims(number))
        lines.find(f"{V}0")
        wanted = [f"{V}{number - 1}", f"{V}nothing", f"{V}Claim"]
        asked = [(iri, f"{V}text", f"claim {number - 1}") for iri in wanted]
        cost.append(_calls(lambda lines=lines, asked=asked: [lines.find(*one) for one in asked]))  # type: ignore[misc]  # as above
    assert cost[0] == cost[1]
    assert not cost[1].keys() & {"search", "match", "finditer", "count", "split", "parse", "statement_lines"}


def test_each_of_many_lines_of_one_yaml_list_is_found_at_one_cost(tmp_path: Path) -> None:
    rows = "".join(f"  - none-{i}\n" for i in range(400))
    path = tmp_path / "report.yaml"
    path.write_text(f"a:\n b: c\nholder:\n{rows}", encoding="utf-8")
    context = _files(tmp_path).context
    lines = YamlLines(read_yaml(path), context, {GRAPH: ()})

    def find(number: int) -> int | None:
        return lines.find(
            GRAPH, context.properties["holder"], f"https://example.org/reports/organisation/none-{number}"
        )

    assert [find(number) for number in range(400)] == list(range(4, 404))
    assert _calls(lambda: find(0)) == _calls(lambda: find(399))


def _files(data: Path) -> Reader:
    return open_reader("https://example.org/reports/", data)


@pytest.mark.slow
def test_references_to_nothing_are_told_in_time_that_grows_with_them(tmp_path: Path) -> None:
    cost = []
    for number in (100, 200, 400):
        text = f"@prefix v: <{V}> .\n<> v:label 'R' .\n"
        text += "".join(f"<#name-{i}> v:label 'N' ; v:of <#nome-{i}> .\n" for i in range(number))
        path = tmp_path / "record" / "a.ttl"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        dossier = _files(tmp_path).read(path)
        dossier.line(dossier.graph)  # the text is read for the first
        found: list[Any] = []
        nothing = KnownResources({}, frozenset())
        calls = _calls(lambda: found.extend(dangling(dossier, nothing, "https://example.org/reports/")))  # noqa: B023
        assert len(found) == number
        assert {problem.line for problem in found} == set(range(3, number + 3))
        assert "did you mean 'name-" in found[0].message
        cost.append(sum(calls.values()))
    # The nearest twenty of each end are compared, so at first the time grows a little faster than what is told.
    assert cost[2] < 2.3 * cost[1]


def test_a_file_is_read_once_for_all_findings_that_all_graphs_show(project: Project) -> None:
    record = project.data / "record"
    record.mkdir()
    for name in ("a", "b"):
        rows = "".join(
            f"<https://w3id.org/rejoinder/thing/{i}> a rj:Claim ; rdfs:label '{i}'@en .\n" for i in range(50)
        )
        head = f"@prefix rj: <{namespaces.RJ}> . @prefix rdfs: <{namespaces.RDFS}> .\n<> rdfs:label '{name}'@en .\n"
        (record / f"{name}.ttl").write_text(head + rows, encoding="utf-8")
    files = _files(project.data)
    read: Counter[Path] = Counter()

    class Located:
        def __init__(self, name: str) -> None:
            self.path = record / f"{name}.ttl"
            self.dossier = files.read(self.path)
            self.graph = self.dossier.graph

        @property
        def lines(self) -> Any:
            read[self.path] += 1
            return self.dossier.lines

    located = [Located(name) for name in ("a", "b")]
    store = terms.memory_store(quad for one in located for quad in one.dossier.quads)
    found = checks.check_together(store, located)
    assert len(found) >= 50
    assert {finding.line for finding in found} == set(range(3, 53))
    assert max(read.values()) <= len(list(package_file("ontology/checks").glob("*.rq")))
