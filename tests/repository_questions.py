"""The stored questions of the repository, and the parameters of their examples."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from conftest import ROOT
from rejoinder.question import read_question

FILES = sorted((ROOT / "queries").glob("*.rq"))
QUESTIONS = {path.stem: read_question(path) for path in FILES}
OF_NO_SHIPPED_DATA = frozenset({"not-confirmed"})
"""Questions whose answer over the example project is empty; tests of their own have data for them."""


def examples(name: str) -> list[Mapping[str, str]]:
    """Return the parameters of each example in the question's front matter."""
    front = "\n".join(line[3:] for line in QUESTIONS[name].query.splitlines() if line.startswith("#+"))
    card = yaml.load(front, Loader=yaml.CSafeLoader)
    return [{key: str(value) for key, value in each["parameters"].items()} for each in card["examples"]]
