"""The texts of reports that a user gives: each must be the one that its report was read from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from rejoinder import names
from rejoinder.errors import InputError, Problem
from rejoinder.project import Project
from rejoinder.site import sourcetexts
from rejoinder.site.sourcetexts import Text
from rejoinder.store import rdf
from rejoinder.store.rdf import Quad

_DIGEST = names.SCHEMA + "sha256"


def left_out(
    project: Project, known: Collection[str], statements: Callable[[str], Iterable[Quad]]
) -> tuple[Problem, ...]:
    """Why texts are left out: they are not those that the reports were read from, and a page would show wrong words.

    `known` are the IRIs of the graphs, `statements` gives what is to be published of one.

    Raises:
        InputError: a text cannot be read, or belongs to no report.
    """
    texts = sourcetexts.texts(project)
    strangers = [sourcetexts.stranger(text) for text in texts if text.report not in known]
    if strangers:
        raise InputError(strangers)
    recorded = ((text, _recorded(text, statements)) for text in texts)
    # A report that is known but cannot be published has no digest here, and is told by itself.
    return tuple(sourcetexts.stale(text, digest) for text, digest in recorded if digest and digest != text.digest)


def _recorded(text: Text, statements: Callable[[str], Iterable[Quad]]) -> str | None:
    """The digest that the text's report has of it, None where nothing is to be published of the report."""
    digests = (quad for quad in statements(text.report) if quad.predicate.value == _DIGEST)
    return next((rdf.text(quad.object) for quad in digests if rdf.text(quad.subject) == text.report), None)
