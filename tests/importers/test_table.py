"""Any table becomes a dossier by a mapping in CSVW: every row is placed or reported, and what cannot be is refused.

The tables are written here; what they say is invented. Expectations were worked out by hand from tables and mappings.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

import rejoinder
from conftest import ROOT, Run
from rejoinder import namespaces
from rejoinder.config import Project, new_project, open_project
from rejoinder.dossiers.reader import open_reader
from rejoinder.errors import InputError
from rejoinder.rdf import terms

GUIDE = (ROOT / "docs" / "import.md").read_text(encoding="utf-8").split("## Any table")[1]
COLUMNS: list[dict[str, Any]] = [
    {"name": "no", "titles": ["No", "Number"], "required": True, "suppressOutput": True},
    {"name": "word", "titles": "Word", "propertyUrl": "rj:wording"},
    {"name": "day", "titles": "Day", "propertyUrl": "dcterms:date", "datatype": "date"},
]


def _block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return str(found)


def _mapping(project: Project, columns: list[dict[str, Any]] | None = None, **table: Any) -> Path:
    path = project.root / "mapping.json"
    schema = {"aboutUrl": "#n-{no}", "lang": "en", "columns": COLUMNS if columns is None else columns}
    path.write_text(json.dumps({"@id": "record/t", "tableSchema": schema, **table}, indent=1), encoding="utf-8")
    return path


def _table(project: Project, data: bytes) -> Path:
    path = project.root / "t.csv"
    path.write_bytes(data)
    return path


def _workbook(project: Project, *rows: list[Any], sheet: str = "Sheet") -> tuple[Path, Worksheet]:
    book = openpyxl.Workbook()
    book.worksheets[0].title = sheet
    for row in rows:
        book.worksheets[0].append(row)
    path = project.root / "t.xlsx"
    book.save(path)
    return path, book.worksheets[0]


def _said(project: Project, name: str = "record/t") -> set[tuple[str, str, str]]:
    """Return what the dossier says of its own things, without passages: subject, predicate, object in short."""
    dossier = open_reader(project.base, project.data).read(project.data / f"{name}.ttl")
    passages = {quad.object for quad in dossier.quads if quad.predicate.value == namespaces.RJ + "hasPassage"}
    prefixes = namespaces.PREFIXES | {"": f"{dossier.graph}#", "base": project.base}
    return {
        (
            namespaces.compact(terms.text(quad.subject), prefixes),
            namespaces.compact(quad.predicate.value, prefixes),
            namespaces.compact(quad.object.value, prefixes)
            if isinstance(quad.object, terms.NamedNode)
            else str(quad.object),
        )
        for quad in dossier.quads
        if quad.subject not in passages and terms.text(quad.subject) != dossier.graph
    }


def _refusal(project: Project, mapping: Path, file: Path) -> str:
    with pytest.raises(InputError) as refused:
        rejoinder.import_table(project, mapping, file)
    assert not (project.data / "record").exists(), "nothing was written"
    return str(refused.value).replace(f"{project.root}/", "")


def test_the_example_of_the_guide_runs_in_a_new_project_and_its_dossier_is_sound(tmp_path: Path, run: Run) -> None:
    project = open_project(new_project(tmp_path / "project"))
    (project.root / "requests.csv").write_text(_block("csv"), encoding="utf-8")
    (project.root / "mapping.json").write_text(_block("json"), encoding="utf-8")
    command, shown = re.findall(r"\$ (rejoinder import table .*)\n((?:[^`].*\n)+)", GUIDE)[0]
    answer = run(*command.split()[1:], cwd=project.root)
    assert (answer.returncode, answer.stdout) == (1, shown)
    checked = run("check", cwd=project.root)
    assert checked.returncode == 0
    assert "requests" not in checked.stdout, "not a warning either"
    rejoinder.build(project, with_site=False)
    query = "SELECT ?by WHERE { ?r rj:wording ?w ; rj:raisedBy/skos:notation ?by } ORDER BY ?by"
    table = rejoinder.sparql(project, query)
    assert [terms.text(row[0]) for row in table.rows] == ["LCA", "NOR", "TUR"]  # type: ignore[union-attr, arg-type]  # a SELECT gives a table, all bound


def test_a_row_says_what_the_mapping_says_and_is_anchored(project: Project) -> None:
    data = b'\xef\xbb\xbfNo,Word,Day\r\n1,"two\r\nlines, ""so""",2014-10-30\r\n\r\n2,,\r\n'
    imported = rejoinder.import_table(project, _mapping(project), _table(project, data))
    assert (imported.read, imported.placed, imported.problems) == (2, 2, ())
    assert _said(project) == {
        (":n-1", "rj:wording", '"two\\r\\nlines, \\"so\\""@en'),
        (":n-1", "dcterms:date", '"2014-10-30"^^<http://www.w3.org/2001/XMLSchema#date>'),
        (":n-1", "rj:anchor", ":row-2"),
    }
    text = data.decode()
    written = (project.data / "record" / "t.ttl").read_text(encoding="utf-8")
    start, end = (int(re.search(rf'oa:{end} "(\d+)"', written)[1]) for end in ("start", "end"))  # type: ignore[index]  # both are there
    assert text[start:end] == '1,"two\r\nlines, ""so""",2014-10-30'
    assert hashlib.sha256(text[start:end].encode()).hexdigest() in written
    assert hashlib.sha256(data).hexdigest() in written


def test_a_sheet_gives_what_it_stores(project: Project) -> None:
    rows: list[list[Any]] = [["Number", "Word", "Day"], [1.0, True, date(2014, 10, 30)], [], [3, 0.5, None]]
    path, _ = _workbook(project, *rows, sheet="The list")
    imported = rejoinder.import_table(project, _mapping(project, url="t.xlsx#The%20list"), path)
    assert (imported.read, imported.placed) == (2, 2)
    assert _said(project) == {
        (":n-1", "rj:wording", '"true"@en'),
        (":n-1", "dcterms:date", '"2014-10-30"^^<http://www.w3.org/2001/XMLSchema#date>'),
        (":n-1", "rj:anchor", ":row-2"),
        (":n-3", "rj:wording", '"0.5"@en'),
        (":n-3", "rj:anchor", ":row-4"),
    }
    written = (project.data / "record" / "t.ttl").read_text(encoding="utf-8")
    # Number,Word,Day⏎ is 17 code points long, 1,true,2014-10-30⏎ is 19 and ,,⏎ is 4.
    assert re.findall(r'oa:start "(\d+)"', written) == ["17", "40"]
    assert hashlib.sha256(b"3,0.5,").hexdigest() in written
    assert "Passages are rows of the sheet 'The list' written as CSV" in written


def test_rows_of_a_sheet_that_say_less_than_they_show_are_reported(project: Project) -> None:
    path, sheet = _workbook(project, ["No", "Word", "Day"], [1, "a"], [2, "b"], [3, "=1+1"], [4, "#N/A"], [5, "e"])
    sheet.merge_cells("B2:B3")
    assert sheet.parent is not None
    sheet.parent.save(path)
    imported = rejoinder.import_table(project, _mapping(project), path)
    assert (imported.read, imported.placed) == (5, 1)
    assert [(problem.line, problem.message.split(";")[0]) for problem in imported.problems] == [
        (2, "the cells B2:B3 are merged"),
        (3, "the cells B2:B3 are merged"),
        (4, "the cell B4 is a formula without a value"),
        (5, "the cell B5 is the error #N/A"),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",a,", "the cell 'No' is empty; the mapping requires it"),
        ("1,a,2014-02-30", "'2014-02-30' is not a value of the datatype xsd:date; write one"),
        ("1,a,,b", "the row has 4 cells, and the table 3 columns"),
    ],
)
def test_a_row_that_cannot_be_placed_is_reported_and_the_others_stay(project: Project, row: str, reason: str) -> None:
    imported = rejoinder.import_table(
        project, _mapping(project), _table(project, f"No,Word,Day\n{row}\n2,b,\n".encode())
    )
    assert (imported.read, imported.placed) == (2, 1)
    assert [(problem.line, problem.message) for problem in imported.problems] == [(2, reason)]
    assert {subject for subject, _, _ in _said(project)} == {":n-2"}


def test_names_of_states_and_issues_become_their_ids(project: Project) -> None:
    columns = [
        COLUMNS[0],
        {"name": "raisedBy", "datatype": {"@id": "rj:State", "base": "string"}, "separator": ";"},
        {"name": "about", "datatype": {"@id": "rj:Issue", "base": "string"}},
        {"name": "list", "null": ["-"]},
    ]
    data = "No,raisedBy,about,list\n1,Swaziland; NOR,Death penalty,open\n2,,Bells,-\n3,Norwey,,-\n4,,,half\n"
    imported = rejoinder.import_table(project, _mapping(project, columns), _table(project, data.encode()))
    assert _said(project) == {
        (":n-1", "rj:raisedBy", "base:state/SWZ"),
        (":n-1", "rj:raisedBy", "base:state/NOR"),
        (":n-1", "rj:about", "base:issue/death-penalty"),
        (":n-1", "rj:listing", "rj:OpenList"),
        (":n-1", "rj:anchor", ":row-2"),
    }
    assert [str(problem).split(":", 1)[1] for problem in imported.problems] == [
        "3: no issue of this project has the id 'bells', which 'Bells' makes",
        "4: no State is called 'Norwey'; did you mean 'Norway' (NOR)?",
        "5: 'half' is not one of open, closed, unnamed",
    ]


def test_the_dialect_is_the_mapping_s(project: Project) -> None:
    dialect = {"delimiter": "\t", "encoding": "latin-1", "header": False, "skipRows": 1, "quoteChar": None}
    columns = [
        *COLUMNS[:2],
        {"name": "x", "virtual": True, "propertyUrl": "rj:line", "valueUrl": "#{_row}-{_sourceRow}"},
    ]
    mapping = _mapping(project, columns, dialect=dialect)
    rejoinder.import_table(project, mapping, _table(project, b'A list\n1\t"caf\xe9\n'))
    assert _said(project) == {
        (":n-1", "rj:wording", '"\\"café"@en'),
        (":n-1", "rj:line", ":1-2"),
        (":n-1", "rj:anchor", ":row-2"),
    }


def test_short_names_of_agents_and_proceedings_are_those_of_a_dossier(project: Project) -> None:
    """The example's organisations and reviews are named: odf, and kaz-20."""
    columns = [
        COLUMNS[0],
        {"name": "by", "propertyUrl": "rj:raisedBy", "separator": ";"},
        {"name": "proceeding"},
        {"name": "inReplyTo"},
        {"name": "publisher", "virtual": True, "default": "../organisation/odf"},
    ]
    data = "No,by,proceeding,inReplyTo\n1,NOR;odf;kanat-seytgaparov;#g,kaz-20,kaz-upr-20#c\n2,Open Dialog,,\n"
    imported = rejoinder.import_table(project, _mapping(project, columns), _table(project, data.encode()))
    assert _said(project) == {
        (":n-1", "rj:raisedBy", "base:state/NOR"),
        (":n-1", "rj:raisedBy", "base:organisation/odf"),
        (":n-1", "rj:raisedBy", "base:person/kanat-seytgaparov"),
        (":n-1", "rj:raisedBy", ":g"),
        (":n-1", "rj:inProceeding", "base:review/kaz-20"),
        (":n-1", "rj:inReplyTo", "base:report/kaz-upr-20#c"),
        (":n-1", "dcterms:publisher", "base:organisation/odf"),
        (":n-1", "rj:anchor", ":row-2"),
    }
    assert [problem.message for problem in imported.problems] == [
        "'Open Dialog' makes no web address; it may hold no blanks, quotes or angle brackets"
    ]


def test_the_table_and_its_texts_have_the_languages_that_the_mapping_gives(project: Project) -> None:
    columns = [*COLUMNS[:2], {"name": "note", "lang": "fr"}, {"name": "list"}, {"name": "symbol"}]
    context = ["http://www.w3.org/ns/csvw", {"@language": "ru"}]
    mapping = _mapping(project, columns, **{"@context": context, "rdfs:label": "Таблица"})
    rejoinder.import_table(project, mapping, _table(project, b"No,Word,note,list,symbol\n1,a,b,open,A/1\n"))
    assert _said(project) == {
        (":n-1", "rj:wording", '"a"@en'),
        (":n-1", "skos:editorialNote", '"b"@fr'),
        (":n-1", "rj:listing", "rj:OpenList"),
        (":n-1", "rj:symbol", '"A/1"'),
        (":n-1", "rj:anchor", ":row-2"),
    }
    assert '<> rdfs:label "Таблица"@ru' in (project.data / "record" / "t.ttl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"rdfs:label": "A list"}, 'the text of \'rdfs:label\' needs a language; write "@context": ["http://www.w3'),
        ({"@context": ["http://www.w3.org/ns/csvw", "en"]}, "'@context' must be 'http://www.w3.org/ns/csvw', or a"),
        (
            {"tableSchema": {"aboutUrl": "#n-{no}", "columns": COLUMNS}},
            'mapping.json:15: the texts of the column \'word\' need a language; write "lang": "en", or another',
        ),
        ({"tableDirection": "rtl"}, "mapping.json:29: the key 'tableDirection' is not supported here"),
        ({"@id": "../../etc/t"}, "cannot be part of a web address"),
        ({"@id": "person"}, "is not from an import"),
        ({"dialect": {"commentPrefix": "#"}}, "the key 'commentPrefix' is not supported here"),
        ({"dialect": {"encoding": "rot13"}}, "'encoding' cannot be 'rot13'"),
        ({"dialect": {"delimiter": ""}}, "'delimiter' cannot be ''"),
        ({"dialect": {"header": "no"}}, "'header' is true or false, not 'no'"),
        ({"dialect": ["x"]}, "'dialect' needs lines such as"),
        ({"tableSchema": {"columns": []}}, "needs a list of 'columns'"),
        ({"tableSchema": {"columns": ["no"]}}, "needs lines such as"),
        ({"foo:bar": "x"}, "'foo:bar' has no prefix that is known"),
        ({"dcterms:title": {"@id": "a b"}}, "makes no web address"),
    ],
)
def test_a_mapping_outside_the_subset_is_refused(project: Project, table: dict[str, Any], told: str) -> None:
    assert told in _refusal(project, _mapping(project, **table), _table(project, b"No,Word,Day\n"))


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ({"format": "dd/MM/yyyy"}, "the key 'format' is not supported here"),
        ({"name": "number of a thing"}, "has no term"),
        ({"propertyUrl": "nope:x"}, "'nope:x' is no key of a dossier"),
        ({"datatype": "whole"}, "there is no datatype 'whole'"),
        ({"datatype": {"base": "date", "format": "x"}}, "the key 'format' is not supported here"),
        ({"valueUrl": "#{+word}"}, "'valueUrl' has {+word}"),
        ({"valueUrl": "#{other}"}, "'valueUrl' has {other}"),
        ({"valueUrl": "#{word"}, "'valueUrl' has a brace"),
        ({"required": "yes"}, "'required' is true or false"),
        ({"titles": {"en": "Word"}}, "'titles' is a text or a list of texts"),
        ({"titles": "Wort"}, "t.csv:1: there is no column 'Wort'"),
        ({"name": "no"}, "two columns are called 'no'"),
    ],
)
def test_a_column_outside_the_subset_is_refused(project: Project, column: dict[str, Any], told: str) -> None:
    columns = [COLUMNS[0], COLUMNS[1] | column, COLUMNS[2]]
    if "name" in column:
        columns[1].pop("propertyUrl")
    assert told in _refusal(project, _mapping(project, columns), _table(project, b"No,Word,Day\n1,a,\n"))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "t.csv: the file is empty; save the table in it, the titles of its columns first"),
        (
            b"No,Word,Day\n1,caf\xe9,\n",
            "t.csv:2: this is not UTF-8; export it again, save it as UTF-8, or write the right one into the mapping, "
            'e.g. "dialect": {"encoding": "windows-1252"}',
        ),
        (b"PK\x03\x04\x14", "t.csv: this is a file of an office program; save its table as CSV or XLSX"),
        (
            b'"No";"Word";"Day"\n1;a;\n',
            "t.csv:1: the table uses ';', but the mapping's dialect says ','; "
            'write "dialect": {"delimiter": ";"} into the mapping',
        ),
        (b'No,Word,Day\n1,"open,\n', "t.csv:2: from here on this is not CSV"),
        (b"No,Word,Day,Note\n", "t.csv:1: the column 'Note' is not in the mapping"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_its_line(project: Project, data: bytes, told: str) -> None:
    assert told in _refusal(project, _mapping(project), _table(project, data))


def test_a_mapping_in_json_that_is_broken_is_called_json(project: Project) -> None:
    path = project.root / "mapping.json"
    path.write_text('{"@id": "record/t",\n "tableSchema": {"columns": [}}', encoding="utf-8")
    told = _refusal(project, path, _table(project, b"No\n1\n"))
    assert told.startswith("mapping.json:2: this is not JSON: Expecting value; check the commas, brackets and")


def test_an_answer_that_is_none_is_reported_with_its_row_and_those_that_are(project: Project) -> None:
    answer = {"name": "answer", "titles": "Answer", "propertyUrl": "rj:response", "valueUrl": "rj:{answer}"}
    table = _table(project, b"No,Answer\n1,Refused\n2,Noted\n3,\n")
    imported = rejoinder.import_table(project, _mapping(project, [COLUMNS[0], answer]), table)
    assert [(it.line, it.message) for it in imported.problems] == [
        (2, "the cell 'Answer' has 'Refused', which is no rj:response; write one of Supported, Noted, Pending")
    ]
    assert (":n-2", "rj:response", "rj:Noted") in _said(project)


def test_strange_characters_come_through_or_are_told(project: Project) -> None:
    mapping = _mapping(project, dialect={"encoding": "utf-16"})
    words = ["\x01\x7f", "\U0001f54a", "a\\\\b<>{}|^`", "\U0001f54a\u202e", "x" * 200_000]
    table = "No,Word,Day\n" + "".join(f"{number} /é,{word},\n" for number, word in enumerate(words))
    imported = rejoinder.import_table(project, mapping, _table(project, table.encode("utf-16")))
    assert [(it.line, it.message[:28]) for it in imported.problems] == [(5, "U+202E reverses the letters ")]
    read = open_reader(project.base, project.data).read(project.data / "record" / "t.ttl")
    found = {
        terms.text(quad.subject): terms.text(quad.object) for quad in read.quads if "wording" in quad.predicate.value
    }
    assert found == {f"{read.graph}#n-{number}%20%2F%C3%A9": word for number, word in enumerate(words) if number != 3}


def test_hostile_workbooks_are_refused(project: Project) -> None:
    mapping = _mapping(project, url="t.xlsx#Sheet")
    path, sheet = _workbook(project, ["No", "Word", "Day"])
    whole = path.read_bytes()
    for broken in (b"", b"No,Word,Day", whole[: len(whole) // 2], whole[:-30]):
        path.write_bytes(broken)
        assert "not an XLSX workbook" in _refusal(project, mapping, path)
    sheet["XFD1048576"] = "far off"
    assert sheet.parent is not None
    sheet.parent.save(path)
    assert "spans more than 4,000,000 cells" in _refusal(project, mapping, path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(129 << 20))
    assert "unpacks to more than 128 MB" in _refusal(project, mapping, path)
    path.unlink()
    assert "there is no such file" in _refusal(project, mapping, path)
    path, _ = _workbook(project, ["No", "Word", "Day"], sheet="Other")
    assert "there is no sheet 'Sheet'; name one in the mapping" in _refusal(project, mapping, path)


def test_importing_again_gives_the_same_bytes_and_never_touches_another_hand_s_file(project: Project) -> None:
    mapping, table = _mapping(project), _table(project, b"No,Word,Day\n1,a,\n")
    path = project.data / "record" / "t.ttl"
    rejoinder.import_table(project, mapping, table)
    first = path.read_bytes()
    rejoinder.import_table(project, mapping, table)
    assert path.read_bytes() == first
    path.write_text("<> a <#other> .\n", encoding="utf-8")
    with pytest.raises(InputError, match="is not from an import"):
        rejoinder.import_table(project, mapping, table)
    assert path.read_text(encoding="utf-8") == "<> a <#other> .\n"


def test_the_command_ends_with_2_and_a_sentence_when_a_file_is_missing(project: Project, run: Run) -> None:
    answer = run("import", "table", "none.json", "t.csv", cwd=project.root)
    assert answer.returncode == 2
    assert "none.json: there is no such file" in answer.stderr
    assert "Traceback" not in answer.stderr
