"""Charts of small tables: where each mark stands, worked out by hand from the widths that the modules name."""

from __future__ import annotations

from rejoinder.questions.question import Chart
from rejoinder.questions.tables import Table
from rejoinder.rdf.terms import Literal
from rejoinder.site import charts
from rejoinder.site.charts import Line, Rect

REGIONS = Table(
    ("region", "yes", "no"),
    ((Literal("North"), Literal(30), Literal(10)), (Literal("South"), Literal(10), Literal(10))),
)
SESSIONS = Table(
    ("session", "issue", "share"),
    (
        (Literal(1), Literal("Courts"), Literal(100)),
        (Literal(1), Literal("Prisons"), Literal(50)),
        (Literal(2), Literal("Courts"), Literal(50)),
        (Literal(5), Literal("Prisons"), Literal(25)),
        (Literal(5), Literal("Courts"), Literal(0)),
    ),
)


def test_stacked_bars_stand_end_to_end_and_the_longest_fills_the_room() -> None:
    """The sum 40 takes all 390 units behind the labels at 330: 9.75 units each."""
    drawing = charts.stacked(Chart("stacked", "region", "yes no"), REGIONS)
    assert drawing
    assert drawing.rects == (
        Rect(330, 0, 292.5, 18, "series1"),
        Rect(622.5, 0, 97.5, 18, "series2"),
        Rect(330, 30, 97.5, 18, "series1"),
        Rect(427.5, 30, 97.5, 18, "series2"),
    )
    assert drawing.height == 60
    assert drawing.legend == (("series1", "yes"), ("series2", "no"))
    assert [words.text for words in drawing.words] == ["North", "30", "10", "40", "South", "10", "10", "20"]


def test_grouped_bars_share_one_scale() -> None:
    """The greatest, 30, takes all 390 units: 13 each; a row has two bars of 18 and a gap of 12."""
    drawing = charts.grouped(Chart("grouped", "region", "yes no"), REGIONS)
    assert drawing
    assert [(rect.y, rect.width) for rect in drawing.rects] == [(0, 390), (18, 130), (48, 130), (66, 130)]


def test_lines_keep_the_gap_of_missing_sessions() -> None:
    """Sessions 1 to 5 over 475 units from 45: 118.75 each. 100 is at 15, 0 at 345: 50 at 180, 25 at 262.5."""
    drawing = charts.lines(Chart("line", "session", "share", "issue"), SESSIONS)
    assert drawing
    assert drawing.lines == (
        Line("45,345 520,345", "axis"),
        Line("45.0,15.0 163.8,180.0 520.0,345.0", "series1"),
        Line("45.0,180.0 520.0,262.5", "series2"),
    )
    assert [(words.text, words.y) for words in drawing.words if words.look.startswith("end")] == [
        ("Prisons", 266.5),
        ("Courts", 349.0),
    ]


def test_a_heat_map_has_a_field_for_each_pair_in_the_table() -> None:
    """Three columns share 500 units behind 280; 100 is full, 50 the third of five, 25 the second, 0 the first."""
    drawing = charts.heat_map(Chart("heat", "session", "share", "issue"), SESSIONS)
    assert drawing
    assert [(rect.x, rect.y, rect.strength) for rect in drawing.rects] == [
        (280.0, 56, 1.0),
        (280.0, 100, 0.35),
        (446.7, 56, 0.35),
        (613.3, 100, 0.2),
        (613.3, 56, 0.08),
    ]


def test_what_is_no_number_is_not_drawn() -> None:
    table = Table(("region", "yes"), ((Literal("North"), None), (Literal("South"), Literal("many"))))
    assert charts.stacked(Chart("bar", "region", "yes"), table) is None
    assert charts.grouped(Chart("grouped", "region", "yes"), table) is None
    assert charts.lines(Chart("line", "region", "yes", "region"), table) is None
    assert charts.heat_map(Chart("heat", "region", "yes", "region"), table) is None


def test_places_in_disorder_or_equal_as_numbers_make_a_line_all_the_same() -> None:
    for places in (("5", "1", "2"), ("1", "01", "9" * 5000)):
        rows = tuple((Literal(place), Literal("Courts"), Literal(1)) for place in places)
        drawing = charts.lines(Chart("line", "session", "share", "issue"), Table(SESSIONS.columns, rows))
        assert drawing
        xs = [float(point.split(",")[0]) for point in drawing.lines[1].points.split()]
        assert (xs[0], xs[-1]) == (45, 520)
        assert xs == sorted(xs)


def test_one_place_makes_no_line() -> None:
    table = Table(SESSIONS.columns, SESSIONS.rows[:2])
    assert charts.lines(Chart("line", "session", "share", "issue"), table) is None
