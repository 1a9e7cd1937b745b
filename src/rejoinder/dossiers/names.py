"""Short names in a dossier: the agents and proceedings that they stand for, and what is kept on this machine.

In a dossier, `KAZ` is a State, `amnesty` an agent of the collections, `#claim-x` an entry of the same file and
`other-report#claim-y` an entry of another report. Names of agents and proceedings are looked up in the collections.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejoinder import disk, formats, namespaces
from rejoinder.dossiers import discovery, reviews
from rejoinder.dossiers.yaml import mapping_of, read_text, read_yaml
from rejoinder.errors import InputError, quoted
from rejoinder.lazily import lazy
from rejoinder.rdf import terms as rdf_terms
from rejoinder.rdf.jsonld import Context

_AGENTS: Final = frozenset(
    namespaces.RJ + name
    for name in ("hasOfficial", "hasAffectedPerson", "hasPerson", "hasOrganisation", "hasDelegation")
)
_PROCEEDINGS: Final = frozenset(namespaces.RJ + name for name in ("hasReview", "hasProceeding"))
_STATE: Final = re.compile("[A-Z]{3}")
_NO_WORD: Final = re.compile(r"[\W_]+")
_NO_HOME: Final = {"agents": "organisation/", "proceedings": "proceeding/"}
"""Where a name that no collection describes is looked for, so that the message on it names a place."""

_LABELS: Final = frozenset((*namespaces.STATE_NAMES, namespaces.SKOS + "prefLabel"))


@dataclass(frozen=True)
class Names:
    """The IRIs of agents and of proceedings by short name, as the collections of the project `base` describe them.

    `private` are the nodes of the collections that are kept on this machine, and `real_names` the names behind
    pseudonyms, as `words_of` returns them.
    """

    base: str
    agents: Mapping[str, Sequence[str]]
    proceedings: Mapping[str, Sequence[str]]
    private: frozenset[str] = frozenset()
    real_names: frozenset[str] = frozenset()

    @lazy
    def digest(self) -> str:
        """Return the SHA-256 of the names; what a dossier says may depend on it."""
        parts = [repr(sorted(known.items())) for known in (self.agents, self.proceedings)]
        return disk.digest_of([*parts, *sorted(self.private), *sorted(self.real_names)])

    def iri(self, name: str, kind: str, graph: str) -> str:
        """Return the IRI of a short name in the dossier `graph`; `kind` is agents, proceedings or entries.

        >>> names = Names("x:", {"amnesty": ["x:organisation/amnesty"]}, {})
        >>> [names.iri(name, "agents", "x:report/a") for name in ("KAZ", "amnesty", "#group-1", "b#group-2")]
        ['x:state/KAZ', 'x:organisation/amnesty', 'x:report/a#group-1', 'x:report/b#group-2']
        >>> names.iri("bhr-27", "proceedings", "x:report/a")
        'x:review/bhr-27'

        Raises:
            ValueError: several agents, or proceedings, have this name.
        """
        if name.startswith("#"):
            return graph + name
        if found := self.known_iri(name, kind):
            return found
        if kind == "proceedings" and reviews.is_name(name):
            return f"{self.base}review/{name}"
        return f"{self.base}{_NO_HOME.get(kind, '')}{name}"

    def known_iri(self, name: str, kind: str) -> str | None:
        """Return the IRI of a short name as `iri` does, or None if no path, code or collection says what it is.

        Raises:
            ValueError: several agents, or proceedings, have this name.
        """
        document, sign, _ = name.partition("#")
        if "/" in document:
            return self.base + name
        if sign:
            return f"{self.base}report/{name}"
        if kind == "agents" and _STATE.fullmatch(name):
            return f"{self.base}state/{name}"
        known = (self.agents if kind == "agents" else self.proceedings).get(name, ())
        # Never guessed by the order of files: two agents may have one name, and a wrong one would be blamed.
        if len(known) > 1:
            paths = " or ".join(iri.removeprefix(self.base) for iri in known)
            raise ValueError(f"{quoted(name)} is the name of several things; write {paths}")
        return known[0] if known else None

    def reveals(self, text: str) -> bool:
        """Return whether a text or an IRI contains the name behind a pseudonym, however it is spelt.

        >>> names = Names("x:", {}, {}, real_names=frozenset({words_of("Zoë Example")}))
        >>> [names.reveals(text) for text in ("Said by zoe  EXAMPLE.", "x:person/zoe-example", "Zoë Examples")]
        [True, True, False]
        """
        if not self.real_names:
            return False
        words = words_of(text)
        return any(name in words for name in self.real_names)


def without_accents(text: str) -> str:
    """Return the text without its accents and other signs that stand on letters, for comparison.

    >>> without_accents("Côte d’Ivoire, Zoë")
    'Cote d’Ivoire, Zoe'
    """
    # Decomposed, an accent is a character of its own.
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def words_of(text: str) -> str:
    """Return the words of `text` in small letters without accents, a space around each.

    >>> words_of("Zoë O'Example-Test")
    ' zoe o example test '
    """
    # An accent, a capital or a hyphen more must not hide the name behind a pseudonym.
    return f" {_NO_WORD.sub(' ', without_accents(text).casefold()).strip()} "


def read_names(base: str, data: Path, context: Context) -> Names:
    """Return the names in the collections directly under the folder `data`; those of unreadable files are left out."""
    agents: defaultdict[str, list[str]] = defaultdict(list)
    proceedings: defaultdict[str, list[str]] = defaultdict(list)
    private: set[str] = set()
    real_names: set[str] = set()
    # Read without the reader, which needs these names, and a name has to be known before the first report is read.
    for path in sorted(data.glob("*")) if data.is_dir() else ():
        if discovery.is_mapping(path.name) or not path.name.lower().endswith(discovery.SUFFIXES):
            continue
        try:
            graph = discovery.graph_of(base, data, path)
            found = tuple(_described(path, graph, context)) if graph.endswith("/") else ()
        except (InputError, rdf_terms.RdfSyntaxError):  # whoever reads the file reports what is wrong with it
            continue
        for section, iri, is_private, real_name in found:
            names = agents if section in _AGENTS else proceedings
            if is_private:
                private.add(iri)
            if real_name.strip():
                real_names.add(words_of(real_name))
            # In Turtle, one thing may be in two sections, and still be one.
            if section in _AGENTS | _PROCEEDINGS and iri not in names[iri.rpartition("/")[2]]:
                names[iri.rpartition("/")[2]].append(iri)
    # A name of signs alone has no words; it would be found in every text that has none.
    return Names(base, dict(agents), dict(proceedings), frozenset(private), frozenset(real_names - {"  "}))


def names_by_label(base: str, data: Path, context: Context) -> dict[str, str]:
    """Return the short names, or codes, of what the collections under `data` describe, by label and by themselves.

    They tell what somebody meant who wrote the label of a State, an issue or a person.
    """
    found: dict[str, str] = {}
    for path in sorted(data.glob("*")) if data.is_dir() else ():
        if discovery.is_mapping(path.name) or not path.name.lower().endswith(discovery.SUFFIXES):
            continue
        try:
            graph = discovery.graph_of(base, data, path)
            labelled = tuple(_labelled(path, graph, context)) if graph.endswith("/") else ()
        except (InputError, rdf_terms.RdfSyntaxError):  # as above
            continue
        for name, label in labelled:
            found[name] = name
            found.setdefault(label, name)
    return found


def _labelled(path: Path, graph: str, context: Context) -> Iterator[tuple[str, str]]:
    """Yield each entry of a collection with each of its labels."""
    if path.suffix.lower() in discovery.YAML_SUFFIXES:
        for section, entries in read_yaml(path).value.items():
            for name, entry in entries.items() if section in context.id_maps and isinstance(entries, dict) else ():
                for label in mapping_of(entry).get("label"), mapping_of(entry).get("prefLabel"):
                    for text in label.values() if isinstance(label, dict) else [label]:
                        yield name, str(text or name)
        return
    for quad in rdf_terms.parse(read_text(path), formats.rdf_syntax_of(path.name), graph):
        iri = rdf_terms.text(quad.subject)
        if quad.predicate.value in _LABELS and iri.startswith(graph) and iri != graph:
            yield iri.removeprefix(graph), rdf_terms.text(quad.object)


def _described(path: Path, graph: str, context: Context) -> Iterator[tuple[str, str, bool, str]]:
    """Yield each entry of a collection: its section's property, its IRI, whether it is private, and its real name."""
    if path.suffix.lower() in discovery.YAML_SUFFIXES:
        # Any form of YAML gets through here: the schema is applied when the reader comes to this file.
        for section, entries in read_yaml(path).value.items():
            if section in context.id_maps and isinstance(entries, dict):
                for name, entry in entries.items():
                    keys = entry if isinstance(entry, dict) else {}
                    real_name = str(keys.get("realName", ""))
                    yield context.properties[section], graph + name, keys.get("private") is True, real_name
        return
    quads = tuple(rdf_terms.parse(read_text(path), formats.rdf_syntax_of(path.name), graph))
    private = private_nodes(quads)
    real_names = {
        rdf_terms.text(quad.subject): rdf_terms.text(quad.object)
        for quad in quads
        if quad.predicate.value == namespaces.RJ + "realName"
    }
    for quad in quads:
        if quad.predicate.value.startswith(namespaces.RJ + "has"):
            iri = rdf_terms.text(quad.object)
            yield quad.predicate.value, iri, iri in private, real_names.get(iri, "")


def private_nodes(quads: Sequence[rdf_terms.Quad]) -> frozenset[str]:
    """Return the nodes that `quads` say are private, and all that those contain.

    In Turtle the value may be anything, such as "yes": only a plain no keeps a node public.
    """
    return with_contents(
        quads,
        {
            rdf_terms.text(quad.subject)
            for quad in quads
            if quad.predicate.value == namespaces.RJ + "private" and rdf_terms.text(quad.object) not in {"false", "0"}
        },
    )


def with_contents(quads: Sequence[rdf_terms.Quad], nodes: AbstractSet[str]) -> frozenset[str]:
    """Return the nodes and all that they contain, such as the parts of a statistic."""
    # Parts have parts. What was found is not looked into again: in Turtle, something may contain itself.
    found, inner = frozenset(nodes), frozenset(nodes)
    while inner:
        inner = frozenset(
            rdf_terms.text(quad.object)
            for quad in quads
            if quad.predicate.value.startswith(namespaces.RJ + "has") and rdf_terms.text(quad.subject) in inner
        ).difference(found)
        found |= inner
    return found
