"""The rules with which a service for persistent identifiers answers, read and followed as Apache would.

Only what such rules are made of is known: RewriteCond on the Accept header, RewriteRule with groups and flags.
Standard: Apache HTTP Server 2.4, mod_rewrite.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rejoinder import names
from rejoinder.errors import InputError

_CONDITION: Final = re.compile(r"RewriteCond\s+%\{HTTP_ACCEPT\}\s+(\S+)(?:\s+\[(.*)\])?")
_RULE: Final = re.compile(r"RewriteRule\s+(\S+)\s+(\S+)\s+\[(.*)\]")
_SWITCH: Final = re.compile(r"RewriteEngine\s+on", re.IGNORECASE)
_STATUS: Final = re.compile(r"R=([0-9]{3})")
_DEFAULT: Final = 302
"""What Apache answers to a rule with the bare flag R."""


@dataclass(frozen=True)
class Rule:
    """A rule: what Accept must match, what the path must match, where it leads, and with which status.

    Apache encodes what it redirects to if the rule is `encoding`: if it has no flag NE.
    """

    accepts: tuple[re.Pattern[str], ...]
    pattern: re.Pattern[str]
    target: str
    status: int
    line: int
    encoding: bool = True

    def apply(self, path: str, accept: str) -> str | None:
        """Where the rule leads for a path below the service's folder; None if it does not fit."""
        match = self.pattern.search(path)
        if match is None or not all(condition.search(accept) for condition in self.accepts):
            return None
        target = re.sub(r"\$(\d)", lambda group: match[int(group[1])] or "", self.target)
        return names.as_uri(target) if self.encoding else target


def read_rules(path: Path, text: str) -> tuple[Rule, ...]:
    r"""The rules of the file at `path`, in their order.

    >>> text = "RewriteEngine on\nRewriteRule ^(.+)$ https://example.org/$1.html [R=303,L]"
    >>> rules = read_rules(Path(".htaccess"), text)
    >>> follow(rules, "state/CZE", "text/html")
    (303, 'https://example.org/state/CZE.html')

    Raises:
        InputError: a line is no such rule.
    """
    return tuple(_rules(path, text))


def _rules(path: Path, text: str) -> Iterator[Rule]:
    accepts: list[re.Pattern[str]] = []
    for number, line in _lines(text):
        condition, rule = _CONDITION.fullmatch(line), _RULE.fullmatch(line)
        try:
            if condition:
                accepts.append(_compiled(condition[1], condition[2] or ""))
            elif rule:
                flags = rule[3]
                pattern, encoding = _compiled(rule[1], flags), "NE" not in flags.split(",")
                yield Rule(tuple(accepts), pattern, rule[2], _status(flags), number, encoding)
                accepts = []
            elif not _SWITCH.fullmatch(line):
                raise InputError.at(path, number, f"{line!r} is no rule that is known here")
        except re.error as error:
            raise InputError.at(path, number, f"the pattern does not hold: {error}") from error


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def _compiled(pattern: str, flags: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE if "NC" in flags.split(",") else 0)


def _status(flags: str) -> int:
    """The status of a rule's redirect; one without the flag R leads to another host and so redirects, too."""
    found = _STATUS.search(flags)
    if found:
        return int(found[1])
    return 301 if "R=permanent" in flags else _DEFAULT


def follow(rules: Iterable[Rule], path: str, accept: str) -> tuple[int, str] | None:
    """Status and address of the first rule that fits; None if none does."""
    for rule in rules:
        target = rule.apply(path, accept)
        if target is not None:
            return rule.status, target
    return None
