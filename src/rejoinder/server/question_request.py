"""What a request to the API asks of a stored question: its parameters read by their types, and the page wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rejoinder.errors import UsageError
from rejoinder.lazily import lazy
from rejoinder.questions.question import KIND_OF_TYPE, RESERVED, Parameter, Question, bound, class_of_type
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.terms import Term
from rejoinder.server.problems import HTTPProblem
from rejoinder.site.snapshot import Snapshot
from rejoinder.text import suggest

DEFAULT_PAGE_ROWS: Final = 100
"""Rows on a page where nothing is said; a table to take away (CSV) has as many as there may be."""
MAX_PAGE_ROWS: Final = 10_000
MAX_LISTED_VALUES: Final = 1_000
"""Things of a type whose names the description of the API holds; of more it says only what such a name is like."""
MAX_VALUES_PER_PARAMETER: Final = 60
"""Values that one parameter may have: the States of the largest regional group, in an address of usual length."""


@dataclass(frozen=True)
class ResourceLookup:
    """The things of a version by the types of parameters; a value that names none is a slip, not an empty answer."""

    snapshot: Snapshot

    def knows(self, kind: str, iri: str) -> bool:
        """Whether there is such a thing of that type."""
        return self.snapshot.renderer.reader.resource(iri).is_a(class_of_type(kind))

    def like(self, kind: str, text: str) -> list[str]:
        """Short names of things of that type that may have been meant: by their names, or by what they are called."""
        called = self._called.get(kind) or self._learn(kind)
        close = suggest(text.casefold(), called, 3)
        return list(dict.fromkeys(called[words] for words in close))

    def values(self, kind: str) -> tuple[str, ...] | None:
        """All that a value of that type may be, by short name and by IRI; None where it is too much to be told."""
        if kind not in self._values:
            base = self.snapshot.project.base
            things = self.snapshot.renderer.reader.of_class(class_of_type(kind))
            read = Parameter("", kind, "").term
            names = (name for thing in things for name in _names(thing.iri, base))
            known = {thing.iri for thing in things}
            names_known = tuple(name for name in names if rdf_terms.text(read(name, base)) in known)
            self._values[kind] = names_known if len(known) <= MAX_LISTED_VALUES else None
        return self._values[kind]

    @lazy
    def _values(self) -> dict[str, tuple[str, ...] | None]:
        return {}

    @lazy
    def _called(self) -> dict[str, dict[str, str]]:
        return {}

    def _learn(self, kind: str) -> dict[str, str]:
        things = self.snapshot.renderer.reader.instances(class_of_type(kind))
        folder = f"{self.snapshot.project.base}{kind.lower()}/"
        names = {thing.iri: thing.iri.removeprefix(folder).removeprefix(self.snapshot.project.base) for thing in things}
        self._called[kind] = {name.casefold(): name for name in names.values()} | {
            rdf_terms.text(thing.label).casefold(): names[thing.iri] for thing in things
        }
        return self._called[kind]


def _names(iri: str, base: str) -> Iterator[str]:
    """What may stand for a thing: its name alone, its name in its folder, its IRI."""
    if iri.startswith(base):
        yield iri.rpartition("/")[2]
        yield iri.removeprefix(base)
    yield iri


@dataclass(frozen=True)
class QuestionRequest:
    """A question asked: the values of its parameters as they were written, their terms, and the rows wanted."""

    question: Question
    values: Mapping[str, tuple[str, ...]]
    terms: Mapping[str, tuple[Term, ...]]
    offset: int
    limit: int

    @property
    def text(self) -> str:
        """The query, its variables bound."""
        return bound(self.question.query, self.terms)


def read(question: Question, pairs: Sequence[tuple[str, str]], lookup: ResourceLookup, page: int) -> QuestionRequest:
    """What is asked of the question, `page` rows at a time unless the request says so.

    Raises:
        HTTPProblem: a parameter is unknown, or a value does not fit; which one, and what may have been meant.
    """
    _check_names(question, [name for name, _ in pairs])
    values = dict(_values(question, pairs))
    try:
        terms = question.bindings(values, lookup.snapshot.project.base)
    except UsageError as error:
        raise _refusal(str(error), next(iter(values), "")) from error
    for parameter in question.parameters:
        _check_things(parameter, values.get(parameter.name, ()), lookup)
    offset, limit = _number(pairs, "offset", 0, 0, 10**9), _number(pairs, "limit", page, 1, MAX_PAGE_ROWS)
    return QuestionRequest(question, values, terms, offset, limit)


def _check_names(question: Question, names: Sequence[str]) -> None:
    known = [parameter.name for parameter in question.parameters] + list(RESERVED)
    for name in names:
        if name not in known:
            close = suggest(name, known)
            hint = f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(known)}"
            raise _refusal(
                f"the question {question.name} has no parameter {name!r:.80}{hint}", name, close, known=known
            )
    for name in RESERVED:
        if names.count(name) > 1:
            raise _refusal(f"{name} is given more than once", name)


def _values(question: Question, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The values of each parameter that has any; an empty one is a field of a form that was left alone."""
    for parameter in question.parameters:
        given = [value for name, value in pairs if name == parameter.name]
        found = tuple(value for value in given if value)
        if len(given) > MAX_VALUES_PER_PARAMETER:
            raise _refusal(f"{parameter.name} has more than {MAX_VALUES_PER_PARAMETER} values", parameter.name)
        for text in found:
            _check_value(parameter, text)
        if found:
            yield parameter.name, found


def _check_value(parameter: Parameter, text: str) -> None:
    try:
        parameter.term(text, "https://example.org/")
    except (UsageError, ValueError) as error:
        raise _refusal(str(error), parameter.name) from error


def _check_things(parameter: Parameter, texts: Sequence[str], lookup: ResourceLookup) -> None:
    """Nothing, when each value names something that there is."""
    if parameter.type not in KIND_OF_TYPE:
        return
    for text in texts:
        iri = rdf_terms.text(parameter.term(text, lookup.snapshot.project.base))
        if not lookup.knows(parameter.type, iri):
            close = lookup.like(parameter.type, text)
            hint = f"did you mean {close[0]!r}?" if close else "write its short name or its IRI"
            message = f"{parameter.name}={text!r:.80} is no {parameter.type} in these data; {hint}"
            raise _refusal(message, parameter.name, close)


def _number(pairs: Sequence[tuple[str, str]], name: str, default: int, least: int, most: int) -> int:
    text = next((value for key, value in pairs if key == name and value), str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
        raise _refusal(f"{name}={text!r:.80} is no whole number from {least} to {most}", name)
    return int(text)


def _refusal(message: str, parameter: str, suggestions: Sequence[str] = (), **more: Any) -> HTTPProblem:
    extra = {"parameter": parameter, **({"suggestions": list(suggestions)} if suggestions else {}), **more}
    return HTTPProblem(400, message, extra=extra)
