"""Tables, the answers to queries, in the SPARQL 1.1 result formats, as Markdown, and as plain text for a terminal.

Standards: SPARQL 1.1 Query Results CSV and TSV Formats; SPARQL 1.1 Query Results JSON Format.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass

from rejoinder import formats, namespaces
from rejoinder.formats import Syntax
from rejoinder.rdf.terms import BlankNode, Literal, NamedNode, Term


@dataclass(frozen=True)
class Table:
    """The answer to a SELECT: the names of its variables, and the rows, a cell None where the variable is unbound.

    `is_boolean` says that it is the answer to an ASK, in one cell; a SELECT may have a variable of the same name.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    is_boolean: bool = False


def as_table(answer: Table | bool) -> Table:
    """Return the table of a SELECT, or the one cell of an ASK as a table."""
    return Table(("boolean",), ((Literal(answer),),), is_boolean=True) if isinstance(answer, bool) else answer


def render(table: Table, syntax: Syntax) -> str:
    r"""Return the table in a result syntax.

    >>> render(Table(("n",), ((Literal(1),),)), formats.CSV)
    'n\r\n1\r\n'
    """
    writers = {formats.CSV: as_csv, formats.TSV: as_tsv, formats.JSON: as_json, formats.MARKDOWN: as_markdown}
    return writers.get(syntax, as_text)(table)


def plain(term: Term | None) -> str:
    """Return a cell as plain text: the lexical form, the IRI, or an empty text.

    >>> plain(Literal("Kazakhstan", language="en"))
    'Kazakhstan'
    """
    if term is None:
        return ""
    return f"_:{term.value}" if isinstance(term, BlankNode) else term.value  # type: ignore[union-attr]  # no quoted triples


def labels_only(table: Table) -> Table:
    """Return the table without the columns of IRIs for which it also has labels.

    >>> labels_only(Table(("stateLabel", "state", "n"), ((Literal("Czechia"), None, Literal(7)),))).columns
    ('state', 'n')
    """
    kept = [at for at, name in enumerate(table.columns) if f"{name}Label" not in table.columns]
    columns = tuple(table.columns[at].removesuffix("Label") for at in kept)
    return Table(columns, tuple(tuple(row[at] for at in kept) for row in table.rows))


def for_reading(table: Table, base: str) -> Table:
    """Return the table with short IRIs, as in dossiers: relative to `base`, or with a prefix.

    >>> row = (NamedNode("https://example.org/state/CZE"), NamedNode("https://w3id.org/rejoinder/ns#Claim"))
    >>> [plain(cell) for cell in for_reading(Table(("s", "c"), (row,)), "https://example.org/").rows[0]]
    ['state/CZE', 'rj:Claim']
    """
    return Table(table.columns, tuple(tuple(_short(cell, base) for cell in row) for row in table.rows))


def _short(cell: Term | None, base: str) -> Term | None:
    if not isinstance(cell, NamedNode):
        return cell
    if cell.value.startswith(base) and cell.value != base:  # nothing would be left of the base itself
        return Literal(cell.value.removeprefix(base))
    return Literal(namespaces.compact(cell.value).strip("<>"))


def as_csv(table: Table) -> str:
    """Return the table as CSV: plain values, and CRLF at line ends, as RFC 4180 has it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows([plain(cell) for cell in row] for row in table.rows)
    return out.getvalue()


def as_tsv(table: Table) -> str:
    """Return the table as TSV, with terms in Turtle syntax."""
    lines = ["\t".join(f"?{name}" for name in table.columns)]
    lines += ["\t".join("" if cell is None else str(cell) for cell in row) for row in table.rows]
    return "\n".join(lines) + "\n"


def as_json(table: Table) -> str:
    """Return the table as SPARQL results JSON, with one solution per line."""
    if table.is_boolean:
        return json.dumps({"head": {}, "boolean": plain(table.rows[0][0]) == "true"})
    head = json.dumps({"vars": table.columns}, ensure_ascii=False)
    solutions = (
        {name: _json_term(cell) for name, cell in zip(table.columns, row, strict=True) if cell is not None}
        for row in table.rows
    )
    rows = ",".join("\n" + json.dumps(solution, ensure_ascii=False) for solution in solutions)
    return f'{{"head": {head}, "results": {{"bindings": [{rows}\n]}}}}'


def _json_term(term: Term) -> dict[str, str]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if not isinstance(term, Literal):
        return {"type": "bnode", "value": term.value}  # type: ignore[union-attr]  # no quoted triples
    cell = {"type": "literal", "value": term.value}
    if term.language:
        direction = {"its:dir": term.direction.value} if term.direction else {}
        return cell | {"xml:lang": term.language} | direction
    return cell if term.datatype.value == namespaces.XSD + "string" else cell | {"datatype": term.datatype.value}


def as_markdown(table: Table) -> str:
    """Return the table as a Markdown table, HTML and bars in cells escaped."""
    head = ["| " + " | ".join(table.columns) + " |", "|" + " --- |" * len(table.columns)]
    body = ["| " + " | ".join(_markdown_cell(plain(cell)) for cell in row) + " |" for row in table.rows]
    return "\n".join([*head, *body]) + "\n"


def _markdown_cell(text: str) -> str:
    # Markdown renders HTML, so a label with a tag in it would become a part of the page.
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\\", "\\\\").replace("|", "\\|")
    return " ".join(escaped.split())


def as_text(table: Table) -> str:
    """Return the table as plain text, columns padded and separated by two blanks, for pipes and logs."""
    rows = [table.columns, *(tuple(" ".join(plain(cell).split()) for cell in row) for row in table.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.columns))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines) + "\n"
