"""Rows as programs really write them: blank ones, short ones, long cells, old layouts; and messages that stay short.

All texts are invented; the layouts are those of exports and workbooks that people have.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import os
import random
import subprocess
import sys
import zipfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import rejoinder
from conftest import Run, mostly_slow
from rejoinder import errors as rejoinder_errors
from rejoinder import namespaces
from rejoinder.cli import console
from rejoinder.config import Project
from rejoinder.dossiers.reader import open_reader
from rejoinder.errors import InputError, Problem, UsageError
from rejoinder.importers.reconcile import name_index
from rejoinder.importers.rows import Dialect, text_rows
from rejoinder.importers.upr_info import Imported, read_export
from rejoinder.rdf import terms

COLUMNS: list[dict[str, Any]] = [
    {"name": "text", "titles": "Text", "propertyUrl": "rj:wording", "lang": "en"},
    {"name": "day", "titles": "Day", "propertyUrl": "dcterms:date"},
    {"name": "label", "virtual": True, "propertyUrl": "rdfs:label", "default": "A recommendation", "lang": "en"},
]
HEADER = "SuR;Rgrp;Org;Recommendation;RS;Rgrp;Org;Response;Action;Issue;Session"
OLD_HEADER = "To,To-Rgrp,To-Org,Text,From,From-Rgrp,From-Org,Response,Action,Issue,Session"
NAME = "27-27-UPR-INFO-DATABASE-EXPORT-2018_07_25-20_19_03.csv"


def _mapping(project: Project, columns: list[dict[str, Any]] | None = None) -> Path:
    path = project.root / "mapping.json"
    table = {"@id": "record/t", "tableSchema": {"aboutUrl": "#g-{_row}", "columns": columns or COLUMNS}}
    path.write_text(json.dumps(table), encoding="utf-8")
    return path


def _csv(project: Project, text: str) -> Path:
    path = project.root / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def _workbook(project: Project, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    path = project.root / "t.xlsx"
    book.save(path)
    return path


def _edited(path: Path, edit: Any) -> Path:
    """Return the workbook with the XML of its parts changed by `edit`, a function of name and content."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, edit(name, content))
    return path


def _shared(path: Path, text: str) -> Path:
    """Return the workbook with the text of the cell A2 in the table of shared strings, as Excel stores it."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'

    def edit(name: str, content: bytes) -> bytes:
        if name == "[Content_Types].xml":
            return content.replace(b"</Types>", override.encode())
        stored = b't="inlineStr"><is><t>STORED</t></is>'
        assert "sheet1" not in name or stored in content
        return content.replace(stored, b't="s"><v>0</v>')

    _edited(path, edit)
    with zipfile.ZipFile(path, "a") as archive:
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}" count="1"><si>{text}</si></sst>')
    return path


def _values(project: Project, name: str) -> list[str]:
    dossier = open_reader(project.base, project.data).read(project.data / "record/t.ttl")
    return sorted(terms.text(quad.object) for quad in dossier.quads if quad.predicate.value == name)


def _words(project: Project) -> list[str]:
    return _values(project, namespaces.RJ + "wording")


@pytest.mark.parametrize("blank", ["", ",", " , ", '"",""', "\t,\u00a0", ",,,"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blank_rows_are_none_in_csv(small: Project, blank: str, end: str) -> None:
    rows = ["Text,Day", blank, "Mend the gate.,2014", blank, blank, "Paint the door.,2015", blank, ""]
    imported = rejoinder.import_table(small, _mapping(small), _csv(small, end.join(rows)))
    assert (imported.read, imported.placed) == (2, 2)
    assert _words(small) == ["Mend the gate.", "Paint the door."]


@pytest.mark.parametrize("blank", [[None, None], ["", ""], [" ", "\u00a0"], ["\n", None]])
def test_blank_rows_are_none_in_a_workbook(small: Project, blank: list[str | None]) -> None:
    path = _workbook(small, ["Text", "Day"], blank, ["Mend the gate.", "2014"], blank)
    assert rejoinder.import_table(small, _mapping(small), path).read == 1


def test_cells_left_out_at_the_end_of_a_row_are_empty(small: Project) -> None:
    text = "Text,Day\nMend the gate.,2014\nPaint the door.\nRing the bell.,\n"
    imported = rejoinder.import_table(small, _mapping(small), _csv(small, text))
    assert (imported.read, imported.placed) == (3, 3)
    assert _values(small, namespaces.DCTERMS + "date") == ["2014"]
    columns = [COLUMNS[0], {**COLUMNS[1], "required": True}, COLUMNS[2]]
    imported = rejoinder.import_table(small, _mapping(small, columns), _csv(small, text))
    assert [problem.line for problem in imported.problems] == [3, 4]
    assert "the cell 'Day' is empty; the mapping requires it" in imported.problems[0].message


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ("First_x000D_\nsecond", "First\r\nsecond"),
        ("a_x005F_x000D_b", "a_x000D_b"),
        ("a_x005f_b", "a_b"),
        ("_x0009_tab", "\ttab"),
        ("_x00e9_t_x00E9_", "été"),
        ("_xD83D__xDE00_", "\N{GRINNING FACE}"),
        ("a_xD83D_b", "a\ufffdb"),
        ("_x12_, _x00G0_, x000D_, _x000D", "_x12_, _x00G0_, x000D_, _x000D"),
        ("x005F_ stays", "x005F_ stays"),
        ("_x000D_x000A_", "\rx000A_"),
    ],
)
@pytest.mark.parametrize("inline", [False, True])
def test_escaped_characters_of_a_workbook_are_those_characters(
    small: Project, stored: str, meant: str, inline: bool
) -> None:
    path = _workbook(small, ["Text", "Day"], ["STORED", "2014"])
    text = f"<t>{stored}.</t>"

    def edit(name: str, content: bytes) -> bytes:
        return content.replace(b"<t>STORED</t>", text.encode()) if "sheet1" in name else content

    _edited(path, edit) if inline else _shared(path, text)
    rejoinder.import_table(small, _mapping(small), path)
    assert _words(small) == [f"{meant}.".strip()]


@pytest.mark.parametrize("value", [1e-05, -3e-7, 0.1, 5.0, 1e22, 1e23, 1.5e300, 123456.789, 1e-300, 2**53 + 1.0, 1e16])
def test_numbers_of_a_workbook_have_the_digits_of_their_shortest_form(small: Project, value: float) -> None:
    columns = [{"name": "rate", "titles": "Rate", "propertyUrl": "rdf:value", "datatype": "decimal"}, COLUMNS[2]]
    path = _workbook(small, ["Rate"], [value])
    imported = rejoinder.import_table(small, _mapping(small, columns), path)
    if imported.problems:  # more digits than the store holds: told, and never rounded
        assert len(imported.problems) == 1
        assert abs(value) > 1e18 or abs(value) < 1e-18
        return
    (found,) = _values(small, namespaces.RDF + "value")
    assert "e" not in found.lower()
    assert float(found) == value


def test_a_length_of_time_in_a_workbook_keeps_its_digits(project: Project) -> None:
    columns = [{"name": "t", "titles": "Time", "propertyUrl": "rdf:value"}, COLUMNS[2]]
    path = _workbook(project, ["Time"], [timedelta(seconds=1_234_567)])
    rejoinder.import_table(project, _mapping(project, columns), path)
    assert _values(project, namespaces.RDF + "value") == ["PT1234567S"]


def test_a_workbook_in_strict_open_xml_is_read(project: Project) -> None:
    path = _workbook(project, ["Text", "Day"], ["Mend the gate.", "2014"])

    def strict(_: str, content: bytes) -> bytes:
        for old, new in (
            (
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            ),
            (b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"),
            (b"http://schemas.openxmlformats.org/drawingml/2006/", b"http://purl.oclc.org/ooxml/drawingml/"),
        ):
            content = content.replace(old, new)
        return content

    assert rejoinder.import_table(project, _mapping(project), _edited(path, strict)).placed == 1


def test_warnings_of_the_reader_of_workbooks_reach_nobody(project: Project) -> None:
    path = _workbook(project, ["Text", "Day"], ["Mend the gate.", "2014"])
    extension = (
        b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        b'<x14:dataValidations count="0"/></ext></extLst></worksheet>'
    )
    _edited(path, lambda name, content: content.replace(b"</worksheet>", extension) if "sheet1" in name else content)
    command = [sys.executable, "-m", "rejoinder", "import", "table", str(_mapping(project)), str(path)]
    environment = os.environ | {"PYTHONWARNINGS": "error::UserWarning"}
    answer = subprocess.run(
        command, cwd=project.root, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=300
    )
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.slow
def test_a_damaged_workbook_is_a_sentence_wherever_it_is_damaged(project: Project) -> None:
    path = _workbook(project, ["Text", "Day"], *([f"Mend gate {number}.", "2014"] for number in range(50)))
    whole = path.read_bytes()
    chance = random.Random(15)
    mapping = _mapping(project)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(bytes(data))
        with suppress(InputError):  # anything else is a fault
            rejoinder.import_table(project, mapping, path)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        places = [(part.filename, part.header_offset + 30 + len(part.filename)) for part in archive.infolist()]
    for name, at in places:  # the first byte of a deflate stream: the kind of block, of which there is no fourth
        path.write_bytes(whole[:at] + b"\xff" + whole[at + 1 :])
        if name.endswith((".xml", ".rels")):
            with pytest.raises(InputError, match="not an XLSX workbook, or it is damaged"):
                rejoinder.import_table(project, mapping, path)


@pytest.mark.parametrize("length", [131_072, 131_073, 400_000])
def test_a_long_cell_is_read_and_the_limit_of_others_stays(project: Project, length: int) -> None:
    before = csv.field_size_limit()
    words = ("word " * (length // 5 + 1))[:length].strip()
    imported = rejoinder.import_table(project, _mapping(project), _csv(project, f'Text,Day\n"{words}",2014\n'))
    assert imported.placed == 1
    assert _words(project) == [words]
    assert csv.field_size_limit() == before
    with pytest.raises(InputError, match="close the quotation mark"):
        list(text_rows(Path("x"), 'a,b\n"c', Dialect()))
    assert csv.field_size_limit() == before


def test_a_table_without_a_placed_row_writes_nothing_and_says_so(project: Project, run: Run) -> None:
    columns = [COLUMNS[0], {**COLUMNS[1], "required": True}, COLUMNS[2]]
    rejoinder.import_table(project, _mapping(project), _csv(project, "Text,Day\nMend the gate.,2014\n"))
    before = (project.data / "record/t.ttl").read_bytes()
    answer = run("import", "table", _mapping(project, columns), _csv(project, "Text,Day\nMend the gate.\n"))
    assert answer.returncode == 1
    assert "Placed    0 in 0 records" in answer.stdout
    assert "rejoinder build" not in answer.stdout
    assert (project.data / "record/t.ttl").read_bytes() == before
    answer = run("import", "table", _mapping(project), _csv(project, "Text,Day\n,\n"))
    assert answer.returncode == 2
    assert "t.csv:1: the table has no row below its titles" in answer.stderr


def test_the_title_of_a_table_has_a_language(project: Project) -> None:
    rejoinder.import_table(project, _mapping(project), _csv(project, "Text,Day\nMend the gate.,2014\n"))
    assert '"The table t.csv"@en' in (project.data / "record/t.ttl").read_text(encoding="utf-8")


# ── exports of UPR Info ────────────────────────────────────────────────────────────────────────────────────────────


def _export(folder: Path, rows: list[str], name: str = NAME, header: str = HEADER) -> Path:
    path = folder / name
    path.write_bytes(b"\xef\xbb\xbf" + "".join(f"{row}\r\n" for row in (header, *rows)).encode())
    return path


def _imported(
    project: Project, path: Path, mapping: str = "exported: 2014-12-31\n", encoding: str | None = None
) -> Imported:
    settled = project.root / "names.yaml"
    settled.write_text(mapping, encoding="utf-8")
    return rejoinder.import_upr_info(project, [path], settled, encoding=encoding)


def _row(number: int, issue: str = "", to: str = "Swaziland") -> str:
    return f"{to};Africa;AU;Plant tree number {number}.;Norway;WEOG;;Supported;5;{issue};27"


@pytest.mark.parametrize("issue", mostly_slow(["", " ", "-", ",", "–"], {"", "-"}))
def test_rows_whose_issue_is_not_coded_are_placed_and_told_in_one_warning(
    project: Project, tmp_path: Path, run: Run, issue: str
) -> None:
    path = _export(tmp_path, [*(_row(number, issue) for number in range(300)), _row(300, "Environment")])
    answer = run("import", "upr-info", path)
    assert answer.returncode == 0
    assert "Placed    301 in 1 record\nReported  0" in answer.stdout
    assert answer.stdout.count("no issue yet") == 1
    assert "300 recommendations have no issue yet" in answer.stdout
    assert len(answer.stdout) < 1_500
    if not issue:
        built = rejoinder.build(project, with_site=False)
        assert built.broken == ()
        table = rejoinder.ask(project, "recommendations-to-a-state", {"state": "SWZ"})
        assert len(table.rows) == 301
        named = rejoinder.ask(
            project, "recommendations-to-a-state", {"issue": "upr-info-issue/environment", "state": "SWZ"}
        )
        assert len(named.rows) == 1


OLD_ROWS = [
    'Argentina,GRULAC,"OAS, OEI","Mend the State\u2019s gate, and the mill",Norway,WEOG,,Accepted,5,"Labour,Other",14',
    'Argentina,GRULAC,"OAS, OEI",Paint \u2013 \u201call of it\u201d,C\u00f4te d\u2019Ivoire,Africa,,Noted,4,Other,14',
    'Argentina,GRULAC,"OAS, OEI",Ring the caf\u00e9\u2019s bell,Trinidad & Tobago,GRULAC,,Rejected,,Labour,14',
    'Argentina,GRULAC,"OAS, OEI",Wait,Palestine,Observer,,Pending,1,Labour',
]


@pytest.mark.parametrize("encoding", ["macintosh", "windows-1252", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_layout_of_2014_is_read(tmp_path: Path, encoding: str, end: str, separator: str) -> None:
    path = tmp_path / "14-17.csv"
    table = [OLD_HEADER.split(","), *(next(csv.reader([row])) for row in OLD_ROWS)]
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator, lineterminator=end).writerows(table)
    export = read_export(path)
    assert export.problems == ()
    assert [row.wording for row in export.rows] == [
        "Mend the State\u2019s gate, and the mill", "Paint \u2013 \u201call of it\u201d",
        "Ring the caf\u00e9\u2019s bell", "Wait",
    ]  # fmt: skip
    assert [row.response for row in export.rows] == ["Supported", "Noted", "Noted", "Pending"]
    assert [row.session for row in export.rows] == [14, 14, 14, None]
    assert [row.line for row in export.rows] == [2, 3, 4, 5]
    assert ("Norway", "WEOG") in export.groups


def test_the_layout_of_2014_is_placed(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "14-17.csv"
    path.write_bytes("\r".join([OLD_HEADER, *OLD_ROWS]).encode("macintosh"))
    imported = _imported(project, path, "exported: 2014-12-31\nsessions: {Argentina: 14}\n")
    assert (imported.read, imported.placed, imported.problems) == (4, 4, ())


def test_an_encoding_that_the_bytes_do_not_show_is_asked_for_and_can_be_given(project: Project, tmp_path: Path) -> None:
    path = _export(tmp_path, [])
    path.write_bytes(f"{HEADER}\n{_row(1).replace('tree', 'StateXs tree')}\n".encode().replace(b"X", b"\x92"))
    with pytest.raises(InputError, match=r":2: .*--encoding windows-1252' or '--encoding macintosh'"):
        _imported(project, path)
    assert _imported(project, path, encoding="windows-1252").placed == 1
    (record,) = (project.data / "upr-info").glob("*.ttl")
    assert "State\u2019s tree" in record.read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="there is no encoding 'klingon'"):
        _imported(project, path, encoding="klingon")


def test_a_message_stays_short_however_many_rows_it_is_about(project: Project, tmp_path: Path, run: Run) -> None:
    long = "a long name of nothing " * 500
    rows = [_row(number, "Other", f"Nowhere{number}") for number in range(500)]
    rows += [_row(number, "Other").replace(";27", ";") for number in range(500)]
    rows += [_row(1, "Other", long), _row(1, "Other").replace("Supported", long)]
    path = _export(tmp_path, rows)
    answer = run("import", "upr-info", path)
    assert answer.returncode == 1
    assert "Reported  1002" in answer.stdout
    assert "Placed    0 in 0 records" in answer.stdout
    assert len(answer.stdout) < 5_000
    assert max(map(len, answer.stdout.splitlines())) < 700
    assert "496 more problems of this kind" in answer.stdout
    assert "(499 more rows: 503, 504, 505, 506, 507, …)" in answer.stdout
    told = json.loads(run("import", "upr-info", path, "--format", "json").stdout)
    assert len(told["problems"]) == 1002
    assert not (project.data / "upr-info").exists()


@pytest.mark.slow
def test_findings_of_one_kind_are_told_with_a_count(project: Project, run: Run) -> None:
    (project.data / "record").mkdir()
    states = "".join(f'<#c{number}> a rj:Concern ; rdfs:label "C {number}"@en .\n' for number in range(200))
    head = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix rj: <https://w3id.org/rejoinder/ns#> .\n"
    (project.data / "record/c.ttl").write_text(f'{head}<> rdfs:label "C"@en .\n{states}', encoding="utf-8")
    for command in (("check",), ("build", "--no-site")):
        told = run(*command).stdout
        assert "195 more violations of this kind ('rejoinder check --format json' lists all)" in told
        assert len(told.splitlines()) < 150
    assert len(json.loads(run("check", "--format", "json").stdout)["findings"]) > 600


def test_problems_of_reading_are_told_with_a_count_and_long_values_are_cut() -> None:
    path = Path("a.yaml")
    many = [Problem(path, number, f"the key 'k{number}' is unknown") for number in range(1, 3001)]
    same = [Problem(path, number, "the same") for number in range(1, 3001)]
    lines = list(
        console.problem_lines([*many, *same, Problem(path, None, f"the value '{'x' * 30_000}' is none; write one")])
    )
    assert len(lines) == console.FIRST + 3
    assert max(map(len, lines)) < 500
    assert lines[-1].endswith("is none; write one")
    assert console.shortened("no quotation mark " * 2_000).count("…") == 1


def test_names_like_an_unknown_one_are_sought_once_and_for_some(monkeypatch: pytest.MonkeyPatch) -> None:
    sought: list[str] = []
    close = difflib.get_close_matches

    def counted(word: str, *rest: Any, **more: Any) -> list[str]:
        sought.append(word)
        return close(word, *rest, **more)

    monkeypatch.setattr(rejoinder_errors, "get_close_matches", counted)
    known = name_index([("NOR", "Norway"), ("SWE", "Sweden")])
    for _ in range(1_000):
        assert known.unknown("Norwey") == "no State is called 'Norwey'; did you mean 'Norway' (NOR)?"
    assert len(sought) == 1
    for number in range(1_000):
        known.unknown(f"Nowhere {number}")
    assert len(sought) <= 100
    known = name_index([("NOR", "Norway")])
    before = len(sought)
    known.unknown("words " * 1_000)
    assert len(sought) == before
