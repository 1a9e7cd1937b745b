"""The checklist: every check by its principle, and what it found on a site.

The tests of FOOPS!, F-UJI and FAIR-Checker ask hosts and registries over the network; here what they ask for is looked
up in the files, so that it is known before anything is published.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejoinder.checking.findings import Finding, Severity, of_problem
from rejoinder.errors import InputError
from rejoinder.fair import access, counts, datasets, links, ontologies, pages, thirdparties, vocabularies
from rejoinder.fair.builtsite import BuiltSite, open_site
from rejoinder.fair.criteria import PRINCIPLES, Check, Flaw

_MODULES: Final = (ontologies, datasets, counts, access, pages, thirdparties, vocabularies, links)

CHECKS: Final = tuple(
    sorted(
        (check for module in _MODULES for check in module.CHECKS),
        key=lambda check: list(PRINCIPLES).index(check.principle),
    )
)
"""Every check, in the order of the principles."""


@dataclass(frozen=True)
class Result:
    """What a check found: how many things it looked at, and a finding for each that is not as it should be."""

    check: Check
    seen: int
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether everything is as it should be."""
        return not self.findings


@dataclass(frozen=True)
class Fairness:
    """How FAIR the site in a folder is: the results of all checks, in the order of the principles."""

    folder: Path
    results: tuple[Result, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all checks."""
        return tuple(finding for result in self.results for finding in result.findings)

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(result.passed for result in self.results)


def check_fair(folder: Path) -> Fairness:
    """How FAIR the site in `folder` is, which is a site's or that of a build; read from its files, offline.

    Raises:
        UsageError: there is no site in the folder.
    """
    site = open_site(folder)
    return Fairness(site.folder, tuple(run(check, site) for check in CHECKS))


def run(check: Check, site: BuiltSite) -> Result:
    """What a check finds on a site; one that has nothing to look at does not pass."""
    seen = list(_looked(check, site))
    if not seen:
        seen = [_finding(check, site, Flaw("index.html", f"There is nothing to check: {check.title}"))]
    return Result(check, len(seen), tuple(finding for finding in seen if finding))


def _looked(check: Check, site: BuiltSite) -> Iterator[Finding | None]:
    try:
        for flaw in check.look(site):
            yield _finding(check, site, flaw) if flaw else None
    except InputError as error:
        for problem in error.problems:
            yield _finding(check, site, Flaw(problem.path.as_posix(), of_problem(problem).message))


def _finding(check: Check, site: BuiltSite, flaw: Flaw) -> Finding:
    return Finding(
        severity=Severity.VIOLATION,
        path=site.folder / flaw.path,
        line=None,
        message=flaw.message,
        focus=flaw.focus or flaw.path,
        predicate=flaw.predicate,
        value=flaw.value,
        rule=check.rule,
        component=check.rule,
    )
