"""Exports of the UPR Info database become dossiers: every row is placed or reported, and nothing is lost on the way.

The small export is written here in the form of the real ones, with every quirk that they have; its texts are invented.
The real ones are the database's own, so few have them: those tests skip where they are not.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import rejoinder
from conftest import ROOT, SHARED, Run
from rejoinder import formats, namespaces
from rejoinder.config import Project, new_project, open_project
from rejoinder.dossiers import reader as dossier_reader
from rejoinder.errors import InputError
from rejoinder.importers.upr_info import Imported
from rejoinder.rdf import query as rdf_query
from rejoinder.rdf import terms
from rejoinder.rdf.results import Table

REAL = sorted((SHARED / "realdata" / "upr-info").glob("*.csv"))
NAME = "01-24-UPR-INFO-DATABASE-EXPORT-2018_07_25-20_19_03.csv"
HEADER = "SuR;Rgrp;Org;Recommendation;RS;Rgrp;Org;Response;Action;Issue;Session"
GOOD = [
    "Swaziland;Africa;AU;Plant trees along the road.;Turkey;WEOG;OIC;Supported;5;Right to health,Environment;12",
    'Swaziland;Africa;AU;"Keep the sign; ""slow"" is on it.";Cote d\'Ivoire;Africa;;Noted;4;Other;12',
    'Swaziland;Africa;AU;Plant trees along the road. ;"Trinidad and Tobago\n";GRULAC;;Supported;5;Environment;12',
    'Swaziland;Africa;AU;Plant trees along the road.;"Bosnia and Herzegovina\r\n";EEG;;Noted;;Environment;12',
    "Swaziland;Africa;AU;Plant trees along the road.;Turkey;WEOG;OIC;Supported;5;Right to health,Environment;12",
    'Macedonia FYR;EEG;;"Mend the bridge<br />and the\r\nmill &amp;amp; weir.";St Lucia;GRULAC;;Supported;2;Poverty;18',
    '"Trinidad and Tobago\n";GRULAC;;Paint the door.;' + 3 * '"&#40;Unknown&#41;";' + "Noted;1;Other;12",
    "Trinidad and Tobago;GRULAC;;Ring the bell.;DPR Korea;Asia;;Pending;3;Bell towers;12",
]
BAD = {
    "Swaziland;Africa;AU;Sweep the stairs.;Norway;WEOG;;Supported;5;Other;": "the session is not given",
    "Swaziland;Africa;AU;Sweep the stairs.;Norwey;WEOG;;Supported;5;Other;12": "did you mean 'Norway' (NOR)",
    "Swaziland;Africa;AU;Sweep the stairs.;Norway;WEOG;;Perhaps;5;Other;12": "the response 'Perhaps' is unknown",
    "Swaziland;Africa;AU;Sweep the stairs.;Norway;WEOG;;Noted;7;Other;12": "'7', and not a whole number from 1 to 5",
    "Swaziland;Africa;AU;Sweep the stairs.;Norway;WEOG;;Noted;5;Other;99": "the months of session 99 are not known",
    "Swaziland;Africa;AU;Sweep the stairs.;Norway;WEOG;;Noted;5;Other;34": "after the day of the export, 2018-07-25",
    "Swaziland;Africa;AU; ;Norway;WEOG;;Noted;5;Other;12": "the cell 'Recommendation' is empty",
    "Swaziland;Africa;AU;Sweep the stairs.;Eswatini;Africa;;Noted;5;Other;12": "both the State that asks",
    "Swaziland;Africa;AU;Sweep; the stairs.;Norway;WEOG;;Noted;5;Other;12": "12 cells, and the first line names 11",
}


def _export(folder: Path, *rows: str, name: str = NAME, header: str = HEADER) -> Path:
    path = folder / name
    path.write_bytes(b"\xef\xbb\xbf" + "".join(f"{row}\r\n" for row in (header, *rows)).encode())
    return path


def _imported(project: Project, *files: Path, mapping: str | None = None) -> Imported:
    if mapping is None:
        return rejoinder.import_upr_info(project, files)
    path = project.root / "names.yaml"
    path.write_text(mapping, encoding="utf-8")
    return rejoinder.import_upr_info(project, files, path)


def _published(project: Project) -> Project:
    built = rejoinder.build(project, with_site=False)
    assert built.broken == ()
    return project


def _rows(project: Project, query: str) -> list[tuple[str, ...]]:
    table = rejoinder.sparql(project, query)
    assert isinstance(table, Table)
    return [tuple("" if cell is None else terms.text(cell) for cell in row) for row in table.rows]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give the example project with the good rows of the small export in it, published."""
    folder = tmp_path_factory.mktemp("import")
    project = open_project(new_project(folder / "project", example=True))
    imported = _imported(project, _export(folder, *GOOD))
    assert (imported.read, imported.placed, imported.problems) == (8, 8, ())
    return _published(project)


def test_every_row_becomes_a_recommendation_in_the_graph_of_its_review(small: Project) -> None:
    query = """SELECT ?graph (COUNT(*) AS ?n) WHERE {
      GRAPH ?graph { ?record a rj:Record ; rj:hasRecommendation ?r } } GROUP BY ?graph ORDER BY ?graph"""
    assert _rows(small, query) == [
        (f"{small.base}upr-info/mkd-18", "1"),
        (f"{small.base}upr-info/swz-12", "5"),
        (f"{small.base}upr-info/tto-12", "2"),
    ]


def test_text_comes_out_on_one_line_without_residue(small: Project) -> None:
    found = [words for (words,) in _rows(small, "SELECT ?w WHERE { ?r rj:wording ?w } ORDER BY ?w")]
    assert Counter(found) == Counter(
        ['Keep the sign; "slow" is on it.', "Mend the bridge and the mill & weir.", "Paint the door.", "Ring the bell."]
        + 4 * ["Plant trees along the road."]
    )


def test_who_asks_whom_and_what_was_answered(small: Project) -> None:
    query = """SELECT ?by ?to ?session ?response ?action ?list WHERE {
      ?r rj:wording ?w ; rj:addressedTo ?to ; rj:inProceeding/rj:session ?session .
      ?r rj:response ?response ; rj:listing ?list .
      OPTIONAL { ?r rj:raisedBy ?by } OPTIONAL { ?r rj:actionCategory ?action } }"""
    found = Counter(tuple(cell.rpartition("/")[2].rpartition("#")[2] for cell in row) for row in _rows(small, query))
    assert found == Counter(
        [
            ("TUR", "SWZ", "12", "Supported", "5", "ClosedList"),
            ("TUR", "SWZ", "12", "Supported", "5", "ClosedList"),
            ("CIV", "SWZ", "12", "Noted", "4", "ClosedList"),
            ("TTO", "SWZ", "12", "Supported", "5", "ClosedList"),
            ("BIH", "SWZ", "12", "Noted", "", "ClosedList"),
            ("LCA", "MKD", "18", "Supported", "2", "ClosedList"),
            ("", "TTO", "12", "Noted", "1", "UnnamedStates"),
            ("PRK", "TTO", "12", "Pending", "3", "ClosedList"),
        ]
    )


def test_on_what_a_state_recommended_is_derived_for_each_state_and_issue(small: Project) -> None:
    query = "SELECT ?issue WHERE { ?state skos:notation 'TUR' ; rj:recommendedOn ?issue } ORDER BY ?issue"
    theirs = f"{small.base}upr-info-issue/"
    assert [row for row in _rows(small, query) if row[0].startswith(theirs)] == [
        (f"{theirs}environment",), (f"{theirs}right-to-health",),
    ]  # fmt: skip


def test_an_answer_came_between_the_session_and_the_export(small: Project) -> None:
    query = (
        "SELECT DISTINCT ?date ?source WHERE { ?r rj:wording ?w ; rj:responseDate ?date ; rj:responseSource ?source }"
    )
    dates = {date for date, source in _rows(small, query) if source.endswith("swz-12")}
    assert dates == {"2011-10/2018-07-25"}


def test_every_row_is_a_passage_of_the_export_and_can_be_verified(small: Project) -> None:
    data = (small.root.parent / NAME).read_bytes()
    text = data.decode()
    query = """SELECT ?start ?end ?sha ?line ?words ?file WHERE {
      ?r rj:wording ?words ; rj:anchor ?p . ?record rj:hasPassage ?p ; schema:sha256 ?file .
      ?p oa:start ?start ; oa:end ?end ; schema:sha256 ?sha ; rj:line ?line }"""
    rows = _rows(small, query)
    assert len(rows) == len(GOOD)
    lines = [2, 3, 4, 6, 8, 9, 11, 13]
    for start, end, sha, line, words, file in rows:
        passage = text[int(start) : int(end)]
        assert passage == GOOD[lines.index(int(line))]
        assert hashlib.sha256(passage.encode()).hexdigest() == sha
        assert words.split()[0] in passage
        assert file == hashlib.sha256(data).hexdigest()


def test_issues_are_a_scheme_of_their_own_and_matches_are_marked_as_judgement(small: Project) -> None:
    query = """SELECT ?match ?graph WHERE {
      ?issue skos:inScheme ?scheme ; skos:prefLabel ?label FILTER (STR(?label) = "Death penalty")
      GRAPH ?graph { ?issue skos:exactMatch ?match ; skos:editorialNote ?note } }"""
    assert _rows(small, query) == [(f"{small.base}issue/death-penalty", f"{small.base}upr-info-match/")]
    theirs = f"SELECT ?i WHERE {{ ?i skos:inScheme ?scheme FILTER (?scheme != <{small.base}issue/>) }}"
    assert len(_rows(small, theirs)) == 57, "theirs, and the new one"


def test_a_review_that_the_project_has_is_taken_and_others_are_made(project: Project, tmp_path: Path) -> None:
    rows = [f"Kazakhstan;Asia;;Mend the gate.;Norway;WEOG;;Noted;5;Other;{session}" for session in (7, 20, 34)]
    _imported(project, _export(tmp_path, *rows, name=NAME.replace("2018", "2020")))
    made = f"{project.base}upr-info-review/"
    query = f"SELECT ?review ?before WHERE {{ GRAPH <{made}> {{ ?review rj:previousReview ?before }} }}"
    assert _rows(_published(project), query) == [(f"{project.base}review/kaz-34", f"{project.base}review/kaz-20")]


@pytest.mark.parametrize(("row", "reason"), BAD.items(), ids=BAD.values())
def test_a_row_without_a_place_is_reported_with_file_and_line(
    project: Project, tmp_path: Path, row: str, reason: str
) -> None:
    export = _export(tmp_path, GOOD[2], row, GOOD[0])
    imported = _imported(project, export)
    (problem,) = imported.problems
    assert (problem.path, problem.line) == (export, 4)
    assert reason in problem.message
    assert (imported.read, imported.placed) == (3, 2)


def test_an_issue_nobody_knew_is_told_and_kept(project: Project, tmp_path: Path) -> None:
    assert _imported(project, _export(tmp_path, *GOOD)).unmatched == ("Bell towers",)
    again = _imported(project, _export(tmp_path, GOOD[0]))
    assert again.unmatched == ("Bell towers",), "the records of the first import still speak of it"
    settled = _imported(
        project, _export(tmp_path, *GOOD), mapping="issues:\n  Bell towers:\n    broadMatch: sdg:11.4\n"
    )
    assert settled.unmatched == ()
    assert "<http://metadata.un.org/sdg/11.4>" in (project.data / "upr-info-match.ttl").read_text(encoding="utf-8")


def test_a_mapping_file_settles_names_sessions_and_the_day(project: Project, tmp_path: Path) -> None:
    rows = list(BAD)[:2]
    mapping = "exported: 2019-01-02\nstates: {Norwey: NOR}\nsessions: {Swaziland: 12}\n"
    imported = _imported(project, _export(tmp_path, *rows, name="mine.csv"), mapping=mapping)
    assert (imported.placed, imported.problems) == (2, ())
    assert '"2019-01-02"' in (project.data / "upr-info" / "swz-12.ttl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("mapping", "line", "reason"),
    [
        ("countries: {}\n", 1, "the keys are exported, states, issues, sessions"),
        ("states:\n  Norwey: Norway\n", 2, "'Norway' is not the three letters"),
        ("states:\n  Norwey: NRW\n", None, "no State of this project has the code 'NRW'"),
        ("states: NOR\n", 1, "'states' needs lines"),
        ("sessions: {Norway: next}\n", 1, "'next' is not the number"),
        ("issues:\n  Other: {sameAs: torture}\n", 2, "'sameAs' is not a relation"),
        ("issues:\n  Other: torture\n", 2, "'torture' is not a relation"),
        ("issues:\n  Other: {closeMatch: Torture!}\n", 2, "'Torture!' is not an issue"),
        ("issues:\n  Other: {closeMatch: chess}\n", None, "no issue of this project has the id 'chess'"),
        ("exported: yesterday\n", 1, "'yesterday' is not the day"),
    ],
)
def test_a_mapping_file_that_cannot_be_is_refused(
    project: Project, tmp_path: Path, mapping: str, line: int | None, reason: str
) -> None:
    with pytest.raises(InputError) as caught:
        _imported(project, _export(tmp_path, GOOD[0]), mapping=mapping)
    (problem,) = caught.value.problems
    assert problem.line == line
    assert reason in problem.message


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 1, "the file is empty"),
        (b"\xef\xbb\xbfSuR;Issue;Issue\r\n", 1, "one column 'Recommendation'"),
        (HEADER.encode() + b"\r\nSwaziland;\xff\r\n", 2, "not UTF-8"),
        (HEADER.encode() + b'\r\nSwaziland;;;"Mend\r\nthe gate;', 2, "close the quotation mark"),
    ],
    ids=["empty", "columns", "encoding", "quotation mark"],
)
def test_a_file_that_is_no_export_is_refused(
    project: Project, tmp_path: Path, data: bytes, line: int, reason: str
) -> None:
    path = tmp_path / NAME
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        _imported(project, path)
    (problem,) = caught.value.problems
    assert problem.line == line
    assert reason in problem.message
    assert not (project.data / "upr-info").exists()


def test_two_exports_of_one_review_are_refused_and_a_file_named_twice_is_read_once(
    project: Project, tmp_path: Path
) -> None:
    one = _export(tmp_path, GOOD[0])
    other = _export(tmp_path, GOOD[0], name=NAME.replace("2018", "2019"))
    with pytest.raises(InputError, match="both hold rows of SWZ in session 12"):
        _imported(project, one, other)
    assert _imported(project, one, one).read == 1


def test_a_file_whose_name_has_no_day_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="write 'exported: 2018-07-25' in a mapping file"):
        _imported(project, _export(tmp_path, GOOD[0], name="mine.csv"))


def test_an_import_is_the_same_again_and_an_iri_outlives_an_answer(project: Project, tmp_path: Path) -> None:
    _imported(project, _export(tmp_path, *GOOD))
    first = {path: path.read_bytes() for path in project.data.rglob("upr-info*/*.ttl")}
    _imported(project, _export(tmp_path, *GOOD))
    assert {path: path.read_bytes() for path in project.data.rglob("upr-info*/*.ttl")} == first
    changed = [row.replace("Supported", "Noted") for row in reversed(GOOD)]
    _imported(project, _export(tmp_path, *changed))
    for path, before in first.items():
        assert _ids(path.read_bytes()) == _ids(before)


def _ids(turtle: bytes) -> set[str]:
    quads = terms.parse(turtle, formats.TURTLE, "https://example.org/d")
    return {terms.text(quad.object) for quad in quads if quad.predicate.value == namespaces.RJ + "hasRecommendation"}


def test_a_project_without_our_issues_gets_no_match_with_them(tmp_path: Path) -> None:
    project = open_project(new_project(tmp_path / "project"))
    _imported(project, _export(tmp_path, *GOOD))
    matches = (project.data / "upr-info-match.ttl").read_text(encoding="utf-8")
    assert "<http://metadata.un.org/sdg/16.5>" in matches
    assert "../issue/death-penalty" not in matches
    _published(project)


def test_a_state_in_another_regional_group_than_ours_is_told_and_ours_stays(project: Project, tmp_path: Path) -> None:
    rows = ["Swaziland;Asia;AU;Mend the gate.;Holy See;Observer;;Noted;5;Other;12", *GOOD]
    (difference,) = _imported(project, _export(tmp_path, *rows)).differences
    assert (difference.path.name, difference.line) == (NAME, 2)
    assert "Swaziland is in the group 'Asia' here, and in AfricanGroup in your States (SWZ)" in difference.message
    assert "<SWZ> rj:regionalGroup" not in (project.data / "upr-info" / "swz-12.ttl").read_text(encoding="utf-8")


@pytest.mark.usefixtures("project")
def test_the_command_tells_people_and_machines(run: Run, tmp_path: Path) -> None:
    export = _export(tmp_path, *GOOD, *list(BAD)[:2], next(iter(BAD)))
    answer = run("import", "upr-info", export)
    assert answer.returncode == 1
    assert f"{export}:14: the session is not given" in answer.stdout
    assert "(1 more row: 16)" in answer.stdout
    assert "The issue 'Bell towers' is new" in answer.stdout
    assert "Read      11 rows of 1 file\nPlaced    8 in 3 records\nReported  3\n" in answer.stdout
    told = json.loads(run("import", "upr-info", export, "--format", "json").stdout)
    assert (told["read"], told["placed"], len(told["problems"])) == (11, 8, 3)
    assert run("import", "upr-info", tmp_path / "none.csv").returncode == 2
    assert run("import", "upr-info", _export(tmp_path, *GOOD)).returncode == 0


def test_the_mapping_file_of_the_manual_is_one(project: Project, tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/import.md").read_text(encoding="utf-8"), re.DOTALL)
    rows = ["Afghanistan;Asia;;Mend the gate.;Norwey;WEOG;;Noted;5;Torture and other CID treatment;"]
    imported = _imported(project, _export(tmp_path, *rows, name="mine.csv"), mapping=example)
    assert [path.stem for path in imported.records] == ["afg-5"]


# The real exports, where they are: read once more by the test itself

Told = tuple[str, int, str, str, str, str, str, str, frozenset[str]]
"""A row: file, line, who asks, who is asked, wording, response, action, session, issues."""


def _as_filed() -> Iterator[Told]:
    codes = dict(_codes())
    for path in REAL:
        text = path.read_bytes().decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";")
        next(reader)
        before = reader.line_num
        for to, _, _, wording, by, _, _, response, action, issues, session in reader:
            who, whom = (html.unescape(" ".join(name.split())) for name in (by, to))
            words = " ".join(html.unescape(wording).split())
            filed = frozenset(issues.split(","))
            yield (path.name, before + 1, codes.get(who, who), codes[whom], words, response, action, session, filed)
            before = reader.line_num


def _codes() -> Iterator[tuple[str, str]]:
    for quad in terms.parse_file(ROOT / "data" / "state.ttl", "https://example.org/state/"):
        if quad.predicate.value in (namespaces.RDFS + "label", namespaces.SKOS + "altLabel"):
            yield terms.text(quad.object), terms.text(quad.subject)[-3:]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[Imported, terms.Store]:
    """Give the real exports imported, and a store with their records and collections as they were written."""
    if not REAL:
        pytest.skip("the exports of UPR Info are not here (../shared/realdata/upr-info)")
    project = open_project(new_project(tmp_path_factory.mktemp("real") / "project", example=True))
    imported = _imported(project, *REAL)
    store = terms.Store()
    for path in project.data.rglob("*.ttl"):
        graph = dossier_reader.open_reader(project.base, project.data).graph_of(path)
        store.bulk_extend(terms.in_graph(terms.parse_file(path, graph), namespaces.RJ))
    return imported, store


@pytest.fixture(scope="module")
def filed(real: tuple[Imported, terms.Store]) -> list[Told]:
    """Give the rows of the files that were placed."""
    missing = {(problem.path.name, problem.line) for problem in real[0].problems}
    return [row for row in _as_filed() if row[:2] not in missing]


def test_of_the_real_rows_all_but_one_are_placed_and_that_one_is_named(real: tuple[Imported, terms.Store]) -> None:
    imported, _ = real
    assert (imported.read, imported.placed, len(imported.records)) == (35305, 35304, 256)
    (problem,) = imported.problems
    assert (problem.path.name[:5], problem.line) == ("01-06", 16)
    assert (imported.unmatched, imported.differences) == ((), ())
    assert len(list(_as_filed())) == imported.read


def test_the_graph_holds_the_real_rows_row_for_row(real: tuple[Imported, terms.Store], filed: list[Told]) -> None:
    query = """SELECT ?file ?line ?by ?to ?words ?response ?action ?session
      (GROUP_CONCAT(?issue; SEPARATOR="|") AS ?issues) WHERE { GRAPH ?g {
        ?record dcterms:title ?file ; rj:hasRecommendation ?r . ?r rj:anchor/rj:line ?line ; rj:wording ?words ;
          rj:addressedTo ?to ; rj:response ?response ; rj:actionCategory ?action ; rj:inProceeding/rj:session ?session ;
          rj:about/skos:prefLabel ?issue OPTIONAL { ?r rj:raisedBy ?by } } }
      GROUP BY ?file ?line ?by ?to ?words ?response ?action ?session"""
    found = []
    for file, line, by, to, words, response, action, session, issues in _asked(real[1], query):
        who = by[-3:] or "(Unknown)"
        answer = response.removeprefix(namespaces.RJ)
        found.append((file, int(line), who, to[-3:], words, answer, action, session, frozenset(issues.split("|"))))
    assert len(found) == len(filed)
    assert set(found) == set(filed)


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("rj:response", 5),
        ("rj:inProceeding/rj:session", 7),
        ("rj:addressedTo/skos:notation", 3),
        ("rj:raisedBy/skos:notation", 2),
        ("rj:actionCategory", 6),
        ("rj:about/skos:prefLabel", 8),
    ],
    ids=["response", "session", "asked", "asking", "action", "issue"],
)
def test_counts_of_the_real_rows_are_those_of_the_files(
    real: tuple[Imported, terms.Store], filed: list[Told], path: str, column: int
) -> None:
    query = (
        f"SELECT ?value (COUNT(*) AS ?n) WHERE {{ GRAPH ?g {{ ?r rj:wording ?w ; {path} ?value }} }} GROUP BY ?value"
    )
    counted = {value.removeprefix(namespaces.RJ): int(number) for value, number in _asked(real[1], query)}
    cells = [cell for row in filed for cell in (row[8] if column == 8 else [str(row[column])])]
    assert counted == Counter(cell for cell in cells if cell != "(Unknown)")


def test_a_sample_of_the_real_records_has_no_violation(real: tuple[Imported, terms.Store]) -> None:
    sample = real[0].records[::25]
    checked = rejoinder.check(open_project(sample[0]), sample)
    assert checked.clean
    assert checked.statements > 20_000


def _asked(store: terms.Store, query: str) -> Iterator[tuple[str, ...]]:
    answer = rdf_query.query(store, query)
    assert isinstance(answer, Table)
    for row in answer.rows:
        yield tuple("" if cell is None else terms.text(cell) for cell in row)
