"""Apache Jena Fuseki over TDB2, the jar of Maven Central that carries all it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stores import base

VERSION = "5.6.0"


def missing() -> str | None:
    """Return a sentence on what this machine lacks to run the store, or nothing."""
    return base.missing_programs("Apache Jena Fuseki", "java", "mvn")


@contextmanager
def start(folder: Path, cache: Path = base.CACHE) -> Iterator[base.RunningStore]:
    """Fuseki over the folder, no sign-in; its default graph is not the union of the named ones, as by default."""
    jar = base.from_maven(f"org.apache.jena:jena-fuseki-server:{VERSION}", cache)
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    port = base.port(folder)
    java = [*base.JAVA, "-Xmx1g", f"-Djava.io.tmpdir={data}", "-jar", jar]
    command = [*java, "--localhost", "--port", port, "--loc", data, "--update", "/ds"]
    url = f"http://{base.HOST}:{port}/ds"
    with base.running(command, folder, lambda: base.answers(f"{url}/query?query=ASK%7B%7D")) as process:
        yield base.RunningStore(
            name="fuseki",
            version=VERSION,
            query_url=f"{url}/query",
            update_url=f"{url}/update",
            graph_store_url=f"{url}/data",
            username=None,
            password=None,
            process=process,
        )
