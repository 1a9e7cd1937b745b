"""Eclipse RDF4J Server, the war of Maven Central, in Jetty, with one memory repository that is kept on disk.

At each commit it writes its file anew and renames it, so it survives a kill; the native store lost a graph, or hung.
Not LMDB: a minute after nothing used a term such as xsd:decimal any more it gives the term's number away, and whatever
uses the term again in the meantime comes back wrong, or cut short (eclipse-rdf4j/rdf4j#5254).
"""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stores import base

VERSION = "5.0.3"
JETTY = "10.0.26"  # the last line of Jetty that speaks javax.servlet, as this war does
REPOSITORY = "rejoinder"
_CONFIG = f"""
@prefix config: <tag:rdf4j.org,2023:config/> .
[] a config:Repository ;
  config:rep.id "{REPOSITORY}" ;
  config:rep.impl [
    config:rep.type "openrdf:SailRepository" ;
    config:sail.impl [
      config:sail.type "openrdf:MemoryStore" ;
      config:mem.persist true ;
      config:mem.syncDelay 0
    ]
  ] .
"""


def missing() -> str | None:
    """Return a sentence on what this machine lacks to run the store, or nothing."""
    return base.missing_programs("Eclipse RDF4J Server", "java", "mvn")


@contextmanager
def start(folder: Path, cache: Path = base.CACHE) -> Iterator[base.RunningStore]:
    """RDF4J Server over the folder, no sign-in; its default graph is the union of all, as RDF4J's always is."""
    port = base.port(folder)
    server = f"http://{base.HOST}:{port}/rdf4j-server"
    with base.running(_command(folder, cache, port), folder, lambda: base.answers(f"{server}/protocol")) as process:
        repository = f"{server}/repositories/{REPOSITORY}"
        if not base.answers(f"{repository}/size"):
            _create(repository)
        yield base.RunningStore(
            name="rdf4j",
            version=VERSION,
            query_url=repository,
            update_url=f"{repository}/statements",
            graph_store_url=f"{repository}/rdf-graphs/service",
            username=None,
            password=None,
            process=process,
        )


def _command(folder: Path, cache: Path, port: int) -> list[object]:
    war = base.from_maven(f"org.eclipse.rdf4j:rdf4j-http-server:{VERSION}:war", cache)
    jetty = base.from_maven(f"org.eclipse.jetty:jetty-runner:{JETTY}", cache)
    scratch = folder / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    settings = [f"-Djava.io.tmpdir={scratch}", f"-Dorg.eclipse.rdf4j.appdata.basedir={folder / 'data'}"]
    server = ["--host", base.HOST, "--port", port, "--path", "/rdf4j-server", war]
    return [*base.JAVA, "-Xmx1g", *settings, "-jar", jetty, *server]


def _create(repository: str) -> None:
    """Make a repository by a PUT of its configuration: a server starts without any."""
    request = urllib.request.Request(  # noqa: S310  # our own loopback URL
        repository, data=_CONFIG.encode(), method="PUT", headers={"Content-Type": "text/turtle"}
    )
    urllib.request.urlopen(request, timeout=60).close()  # noqa: S310  # as above
