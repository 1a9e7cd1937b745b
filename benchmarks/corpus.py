"""The corpus: projects with as many reports as wanted, each of the shape of the real dossier.

The first report is the real one. The others are copies of it under names of their own, every label made its own and
every list of States drawn anew, with a seed: the same call writes the same bytes.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
REAL_EXPORTS: Final = ROOT.parent / "shared" / "realdata"
"""Folders with exports of UPR Info, which may not be republished; few have them."""
SEED: Final = 20141121
"""The day of the report."""

_TEMPLATE: Final = "kaz-upr-20"
_CONFIGURATION: Final = 'base = "https://w3id.org/rejoinder/"\ntitle = "Benchmark"\n'
_LABEL: Final = re.compile(r"^(?P<key> *label: )(?P<text>.+)$", re.MULTILINE)
_STATES: Final = re.compile(r"^(?P<key>    (?:raisedBy|approvedBy): )\[(?P<codes>[A-Z, ]+)\]$", re.MULTILINE)
_CODE: Final = re.compile(r"<([A-Z]{3})>")
_UNDER_REVIEW: Final = "KAZ"


def make_project(folder: Path, reports: int) -> None:
    """Make a project in `folder` with the shipped collections and so many reports."""
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "rejoinder.toml").write_text(_CONFIGURATION, encoding="utf-8")
    template = _report(folder, _TEMPLATE).read_text(encoding="utf-8")
    codes = _state_codes(folder)
    for number in range(2, reports + 1):
        name = _name(number)
        text = _copy(template, name, codes, random.Random(SEED + number))  # noqa: S311  # no secret is made here
        _report(folder, name).write_text(text, encoding="utf-8")


def change_one(folder: Path, reports: int, occasion: int) -> None:
    """Change one label of the last report of the project in `folder`; each occasion changes it to another."""
    path = _report(folder, _name(reports))
    text = path.read_text(encoding="utf-8")
    changed = re.sub(r"^place: .*$", f"place: Warsaw, occasion {occasion}", text, count=1, flags=re.MULTILINE)
    path.write_text(changed, encoding="utf-8")


def _report(folder: Path, name: str) -> Path:
    return folder / "data" / "report" / f"{name}.yaml"


def _name(number: int) -> str:
    return _TEMPLATE if number == 1 else f"{_TEMPLATE}-{number:04d}"


def _state_codes(folder: Path) -> tuple[str, ...]:
    """Every State but the one under review."""
    text = (folder / "data" / "state.ttl").read_text(encoding="utf-8")
    return tuple(sorted(set(_CODE.findall(text)) - {_UNDER_REVIEW}))


def _copy(template: str, name: str, codes: tuple[str, ...], rng: random.Random) -> str:
    """Return the template as another report: its own name, labels and lists of States; as many of each as before."""

    def relabelled(match: re.Match[str]) -> str:
        raw = match["text"]
        text = json.loads(raw) if raw.startswith('"') else raw
        return match["key"] + json.dumps(f"{text} ({name})", ensure_ascii=False)

    def redrawn(match: re.Match[str]) -> str:
        count = match["codes"].count(",") + 1
        return f"{match['key']}[{', '.join(rng.sample(codes, count))}]"

    text = template.replace(f"report/{_TEMPLATE}", f"report/{name}")
    return _STATES.sub(redrawn, _LABEL.sub(relabelled, text))
