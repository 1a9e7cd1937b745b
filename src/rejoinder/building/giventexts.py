"""The texts of reports that a user gives: each must be the one that its report was read from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from rejoinder import names
from rejoinder.errors import InputError
from rejoinder.project import Project
from rejoinder.site import sourcetexts
from rejoinder.store import rdf
from rejoinder.store.rdf import Quad

_DIGEST = names.SCHEMA + "sha256"


def reject_texts(project: Project, known: Collection[str], statements: Callable[[str], Iterable[Quad]]) -> None:
    """Refuses texts that are not those that the reports were read from: a page would show the wrong words.

    `known` are the names of the reports, `statements` gives what is to be published of one by its IRI.

    Raises:
        InputError: there is such a text, or one that cannot be read, or that belongs to no report.
    """
    problems = []
    for text in sourcetexts.texts(project):
        quads = statements(text.report) if text.path.stem in known else ()
        digests = (quad for quad in quads if quad.predicate.value == _DIGEST)
        found = [rdf.text(quad.object) for quad in digests if rdf.text(quad.subject) == text.report]
        # A report that is known but cannot be published is told by itself.
        if found or text.path.stem not in known:
            problems.append(sourcetexts.rejected(text, found[0] if found else None))
    wrong = [problem for problem in problems if problem]
    if wrong:
        raise InputError(wrong)
