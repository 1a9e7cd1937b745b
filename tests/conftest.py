"""What the tests share: a copy of the example project, the program as a process, and the real parts."""

from __future__ import annotations

import fcntl
import io
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from hashlib import sha256
from pathlib import Path
from ssl import SSLContext
from typing import Any, Final, NoReturn, TypeVar

import httpx
import pytest
from jinja2 import Environment, FileSystemBytecodeCache

from rejoinder import question
from rejoinder.building import build
from rejoinder.cli import console, main
from rejoinder.config import Project, new_project, open_project
from rejoinder.disk import package_file
from rejoinder.importers.upr_info import import_upr_info
from rejoinder.messages import Messages
from rejoinder.question import Question
from rejoinder.site import render
from stores import fuseki, oxigraph, rdf4j, virtuoso
from stores.base import JAVA, RunningStore, Store

pytest_plugins = ["browsing", "interoperability"]

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "cases"
EXPORTS = CASES / "exports"
SMALL = CASES / "small"
SHARED = ROOT.parent / "shared"
SOURCE = SHARED / "source" / "report.txt"

STORES: Final[dict[str, Store]] = {"oxigraph": oxigraph, "fuseki": fuseki, "virtuoso": virtuoso, "rdf4j": rdf4j}

_T = TypeVar("_T")
Run = Callable[..., subprocess.CompletedProcess[str]]
Once = Callable[[str, Callable[[Path], object]], Project]
StartStore = Callable[[str, Path], AbstractContextManager[RunningStore]]


MARKED_BY_FIXTURE: Final = {
    "triple_store": "stores",
    "start_store": "stores",
    "jena": "stores",
    "jena_command": "stores",
    "browser": "browser",
    "real": "slow",  # the real exports of UPR Info, some 35,000 rows
    "tampered": "slow",
    "dist": "slow",  # builds the package
}
"""The markers of the tests that ask for these fixtures."""

LONGEST: Final = {
    "test_every_question_is_answered",
    "test_a_thousand_mutations_never_raise_anything_but_input_errors",
    "test_a_build_killed_at_any_moment_leaves_the_last_version_whole",
    "test_a_store_keeps_what_was_replaced_through_a_kill",
    "test_a_store_that_is_killed_is_waited_for",
}
"""The tests that come first: were one of them the last, all other workers would wait for it."""

SMALL_QUESTIONS: Final = frozenset(
    ("persons-affected", "speakers-own-reasons", "timeline", "who-raised-what", "who-supports-whom")
)
"""The shipped questions that the small project has beside its own; the pages of all were half of each build."""


def mostly_slow(values: Iterable[_T], quick: Container[_T]) -> list[object]:
    """Return the values for `parametrize`, with the mark `slow` on all but the quick ones."""
    return [
        pytest.param(
            *(value if isinstance(value, tuple) else (value,)), marks=() if value in quick else pytest.mark.slow
        )
        for value in values
    ]


def pytest_configure() -> None:
    # Whatever runs in the background begins with Ctrl-C ignored, and so would all that tests start and interrupt.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in MARKED_BY_FIXTURE:
                item.add_marker(MARKED_BY_FIXTURE[fixture])
    items.sort(key=lambda item: getattr(item, "originalname", None) not in LONGEST)


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder that all of pytest-xdist's workers share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if hasattr(request.config, "workerinput") else base


@pytest.fixture(scope="session", autouse=True)
def prepared_once(shared: Path) -> Iterator[None]:
    """Do once in each process what hundreds of tests need: compiled templates, shipped questions, web authorities.

    The small project has few of the shipped questions in this process, and all in those that tests start.
    """
    folder = shared / "templates"
    folder.mkdir(exist_ok=True)
    compiled, shipped = FileSystemBytecodeCache(str(folder)), package_file("queries")
    make, read, paths_of = render.environment_of, question.read_question, question._paths
    read_once = cache(read)

    def environment_of(words: Messages) -> Environment:
        environment = make(words)
        environment.bytecode_cache = compiled
        return environment

    def read_question(path: Path, *, is_tried: bool = False) -> Question:
        return read_once(path) if path.parent == shipped else read(path, is_tried=is_tried)

    def paths_with_few(project: Project) -> dict[str, Path]:
        paths, is_small = paths_of(project), (project.queries / "places.rq").exists()
        return {n: p for n, p in paths.items() if not is_small or p.parent != shipped or n in SMALL_QUESTIONS}

    @cache
    def create_ssl_context(*places: str | None, **settings: Any) -> SSLContext:  # noqa: ARG001  # for the cache
        return httpx.create_ssl_context(**settings)

    def ssl_context(**settings: Any) -> SSLContext:
        return create_ssl_context(*map(os.environ.get, ("SSL_CERT_FILE", "SSL_CERT_DIR")), **settings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", ssl_context)
        patch.setattr(render, "environment_of", environment_of)
        patch.setattr(question, "read_question", read_question)
        patch.setattr(question, "_paths", paths_with_few)
        yield


@pytest.fixture(scope="session")
def once(shared: Path) -> Once:
    """Make a project in the folder that all workers share: the first to ask makes it, the others wait.

    pytest-xdist's documentation, "Making session-scoped fixtures execute only once".
    """

    def make_once(name: str, make: Callable[[Path], object]) -> Project:
        root, made = shared / name / "project", shared / name / "made"
        root.parent.mkdir(exist_ok=True)
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                shutil.rmtree(root, ignore_errors=True)  # of a worker whose attempt failed
                make(root)
                made.touch()
        return open_project(root)

    return make_once


@pytest.fixture
def small(tmp_path: Path) -> Project:
    """Give a small project (`cases/small`: five States, one report, one question), in a folder of its own."""
    return open_project(shutil.copytree(SMALL, tmp_path / "project"))


@pytest.fixture(scope="session")
def small_built_once(once: Once) -> Project:
    """Give the small project, built with its site; for tests that only read it."""

    def make(root: Path) -> None:
        build.build(open_project(shutil.copytree(SMALL, root)))

    return once("small", make)


@pytest.fixture
def small_built(tmp_path: Path, small_built_once: Project) -> Project:
    """Give the small project, built with its site, in a folder of its own."""
    return copied(small_built_once, tmp_path / "project")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give the example project, in a folder of its own."""
    return open_project(new_project(tmp_path / "project", example=True))


@pytest.fixture(scope="session")
def built_once(once: Once) -> Project:
    """Give the example project, built with its site; for tests that only read it."""
    return once("example", lambda root: build.build(open_project(new_project(root, example=True))))


@pytest.fixture
def built(tmp_path: Path, built_once: Project) -> Project:
    """Give the example project, built with its site, in a folder of its own."""
    return copied(built_once, tmp_path / "project")


@pytest.fixture(scope="session")
def stored_once(once: Once) -> Project:
    """Give the example project, built without a site; for tests that only read it."""
    return once("stored", lambda root: build.build(open_project(new_project(root, example=True)), with_site=False))


@pytest.fixture
def stored(tmp_path: Path, stored_once: Project) -> Project:
    """Give the example project, built without a site, in a folder of its own."""
    return copied(stored_once, tmp_path / "project")


@pytest.fixture(scope="session")
def twice(once: Once, small_built_once: Project) -> Project:
    """Give the small project with a second version, in which one label is another; for tests that only read it."""

    def make(root: Path) -> None:
        project = copied(small_built_once, root)
        report = project.data / "report/short.yaml"
        text = report.read_text(encoding="utf-8")
        assert "label: Decriminalise libel" in text
        report.write_text(text.replace("label: Decriminalise libel", "label: Make libel no crime", 1), encoding="utf-8")
        assert build.build(project).is_new

    return once("twice", make)


@pytest.fixture(scope="session")
def imported_once(once: Once) -> Project:
    """Give the example with the small export imported, built without a site; for tests that only read it."""

    def make(root: Path) -> None:
        project = open_project(new_project(root, example=True))
        import_upr_info(project, sorted(EXPORTS.glob("*.csv")))
        build.build(project, with_site=False)

    return once("imported", make)


def without_edition(page: bytes) -> bytes:
    """Return a page without what says when, and in which version, its data became what they are."""
    return re.sub(rb'<section class="cite".*?</section>|<div><dt>modified</dt>.*?</div>', b"", page, flags=re.DOTALL)


def copied(project: Project, folder: Path) -> Project:
    """Return a copy of the project, with what was built, in the folder."""
    return open_project(shutil.copytree(project.root, folder, symlinks=True))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program as its command does, but in this process, in the test's project if there is one.

    Starting a process costs more than most commands; `run_process` does it where the process is what is tested.
    """

    def start(
        *arguments: str | Path,
        cwd: Path | None = None,
        input: str | None = None,  # noqa: A002  # subprocess's name
    ) -> subprocess.CompletedProcess[str]:
        words = ["rejoinder", *map(str, arguments)]
        given, out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(3))
        given.buffer.write((input or "").encode())
        given.seek(0)
        with monkeypatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(cwd or _folder(tmp_path))
            patch.setattr(sys, "argv", words)
            patch.setattr(sys, "stdin", given)
            patch.setattr(console, "close", lambda: None)  # this process prints more
            with pytest.raises(SystemExit) as ended:
                main.main()
        return subprocess.CompletedProcess(words, int(ended.value.code or 0), _printed(out), _printed(err))

    return start


def _printed(stream: io.TextIOWrapper) -> str:
    """Return what was printed, with the line ends that `subprocess` gives."""
    stream.seek(0)
    return io.TextIOWrapper(stream.detach(), encoding="utf-8", newline=None).read()


def _folder(folder: Path) -> Path:
    """Return the folder of the test's project, or that of the test."""
    return folder / "project" if (folder / "project").exists() else folder


@pytest.fixture
def run_process(tmp_path: Path) -> Run:
    """Run the program in a process of its own, in the test's project if there is one."""

    def start(
        *arguments: str | Path,
        cwd: Path | None = None,
        input: str | None = None,  # noqa: A002  # subprocess's name
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "rejoinder", *map(str, arguments)]
        folder = cwd or _folder(tmp_path)
        return subprocess.run(
            command, cwd=folder, input=input, capture_output=True, encoding="utf-8", check=False, timeout=300
        )

    return start


@pytest.fixture(scope="session")
def source_text() -> Path:
    """Give the text that the example dossier was read from; it may not be republished, so few have it."""
    if not SOURCE.exists():
        pytest.skip("the source text of the report is not here (../shared/source/report.txt)")
    return SOURCE


@pytest.fixture(scope="session")
def jena_command() -> Callable[..., str]:
    """Run a command of Apache Jena by its name and return what it prints; Maven brings it, Java runs it."""
    if not (shutil.which("mvn") and shutil.which("java")):
        leave_out("jena", "Java and Maven are missing: nothing is tried with Apache Jena")
    classpath = maven_classpath("jena")

    def start(name: str, *arguments: str, cwd: Path | None = None) -> str:
        main = name if name.startswith("tdb2.") else f"riotcmd.{name}"
        command = [*JAVA, "-cp", classpath, main, *arguments]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=True).stdout

    return start


@pytest.fixture(scope="session")
def jena(jena_command: Callable[..., str]) -> Callable[[Path], set[str]]:
    """Read a file with Apache Jena and return its lines of N-Quads."""

    def read(path: Path) -> set[str]:
        return set(jena_command("riot", "--output=nquads", str(path)).splitlines())

    return read


def maven_classpath(part: str) -> str:
    """Return the class path of what `tests/PART/pom.xml` asks for; Maven is started once, for it is slow."""
    goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath"
    pom = ROOT / "tests" / part / "pom.xml"
    name = f"rejoinder-{part}-{os.getuid()}-{sha256(pom.read_bytes()).hexdigest()[:12]}.classpath"
    target = Path(os.environ.get("TMPDIR", "/tmp")) / name  # noqa: S108  # a cache
    if target.exists() and all(Path(jar).exists() for jar in target.read_text(encoding="utf-8").split(os.pathsep)):
        return target.read_text(encoding="utf-8")
    command = ["mvn", "-q", "-B", "-f", str(pom), goal, f"-Dmdep.outputFile={target}"]
    fetched = subprocess.run(command, capture_output=True, text=True, check=False)
    if fetched.returncode:
        leave_out(part, f"Maven could not fetch what tests/{part}/pom.xml asks for: {fetched.stdout[-300:]}")
    return target.read_text(encoding="utf-8")


def leave_out(part: str, reason: str) -> NoReturn:
    """Skip the test and say why, or fail where the missing part is required, as on CI."""
    if part in os.environ.get("REJOINDER_TEST_REQUIRE", "").split(","):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session", params=STORES)
def triple_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """Start each of the real triple stores once; the environment signs in to it."""
    with _started(request.param, tmp_path_factory.mktemp(request.param)) as store, signed_in(store):
        yield store


@pytest.fixture(scope="session")
def start_store() -> StartStore:
    """Start the real store of a name with its data in a folder; for tests that kill it, or need it empty."""
    return _started


def _started(name: str, folder: Path) -> AbstractContextManager[RunningStore]:
    missing = STORES[name].missing()
    if missing:
        leave_out("stores", missing)
    return STORES[name].start(folder)


@contextmanager
def signed_in(store: RunningStore) -> Iterator[None]:
    """Set the store's credentials in the environment, and no others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETRC", os.devnull)
        for key, value in (("REJOINDER_USER", store.username), ("REJOINDER_PASSWORD", store.password)):
            patch.setenv(key, value) if value else patch.delenv(key, raising=False)
        yield
