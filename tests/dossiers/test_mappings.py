"""A mapping file is read as SSSOM means it, each wrong row is told with its line, and nothing private gets out."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import DCTERMS, OWL, RDF

from conftest import ROOT, leave_out
from rejoinder import formats
from rejoinder.building.check import check
from rejoinder.config import Project
from rejoinder.dossiers.discovery import MAPPING_SUFFIX
from rejoinder.dossiers.reader import Dossier, open_reader
from rejoinder.errors import InputError
from rejoinder.rdf import terms

BASE = "https://example.org/reports/"
FILES = sorted((ROOT / "data/mapping").glob(f"*{MAPPING_SUFFIX}"))
COLUMNS = (
    "subject_id", "predicate_id", "predicate_modifier", "object_id", "mapping_justification", "author_id",
    "reviewer_id", "mapping_date", "comment",
)  # fmt: skip
GOOD = {
    "subject_id": "marat-azilkanov",
    "predicate_id": "schema:sameAs",
    "object_id": "person:marat-azilkhanov",
    "mapping_justification": "semapv:ManualMappingCuration",
    "author_id": "odf",
    "reviewer_id": "orcid:0000-0000-0000-0001|rejoinder",
    "mapping_date": "2026-11-29",
    "comment": "One delegation.",
}
SSSOM = rdflib.Namespace("https://w3id.org/sssom/")
PAV = rdflib.Namespace("http://purl.org/pav/")


def table(*rows: dict[str, str], head: str = "", columns: Sequence[str] = COLUMNS) -> str:
    """Return a mapping file with these rows."""
    lines = ["\t".join(columns), *("\t".join(row.get(column, "") for column in columns) for row in rows)]
    return head + "".join(f"{line}\n" for line in lines)


def write(project: Project, text: str, name: str = "people") -> Path:
    """Write the text as a mapping file of the project."""
    path = project.data / f"mapping/{name}{MAPPING_SUFFIX}"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def read(project: Project, text: str) -> Dossier:
    """Return the text read as a mapping file of the project."""
    return open_reader(project.base, project.data, four_eyes=project.four_eyes).read(write(project, text))


def graph_of(dossier: Dossier) -> rdflib.Graph:
    """Return its statements in rdflib."""
    lines = terms.serialize([quad.triple for quad in dossier.quads], formats.NTRIPLES)
    return rdflib.Graph().parse(data=lines, format="nt")


def problems(project: Project, text: str) -> list[str]:
    """Return the problems of a text as `line: message`."""
    with pytest.raises(InputError) as error:
        read(project, text)
    return [f"{problem.line}: {problem.message}" for problem in error.value.problems]


def test_a_confirmed_row_is_a_statement_and_a_node_that_says_who_judged(project: Project) -> None:
    found = read(project, table(GOOD, head="#license: https://creativecommons.org/publicdomain/zero/1.0/\n"))
    graph = graph_of(found)
    (node,) = graph.subjects(RDF.type, SSSOM.Mapping)
    person = rdflib.Namespace(BASE + "person/")
    expected = rdflib.Graph().parse(
        data=f"""
        @prefix dcterms: <http://purl.org/dc/terms/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix pav: <http://purl.org/pav/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix schema: <https://schema.org/> . @prefix sssom: <https://w3id.org/sssom/> .
        @prefix person: <{BASE}person/> . @prefix organisation: <{BASE}organisation/> .
        <{BASE}mapping/people> a sssom:MappingSet ; sssom:mappings <{node}> ;
            dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> .
        person:marat-azilkanov schema:sameAs person:marat-azilkhanov .
        <{node}> a sssom:Mapping ;
            owl:annotatedSource person:marat-azilkanov ;
            owl:annotatedProperty schema:sameAs ;
            owl:annotatedTarget person:marat-azilkhanov ;
            sssom:mapping_justification <https://w3id.org/semapv/vocab/ManualMappingCuration> ;
            pav:authoredBy organisation:odf ;
            sssom:reviewer_id organisation:rejoinder, <https://orcid.org/0000-0000-0000-0001> ;
            dcterms:created "2026-11-29"^^<http://www.w3.org/2001/XMLSchema#date> ;
            rdfs:comment "One delegation." .
        """,
        format="turtle",
    )
    assert set(graph) == set(expected)
    assert found.graph == BASE + "mapping/people"
    assert found.line(str(node)) == 3
    assert found.line(str(person["marat-azilkanov"]), "https://schema.org/sameAs") == 3


@pytest.mark.parametrize("row", [GOOD | {"reviewer_id": ""}, GOOD | {"predicate_modifier": "Not"}])
def test_a_proposal_and_a_refusal_state_nothing_but_themselves(project: Project, row: dict[str, str]) -> None:
    graph = graph_of(read(project, table(row)))
    (node,) = graph.subjects(RDF.type, SSSOM.Mapping)
    assert {str(subject) for subject in graph.subjects()} == {BASE + "mapping/people", str(node)}
    assert set(graph.objects(node, SSSOM.predicate_modifier)) == (
        {SSSOM.NegatedPredicate} if row.get("predicate_modifier") else set()
    )
    # Programs for OWL take an axiom node for the statement that it describes, also of a refusal.
    assert not set(graph.subjects(RDF.type, OWL.Axiom))


def test_ids_are_short_names_curies_entries_paths_and_iris(project: Project) -> None:
    claims = "report/kaz-upr-20#claim-"
    rows = [
        GOOD | {"subject_id": "kaz-upr-20:claim-a", "predicate_id": "rj:sameClaim", "object_id": "a-hrc-28-10#claim-b"},
        GOOD | {"subject_id": claims + "c", "predicate_id": "rj:narrowerClaim", "object_id": BASE + claims + "d"},
        GOOD | {"subject_id": "organisation/odf", "object_id": "http://www.wikidata.org/entity/Q1"},
        GOOD | {"subject_id": "x:odf", "object_id": "rejoinder"},
    ]
    graph = graph_of(read(project, table(*rows, head=f"#curie_map:\n#  x: {BASE}organisation/\n")))
    pairs = {
        (str(graph.value(n, OWL.annotatedSource)), str(graph.value(n, OWL.annotatedTarget))) for n in _nodes(graph)
    }
    assert pairs == {
        (BASE + claims + "a", BASE + "report/a-hrc-28-10#claim-b"),
        (BASE + claims + "c", BASE + claims + "d"),
        (BASE + "organisation/odf", "http://www.wikidata.org/entity/Q1"),
        (BASE + "organisation/odf", BASE + "organisation/rejoinder"),
    }


def _nodes(graph: rdflib.Graph) -> set[rdflib.term.Node]:
    return set(graph.subjects(RDF.type, SSSOM.Mapping))


WRONG = {
    "owl:sameAs": (
        {"predicate_id": "owl:sameAs"},
        "predicate_id: owl:sameAs would make a program say of the one all that is said of the other, and nobody could "
        "tell the two apart again; write schema:sameAs",
    ),
    "predicate of concepts": (
        {"predicate_id": "skos:exactMatch"},
        "predicate_id: 'skos:exactMatch' maps concepts, and people and organisations are none; write schema:sameAs",
    ),
    "predicate": (
        {"predicate_id": "rdfs:seeAlso"},
        "predicate_id: 'rdfs:seeAlso' is not a predicate of mappings; write schema:sameAs, rj:sameClaim or "
        "rj:narrowerClaim",
    ),
    "prefix": (
        {"subject_id": "persn:marat-azilkanov"},
        "subject_id: the prefix of 'persn:marat-azilkanov' is unknown; did you mean 'person'?",
    ),
    "name": (
        {"object_id": "nobody-of-this-name"},
        "object_id: no person or organisation is called 'nobody-of-this-name'; write person:NAME, organisation:NAME, "
        "or REPORT:ENTRY",
    ),
    "entry": (
        {"object_id": "#claim-x"},
        "object_id: '#claim-x' names an entry of this file, which has none; write REPORT#claim-x",
    ),
    "character": (
        {"object_id": "person:marat azilkhanov"},
        "object_id: 'person:marat azilkhanov' has a character that no IRI has; write a CURIE such as person:NAME",
    ),
    "modifier": (
        {"predicate_modifier": "No"},
        "predicate_modifier is 'No'; write Not if the row refuses, or leave it empty",
    ),
    "justification": (
        {"mapping_justification": "semapv:ManualMapping"},
        "'semapv:ManualMapping' is not a justification of mappings; write for example semapv:ManualMappingCuration",
    ),
    "no justification": (
        {"mapping_justification": ""},
        "mapping_justification is missing; write for example semapv:ManualMappingCuration",
    ),
    "nobody": (
        {"author_id": ""},
        "nobody answers for this row; write author_id, or mapping_tool if a program proposed it",
    ),
    "no day": (
        {"mapping_date": ""},
        "mapping_date is missing; write the day of the judgement, for example 2026-11-29",
    ),
    "day": ({"mapping_date": "2026-11-31"}, "mapping_date is '2026-11-31'; write a day such as 2026-11-29"),
    "itself": ({"object_id": "marat-azilkanov"}, "the row maps 'marat-azilkanov' to itself; remove it"),
    "State": (
        {"subject_id": "KAZ"},
        "schema:sameAs maps people or organisations of this project, and 'KAZ' is neither",
    ),
    "two kinds": ({"object_id": "odf"}, "schema:sameAs maps person to person, and 'odf' is none"),
    "no claim": (
        {"predicate_id": "rj:sameClaim", "object_id": "kaz-upr-20:claim-no-division"},
        "rj:sameClaim maps claims, and 'marat-azilkanov' is none; write REPORT:CLAIM",
    ),
    "reviewer": (
        {"reviewer_id": "odf|rejoindr"},
        "reviewer_id: no person or organisation is called 'rejoindr'; did you mean 'rejoinder'?",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_row_is_told_with_its_line_and_what_to_write(project: Project, case: str) -> None:
    wrong, message = WRONG[case]
    right = GOOD | {"subject_id": "kanat-seidgapparov", "object_id": "kanat-seytgaparov"}
    head = "#license: https://creativecommons.org/licenses/by/4.0/\n"
    assert problems(project, table(right, GOOD | wrong, head=head)) == [f"4: {message}"]


def test_a_row_that_is_said_twice_is_told(project: Project) -> None:
    again = GOOD | {"subject_id": GOOD["object_id"], "object_id": GOOD["subject_id"], "author_id": "rejoinder"}
    assert problems(project, table(GOOD, again)) == [
        "3: the row says the same as line 2; keep one of them (several people: author_id a|b)"
    ]


def test_a_wrong_head_is_told_with_its_line(project: Project) -> None:
    head = f"#licence: CC BY\n#mapping_set_id: {BASE}mapping/others\n#curie_map:\n#  person: https://example.org/x/\n"
    assert problems(project, table(GOOD, head=head)) == [
        "1: the key 'licence' is unknown; did you mean 'license'?",
        f"2: mapping_set_id is '{BASE}mapping/others', and this file is {BASE}mapping/people; write that, or leave it "
        "out (mapping_set_source names a set that this one was made from)",
        f"4: the prefix 'person' stands for {BASE}person/ in this project; write that, or leave it out",
    ]


def test_a_wrong_table_is_told_with_its_line(project: Project) -> None:
    assert problems(project, "#license: https://example.org/\n") == [
        "2: there is no table; write the names of columns below the head, with tabs between them: subject_id, "
        "predicate_id, object_id, mapping_justification, …"
    ]
    assert problems(project, "subject_id\tsubject\tsubject_id\n") == [
        "1: the column 'predicate_id' is missing; add it, with a tab before it",
        "1: the column 'subject' is unknown; did you mean 'subject_id'?",
        "1: the column 'subject_id' is here twice; remove one of them",
    ]
    wide = table(GOOD).rstrip("\n") + "\tmore\n"
    assert problems(project, wide) == ["2: the row has 10 cells, and the table 9 columns; remove a tab"]
    assert problems(project, table(GOOD | {"comment": '"open'})) == [
        "2: this is not a table with tabs: unexpected end of data; look for a quotation mark that is not closed"
    ]


def test_what_nothing_describes_is_told_at_its_row(project: Project) -> None:
    path = write(project, table(GOOD, GOOD | {"object_id": "person:marat-azilkhanow"}))
    assert [(p.line, p.message) for p in check(project, [path]).problems] == [
        (3, "no person or organisation is called 'marat-azilkhanow'; did you mean 'marat-azilkhanov'?")
    ]


def test_a_mapping_of_evidence_as_a_claim_is_told_at_its_row(project: Project) -> None:
    row = GOOD | {
        "subject_id": "kaz-upr-20:evidence-president-on-sects",
        "predicate_id": "rj:sameClaim",
        "object_id": "kaz-upr-20:claim-no-division",
    }
    path = write(project, table(GOOD, row))
    (finding,) = check(project, [path]).findings
    assert (finding.line, finding.rule.rpartition("#")[2]) == (3, "MappedClaims")
    assert finding.value == BASE + "report/kaz-upr-20#evidence-president-on-sects"


def test_a_mapping_file_lies_in_its_folder(project: Project) -> None:
    path = project.data / f"people{MAPPING_SUFFIX}"
    path.write_text(table(GOOD), encoding="utf-8")
    assert [problem.message for problem in check(project, [path]).problems] == [
        "this is a file of mappings; put it into the folder mapping/ of the data folder"
    ]


def test_the_head_speaks_for_rows_that_have_no_such_column(project: Project) -> None:
    columns = [column for column in COLUMNS if column not in ("mapping_date", "author_id")]
    head = "#mapping_tool: rejoinder 0.2.0\n#mapping_date: 2026-11-28\n"
    graph = graph_of(read(project, table(GOOD, head=head, columns=columns)))
    (node,) = _nodes(graph)
    assert str(graph.value(node, SSSOM.mapping_tool)) == "rejoinder 0.2.0"
    assert str(graph.value(node, DCTERMS.created)) == "2026-11-28"


def test_texts_are_in_the_language_of_the_file(project: Project) -> None:
    graph = graph_of(read(project, table(GOOD, head="#lang: fr\n#mapping_set_title: Les mêmes\n")))
    literals = (each for each in graph.objects() if isinstance(each, rdflib.Literal))
    assert {str(each): each.language for each in literals if each.language} == {
        "Les mêmes": "fr",
        "One delegation.": "fr",
    }
    assert problems(project, table(GOOD, head="#lang: in French\n")) == [
        "1: lang is 'in French'; write the tag of a language, such as en"
    ]


def test_a_row_about_a_private_person_is_kept_on_this_machine(project: Project) -> None:
    people = project.data / "person.yaml"
    text = people.read_text(encoding="utf-8")
    marked = text.replace("  marat-azilkanov:\n", "  marat-azilkanov:\n    private: true\n", 1)
    assert marked != text
    people.write_text(marked, encoding="utf-8")
    other = GOOD | {"subject_id": "kanat-seidgapparov", "object_id": "kanat-seytgaparov"}
    graph = graph_of(read(project, table(GOOD, other)))
    assert len(_nodes(graph)) == 1
    assert "azilk" not in graph.serialize(format="nt")


def test_with_four_eyes_only_rows_that_somebody_else_confirmed_are_published(project: Project) -> None:
    alone = {"subject_id": "kanat-seidgapparov", "object_id": "kanat-seytgaparov", "reviewer_id": "odf"}
    unread = {"subject_id": "vyacheslav-kaliuzhnyi", "object_id": "vyacheslav-kalyuzhnyi", "reviewer_id": ""}
    text = table(GOOD, GOOD | alone, GOOD | unread)
    assert len(_nodes(graph_of(read(project, text)))) == 3
    found = read(replace(project, four_eyes=True), text)
    graph = graph_of(found)
    assert [found.line(node) for node in found.unconfirmed] in ([3, 4], [4, 3])
    assert {str(graph.value(node, OWL.annotatedSource)) for node in _nodes(graph)} == {BASE + "person/marat-azilkanov"}
    waiting = [each for each in check(replace(project, four_eyes=True), [found.path]).findings if each.line == 3]
    assert [each.message for each in waiting] == [
        "2 rows are not published: nobody but their authors confirmed them; write reviewer_id"
    ]


@pytest.fixture(scope="module")
def sssom_py() -> str:
    """Give the command of sssom-py, the standard's own program."""
    command = shutil.which("sssom", path=str(Path(sys.executable).parent))
    if command is None:
        leave_out("sssom", "sssom-py is not installed (make test EXTRAS=dev,outside)")
    return command


def _run(command: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([command, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_program_of_the_standard_accepts_the_file(sssom_py: str, path: Path, tmp_path: Path) -> None:
    """It leaves out a row that it cannot read and says so, but ends with 0; so nothing may be said of a row."""
    done = _run(sssom_py, "validate", path)
    about_rows = [line for line in done.stderr.splitlines() if not line.startswith("Metadata key 'lang'")]
    assert (done.returncode, done.stdout, about_rows) == (0, "", [])
    text, wrong = path.read_text(encoding="utf-8"), tmp_path / path.name
    wrong.write_text(re.sub(r"\t\d{4}-\d\d-\d\d\t", "\tyesterday\t", text, count=1), encoding="utf-8")
    assert "Error" in _run(sssom_py, "validate", wrong).stderr


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_program_of_the_standard_gives_a_row_the_same_properties(sssom_py: str, path: Path, tmp_path: Path) -> None:
    written = tmp_path / "theirs.ttl"
    done = _run(sssom_py, "convert", path, "--output-format", "rdf", "--output", written)
    assert done.returncode == 0, done.stderr
    theirs = rdflib.Graph().parse(written, format="turtle")
    ours = graph_of(open_reader("https://w3id.org/rejoinder/", ROOT / "data").read(path))
    # sssom-py writes a value that all rows share once, at the set.
    shared = {RDF.type, DCTERMS.created, SSSOM.mapping_tool}

    def rows(graph: rdflib.Graph) -> set[frozenset[tuple[str, str]]]:
        nodes = graph.objects(None, SSSOM.mappings)
        return {frozenset((str(p), _value(o)) for p, o in graph.predicate_objects(n) if p not in shared) for n in nodes}

    assert rows(ours) == rows(theirs)
    assert len(rows(ours)) == len(path.read_text(encoding="utf-8").splitlines()) - _head_lines(path) - 1


def _value(term: rdflib.term.Node) -> str:
    return str(float(term)) if isinstance(term, rdflib.Literal) and term.datatype == rdflib.XSD.double else str(term)


def _head_lines(path: Path) -> int:
    return sum(line.startswith("#") for line in path.read_text(encoding="utf-8").splitlines())
