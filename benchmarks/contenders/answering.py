"""Answers to stored questions, told one by one as lines of JSON, so that who waits for them can give up on one."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence

Rows = Iterable[list[str]]
Answer = Callable[[str], tuple[float, Rows | None]]
"""What takes the name of a question and gives the seconds it took, and the rows; None if the engine gave none."""


def tell(names: Sequence[str], answer: Answer) -> None:
    """Asks the questions in their order: says which it is, then the seconds it took, then the digest of the rows."""
    for name in names:
        print(json.dumps(name), flush=True)
        seconds, rows = answer(name)
        print(json.dumps(seconds), flush=True)  # now: nobody is to wait for the digest, and count that
        digest = None if rows is None else hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()
        print(json.dumps(digest), flush=True)
