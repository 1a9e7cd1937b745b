"""Pages of States, people, issues and laws: what was said first, and persons affected with care."""

from __future__ import annotations

import re

from rejoinder import versions
from rejoinder.config import Project

AFFECTED = {
    "zinaida-mukhortova",
    "oleg-yevloyev",
    "vladimir-kozlov",
    "roza-tuletayeva",
    "aron-atabek",
    "hasan-mushaima",
    "abdulwahab-husain",
}
"""The entries under `affectedPersons` in `data/person.yaml`."""


def _source(project: Project, path: str) -> str:
    return (versions.require_newest(project.build).site_path / path).read_text(encoding="utf-8")


def test_no_list_leads_to_a_person_affected_and_search_engines_are_asked_to_stay_away(built_once: Project) -> None:
    site = versions.require_newest(built_once.build).site_path
    lists = ["person/index.html", "sitemap.xml", *(f"search/{path.name}" for path in site.glob("search/*.js"))]
    found = {(path, name) for path in lists for name in AFFECTED if f"person/{name}" in _source(built_once, path)}
    assert found == set()
    assert "person/elvira-azimova" in _source(built_once, "sitemap.xml")
    pages = {path.stem: path.read_text(encoding="utf-8") for path in site.glob("person/*.html")}
    hidden = {name for name, text in pages.items() if '<meta name="robots" content="noindex">' in text}
    assert hidden == AFFECTED
    assert all(re.search(r'"@type": "WebPage"', pages[name]) for name in AFFECTED)
    assert "Persons affected, such as prisoners and victims, are not listed" in pages["index"]
