"""Validate a dossier against its JSON Schema, and explain each error in a sentence.

Standard: JSON Schema 2020-12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import jsonschema_rs
import langcodes

from rejoinder.dossiers import migration
from rejoinder.dossiers.yaml import Place, YamlDocument, list_of, mapping_of
from rejoinder.errors import InputError, Problem, did_you_mean, suggest
from rejoinder.lazily import lazy
from rejoinder.rdf import terms
from rejoinder.rdf.jsonld import Value

_TYPE_NAMES: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "object": "keys with values under it",
    "array": "a list",
    "boolean": "true or false",
    "null": "empty",
}

_LANGUAGE_TAG: Final = ["$defs", "languageTag"]
_BY_LANGUAGE: Final = {"$ref": "/".join(["#", *_LANGUAGE_TAG])}
"""The keys of a text by language, as the schema describes them."""
_TAG_FORMAT: Final = "language-tag"
"""The schema's format of a tag of BCP 47; JSON Schema itself has none."""
_THREE_LETTERS: Final = re.compile(r"[a-z]{3}")

_NEVER: Final = re.compile(r"""[\x00-\x20"<>\\^`{|}]|(?<=.{8})[\[\]]""")
"""Characters that are not allowed in an IRI; brackets only around an IPv6 address at the beginning."""

_LABEL_CUT_OFF: Final = 0.8
"""The least similarity of a suggested label: among hundreds of labels, some are a little like anything."""

_DIVIDERS: Final = re.compile(r"[,;]\s*|\s+(?=#)")
"""What divides several ids that are written as one text."""

_MARKS: Final = "“”„‟‘’‚‛«»‹›"
"""Typographic quotation marks, which to YAML are part of the text."""


@dataclass(frozen=True)
class Hints:
    """What the JSON Schema says of keys beyond JSON: in whose `words` a text is, and what kind of thing it `names`.

    `several` are the keys that may have a list, `of_report` those of a whole dossier that are about the report that it
    describes.
    """

    words: Mapping[str, str]
    names: Mapping[str, str]
    several: frozenset[str]
    of_report: frozenset[str]


@dataclass(frozen=True)
class Schema:
    """A compiled JSON Schema whose messages give the line and say what to write."""

    definition: dict[str, Value]
    validator: jsonschema_rs.Draft202012Validator
    labels: Callable[[], Mapping[str, str]] = dict
    """Returns the short names of the project's things by label; called only for a value that does not fit."""

    @lazy
    def hints(self) -> Hints:
        """Return the hints in the schema, which `make docs` writes from ontology/dossier.yaml as keywords with x-."""
        definitions = mapping_of(self.definition["$defs"])
        entries: dict[str, dict[str, Value]] = {}
        for kind in definitions.values():
            for key, reference in mapping_of(mapping_of(kind).get("properties")).items():
                name = str(mapping_of(reference).get("$ref", "")).removeprefix("#/$defs/")
                entries[key] = mapping_of(definitions.get(name))
        return Hints(
            words={key: str(entry["x-words"]) for key, entry in entries.items() if "x-words" in entry},
            names={key: str(entry["x-names"]) for key, entry in entries.items() if "x-names" in entry},
            several=frozenset(key for key, entry in entries.items() if "array" in list_of(entry.get("type"))),
            of_report=frozenset(map(str, list_of(mapping_of(definitions.get("Report")).get("x-ofReport")))),
        )

    def check(self, document: YamlDocument) -> None:
        """Raise InputError if the document does not fit the schema.

        Raises:
            InputError: it does not fit; one sentence for each place, with its line.
        """
        errors = list(self.validator.iter_errors(document.value))
        # A value that fails another check at this place need not be reported as no IRI as well.
        misfits = {_place(error) for error in errors if not _is_format(error)}
        reported = [error for error in errors if not _is_format(error) or _place(error) not in misfits]
        # A key that seems to be there misspelt is not reported as missing as well.
        misspelt = {(*error.instance_path, key) for error in reported for key in self._meant(error)}
        problems = [
            problem
            for error in reported
            if _lacking(error) not in misspelt
            for problem in self._problems(document, error)
        ]
        if problems:
            raise InputError(problems)

    def _problems(self, document: YamlDocument, error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
        place: Place = tuple(error.instance_path)
        if error.kind.name == "additionalProperties":
            for key in error.kind.as_dict()["unexpected"]:
                yield document.problem((*place, key), self._unknown_key(key, error))
        elif error.kind.name == "propertyNames":
            key = str(error.kind.as_dict()["error"].instance)
            advice = _unfit_form(key, error) if _is_format(error) else self._advice(error, key, document)
            wrong = f"the id {key!r} does not have the right form"
            if self._node(error.schema_path[:-1]) is self._node(_LANGUAGE_TAG):
                wrong = f"{key!r} under {_spoken(place)} is no language tag"
            # The validator's place is that of the mapping, and the wrong key is in it.
            yield document.problem((*place, key), f"{wrong}; {advice}")
        elif error.kind.name == "uniqueItems" and isinstance(error.instance, list):
            for number, item in _repeated(error.instance):
                twice = f"{_spoken(place)} has {_shown(item)} a second time"
                yield document.problem((*place, number), f"{twice}; write what you meant instead, or remove it")
        else:
            yield document.problem(place, self._misfit(place, error, document))

    def _known_keys(self, error: jsonschema_rs.ValidationError) -> list[str]:
        """Return the keys that the map has in which the error found others."""
        properties = self._node(error.schema_path[:-1]).get("properties")
        return list(properties) if isinstance(properties, dict) else []

    def _meant(self, error: jsonschema_rs.ValidationError) -> Iterator[str]:
        """Yield the keys that are likely to be meant by those that the error says are unknown."""
        if error.kind.name == "additionalProperties":
            for key in error.kind.as_dict()["unexpected"]:
                yield from suggest(key, self._known_keys(error))

    def _unknown_key(self, key: str, error: jsonschema_rs.ValidationError) -> str:
        if key == "@context":
            return "a dossier has no '@context': Rejoinder supplies its own and fetches none; remove this key"
        known = self._known_keys(error)
        new = migration.SECTIONS.get(key) or migration.KEYS.get(key) or migration.KEYS_OF_AGENTS.get(key)
        if new in known:
            return (
                f"the key {key!r} is called {new!r} since version {migration.VERSION} of the vocabulary; "
                "'rejoinder migrate' rewrites the file"
            )
        hint = did_you_mean(suggest(key, known), f"the keys here are {', '.join(known)}")
        return f"the key {key!r} is unknown here; {hint}"

    def _misfit(self, place: Place, error: jsonschema_rs.ValidationError, document: YamlDocument) -> str:
        where = _spoken(place)
        kind = error.kind
        if error.instance is None:  # to YAML, an id without quotation marks (`claim: #c1`) is a comment
            return f"{where} is empty; write a value, between quotation marks if it begins with '#'"
        if kind.name == "enum":
            value, options = str(error.instance), [str(option) for option in kind.as_dict()["options"]]
            close, listed = suggest(value, options), ", ".join(options)
            choices = f"{did_you_mean(close, '')} Write one of {listed}" if close else f"write one of {listed}"
            return f"{where} is {error.instance!r}; {_marked(value, options.__contains__) or choices}"
        if kind.name == "type":
            return f"{where} is {_shown(error.instance)}; {self._wanted_type(error)}"
        if kind.name == "format":
            return f"{where} is {_shown(error.instance)}; {_unfit_form(str(error.instance), error)}"
        if kind.name == "required":
            key = kind.as_dict()["property"]
            return f"{where} lacks the key {key!r}; add it{migration.ADVICE.get(key, '')}"
        return f"{where} is {_shown(error.instance)}; {self._advice(error, error.instance, document)}"

    def _wanted_type(self, error: jsonschema_rs.ValidationError) -> str:
        """Return what to write where a value is of a wrong type, with an example if the schema has one."""
        types, node = error.kind.as_dict()["types"], self._node(error.schema_path[:-1])
        if types == ["object"] and isinstance(error.instance, str) and node.get("propertyNames") == _BY_LANGUAGE:
            return f"write it by language: {{en: {error.instance:.60}}}"
        names = _TYPE_NAMES | ({"object": "texts by language"} if node.get("propertyNames") == _BY_LANGUAGE else {})
        wanted = f"write {' or '.join(names.get(name, name) for name in types)}"
        examples = node.get("examples")
        if not isinstance(examples, list):
            return wanted
        shown = [example for example in examples if isinstance(example, dict)] if types == ["object"] else examples
        return f"{wanted}, such as {json.dumps(shown[0], ensure_ascii=False)}"  # JSON is YAML, too

    def _advice(self, error: jsonschema_rs.ValidationError, value: object, document: YamlDocument) -> str:
        """Return what to write instead of the value or id: its right form, the schema's advice, or what it must be."""
        # The most exact first: the form of this very value, then the advice for the key, then what the key means.
        node = self._node(error.schema_path[:-1])
        if isinstance(value, str) and "pattern" in node:
            fits = re.compile(str(node["pattern"])).search
            key = next((step for step in reversed(error.instance_path) if isinstance(step, str)), "")
            several = _listed(value, fits) if key in self.hints.several else ""
            marked = several or _marked(value, fits)
            if form := marked or _renamed(value, fits, document.path) or self._labelled(value, fits):
                return form
        if "errorMessage" in node:
            return str(node["errorMessage"])
        limits, wanted = error.kind.as_dict(), ""
        match error.kind.name:
            case "const":
                wanted = f"write {limits['expected_value']}. "
            case "minimum":
                wanted = f"write a number of at least {limits['limit']}. "
            case "minProperties":
                wanted = "write the text of one language at least. "
            case "minLength":
                wanted = "write at least one character. "
        return wanted + str(node.get("description") or "see the JSON Schema for what belongs here")

    def _labelled(self, value: str, fits: Callable[[str], object]) -> str:
        """Return the question whether the thing with the label `value` is meant, "" if none whose name fits has it."""
        names = {label: name for label, name in self.labels().items() if fits(name)}
        return did_you_mean([names[label] for label in suggest(value, names, cut_off=_LABEL_CUT_OFF)], "")

    def _node(self, path: Sequence[str | int]) -> dict[str, Value]:
        """Return the part of the schema at `path`."""
        node: Value = self.definition
        for step in path:
            node = node[step]  # type: ignore[index]  # the validator walked this path
        return node if isinstance(node, dict) else {}


def read_schema(path: Path) -> Schema:
    """Return the schema in the file at `path`."""
    definition = json.loads(path.read_text(encoding="utf-8"))
    # JSON-LD silently drops values that are no IRIs, so the engine's own parser checks them first.
    formats = {"iri": terms.is_iri, "iri-reference": _is_reference, _TAG_FORMAT: lambda tag: not _shorter_tag(tag)}
    return Schema(definition, jsonschema_rs.Draft202012Validator(definition, validate_formats=True, formats=formats))


def _is_reference(text: str) -> bool:
    return terms.is_iri(text) or (text.startswith("#") and terms.is_iri(f"x:{text}"))


def _is_format(error: jsonschema_rs.ValidationError) -> bool:
    """Return whether the error is that a value or an id is no IRI, or that the tag of its language is longer."""
    return _of_value(error).kind.name == "format"


def _of_value(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Return the error of the id itself if the error is about the ids of a mapping; otherwise the error as it is."""
    inner: jsonschema_rs.ValidationError = (
        error.kind.as_dict()["error"] if error.kind.name == "propertyNames" else error
    )
    return inner


def _unfit_form(text: str, error: jsonschema_rs.ValidationError) -> str:
    """Return why a text that `_is_format` is about has the wrong form, and what to write."""
    if _of_value(error).kind.as_dict()["format"] == _TAG_FORMAT:
        return f"the tag of this language has two letters: write {_shorter_tag(text)}"
    return _no_address(text)


def _shorter_tag(tag: str) -> str:
    """Return the tag whose language has two letters, "" if it has them or there is none. Standard: BCP 47.

    >>> _shorter_tag("eng"), _shorter_tag("ger-AT"), _shorter_tag("en"), _shorter_tag("haw"), _shorter_tag("prs")
    ('en', 'de-AT', '', '', '')
    """
    language, hyphen, rest = tag.partition("-")
    if not _THREE_LETTERS.fullmatch(language):
        return ""
    short = langcodes.standardize_tag(language)
    return f"{short}{hyphen}{rest}" if len(short) == 2 else ""


def _place(error: jsonschema_rs.ValidationError) -> tuple[str | int, ...]:
    """Return the place of the error: the key itself if the key is wrong."""
    if error.kind.name == "propertyNames":
        return (*error.instance_path, str(error.kind.as_dict()["error"].instance))
    return tuple(error.instance_path)


def _no_address(text: str) -> str:
    """Return a sentence that says why a text is no IRI, and what to write. Standard: RFC 3987, section 2.2.

    >>> _no_address("https://example.org/a|b")
    "no web address has '|' in it; write %7C for it"
    """
    found = _NEVER.search(text)
    if found:
        return f"no web address has {found[0]!r} in it; write {quote(found[0])} for it"
    return "this is not a web address: write two hexadecimal digits after a %, and brackets only around an IPv6 address"


def _lacking(error: jsonschema_rs.ValidationError) -> Place | None:
    """Return the place of the key that is missing, if the error is that one is."""
    kind = error.kind
    return (*error.instance_path, kind.as_dict()["property"]) if kind.name == "required" else None


def _marked(text: str, fits: Callable[[str], object]) -> str:
    """Return advice if a text would fit without its typographic quotation marks, which YAML does not know.

    >>> _marked("“KAZ”", str.isupper), _marked("“Kaz”", str.isupper)
    ('“ is not a quotation mark in YAML; write "KAZ"', '')
    """
    inner = text.strip(_MARKS)
    if inner == text or not fits(inner):
        return ""
    mark = next(letter for letter in text if letter in _MARKS)
    return f"{mark} is not a quotation mark in YAML; write {json.dumps(inner)}"


def _listed(text: str, fits: Callable[[str], object]) -> str:
    """Return advice if a text would fit as several that commas, semicolons or the signs of ids divide.

    >>> _listed("KAZ, CZE", str.isupper), _listed("KAZ CZE", str.isupper)
    ('write several as a list: ["KAZ", "CZE"]', '')
    """
    parts = list(filter(None, _DIVIDERS.split(text)))
    return f"write several as a list: {json.dumps(parts)}" if len(parts) > 1 and all(map(fits, parts)) else ""


def _repeated(items: Sequence[object]) -> Iterator[tuple[int, object]]:
    """Yield the number and the value of each item that is in the list before.

    >>> list(_repeated(["#a", "#b", "#a"]))
    [(2, '#a')]
    """
    found: set[str] = set()
    for number, item in enumerate(items):
        text = json.dumps(item, sort_keys=True)  # what does not belong into a list may be a mapping
        if text in found:
            yield number, item
        found.add(text)


def _renamed(name: str, fits: Callable[[str], object], path: Path) -> str:
    """Return advice if a name in the file at `path` would fit in the form that the new vocabulary gives it."""
    new = migration.OldNames(f"{path.parent.name}/{path.stem}").new(name)
    if new == name or not fits(new):
        return ""
    return f"write {json.dumps(new) if new.startswith('#') else new}; 'rejoinder migrate' rewrites such older forms"


def _spoken(place: Place) -> str:
    """Return a place as words for the user: the key, and the node that it belongs to."""
    if not place:
        return "the dossier"
    keys = [step for step in place if isinstance(step, str)]
    nodes = [step for step in keys[:-1] if step.startswith("#")]
    owner = f" of {nodes[-1]}" if nodes else ""
    return f"{keys[-1]!r}{owner}" if keys else "the dossier"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "keys with values under it"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…'"
