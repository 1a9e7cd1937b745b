"""Write what ontology/dossier.yaml decides: JSON-LD context, JSON Schema, section properties, and docs/dossier.md."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parents[1]
ONTOLOGY: Final = ROOT / "ontology"
START: Final = "# Sections of a dossier (written by `make docs` from dossier.yaml)\n"
END: Final = "# End of the sections of a dossier\n"

Table = Mapping[str, Any]


def read_table() -> Table:
    """Return ontology/dossier.yaml."""
    table: Table = yaml.safe_load((ONTOLOGY / "dossier.yaml").read_text(encoding="utf-8"))
    return table


def generated(table: Table) -> dict[Path, str]:
    """Return the text of each file that follows from the table."""
    terms = ONTOLOGY / "rejoinder.ttl"
    before, _, rest = terms.read_text(encoding="utf-8").partition(START)
    return {
        ONTOLOGY / "context.jsonld": context(table),
        ONTOLOGY / "dossier.schema.json": _one_definition_a_line(schema(table)),
        terms: before + START + section_properties(table) + END + rest.partition(END)[2],
        ROOT / "docs" / "dossier.md": reference(table),
    }


# The JSON-LD context


def context(table: Table) -> str:
    """Return the JSON-LD 1.1 context, one term a line."""
    terms: dict[str, object] = {
        "@version": 1.1,
        **table["prefixes"],
        "id": "@id",
        "type": "@type",
        "Dossier": "rj:Dossier",
        "Report": "rj:Report",
        "report": {"@id": "foaf:primaryTopic", "@container": "@id"},
    }
    terms |= {name: {"@id": it["property"], "@container": "@id"} for name, it in table["sections"].items()}
    for name, it in table["keys"].items():
        key = it.get("key", name)
        terms[key] = _merged(terms.get(key), _meaning(it))
    terms |= table["derived"]
    lines = (f"    {json.dumps(name)}: {json.dumps(value)}" for name, value in terms.items())
    return '{\n  "@context": {\n' + ",\n".join(lines) + "\n  }\n}\n"


def _meaning(it: Table) -> dict[str, Any]:
    """Return the definition of one term."""
    meaning: dict[str, Any] = {"@id": it["property"]}
    if "choices" in it:
        return meaning | {"@type": "@vocab", "@context": {name: c["term"] for name, c in it["choices"].items()}}
    if "words" in it or it["value"] == "text by language":
        return meaning | {"@container": "@language"}
    if "datatype" in it:
        meaning["@type"] = "@id" if it["datatype"] == "iri" else it["datatype"]
    if "below" in it:
        meaning["@context"] = {"@base": it["below"]}
    return meaning


def _merged(one: object, other: dict[str, Any]) -> dict[str, Any]:
    """Return what a key means that two entries use: the same, save that the choices of both are choices."""
    if not isinstance(one, dict):
        return other
    if "@vocab" in (one.get("@type"), other.get("@type")):
        if twice := {name for name, term in one["@context"].items() if other["@context"].get(name, term) != term}:
            raise ValueError(f"one choice has two meanings: {', '.join(twice)}")
        return one | {"@context": one["@context"] | other["@context"]}
    if one != other:
        raise ValueError(f"one key has two meanings: {one} and {other}")
    return one


# The JSON Schema


def schema(table: Table) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a dossier."""
    report = {"anyOf": [{"required": [name]} for name in _sections_of(table, "Report")]}
    shared = {"anyOf": [{"required": [name]} for name in _sections_of(table, "Collection")]}
    return {
        **table["schema"],
        "type": "object",
        "properties": {"type": {k: v for k, v in table["type"].items() if k != "const"}},
        "if": {"anyOf": [{"required": ["type"]}, report | {"not": shared}]},
        "then": {"$ref": "#/$defs/Report"},
        "else": {"$ref": "#/$defs/Collection"},
        "$defs": _by_name(_definitions(table)),
    }


def _by_name(definitions: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return the definitions by name; raise ValueError if a kind, section, key and form of value share a name."""
    found: dict[str, dict[str, Any]] = {}
    for name, definition in definitions:
        if name in found:
            raise ValueError(f"two definitions have the name {name}")
        found[name] = definition
    return found


def _one_definition_a_line(value: Mapping[str, Any]) -> str:
    """Return the schema as JSON in which a change of one definition is a change of one line."""

    def lines(members: Mapping[str, Any], indent: str) -> str:
        return ",\n".join(f"{indent}{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in members.items())

    outer = {name: member for name, member in value.items() if name != "$defs"}
    return f'{{\n{lines(outer, "  ")},\n  "$defs": {{\n{lines(value["$defs"], "    ")}\n  }}\n}}\n'


def _sections_of(table: Table, kind: str) -> list[str]:
    """Return the sections that a kind of file may have."""
    return [key for key in table["kinds"][kind]["keys"] if key in table["sections"]]


def _definitions(table: Table) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, it in table["kinds"].items():
        yield name, _kind(table, name, it)
    for name, it in table["sections"].items():
        yield (
            name,
            {
                "title": it.get("title", _words(name).capitalize()),
                "description": it["description"],
                "type": "object",
                "propertyNames": {"$ref": f"#/$defs/{it['ids']}"},
                "additionalProperties": {"$ref": f"#/$defs/{it['holds']}"},
                "examples": [it["example"]],
            },
        )
    for name, it in table["keys"].items():
        about = {"title": it["title"], "description": it["description"]}
        # Keywords that begin with x- are for Rejoinder's own reader: whose words a text is, and what a value names.
        own = {f"x-{hint}": it[hint] for hint in ("words", "names") if hint in it}
        yield name, about | own | _value(it) | {"examples": it["examples"]}
    yield "type", table["type"]
    yield from table["values"].items()


def _kind(table: Table, name: str, it: Table) -> dict[str, Any]:
    whole_file = name in ("Report", "Collection")
    keys = {table["keys"].get(entry, {}).get("key", entry): entry for entry in _keys_of(table, name)}
    required = {"Report": ["type", "lang"], "Collection": ["lang"]}.get(name)
    return {
        "title": it.get("title", _words(name).capitalize()),
        "description": " ".join(filter(None, (it["description"], _needs(it)))),
        **({} if whole_file else {"type": "object"}),
        **({"required": required} if required else {}),
        "properties": {key: {"$ref": f"#/$defs/{entry}"} for key, entry in keys.items()},
        "additionalProperties": False,
        # For Rejoinder's own reader, as the other keywords that begin with x-.
        **({"x-ofReport": it["ofReport"]} if "ofReport" in it else {}),
    }


def _needs(it: Table) -> str:
    """Return the keys that a kind needs as a sentence.

    >>> _needs({"needs": ["label", "kind", "anchor"]})
    'It needs label, kind and anchor.'
    """
    *others, last = it.get("needs", [""])
    named = f"{', '.join(others)} and {last}" if others else last
    return f"It needs {named}." if last else ""


def _keys_of(table: Table, kind: str) -> list[str]:
    """Return the entries of the keys that a kind may have, those that every entry of a dossier may have included."""
    without = ("Report", "Collection", "Passage", "StatisticPart")
    keys = list(table["kinds"][kind]["keys"])
    return keys if kind in without else keys + table["common"]


def _value(it: Table) -> dict[str, Any]:
    """Return the schema of one value, or of a list of them where several may stand."""
    several = it.get("several", False)
    if "choices" in it:
        return {"enum": list(it["choices"]), "enumDescriptions": [c["description"] for c in it["choices"].values()]}
    if it["value"] == "text":
        return _text(it.get("words") == "editors", several)
    if it["value"] == "integer":
        bounds = {"minimum": it["least"]} | ({"maximum": it["most"]} if "most" in it else {})
        return {"type": "integer"} | bounds
    if it["value"] == "text by language":
        return {"type": "object"} | _by_language(_text(False, several))
    form = {"$ref": f"#/$defs/{it['value']}"}
    if it["value"] in ("decimal", "edtf", "paragraphNumber", "pageNumber", "boolean"):  # these say their own types
        return form
    one = form | {"type": "string"}
    return form | {"type": ["string", "array"], "items": one, "uniqueItems": True} if several else one


def _text(by_language: bool, several: bool) -> dict[str, Any]:
    """Return the schema of a text, which may be one by language, or of a list of texts."""
    text: dict[str, Any] = {"type": "string", "minLength": 1}
    if by_language:
        return text | {"type": ["string", "object"]} | _by_language(text)
    return text | {"type": ["string", "array"], "items": text, "uniqueItems": True} if several else text


def _by_language(text: dict[str, Any]) -> dict[str, Any]:
    return {"minProperties": 1, "propertyNames": {"$ref": "#/$defs/languageTag"}, "additionalProperties": text}


# The ontology's properties that lead from a document to what it describes


def section_properties(table: Table) -> str:
    """Return the section properties in Turtle."""
    return (
        "".join(
            f"\n{it['property']} a owl:ObjectProperty ;\n"
            f'    rdfs:label "has {_words(it["holds"])}"@en, "contient : {it["fr"]}"@fr, "содержит: {it["ru"]}"@ru ;\n'
            f"    skos:definition {json.dumps(it['definition'])}@en ;\n"
            f"    skos:example {json.dumps(it['triple'])}@en ;\n"
            f"    rdfs:subPropertyOf rj:describes, {it['above']} ;\n"
            f"    rdfs:range rj:{it['holds']} ;\n"
            f"    rdfs:isDefinedBy <https://w3id.org/rejoinder/ns> .\n"
            for it in table["sections"].values()
        )
        + "\n"
    )


def _words(name: str) -> str:
    """Return a name in camel case as words.

    >>> _words("refusedVisits")
    'refused visits'
    """
    return re.sub(r"(?<!^)([A-Z])", r" \1", name).lower()


# The reference for authors


def reference(table: Table) -> str:
    """Return docs/dossier.md: every section and key, what it means, and an example."""
    parts = [_HEAD, "## The files\n"]
    parts += [_kind_reference(table, name) for name in ("Report", "Collection")]
    parts.append(_EVERY_ENTRY + _common(table))
    parts.append("## The sections\n")
    for name, it in table["sections"].items():
        kind = table["kinds"][it["holds"]]
        parts.append(
            f"### `{name}`\n\n{it['description']} {kind['description']}\n\n```yaml\n{_yaml({name: it['example']})}```\n"
        )
        parts.append(_keys_table(table, it["holds"]))
    parts.append("## The keys\n")
    parts.append(f'### <a id="type"></a>`type`\n\n{table["type"]["description"]}\n')
    parts += [_key_reference(name, it) for name, it in sorted(table["keys"].items(), key=lambda pair: _key(*pair))]
    return "\n".join(parts)


_HEAD: Final = """\
# Sections and keys of a dossier

<!-- Written by `make docs` from ontology/dossier.yaml; do not edit. -->

A dossier is a YAML file below `data/`. A report has the line `type: Report`; a collection, such as `data/person.yaml`,
contains what several reports share. Every section maps ids to entries. The id of an entry in a report begins with `#`,
and you write it in quotation marks. An editor that supports JSON Schema completes the keys from
`ontology/dossier.schema.json`. `rejoinder check` reports what is missing or does not fit, with file and line.
"""


_EVERY_ENTRY: Final = """\
## How to name things

There is one way to name a thing, whatever key it stands under:

| you write | it is |
|---|---|
| `KAZ` | a State, by its three capital letters (ISO 3166-1 alpha-3) |
| `amnesty` | an issue, a provision, an agent or a proceeding of a collection, by its short name |
| `"#claim-x"` | an entry of the same file |
| `other-report#claim-y` | an entry of another report, in `data/report/other-report.yaml` |
| `upr-info/afg-5#r1` | an entry of a file elsewhere below `data/`, by its path |

An agent is a person, an organisation, a delegation or a State; the program finds the collection that describes it. If a
person and an organisation have the same short name, write `person/NAME` or `organisation/NAME`.

## What every entry may say

"""


def _common(table: Table) -> str:
    """Return the keys that every entry may have, as a table."""
    rows = [f"| [`{key}`](#{key.lower()}) | {table['keys'][key]['description']} |" for key in table["common"]]
    return "| key | meaning |\n|---|---|\n" + "\n".join(rows) + "\n"


def _kind_reference(table: Table, kind: str) -> str:
    return f"### {kind}\n\n{table['kinds'][kind]['description']}\n\n{_keys_table(table, kind)}"


def _keys_table(table: Table, kind: str) -> str:
    """Return the keys of a kind as a table that leads to what each means, without those that all entries may have."""
    entries = {"type": table["type"]} | table["sections"] | table["keys"]
    needs = table["kinds"][kind].get("needs", ())
    rows = [
        f"| [`{key}`](#{entry.lower()}) | {'yes' if key in needs else ''} | {entries[entry]['description']} |"
        for entry in table["kinds"][kind]["keys"]
        if (key := _key(entry, entries[entry]))
    ]
    return "| key | needed | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _key(name: str, it: Table) -> str:
    return str(it.get("key", name))


def _key_reference(name: str, it: Table) -> str:
    heading = f'### <a id="{name.lower()}"></a>`{_key(name, it)}`\n\n{it["description"]}'
    choices = "".join(f"\n- `{choice}`: {c['description']}" for choice, c in it.get("choices", {}).items())
    examples = "".join(_yaml({_key(name, it): example}) for example in it["examples"])
    return f"{heading}{choices and chr(10)}{choices}\n\n```yaml\n{examples}```\n\nIn RDF: `{it['property']}`.\n"


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110)


def main() -> int:
    """Write the files."""
    for path, text in generated(read_table()).items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
