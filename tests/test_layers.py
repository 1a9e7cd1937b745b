"""The order of the packages: each imports only from floors below its own, and no two modules import each other."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import rejoinder

FLOORS = [
    {"errors", "namespaces", "messages", "dates", "formats", "lazily", "disk"},
    {"rdf"},
    {"config"},
    {"versions"},
    {"dossiers", "question"},
    {"validation"},
    {"site"},
    {"fair"},
    {"building"},
    {"triplestores", "importers"},
    {"server"},
    {"api"},
    {"cli"},
    {"__main__"},
]

FOLDER = Path(rejoinder.__file__).parent
MODULES = {
    ".".join(path.relative_to(FOLDER).with_suffix("").parts): path
    for path in FOLDER.rglob("*.py")
    if path.name != "__init__.py"
}


def _imports(path: Path) -> set[str]:
    """Return the modules of ours that the file imports, by their names below the package."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "rejoinder":
            inner = node.module.removeprefix("rejoinder").removeprefix(".")
            named = {".".join(filter(None, (inner, alias.name))) for alias in node.names}
            found |= {name if name in MODULES else inner for name in named}
    return found & MODULES.keys()


def test_every_module_has_a_floor() -> None:
    assert {name.split(".")[0] for name in MODULES} == set().union(*FLOORS)


def test_packages_import_only_from_floors_below() -> None:
    height = {package: floor for floor, packages in enumerate(FLOORS) for package in packages}
    pairs = {(name, other) for name, path in MODULES.items() for other in _imports(path)}
    packages = {(name, other, name.split(".")[0], other.split(".")[0]) for name, other in pairs}
    ground = FLOORS[0]
    upward = {
        (name, other)
        for name, other, package, below in packages
        if package != below and height[below] >= height[package] and not {package, below} <= ground
    }
    assert upward == set()


def test_no_modules_import_each_other() -> None:
    order = TopologicalSorter({name: _imports(path) for name, path in MODULES.items()}).static_order()
    assert len(list(order)) == len(MODULES)


def test_no_two_public_classes_share_a_name() -> None:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for module, path in MODULES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(module)
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}


def test_no_two_modules_share_a_name() -> None:
    """The modules of the command line bear the names of their commands."""
    names = Counter(name.rpartition(".")[2] for name in MODULES if not name.startswith("cli."))
    assert {name for name, number in names.items() if number > 1} == set()


def test_pyoxigraph_is_known_to_two_modules() -> None:
    """One for terms and files, one for queries and their answers."""
    known = {name for name, path in MODULES.items() if "pyoxigraph" in _roots(path)}
    assert known == {"rdf.terms", "rdf.query"}


def test_only_the_command_line_prints() -> None:
    printing = {name for name, path in MODULES.items() if {"rich", "typer"} & _roots(path)}
    assert {name.split(".")[0] for name in printing} == {"cli"}


def _roots(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {alias.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    return plain | {n.module.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
