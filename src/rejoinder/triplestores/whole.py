"""Whether an answer is whole: a store that cuts what passes its limits says so in a header, or not at all."""

from __future__ import annotations

from typing import Final, Protocol

from rejoinder import formats
from rejoinder.errors import QueryError, RemoteError
from rejoinder.triplestores import results
from rejoinder.triplestores.remote import Remote

_ROWS: Final = "SELECT (1 AS ?one) WHERE {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {number}"
"""As many rows as one likes, from any store that holds a few statements."""


class Headers(Protocol):
    """The headers of an answer, whoever read them."""

    def get(self, name: str, /) -> str | None:
        """The value of a header."""


def reject_describe(remote: Remote, form: str) -> None:
    """Nothing, unless the query is a DESCRIBE and the store leaves things out of its answer.

    Raises:
        QueryError: it would.
    """
    profile = remote.endpoint.profile
    if form == "DESCRIBE" and not profile.describes:
        hint = "write CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?s { … } ?s ?p ?o }"
        raise QueryError(f"{profile.title} leaves things out of what it describes; {hint}; nothing was sent")


def reject_cut_table(headers: Headers, rows: int) -> None:
    """Nothing, if all rows of a table arrived; Virtuoso names its limit in a header when it reaches it.

    Raises:
        RemoteError: the table was cut.
    """
    limit = results.number(headers.get("x-sparql-maxrows") or "")
    if limit is not None and rows >= limit:
        raise RemoteError(f"the store cuts answers at {limit} rows; ask in parts, with LIMIT and OFFSET")


def reject_cut_graph(remote: Remote, statements: int) -> None:
    """Nothing, if all statements of a graph arrived; Virtuoso cuts graphs without a word, at its limit for rows.

    So it is asked for as many rows as there are statements: if it gives them, the limit was not reached.

    Raises:
        RemoteError: the graph may have been cut.
    """
    if remote.endpoint.profile.page_size is None or not statements:
        return
    answer = remote.query(_ROWS.format(number=statements), formats.JSON.media_type)
    limit = len(results.table(answer.content).rows)
    if limit < statements:
        raise RemoteError(f"the store cuts graphs at {limit} statements; ask in parts, with LIMIT and OFFSET")
