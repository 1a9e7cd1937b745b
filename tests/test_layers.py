"""The order of the modules: each imports only from floors below its own."""

from __future__ import annotations

import ast
from pathlib import Path

import rejoinder

FLOORS = [
    {"errors", "names", "version", "__init__"},
    {"formats", "querytext", "profiles", "refusals", "sessions", "uprinfo"},
    {"resources", "rdf", "dates", "sourcelines", "context", "addresses", "endpoint", "records"},
    {"schema", "project", "findings", "states", "turtle", "graphs", "remote", "pushrecord", "reconcile"}
    | {"folder", "terms"},
    {"dossier", "versions", "questions", "validation", "things"},
    {"rules", "world", "coverage", "tables", "scaffold", "exporter", "results", "output"}
    | {"answers", "matrix", "chronicle", "structured"},
    {"checks", "anchoring", "charts", "catalogue", "press", "triplestore", "asking", "inventory"},
    {"preparation", "reportpages", "thingpages", "questionpages", "vocabularypages", "plates", "twins"}
    | {"placement", "schemes"},
    {"pages"},
    {"site"},
    {"builder", "checkup", "pushing", "faces", "importer"},
    {"remotecheck"},
    {"library"},
    {"screen"},
    {"terminal"},
    {"cli"},
    {"__main__"},
]

FOLDER = Path(rejoinder.__file__).parent


def _imports(module: str) -> set[str]:
    tree = ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "rejoinder":
            inner = node.module.removeprefix("rejoinder").removeprefix(".")
            found |= {inner} if inner else {alias.name for alias in node.names}
    return found


def test_every_module_has_a_floor() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py")}
    assert modules == set().union(*FLOORS)


def test_modules_import_only_from_floors_below() -> None:
    height = {module: floor for floor, modules in enumerate(FLOORS) for module in modules}
    upward = {
        (module, other)
        for module in height
        if module != "__init__"
        for other in _imports(module)
        if height.get(other, -1) >= height[module]
    }
    assert upward == set()


def test_pyoxigraph_is_known_to_one_module() -> None:
    users = {path.stem for path in FOLDER.glob("*.py") if "pyoxigraph" in _roots(path)}
    assert users == {"rdf"}


def test_only_the_command_line_prints() -> None:
    printing = {path.stem for path in FOLDER.glob("*.py") if "rich" in _roots(path) or "typer" in _roots(path)}
    assert printing == {"screen", "cli"}


def _roots(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {alias.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    return plain | {n.module.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
