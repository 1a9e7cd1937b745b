"""What is imported, and when: a command loads what it needs, and no more."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer.main

import rejoinder
from conftest import mostly_slow
from rejoinder import api
from rejoinder.cli import console, main

HEAVY = {"edtf", "httpx", "openpyxl", "pyshacl", "rdflib", "starlette", "uvicorn"}


@pytest.mark.parametrize("name", rejoinder.__all__)
def test_what_the_package_names_it_has(name: str) -> None:
    assert getattr(rejoinder, name)
    assert name in dir(rejoinder)


def test_a_call_that_there_is_not_is_an_error_as_in_any_module() -> None:
    for module in (rejoinder, api):
        with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no attribute 'publish'"):
            module.publish  # noqa: B018  # the point


def test_the_modules_of_the_commands_are_all_the_commands() -> None:
    group = typer.main.get_command(main.program(["--help"]))
    assert set(group.commands) == set(main.COMMANDS)  # type: ignore[attr-defined]  # a group


@pytest.mark.parametrize(
    "command", mostly_slow(["ask", "build", "check", "diff", "export", "sparql"], {"ask", "build"})
)
def test_a_command_that_runs_no_server_and_asks_nobody_loads_neither(command: str) -> None:
    code = f"import sys; from rejoinder.cli.main import program; program([{command!r}]); import rejoinder\n"
    code += "print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "rejoinder" in loaded
    assert HEAVY.intersection(loaded) == set()


def test_of_many_graphs_a_line_names_the_first() -> None:
    graphs = [f"https://example.org/report/r{number}" for number in range(23)]
    assert console.listed(graphs[:2], "https://example.org/") == "report/r0, report/r1"
    assert console.listed(graphs[:20], "https://example.org/").endswith(", report/r19")
    assert console.listed(graphs, "https://example.org/").endswith(", report/r19 and 3 more")
