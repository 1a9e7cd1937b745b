"""Charts of small tables: where each mark stands, worked out by hand from the widths that the modules name."""

from __future__ import annotations

from rejoinder.questions.question import Chart
from rejoinder.rdf.results import Table
from rejoinder.rdf.terms import Literal
from rejoinder.site import question_page
from rejoinder.site.question_page import Rect

REGIONS = Table(
    ("region", "yes", "no"),
    ((Literal("North"), Literal(30), Literal(10)), (Literal("South"), Literal(10), Literal(10))),
)


def test_stacked_bars_stand_end_to_end_and_the_longest_fills_the_room() -> None:
    """The sum 40 takes all 390 units behind the labels at 330: 9.75 units each."""
    drawing = question_page.draw(Chart("stacked", "region", "yes no"), REGIONS)
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
    drawing = question_page.draw(Chart("grouped", "region", "yes no"), REGIONS)
    assert drawing
    assert [(rect.y, rect.width) for rect in drawing.rects] == [(0, 390), (18, 130), (48, 130), (66, 130)]


def test_what_is_no_number_is_not_drawn() -> None:
    table = Table(("region", "yes"), ((Literal("North"), None), (Literal("South"), Literal("many"))))
    assert question_page.draw(Chart("bar", "region", "yes"), table) is None
    assert question_page.draw(Chart("grouped", "region", "yes"), table) is None
