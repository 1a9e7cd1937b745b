"""The collections that an import writes beside its records: reviews, issues, and what the issues match.

UPR Info's issues are a SKOS scheme of their own. Its labels are facts and stand in one graph; that an issue of theirs
is like one of ours is the editors' judgement, and stands in another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rejoinder import names
from rejoinder.imports.inventory import Key
from rejoinder.imports.reconcile import Matches
from rejoinder.imports.records import ISSUES
from rejoinder.imports.sessions import cycle, months

MATCHES: Final = "upr-info-match"
REVIEWS: Final = "upr-info-review"

_SDG: Final = "http://metadata.un.org/sdg/"
_JUDGED: Final = "The matches are a judgement of the editors of this project, not of UPR Info."
_DATABASE: Final = "<https://www.upr-info.org/>"


def reviews_turtle(reviews: Mapping[Key, str], known: Mapping[Key, str], labels: Mapping[str, str]) -> str:
    """A collection of `reviews`, each with the one before it where that is among them or `known`.

    `reviews` and `known` lead from a State and session to the id of the review, `labels` from a code to a name.
    """
    before = {(code, cycle(session)): review for (code, session), review in {**known, **reviews}.items()}
    head = _head("Reviews that the UPR Info database records", "rj:hasReview review", reviews.values())
    return "\n".join([head, *_reviews(reviews, before, labels)])


def _reviews(
    reviews: Mapping[Key, str], before: Mapping[tuple[str, int], str], labels: Mapping[str, str]
) -> Iterator[str]:
    for (code, session), review in sorted(reviews.items()):
        previous = before.get((code, cycle(session) - 1))
        lines = (
            f"review:{review} rdfs:label {_text(f'Review of {labels[code]}, session {session}')}",
            f"rj:underReview state:{code}",
            f"rj:session {session}",
            f"rj:cycle {cycle(session)}",
            f'dcterms:date "{months(session)}"^^edtf:EDTF',
            *([f"rj:previousReview review:{previous}"] if previous else []),
        )
        yield _block(lines)


def issues_turtle(labels: Mapping[str, str]) -> str:
    """UPR Info's issues, label by id, as a SKOS scheme."""
    head = _head("Issues of the UPR Info database", "rj:hasIssue theirs", labels)
    scheme = f"<> a skos:ConceptScheme ;\n    dcterms:publisher {_DATABASE} .\n"
    concepts = (
        _block((f"theirs:{name} skos:prefLabel {_text(label)}", "skos:inScheme <>"))
        for name, label in sorted(labels.items())
    )
    return "\n".join((head, scheme, *concepts))


def matches_turtle(matches: Mapping[str, Matches]) -> str:
    """What UPR Info's issues, by id, match, marked as the editors' judgement."""
    head = _prefixes() + (
        f"\n<> rdfs:label {_text('What issues of the UPR Info database match')} ;\n"
        f"    skos:editorialNote {_text(_JUDGED)} .\n"
    )
    blocks = (
        _block((f"theirs:{name} skos:editorialNote {_text(_JUDGED)}", *(f"skos:{r} {_target(t)}" for r, t in pairs)))
        for name, pairs in sorted(matches.items())
        if pairs
    )
    return "\n".join((head, *blocks))


def _target(target: str) -> str:
    """What a match leads to, as a Turtle term.

    >>> _target("sdg:16.5"), _target("torture")
    ('<http://metadata.un.org/sdg/16.5>', '<../issue/torture>')
    """
    if target.startswith("sdg:"):
        return f"<{_SDG}{target.removeprefix('sdg:')}>"
    return f"<{target}>" if ":" in target else f"<../issue/{target}>"


def _head(label: str, contains: str, ids: Iterable[str]) -> str:
    """Prefixes and the node of a collection; `contains` is its property and the prefix of its members."""
    predicate, prefix = contains.split()
    members = ", ".join(f"{prefix}:{each}" for each in sorted(ids))
    contents = f" ;\n    {predicate} {members}" if members else ""
    return f"{_prefixes()}\n<> rdfs:label {_text(label)}{contents} .\n"


def _prefixes() -> str:
    used = {name: names.PREFIXES[name] for name in ("dcterms", "edtf", "rdfs", "rj", "skos")}
    used |= {"review": "../review/", "state": "../state/", "theirs": f"../{ISSUES}/"}
    note = "# Written by 'rejoinder import upr-info': settle names in a mapping file, not here.\n"
    return note + "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in used.items())


def _block(lines: Iterable[str]) -> str:
    return " ;\n    ".join(lines) + " .\n"


def _text(text: str) -> str:
    """English text as a Turtle literal; the escapes that JSON writes are a part of Turtle's."""
    return f"{json.dumps(text, ensure_ascii=False)}@en"
