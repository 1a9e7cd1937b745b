"""The JSON Schema of a dossier: it knows the keys of the context, explains each, and tells mistakes simply."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

import make_dossier
from rejoinder.config import new_project

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "ontology" / "dossier.schema.json").read_text(encoding="utf-8"))
CONTEXT = json.loads((ROOT / "ontology" / "context.jsonld").read_text(encoding="utf-8"))["@context"]
DEFINITIONS = SCHEMA["$defs"]
CLASSES = {name: value for name, value in DEFINITIONS.items() if "properties" in value}
TERMS = {name: value for name, value in DEFINITIONS.items() if "examples" in value}

NOT_WRITTEN = {
    "earliest": "derived from date by the program",
    "latest": "derived from date by the program",
    "id": "the keys of a section are the ids",
    "Report": "the one value of type",
    "Dossier": "the class of the document, which the reader writes",
    "report": "the way to the report that the document describes, which the reader writes",
}


class CoreLoader(yaml.CSafeLoader):
    """YAML 1.2's core schema, as far as dossiers need it: NO is a text, 2014-10-30 too."""


CoreLoader.yaml_implicit_resolvers = {}
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|)$"), ["~", "n", ""])
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), ["t", "f"])
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789"))
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+\.[0-9]*$"), list("-0123456789"))


def load(text: str) -> object:
    return yaml.load(text, Loader=CoreLoader)  # noqa: S506  # the loader above is a SafeLoader


def errors(value: object, part: str = "") -> list[tuple[list[str | int], str]]:
    """Return path and keyword of every error; an error of a key is at the map that holds it, as the engine has it."""
    schema = {"$ref": f"#/$defs/{part}", "$defs": DEFINITIONS} if part else SCHEMA
    found = jsonschema_rs.validator_for(schema).iter_errors(value)
    return [(list(error.instance_path), error.kind.name) for error in found]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Return `schema` with what it refers to, its own keywords first; as editors read it."""
    if "$ref" not in schema:
        return schema
    return resolved(DEFINITIONS[schema["$ref"].removeprefix("#/$defs/")]) | schema


def properties() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, definition in CLASSES.items():
        for key, schema in definition["properties"].items():
            yield name, key, resolved(schema)


def objects(schema: object) -> Iterator[dict[str, Any]]:
    """Every schema inside `schema` that describes objects."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" or "properties" in schema:
            yield schema
        for inner in schema.values():
            yield from objects(inner)


REPORT = """
type: Report
lang: en
title: Human rights before the review
label: A report on a review
date: 2014-11-21
place: Warsaw
spatial: http://www.wikidata.org/entity/Q270
language: ENG
publisher: [odf, vchr]
publisherBasis: The contacts write from its address
editors: my-organisation
symbol: A/HRC/28/10
url: https://example.org/report
portion: {en: The first page, fr: La première page}
proceeding: [kaz-20, hrc-43]
status: confirmed
confirmedBy: jane-example
confirmedOn: 2026-11-29
source: "#source"
sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
characters: 15363
passages:
  "#p001":
    start: 0
    end: 96
    sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    paragraph: 24-26
    page: 4
sources:
  https://example.org/page?x=1#y: {label: A page, language: ENG}
concerns:
  "#concern-torture":
    label: Torture has to be dealt with
    raisedBy: [FRA, NOR, DEU]
    about: torture
    proceeding: kaz-20
    verb: put forward
    list: open
    anchor: "#p001"
recommendations:
  "#recommendation-visits":
    label: Let observers visit prisoners
    raisedBy: [amnesty, "#group-lawyers"]
    addressedTo: KAZ
    paragraph: "126.32"
    inReplyTo: [other-report#claim-b, "#concern-torture"]
    verb: called for
    private: true
    anchor: "#p001"
statements:
  "#statement-a":
    label: The delegation on assembly
    speaker: kaz-delegation-upr-20
    role: Delegation
    date: 2014-10-30
    mode: part-quoted
    expresses: ["#claim-a", "#admission-b", other-report#exhortation-c]
    anchor: ["#p001", "#p001-quote"]
relations:
  "#relation-a":
    label: The law against the claim
    from: "#evidence-a"
    direction: contradicts
    claim: other-report#claim-a
    basis: logical
    anchor: "#p001"
ratifications:
  "#ratification-a": {label: No party to it, party: SVN, provision: cat, act: not-party, anchor: "#p001"}
statistics:
  "#statistic-a":
    label: Persons convicted
    value: 31
    unit: persons
    date: 2013
    parts:
      "#a": {label: Up to a year, value: 3, maxYears: "1.5"}
"""

COLLECTION = """
lang: en
label: Issues and more
issues:
  torture: {prefLabel: {en: Torture, ru: Пытки}, broader: ill-treatment}
reviews:
  kaz-20:
    label: Review of Kazakhstan, second cycle
    underReview: KAZ
    session: 20
    cycle: 2
    date: 2014-10-30
    troika: [ZAF, KWT, DEU]
    anchor: kaz-upr-20#p100
proceedings:
  hrc-43: {label: The 43rd session, kind: council-session, date: 2020, body: council, stateConcerned: [BHR, SSD]}
organisations:
  odf:
    label: Open Dialog Foundation
    kind: ngo
    memberOf: coalition-a
    altLabel: [ODF, Open Dialog]
    url: https://example.org/
people:
  witness-a: {label: {en: Witness A, fr: Témoin A}, pseudonym: true, realName: kept here}
"""


def edited(old: str, new: str, text: str = REPORT) -> object:
    """Return the value of `text` with one place changed."""
    assert text.count(old) == 1
    return load(text.replace(old, new))


# The schema itself


def test_it_is_a_schema_of_draft_2020_12() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == "https://w3id.org/rejoinder/dossier.schema.json"
    jsonschema_rs.meta.validate(SCHEMA)
    jsonschema_rs.validator_for(SCHEMA, validate_formats=True)


def test_its_keys_are_the_terms_of_the_context() -> None:
    prefixes = {term for term, value in CONTEXT.items() if isinstance(value, str) and value.endswith(("#", "/"))}
    keys = {key for _, key, _ in properties()}
    assert keys == set(CONTEXT) - {"@version"} - prefixes - set(NOT_WRITTEN)


def test_the_exceptions_are_terms_of_the_context() -> None:
    assert set(NOT_WRITTEN) <= set(CONTEXT)


def test_its_values_to_choose_from_are_those_of_the_context() -> None:
    chosen: dict[str, set[str]] = {}
    for _, key, schema in properties():
        if "enum" in schema:
            chosen.setdefault(key, set()).update(schema["enum"])
    scoped = {key: value.get("@context", {}) for key, value in CONTEXT.items() if isinstance(value, dict)}
    expected = {key: set(terms) for key, terms in scoped.items() if terms and "@base" not in terms}
    assert chosen == expected


def test_every_key_has_title_description_and_examples() -> None:
    silent = [
        (name, key)
        for name, key, schema in properties()
        if not (schema.get("title") and schema.get("description", "").endswith(".") and schema.get("examples"))
    ]
    assert silent == []
    assert [name for name, value in CLASSES.items() if not value["description"].endswith(".")] == []


def test_every_value_to_choose_from_is_explained() -> None:
    enumerations = [schema for _, _, schema in properties() if "enum" in schema]
    assert enumerations
    assert all(len(schema["enum"]) == len(schema["enumDescriptions"]) for schema in enumerations)


def test_every_pattern_says_what_to_write_instead() -> None:
    patterns = [value for value in DEFINITIONS.values() if "pattern" in value]
    assert len(patterns) > 20
    assert all(value["errorMessage"] for value in patterns)
    assert json.dumps(SCHEMA).count('"pattern"') == len(patterns)


def test_every_example_is_valid() -> None:
    wrong = {
        name: found
        for name, schema in TERMS.items()
        for example in schema["examples"]
        if (found := errors(example, name))
    }
    assert len(TERMS) > 100
    assert wrong == {}


def test_nothing_is_open() -> None:
    closed = [schema for schema in objects(DEFINITIONS) if "additionalProperties" in schema]
    assert [schema for schema in objects(DEFINITIONS) if schema not in closed] == []
    assert all(schema["additionalProperties"] is not True for schema in closed)


def test_every_definition_is_used() -> None:
    text = json.dumps(SCHEMA)
    assert [name for name in DEFINITIONS if f'"#/$defs/{name}"' not in text] == []


# What it accepts


@pytest.mark.parametrize("text", [REPORT, COLLECTION, "lang: en\nlabel: Nothing yet", "type: Report\nlang: en"])
def test_good_files_are_accepted(text: str) -> None:
    assert errors(load(text)) == []


def test_the_files_that_ship_are_accepted() -> None:
    for folder in ("data", "src/rejoinder/template", "tests/cases/small/data"):
        files = list((ROOT / folder).rglob("*.yaml"))
        assert files, folder
        found = {str(file.relative_to(ROOT)): errors(load(file.read_text(encoding="utf-8"))) for file in files}
        assert {file: wrong for file, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    "date", [2014, "2014-03", "2014-03-21", "2014~", "2014-03?", "2014%", "2012/2014", "2012-05/..", "../2014"]
)
def test_dates_of_every_exactness_are_accepted(date: object) -> None:
    assert errors(date, "date") == []


# What it rejects, and where it says so


@pytest.mark.parametrize(
    "date",
    [
        "21.11.2014",
        "2014-13",
        "2014-00-01",
        "2014-1-2",
        "2014/",
        "/2014",
        "../..",
        "March 2014",
        " 2014",
        "14",
        14,
        20141121,
        None,
        "",
    ],
)
def test_what_is_no_date_is_rejected(date: object) -> None:
    assert [path for path, _ in errors(date, "date")] == [[]]


@pytest.mark.parametrize(
    ("value", "path", "keyword"),
    [
        (edited("raisedBy: [FRA", "raisdBy: [FRA"), ["concerns", "#concern-torture"], "additionalProperties"),
        (edited("place: Warsaw", "palce: Warsaw"), [], "additionalProperties"),
        (edited("type: Report\n", ""), [], "required"),
        (edited("type: Report", "type: report"), ["type"], "const"),
        (edited('"#concern-torture":', "concern-torture:"), ["concerns"], "propertyNames"),
        (edited('"#concern-torture":', '"#Concern":'), ["concerns"], "propertyNames"),
        (edited("https://example.org/page?x=1#y", "page"), ["sources"], "propertyNames"),
        (edited("date: 2014-11-21", "date: 21 November 2014"), ["date"], "pattern"),
        (edited("DEU", "Germany"), ["concerns", "#concern-torture", "raisedBy", 2], "pattern"),
        (edited("[FRA, NOR, DEU]", "Germany"), ["concerns", "#concern-torture", "raisedBy"], "pattern"),
        (edited("about: torture", "about: Torture"), ["concerns", "#concern-torture", "about"], "pattern"),
        (edited("list: open", "list: half"), ["concerns", "#concern-torture", "list"], "enum"),
        (edited("verb: put forward", "verb: [put, forward]"), ["concerns", "#concern-torture", "verb"], "type"),
        (edited("verb: put forward", "verb:"), ["concerns", "#concern-torture", "verb"], "type"),
        (edited("verb: put forward", 'verb: ""'), ["concerns", "#concern-torture", "verb"], "minLength"),
        (edited("part-quoted", "partQuoted"), ["statements", "#statement-a", "mode"], "enum"),
        (edited("speaker: kaz", "speaker: /kaz"), ["statements", "#statement-a", "speaker"], "pattern"),
        (edited("start: 0", "start: -1"), ["passages", "#p001", "start"], "minimum"),
        (edited("characters: 15363", "characters: many"), ["characters"], "type"),
        (edited("value: 31", "value: 31.5"), ["statistics", "#statistic-a", "value"], "type"),
        (edited("maxYears", "years"), ["statistics", "#statistic-a", "parts", "#a"], "additionalProperties"),
        (edited("issues:", "claims: {}\nissues:", COLLECTION), [], "additionalProperties"),
        (edited("concerns:", "issues: {}\nconcerns:"), [], "additionalProperties"),
        (edited("torture: {", "Torture: {", COLLECTION), ["issues"], "propertyNames"),
        (edited("ru: Пытки", "russian: Пытки", COLLECTION), ["issues", "torture", "prefLabel"], "propertyNames"),
        (edited("kaz-upr-20#p100", "'#p100'", COLLECTION), ["reviews", "kaz-20", "anchor"], "pattern"),
        (edited("https://example.org/", "example.org", COLLECTION), ["organisations", "odf", "url"], "pattern"),
        (edited("lang: en\n", ""), [], "required"),
        (edited("lang: en\n", "", COLLECTION), [], "required"),
        (edited("lang: en", "lang: ENG"), ["lang"], "pattern"),
        (edited("lang: en", "lang: [en, fr]"), ["lang"], "type"),
        (edited("fr: La", "French: La"), ["portion"], "propertyNames"),
        (edited("{en: The first page, fr: La première page}", "{}"), ["portion"], "minProperties"),
        (edited("label: A report on a review", "label: 1"), ["label"], "type"),
        (edited("title: Human rights before the review", "title: {en: Rights}"), ["title"], "type"),
        (edited("vchr", "../organisation/vchr"), ["publisher", 1], "pattern"),
        (edited("amnesty", "Amnesty"), ["recommendations", "#recommendation-visits", "raisedBy", 0], "pattern"),
        (edited("KAZ", "state/KAZ"), ["recommendations", "#recommendation-visits", "addressedTo"], "pattern"),
        (edited("private: true", "private: yes"), ["recommendations", "#recommendation-visits", "private"], "type"),
        (edited('"126.32"', "para. 126"), ["recommendations", "#recommendation-visits", "paragraph"], "pattern"),
        (edited("page: 4", "page: iv/v"), ["passages", "#p001", "page"], "pattern"),
        (edited("2026-11-29", "2026-11"), ["confirmedOn"], "pattern"),
        (edited("status: confirmed", "status: checked"), ["status"], "enum"),
        (edited("direction: contradicts", "direction: refutes"), ["relations", "#relation-a", "direction"], "enum"),
        (edited("claim: other-report#", "claim: ../report/x#"), ["relations", "#relation-a", "claim"], "pattern"),
        (edited("basis: logical", "attributedTo: odf"), ["relations", "#relation-a"], "additionalProperties"),
        (edited("party: SVN", "party: svn"), ["ratifications", "#ratification-a", "party"], "pattern"),
        (edited("kind: ngo", "kind: charity", COLLECTION), ["organisations", "odf", "kind"], "enum"),
        (edited("pseudonym: true", "pseudonym: Alice", COLLECTION), ["people", "witness-a", "pseudonym"], "type"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_once_and_at_its_place(value: object, path: list[str | int], keyword: str) -> None:
    assert errors(value) == [(path, keyword)]


def test_the_advice_stands_beside_the_keyword_that_failed() -> None:
    (error,) = jsonschema_rs.validator_for(SCHEMA).iter_errors(edited("about: torture", "about: Torture"))
    place: Any = SCHEMA
    for step in list(error.schema_path)[:-1]:
        place = place[step]
    advice = "write the name of an issue in data/issue.yaml, in small letters with hyphens for blanks"
    assert place["errorMessage"] == advice


# The table that context, schema, section properties and the reference are written from


def test_the_generated_files_are_those_of_the_table() -> None:
    """Whoever edits the table runs `make docs`; whoever edits a generated file learns of it here."""
    made = make_dossier.generated(make_dossier.read_table())
    assert {path.name for path, text in made.items() if path.read_text(encoding="utf-8") != text} == set()
    assert len(made) == 4


def test_a_key_cannot_mean_two_properties() -> None:
    table = make_dossier.read_table()
    keys = table["keys"] | {"other": table["keys"]["quote"] | {"key": "verb"}}
    with pytest.raises(ValueError, match="one key has two meanings"):
        make_dossier.context({**table, "keys": keys})


def test_a_key_and_a_form_of_value_cannot_share_a_name() -> None:
    """One of the two would be lost: the key, its description, or what it may have."""
    table = make_dossier.read_table()
    with pytest.raises(ValueError, match="two definitions have the name url"):
        make_dossier.schema({**table, "values": table["values"] | {"url": {"pattern": "^https://"}}})


# The line by which editors find the schema

FIRST_LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")


@pytest.mark.parametrize("example", [True, False], ids=["example", "template"])
def test_each_dossier_of_a_new_project_names_the_schema_that_is_beside_it(tmp_path: Path, example: bool) -> None:
    folder = new_project(tmp_path / "project", example=example)
    files = sorted((folder / "data").rglob("*.yaml"))
    assert len(files) > 5
    for file in files:
        named = FIRST_LINE.match(file.read_text(encoding="utf-8"))
        assert named, file
        assert (file.parent / named[1]).resolve() == (folder / "dossier.schema.json").resolve(), file
    assert json.loads((folder / "dossier.schema.json").read_text(encoding="utf-8")) == SCHEMA


def test_each_dossier_of_the_repository_names_the_schema_that_is_beside_it() -> None:
    files = sorted((ROOT / "data").rglob("*.yaml"))
    assert len(files) > 5
    for file in files:
        named = FIRST_LINE.match(file.read_text(encoding="utf-8"))
        assert named, file
        assert (file.parent / named[1]).resolve() == ROOT / "ontology" / "dossier.schema.json", file
