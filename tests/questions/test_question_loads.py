"""No stored question's work multiplies reports by records: each is answered over many of both, well within the limit.

The time of the processor is limited, so a busy machine changes nothing; most answers take a hundredth of what they may.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import copies
from conftest import ROOT
from rejoinder.config import Project
from rejoinder.versions import require_newest

pytestmark = pytest.mark.slow

COPIES: Final = 20
SECONDS: Final = 30
"""Of the processor, for one question."""

ASK: Final = """
import resource, sys
from pyoxigraph import Store
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
store = Store.read_only(sys.argv[1])
for path in sys.argv[3:]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(path, flush=True)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + int(sys.argv[2]) + 1, most))
    for row in store.query(open(path, encoding="utf-8").read()):
        pass
"""
"""Asks a store one query after the other; the system ends it where one takes too long."""

# The question as it was: for each concern, all recommendations were gone through.
FOR_EACH: Final = """
PREFIX rj: <https://w3id.org/rejoinder/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?state ?issue ?report ?record
WHERE {
  {
    SELECT DISTINCT ?report ?review ?state ?issue
    WHERE {
      { ?report a rj:Dossier ; rj:hasConcern ?concern } UNION { ?report a rj:Dossier ; rj:hasRecommendation ?concern }
      ?concern rj:raisedBy ?state ; rj:about ?issue ; rj:inProceeding ?review .
    }
  }
  ?record a rj:Record ; rj:inProceeding ?review .
  FILTER NOT EXISTS {
    { ?issue skos:broader* ?wide . ?recorded skos:exactMatch|skos:closeMatch|skos:narrowMatch ?wide }
    UNION { ?recorded skos:broadMatch ?issue }
    ?recommendation rj:about ?recorded ; rj:inProceeding ?review ; rj:raisedBy ?state ; rj:response ?response .
  }
}
"""


@pytest.fixture(scope="module")
def many(imported_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a store with many reports, each with its record on a review of its own; they share States and issues."""
    once = copies.lines(require_newest(imported_once.build).open())
    documents = (copies.copy(once, imported_once.base, copies.DOCUMENTS, number) for number in range(COPIES))
    folder = tmp_path_factory.mktemp("many") / "store"
    copies.store_of(once, *documents, folder=folder)
    return folder


def test_every_question_is_answered(many: Path) -> None:
    asked = ask(many, SECONDS, *sorted((ROOT / "queries").glob("*.rq")))
    assert asked.returncode == 0, f"ended at {asked.stdout.splitlines()[-1:]} with {asked.returncode} {asked.stderr}"
    assert len(asked.stdout.splitlines()) == len(list((ROOT / "queries").glob("*.rq")))


def test_a_question_that_goes_through_all_for_each_is_caught(many: Path, tmp_path: Path) -> None:
    (tmp_path / "for-each.rq").write_text(FOR_EACH, encoding="utf-8")
    assert ask(many, 2, tmp_path / "for-each.rq").returncode == -signal.SIGXCPU


def ask(store: Path, seconds: int, *queries: Path) -> subprocess.CompletedProcess[str]:
    """Ask the store each query in a process that is ended where one takes longer."""
    command = [sys.executable, "-c", ASK, str(store), str(seconds), *map(str, queries)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=3600)
