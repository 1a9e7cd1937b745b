"""Labels in the language of the project where there are any, marked as such where the interface is in another."""

from __future__ import annotations

import shutil
from pathlib import Path

import html5lib
import pytest

from conftest import Run
from rejoinder.building import build
from rejoinder.config import CONFIG_NAME, Project, open_project
from rejoinder.errors import ProjectError


def _in(root: Path, language: str) -> Project:
    config = root / CONFIG_NAME
    config.write_text(config.read_text(encoding="utf-8") + f'\nlanguage = "{language}"\n', encoding="utf-8")
    return open_project(root)


@pytest.fixture(scope="module")
def spanish(small_built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("spanish") / "project"
    shutil.copytree(small_built_once.root, root, symlinks=True)
    project = _in(root, "es")  # there is no catalogue of this language
    assert build.build(project).is_new
    return project.build / "site"


def _heading(site: Path, path: str, interface: str = "en") -> tuple[str, list[str | None]]:
    page = html5lib.parse((site / path).read_text(encoding="utf-8"), namespaceHTMLElements=False)
    assert page.get("lang") == interface
    (heading,) = page.iter("h1")
    return "".join(heading.itertext()), [node.get("lang") for node in heading.iter("bdi")]


def test_a_label_in_the_language_is_taken_and_marked(spanish: Path) -> None:
    assert _heading(spanish, "state/KAZ.html") == ("Kazajstán", ["es"])


def test_without_a_label_in_the_language_the_english_one_stands_unmarked(spanish: Path) -> None:
    assert _heading(spanish, "report/short.html") == ("A short report", [])


def test_what_a_state_raised_names_other_states_in_the_language(spanish: Path) -> None:
    text = (spanish / "state/CZE.html").read_text(encoding="utf-8")
    assert '<bdi lang="es">Finlandia</bdi>' in text
    assert "What it raised" in text


def test_a_tag_that_is_none_is_refused(small: Project) -> None:
    for wrong in ("русский", "e", "en_GB", "en fr", ""):
        with pytest.raises(ProjectError, match="language is"):
            _in(small.root, wrong)
        (small.root / CONFIG_NAME).write_text('base = "https://example.org/"\n', encoding="utf-8")


def test_with_a_catalogue_the_pages_are_in_the_language_and_its_labels_need_no_mark(small: Project) -> None:
    french = _in(small.root, "fr")
    build.build(french)
    site = french.build / "site"
    assert _heading(site, "state/CZE.html", "fr") == ("Tchéquie", [])
    assert _heading(site, "report/short.html", "fr") == ("A short report", ["en"])
    assert "Ce qui a été soulevé de sa part" in (site / "state" / "CZE.html").read_text(encoding="utf-8")


def test_a_build_warns_of_a_language_without_a_catalogue(small: Project, run: Run) -> None:
    path = small.root / "rejoinder.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text('language = "xx"\n' + text, encoding="utf-8")
    told = (
        "rejoinder.toml: warning: the interface has no catalogue for the `language` 'xx', so it is in English; there "
        "are en, fr, ru, and a file locale/xx/LC_MESSAGES/rejoinder.po adds one"
    )
    assert told in run("build").stdout.splitlines()
    path.write_text('language = "fr-CA"\n' + text, encoding="utf-8")
    assert "catalogue" not in run("build").stdout
