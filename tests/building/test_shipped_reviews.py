"""The shipped reviews in a project: those that its dossiers refer to are published; its own descriptions go first."""

from __future__ import annotations

from rejoinder.building import build
from rejoinder.building.build import Built
from rejoinder.building.check import check
from rejoinder.config import Project
from rejoinder.namespaces import DCTERMS, RDFS, RJ
from rejoinder.rdf import graphs, terms

REPORT = "report/short.yaml"
REVIEWS = "review.yaml"
THIRD, SECOND, FIRST = "review/fin-27", "review/fin-13", "review/fin-1"
"""Finland's reviews; the small project has this State, and a report on a review of Kazakhstan."""


def _built(project: Project) -> Built:
    built = build.build(project, with_site=False)
    assert not built.broken
    return built


def _refer_to(project: Project, review: str, before: str = "kaz-20") -> None:
    path = project.data / REPORT
    text = path.read_text(encoding="utf-8")
    old = f"editors: my-organisation\nproceeding: {before}\n"
    assert old in text
    path.write_text(text.replace(old, f"editors: my-organisation\nproceeding: {review}\n"), encoding="utf-8")


def _describe(project: Project, lines: str) -> None:
    path = project.data / REVIEWS
    path.write_text(path.read_text(encoding="utf-8") + lines, encoding="utf-8")


def _said(built: Built, graph: str) -> dict[str, dict[str, set[str]]]:
    """Return what a graph of the newest version says, by node and property, all without their namespaces."""
    assert built.version is not None
    found: dict[str, dict[str, set[str]]] = {}
    for quad in graphs.statements(built.version.open(), f"https://example.org/reports/{graph}"):
        key = quad.predicate.value
        for space in (RJ, DCTERMS, RDFS):
            key = key.removeprefix(space)
        value = terms.text(quad.object).removeprefix("https://example.org/reports/")
        found.setdefault(terms.text(quad.subject).removeprefix("https://example.org/reports/"), {}).setdefault(
            key, set()
        ).add(value)
    return found


def test_a_project_that_refers_to_none_gets_none(small: Project) -> None:
    assert _said(_built(small), "upr-review/") == {}


def test_a_dossier_may_name_a_review_that_nobody_described(small: Project) -> None:
    _refer_to(small, "fin-27")
    answer = check(small)
    assert answer.clean
    said = _said(_built(small), "upr-review/")
    # The review and those before it, of the 716 that ship.
    assert said.keys() == {"upr-review/", THIRD, SECOND, FIRST}
    assert said["upr-review/"]["hasReview"] == {THIRD, SECOND, FIRST}
    assert said[THIRD]["date"] == {"2017-05-01/2017-05-12"}
    assert said[THIRD]["previousReview"] == {SECOND}
    assert said[THIRD]["source"] == {"https://www.upr-info.org/en/newsletter/upr-trax-no-73-outcomes-of-upr-27"}
    # Derived as in any graph.
    assert said[FIRST]["earliest"] == {"2008-04-09"}


def test_its_page_is_written_and_no_other(small: Project) -> None:
    _refer_to(small, "fin-27")
    build.build(small)
    pages = {path.name for path in (small.build / "site" / "review").glob("*.html")}
    assert pages == {"index.html", "kaz-20.html", "fin-27.html", "fin-13.html", "fin-1.html"}
    page = (small.build / "site" / "review" / "fin-27.html").read_text(encoding="utf-8")
    assert "Third-cycle review of Finland, 27th session" in page
    assert "A short report" in page


def test_a_second_build_does_nothing(small: Project) -> None:
    _refer_to(small, "fin-27")
    _built(small)
    assert not _built(small).is_new


def test_an_unchanged_report_keeps_its_review(small: Project) -> None:
    _refer_to(small, "fin-27")
    _built(small)
    other = (small.data / REPORT).read_text(encoding="utf-8").replace("A short report", "Another report")
    (small.data / "report/other.yaml").write_text(other.replace("proceeding: fin-27", "proceeding: nor-33"), "utf-8")
    built = _built(small)
    assert {"https://example.org/reports/report/other", "https://example.org/reports/upr-review/"} == set(built.changed)
    assert {THIRD, "review/nor-33", "review/nor-19", "review/nor-6"} <= _said(built, "upr-review/").keys()


def test_the_graph_goes_with_the_last_reference(small: Project) -> None:
    _refer_to(small, "fin-27")
    _built(small)
    _refer_to(small, "kaz-20", before="fin-27")
    built = _built(small)
    assert built.removed == ("https://example.org/reports/upr-review/",)
    assert _said(built, "upr-review/") == {}


def test_an_entry_of_the_project_adds_to_a_shipped_review(small: Project) -> None:
    _refer_to(small, "fin-27")
    _built(small)
    _describe(small, "  fin-27:\n    label: The review that our report is about\n    troika: [CZE, KAZ, NOR]\n")
    assert check(small).clean
    built = _built(small)
    review = _said(built, "review/")[THIRD]
    assert review["label"] == {"The review that our report is about"}
    assert review["troikaMember"] == {"state/CZE", "state/KAZ", "state/NOR"}
    assert (review["session"], review["cycle"], review["date"]) == ({"27"}, {"3"}, {"2017-05-01/2017-05-12"})
    assert review["source"] == {"https://www.upr-info.org/en/newsletter/upr-trax-no-73-outcomes-of-upr-27"}
    # It is described once, and those before it still come from the program.
    assert _said(built, "upr-review/").keys() == {"upr-review/", SECOND, FIRST}


def test_an_entry_with_all_that_a_review_needs_replaces_the_shipped_one(small: Project) -> None:
    _refer_to(small, "fin-27")
    _describe(
        small,
        "  fin-27:\n    label: Ours\n    underReview: FIN\n    session: 27\n    cycle: 3\n    date: 2017-05-03\n",
    )
    built = _built(small)
    review = _said(built, "review/")[THIRD]
    assert (review["date"], review.keys() & {"previousReview", "source"}) == ({"2017-05-03"}, set())
    assert _said(built, "upr-review/") == {}


def test_a_review_that_is_not_known_is_named_with_a_similar_one(small: Project) -> None:
    _refer_to(small, "fin-28")
    (problem,) = check(small).problems
    assert problem.message == "no review or proceeding is called 'fin-28'; did you mean 'fin-27'?"
    assert problem.line == 11


def test_a_file_of_the_project_cannot_have_the_name_of_the_graph(small: Project) -> None:
    (small.data / "upr-review.yaml").write_text("lang: en\nlabel: Reviews\n", encoding="utf-8")
    (problem,) = check(small).problems
    assert "the name 'upr-review' belongs to a graph of the program's own" in problem.message
