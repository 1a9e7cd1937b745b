"""Cards of questions: the YAML behind `#+` at the head of a SPARQL file, as grlc reads it, read without trusting it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import yaml

_PREFIX: Final = "#+"

_MAX_DEPTH: Final = 10

_T = TypeVar("_T")


def without_card(query: str) -> str:
    """The query without the lines of its card."""
    return "\n".join(line for line in query.splitlines() if not line.startswith(_PREFIX)).strip()


class CardError(Exception):
    """What is wrong with a card."""


def card_of(query: str) -> dict[str, object]:
    """The card's keys and values, every scalar as text: a date or a number in a title is a title.

    Raises:
        CardError: there is no card, or one that nobody should read.
        YAMLError: it is not YAML.
    """
    lines = [line.removeprefix(_PREFIX).removeprefix(" ") for line in query.splitlines() if line.startswith(_PREFIX)]
    source = "\n".join(lines)
    _refuse_bombs(source)
    card = yaml.load(source, Loader=yaml.CBaseLoader)  # noqa: S506  # makes text, lists and mappings only
    if not isinstance(card, dict):
        raise CardError("it is missing; write title, summary, group and columns behind '#+' at the head of the file")
    return card


def _refuse_bombs(source: str) -> None:
    """Nothing, when YAML can be made of `source`: an alias may stand for any amount of it, and the maker recurses."""
    depth = 0
    for event in _events(source):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise CardError("aliases (*) are not allowed; write the value out")
        if depth > _MAX_DEPTH:
            raise CardError(f"it is nested more than {_MAX_DEPTH} deep")


def _events(source: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(source, Loader=yaml.CBaseLoader)
    except yaml.YAMLError as error:
        if "nesting depth" in str(error):  # the scanner's own limit, which it meets before it tells of any bracket
            raise CardError(f"it is nested more than {_MAX_DEPTH} deep") from error
        raise


def text(card: dict[str, object], key: str) -> str:
    """The text behind a key.

    Raises:
        CardError: there is none.
    """
    value = card.get(key)
    if not (isinstance(value, str) and value):
        raise CardError(f"{key} is missing or not text")
    return value


def each(card: dict[str, object], key: str, make: Callable[..., _T]) -> tuple[_T, ...]:
    """What `make` makes of each mapping in the list behind a key.

    Raises:
        CardError: there is no list, or a mapping in it does not fit.
    """
    items = card.get(key)
    if not isinstance(items, list):
        raise CardError(f"{key} is missing or not a list")
    return tuple(made(key, item, make) for item in items)


def made(key: str, item: object, make: Callable[..., _T]) -> _T:
    """What `make` makes of the mapping behind a key.

    Raises:
        CardError: it is no mapping of keys to text, or does not fit.
    """
    if not (isinstance(item, dict) and all(isinstance(value, str) for value in item.values())):
        raise CardError(f"{key} holds {item!r:.60}, which is no mapping of keys to text")
    try:
        return make(**item)
    except TypeError as error:
        raise CardError(f"{key} holds {item!r:.60}, which lacks or misspells a key") from error
