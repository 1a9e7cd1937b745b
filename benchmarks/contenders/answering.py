"""Answers to stored questions, told one by one as lines of JSON, so that who waits for them can give up on one."""

import hashlib
import json
from collections.abc import Callable, Sequence

Answer = Callable[[str], tuple[float, list[list[str]] | None]]
"""What takes the name of a question and gives the seconds it took, and the rows; None if the engine gave none."""


def tell(names: Sequence[str], answer: Answer) -> None:
    """Asks the questions in their order, and says before each which it is."""
    for name in names:
        print(json.dumps({"asked": name}), flush=True)
        seconds, rows = answer(name)
        digest = None if rows is None else hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()
        print(json.dumps({"seconds": seconds, "digest": digest}), flush=True)
