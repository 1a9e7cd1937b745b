"""Validate a dossier against its JSON Schema, and explain each error in a sentence.

Standard: JSON Schema 2020-12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import jsonschema_rs

from rejoinder.dossiers import renamed
from rejoinder.dossiers.yaml import Place, YamlDocument
from rejoinder.errors import InputError, Problem
from rejoinder.rdf import terms
from rejoinder.rdf.jsonld import Value
from rejoinder.text import suggest

_TYPE_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "object": "keys with values under it",
    "array": "a list",
    "boolean": "true or false",
    "null": "empty",
}

_BY_LANGUAGE: Final = {"$ref": "#/$defs/languageTag"}
"""The keys of a text by language, as the schema describes them."""

_NEVER: Final = re.compile(r"""[\x00-\x20"<>\\^`{|}]|(?<=.{8})[\[\]]""")
"""Characters that are not allowed in an IRI; brackets only around an IPv6 address at the beginning."""


@dataclass(frozen=True)
class Schema:
    """A compiled JSON Schema whose messages give the line and say what to write."""

    definition: dict[str, Value]
    validator: jsonschema_rs.Draft202012Validator

    def check(self, document: YamlDocument) -> None:
        """Raise InputError if the document does not fit the schema.

        Raises:
            InputError: it does not fit; one sentence for each place, with its line.
        """
        errors = list(self.validator.iter_errors(document.value))
        # A value that fails another check at this place need not be reported as no IRI as well.
        told = {_place(error) for error in errors if not _is_format(error)}
        wanted = (error for error in errors if not _is_format(error) or _place(error) not in told)
        problems = [problem for error in wanted for problem in self._problems(document, error)]
        if problems:
            raise InputError(problems)

    def _problems(self, document: YamlDocument, error: jsonschema_rs.ValidationError) -> Iterator[Problem]:
        place: Place = tuple(error.instance_path)
        if error.kind.name == "additionalProperties":
            for key in error.kind.as_dict()["unexpected"]:
                inner = (*place, key)
                yield Problem(document.path, document.line(inner), self._unknown_key(key, error))
        elif error.kind.name == "propertyNames":
            key = str(error.kind.as_dict()["error"].instance)
            advice = _no_address(key) if _is_format(error) else self._advice(error)
            yield Problem(
                document.path, document.line((*place, key)), f"the id {key!r} does not have the right form; {advice}"
            )
        else:
            yield Problem(document.path, document.line(place), self._misfit(place, error))

    def _unknown_key(self, key: str, error: jsonschema_rs.ValidationError) -> str:
        node = self._node(error.schema_path[:-1])
        if key == "@context":
            return "a dossier has no '@context': Rejoinder supplies its own and fetches none; remove this key"
        properties = node.get("properties")
        known = list(properties) if isinstance(properties, dict) else []
        new = renamed.SECTIONS.get(key) or renamed.KEYS.get(key)
        if new in known:
            return (
                f"the key {key!r} is called {new!r} since version {renamed.VERSION} of the vocabulary; "
                "'rejoinder migrate' rewrites the file"
            )
        guesses = suggest(key, known)
        hint = f"did you mean {guesses[0]!r}?" if guesses else f"the keys here are {', '.join(known)}"
        return f"the key {key!r} is unknown here; {hint}"

    def _misfit(self, place: Place, error: jsonschema_rs.ValidationError) -> str:
        where = _spoken(place)
        kind = error.kind
        if isinstance(error.instance, type(None)):
            return f"{where} is empty; write a value, between quotation marks if it begins with '#'"
        if kind.name == "enum":
            return f"{where} is {error.instance!r}; {_choices(error.instance, kind.as_dict()['options'])}"
        if kind.name == "type":
            return f"{where} is {_shown(error.instance)}; {self._wanted_type(error)}"
        if kind.name == "format":
            return f"{where} is {_shown(error.instance)}; {_no_address(str(error.instance))}"
        if kind.name == "required":
            key = kind.as_dict()["property"]
            return f"{where} lacks the key {key!r}; add it{renamed.ADVICE.get(key, '')}"
        return f"{where} is {_shown(error.instance)}; {self._advice(error)}"

    def _wanted_type(self, error: jsonschema_rs.ValidationError) -> str:
        """Return what to write where a value is of a wrong type, with an example if the schema has one."""
        types, node = error.kind.as_dict()["types"], self._node(error.schema_path[:-1])
        if types == ["object"] and isinstance(error.instance, str) and node.get("propertyNames") == _BY_LANGUAGE:
            return f"write it by language: {{en: {error.instance:.60}}}"
        wanted = f"write {' or '.join(_TYPE_NAMES.get(name, name) for name in types)}"
        examples = node.get("examples")
        # JSON is YAML, too.
        return (
            f"{wanted}, such as {json.dumps(examples[0], ensure_ascii=False)}" if isinstance(examples, list) else wanted
        )

    def _advice(self, error: jsonschema_rs.ValidationError) -> str:
        """Return what to write at the place of the error: the schema's advice, or what the value must be."""
        node = self._node(error.schema_path[:-1])
        if "errorMessage" in node:
            return str(node["errorMessage"])
        limits, wanted = error.kind.as_dict(), ""
        match error.kind.name:
            case "const":
                wanted = f"write {limits['expected_value']}. "
            case "minimum":
                wanted = f"write a number of at least {limits['limit']}. "
            case "minLength":
                wanted = "write at least one character. "
        return wanted + str(node.get("description") or "see the JSON Schema for what belongs here")

    def _node(self, path: list[str | int]) -> dict[str, Value]:
        """Return the part of the schema at `path`."""
        node: Value = self.definition
        for step in path:
            node = node[step]  # type: ignore[index]  # the validator walked this path
        return node if isinstance(node, dict) else {}


def read_schema(path: Path) -> Schema:
    """Return the schema in the file at `path`."""
    definition = json.loads(path.read_text(encoding="utf-8"))
    # JSON-LD silently drops values that are no IRIs, so the engine's own parser checks them first.
    formats = {"iri": terms.is_iri, "iri-reference": _is_reference}
    return Schema(definition, jsonschema_rs.Draft202012Validator(definition, validate_formats=True, formats=formats))


def _is_reference(text: str) -> bool:
    return terms.is_iri(text) or (text.startswith("#") and terms.is_iri(f"x:{text}"))


def _is_format(error: jsonschema_rs.ValidationError) -> bool:
    """Return whether the error is that a value or an id is no IRI."""
    kind = error.kind
    inner = kind.as_dict()["error"].kind if kind.name == "propertyNames" else kind
    return inner.name == "format"


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
    return "this is no web address: a % stands before two hexadecimal digits, brackets stand around a number of IPv6"


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


def _choices(value: object, options: list[object]) -> str:
    words = [str(option) for option in options]
    close = suggest(str(value), words)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{hint}Write one of {', '.join(words)}"
