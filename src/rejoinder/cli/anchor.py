"""The command `anchor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rejoinder.cli.console import Terminal
from rejoinder.cli.main import app
from rejoinder.errors import UsageError
from rejoinder.validation import source_text


@app.command(
    epilog="Examples: rejoinder anchor report.txt 'On 30 October … was held' · rejoinder anchor report.txt --all"
)
def anchor(
    source: Annotated[Path, typer.Argument(help="The source text.")],
    words: Annotated[
        str | None, typer.Argument(help="The words of the passage; … stands for any words between.")
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="Print every sentence, with its first words as a comment, and the checksum of the whole text."
        ),
    ] = False,
) -> None:
    """Print the entry under `passages` for words of the source text: their character positions and checksum."""
    if (words is None) != every:
        raise UsageError("give the words to look for, or --all; exactly one of them")
    terminal = Terminal()
    if words is None:
        text = source_text.whole(source)
        terminal.raw(f'sha256: "{text.sha256}"\ncharacters: {text.end}\npassages:\n')
    found = source_text.all_sentences(source) if words is None else source_text.locate(source, words)
    for number, located in enumerate(found, 1):
        terminal.raw(located.as_dossier_line(f"p{number:03d}") + "\n")
