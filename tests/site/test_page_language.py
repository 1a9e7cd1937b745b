"""Labels in the language of the project where there are any, marked as such; the pages' own words stay English."""

from __future__ import annotations

import shutil
from pathlib import Path

import html5lib
import pytest

from rejoinder.building import build
from rejoinder.config import CONFIG_NAME, Project, open_project
from rejoinder.errors import ProjectError


def _in(root: Path, language: str) -> Project:
    config = root / CONFIG_NAME
    config.write_text(config.read_text(encoding="utf-8") + f'\nlanguage = "{language}"\n', encoding="utf-8")
    return open_project(root)


@pytest.fixture(scope="module")
def russian(small_built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("russian") / "project"
    shutil.copytree(small_built_once.root, root, symlinks=True)
    project = _in(root, "ru")
    assert build.build(project).is_new
    return project.build / "site"


def _heading(site: Path, path: str) -> tuple[str, list[str | None]]:
    page = html5lib.parse((site / path).read_text(encoding="utf-8"), namespaceHTMLElements=False)
    assert page.get("lang") == "en"
    (heading,) = page.iter("h1")
    return "".join(heading.itertext()), [node.get("lang") for node in heading.iter("bdi")]


def test_a_label_in_the_language_is_taken_and_marked(russian: Path) -> None:
    assert _heading(russian, "state/KAZ.html") == ("Казахстан", ["ru"])


def test_without_a_label_in_the_language_the_english_one_stands_unmarked(russian: Path) -> None:
    assert _heading(russian, "report/short.html") == ("A short report", [])


def test_what_a_state_raised_names_other_states_in_the_language(russian: Path) -> None:
    text = (russian / "state/CZE.html").read_text(encoding="utf-8")
    assert '<bdi lang="ru">Финляндия</bdi>' in text
    assert "What it raised" in text


def test_a_tag_that_is_none_is_refused(small: Project) -> None:
    for wrong in ("русский", "e", "en_GB", "en fr", ""):
        with pytest.raises(ProjectError, match="language is"):
            _in(small.root, wrong)
        (small.root / CONFIG_NAME).write_text('base = "https://example.org/"\n', encoding="utf-8")


def test_french_too(small: Project) -> None:
    french = _in(small.root, "fr")
    build.build(french)
    assert _heading(french.build / "site", "state/CZE.html")[1] == ["fr"]
