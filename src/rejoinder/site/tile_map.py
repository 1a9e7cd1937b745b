"""A map of the States as equal squares in the regional groups of the UN.

Borders on a map are a statement, and small States vanish on one; here each State has a square of the same size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rejoinder.rdf.terms import Literal
from rejoinder.site.entities import NOTHING, Entities, Tally
from rejoinder.site.resource import Resource, by_label

COLUMNS: Final = 11
"""Squares in a row of a group: as many as the width of a phone has room for."""
PITCH: Final = 30
"""From the edge of a square to that of the next one, in pixels."""
SIDE: Final = 28
"""The side of a square: larger than the 24 pixels that a target for a finger needs (WCAG 2.2, 2.5.8)."""


@dataclass(frozen=True)
class Tile:
    """The square of a State, at a place in its group, with what the State raised."""

    state: Resource
    code: str
    place: int
    tally: Tally

    @property
    def x(self) -> int:
        """The left edge, in pixels."""
        return self.place % COLUMNS * PITCH

    @property
    def y(self) -> int:
        """The upper edge, in pixels."""
        return self.place // COLUMNS * PITCH

    @property
    def shade(self) -> int:
        """The shade of the square, from 1 for one concern or recommendation to 3 for five and more."""
        return 1 if self.tally.total < 2 else 2 if self.tally.total < 5 else 3


@dataclass(frozen=True)
class TileGroup:
    """A regional group and the squares of its States, by code; without a label for States in no group."""

    name: str
    label: Literal | None
    tiles: tuple[Tile, ...]

    @property
    def marked(self) -> tuple[Tile, ...]:
        """The squares of the States that raised something."""
        return tuple(tile for tile in self.tiles if tile.tally.total)

    @property
    def blank(self) -> tuple[Tile, ...]:
        """The squares of the others."""
        return tuple(tile for tile in self.tiles if not tile.tally.total)

    @property
    def height(self) -> int:
        """The height of the drawing, in pixels."""
        return (len(self.tiles) + COLUMNS - 1) // COLUMNS * PITCH - (PITCH - SIDE)


@dataclass(frozen=True)
class TileMap:
    """All States by regional group, and how much each raised."""

    groups: tuple[TileGroup, ...]

    @property
    def marked(self) -> tuple[tuple[TileGroup, Tile], ...]:
        """The States that raised something, by name, each with its group."""
        found = {tile.state: (group, tile) for group in self.groups for tile in group.marked}
        return tuple(found[state] for state in by_label(found))

    @property
    def states(self) -> int:
        """The number of all States."""
        return sum(len(group.tiles) for group in self.groups)


def tile_map(entities: Entities, raised: Mapping[str, Tally]) -> TileMap | None:
    """Return the map of how much each State raised, or None if no State raised anything."""
    # Most pages have no map: whether one of a few is a State is read faster than all States.
    if not any(entities.reader.is_of_class(iri, "rj:State") for iri in raised):
        return None
    return TileMap(tuple(_group(group, states, raised) for group, states in entities.regions))


def _group(group: Resource | None, states: Iterable[tuple[str, Resource]], raised: Mapping[str, Tally]) -> TileGroup:
    tiles = (Tile(state, code, n, raised.get(state.iri, NOTHING)) for n, (code, state) in enumerate(states))
    return TileGroup(group.fragment if group else "others", group.label if group else None, tuple(tiles))
