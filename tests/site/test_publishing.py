"""What a project needs to be published: the workflow for GitHub Pages, and the configuration of nginx in the docs."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from conftest import ROOT
from rejoinder.building import scaffold
from rejoinder.config import Project

DOCUMENT = ROOT / "docs/publishing.md"


def test_a_new_project_brings_the_workflow_that_publishes_it(tmp_path: Path) -> None:
    folder = scaffold.new(tmp_path / "project")
    workflow = yaml.safe_load((folder / ".github/workflows/pages.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    steps = workflow["jobs"]["site"]["steps"]
    runs = [step["run"] for step in steps if "run" in step]
    assert runs == ["pip install rejoinder", "rejoinder build"]
    (upload,) = (step for step in steps if "upload-pages-artifact" in step.get("uses", ""))
    assert upload["with"] == {"path": "build/site", "include-hidden-files": True}


@pytest.fixture(scope="module")
def nginx(twice: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of nginx with the configuration of the docs."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not program:
        pytest.skip("nginx is not here: apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = re.search(r"```nginx\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    server = found[1].replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    server = server.replace("/srv/rejoinder/build/site", str(twice.build / "site"))
    paths = "".join(f"{name}_temp_path {folder};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    # Run as root, nginx would read as another user, who may not enter the tests' folder.
    user = "user root;\n" if folder.owner() == "root" else ""
    logs = f"pid {folder}/pid;\nerror_log {folder}/error.log;\n"
    text = f"{user}{logs}events {{}}\nhttp {{\naccess_log off;\n{paths}{server}}}\n"
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = [program, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf", "-g", "daemon off;"]
    with subprocess.Popen(command) as process:
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("nginx does not answer")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/state/CZE", "text/html; charset=utf-8"),
        ("/report/", "text/html; charset=utf-8"),
        ("/report/short.ttl", "text/turtle; charset=utf-8"),
        ("/report/short.jsonld", "application/ld+json"),
        ("/report/short.nt", "application/n-triples"),
        ("/dataset.trig", "application/trig"),
        ("/dataset.nq.gz", "application/gzip"),
        ("/question/who-raised-what.csv", "text/csv; charset=utf-8"),
        ("/question/who-raised-what.rq", "application/sparql-query"),
        ("/.well-known/void", "text/turtle; charset=utf-8"),
        ("/version/1/", "text/html; charset=utf-8"),
        ("/version/1/report/short", "text/turtle; charset=utf-8"),
        ("/version/2/changes.rdfp", "application/rdf-patch"),
        ("/feed.xml", "application/atom+xml"),
        ("/linkset.json", "application/linkset+json"),
        ("/question/who-raised-what.json", "application/sparql-results+json"),
        ("/version/1/changes.json", "application/json"),
    ],
)
def test_nginx_answers_with_the_right_media_type(nginx: str, path: str, media_type: str) -> None:
    answer = httpx.get(nginx + path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type


def test_nginx_says_when_nothing_is_there(nginx: str) -> None:
    assert httpx.get(f"{nginx}/state/XXX").status_code == 404
