"""`rejoinder serve` as a process: every page of the site, byte for byte, in the format that suits the client."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import socket
from collections.abc import Iterator
from pathlib import Path

import brotli
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from conftest import ROOT, mostly_slow
from rejoinder import formats, versions
from rejoinder.config import Project
from rejoinder.formats import Syntax
from rejoinder.rdf import terms
from rejoinder.server.files import FolderFiles
from rejoinder.server.http import REPRESENTATIONS, media_type_of
from rejoinder.server.workers import StoreFiles
from rejoinder.site import routes
from rejoinder.site.snapshot import open_snapshot
from server_process import GUARD, ServerProcess, run_server

REPORT = "report/kaz-upr-20"
HOSTILE = (
    "..%2f..%2frejoinder.toml",
    "%2e%2e/%2e%2e/rejoinder.toml",
    "state/..%5c..%5crejoinder.toml",
    "index%00.html",
)


@pytest.fixture(scope="module")
def server(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with run_server(built_once, tmp_path_factory.mktemp("log") / "log.jsonl") as running:
        yield running


@pytest.fixture(scope="module")
def site(built_once: Project) -> Path:
    return versions.require_newest(built_once.build).site_path


def _paths(site: Path) -> list[str]:
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())


@pytest.mark.parametrize("each", mostly_slow([1, 20], {20}), ids=["each", "each twentieth"])
def test_every_file_of_the_site_is_answered_byte_for_byte(server: ServerProcess, site: Path, each: int) -> None:
    paths = _paths(site)
    assert len(paths) > 900
    paths = paths[::each]
    with httpx.Client(base_url=server.address, headers={"Accept-Encoding": "identity"}, timeout=GUARD) as client:
        differing = [path for path in paths if client.get(f"/{path}").content != (site / path).read_bytes()]
    assert differing == []


def test_pages_made_of_the_store_are_those_of_the_site(built_once: Project, site: Path) -> None:
    """Of some paths; `tests/site/test_pages.py` makes every file alone."""
    made = StoreFiles(open_snapshot(built_once, versions.require_newest(built_once.build)))
    written = FolderFiles(site)
    for path in (f"{REPORT}.html", f"{REPORT}.ttl", "state/CZE.jsonld", "question/who-raised-what.csv", "feed.xml"):
        assert made.content(path) == (site / path).read_bytes(), path
    for stem in (REPORT, "state/CZE", "question/who-raised-what", "index", "nothing"):
        assert made.beside(stem) == tuple(stem + each for each in REPRESENTATIONS if written.holds(stem + each))


@pytest.mark.slow
def test_each_file_has_the_media_type_that_its_page_knows(built_once: Project) -> None:
    """Of a kind of files, one is made; of JSON and XML, whose names tell least, each outside the questions."""
    snapshot = open_snapshot(built_once, versions.require_newest(built_once.build))
    makers = {
        stem + suffix: file.make
        for stem in routes.stems(snapshot)
        for suffix, file in routes.files(snapshot, stem).items()
    }
    kinds = {(path.partition("/")[0] if "/" in path else path, path.rpartition(".")[2]): path for path in makers}
    odd = [path for path in makers if path.endswith((".json", ".xml")) and not path.startswith("question/")]
    assert {"linkset.json", "feed.xml", "version/1/changes.json"} <= set(odd)
    for path in {*kinds.values(), *odd}:
        assert makers[path]().media_type.partition(";")[0] == media_type_of(path).partition(";")[0], path
    assert media_type_of("linkset.json") == "application/linkset+json"


def test_a_file_of_an_old_version_is_asked_about_as_any_other(server: ServerProcess) -> None:
    for path in ("version/1/changes.json", "version/1/dataset.trig", "version/1/"):
        assert server.get(path).headers["cache-control"] == "no-cache", path


def test_lines_of_a_header_say_the_same_as_one(server: ServerProcess) -> None:
    etag = server.get(f"{REPORT}.ttl").headers["etag"]

    def answer(*lines: tuple[str, str]) -> httpx.Response:
        return httpx.get(f"{server.address}/{REPORT}", headers=[("Accept-Encoding", "identity"), *lines], timeout=GUARD)

    turtle = (("Accept", "text/html;q=0.1"), ("Accept", "text/turtle"))
    assert answer(*turtle).headers["content-location"] == "kaz-upr-20.ttl"
    assert answer(*turtle, ("If-None-Match", '"other"'), ("If-None-Match", etag)).status_code == 304
    assert answer(*turtle, ("If-Match", '"other"'), ("If-Match", etag)).status_code == 200
    assert answer(*turtle, ("Accept-Encoding", "br")).headers["content-encoding"] == "br"


def test_a_version_without_a_site_is_served_from_its_store(built: Project, tmp_path: Path) -> None:
    version = versions.require_newest(built.build)
    kept = version.site_path.rename(tmp_path / "kept")
    with run_server(built, tmp_path / "log") as server:
        for path in (
            "index.html",
            f"{REPORT}.html",
            f"{REPORT}.ttl",
            "state/CZE.jsonld",
            "sitemap.xml",
            "dataset.trig",
        ):
            assert server.get(path).content == (kept / path).read_bytes(), path
        assert server.get("state/CZE", Accept="text/turtle").headers["location"] == "CZE.ttl"
        assert server.get("nothing").status_code == 404


NEGOTIATED = {
    ("", None): "index.html",
    ("", "text/turtle"): "index.ttl",
    ("state/", "*/*"): "state/index.html",
    (REPORT, "text/html"): f"{REPORT}.html",
    (REPORT, "application/ld+json"): f"{REPORT}.jsonld",
    (REPORT, "application/json"): f"{REPORT}.jsonld",
    (REPORT, "application/n-triples, text/html;q=0.9"): f"{REPORT}.nt",
    ("ns", "text/turtle"): "ns.ttl",
    ("question/who-raised-what", "text/csv"): "question/who-raised-what.csv",
    ("question/who-raised-what", "application/sparql-results+json"): "question/who-raised-what.json",
    ("question/who-raised-what", "application/sparql-query"): "question/who-raised-what.rq",
    ("dataset", "application/trig"): "dataset.trig",
    ("dataset", "application/gzip"): "dataset.nq.gz",
    ("dataset", "text/turtle"): "dataset.ttl",
    ("dataset", "text/turtle, application/trig"): "dataset.trig",
}


@pytest.mark.parametrize(("path", "accept"), NEGOTIATED)
def test_a_document_is_answered_in_the_format_that_suits(
    server: ServerProcess, site: Path, path: str, accept: str | None
) -> None:
    answer = server.get(path, **({"Accept": accept} if accept else {}))
    file = NEGOTIATED[path, accept]
    assert (answer.status_code, answer.headers["content-location"]) == (200, file.rpartition("/")[2])
    assert answer.content == (site / file).read_bytes()
    assert "Accept" in answer.headers["vary"].split(", ")


@pytest.mark.parametrize(
    ("wanted", "file"),
    [
        ("turtle", ".ttl"),
        ("ttl", ".ttl"),
        ("text/turtle", ".ttl"),
        ("jsonld", ".jsonld"),
        ("html", ".html"),
        ("ntriples", ".nt"),
        ("application/ld+json", ".jsonld"),
        ("application/ld%2Bjson", ".jsonld"),
    ],
)
def test_a_format_can_be_asked_for_in_the_address(server: ServerProcess, site: Path, wanted: str, file: str) -> None:
    answer = server.get(f"{REPORT}?format={wanted}", Accept="text/html")
    assert answer.content == (site / (REPORT + file)).read_bytes()
    assert "Accept" not in answer.headers["vary"].split(", ")


def test_a_thing_of_the_world_leads_to_the_document_about_it(server: ServerProcess) -> None:
    answer = server.get("state/CZE", Accept="text/turtle")
    assert (answer.status_code, answer.headers["location"], answer.headers["vary"]) == (303, "CZE.ttl", "Accept")
    assert server.get("state/CZE").headers["location"] == "CZE.html"
    named = server.get("state/CZE?format=nt")
    assert named.headers["location"] == "CZE.nt"
    assert "vary" not in named.headers
    assert (server.get("state").status_code, server.get("state").headers["location"]) == (301, "state/")


def test_what_is_not_acceptable_is_refused_with_what_there_is(server: ServerProcess) -> None:
    answer = server.get(REPORT, Accept="image/png")
    assert (answer.status_code, answer.headers["vary"]) == (406, "Accept")
    assert answer.headers["content-type"] == "application/problem+json"
    names = [f"kaz-upr-20{suffix}" for suffix in (".html", ".ttl", ".jsonld", ".nt")]
    assert [choice["href"] for choice in answer.json()["choices"]] == names
    assert all(f'<{name}>; rel="alternate"' in answer.headers["link"] for name in names)
    assert server.get(f"{REPORT}?format=csv").status_code == 406
    page = server.get("state/CZE?format=docx", Accept="text/html")
    assert (page.status_code, page.headers["content-type"]) == (406, "text/html; charset=utf-8")
    assert '<a href="CZE.ttl"' in page.text
    assert "no format" in page.text


def test_who_wants_data_of_a_claim_s_page_is_led_to_the_data_of_its_report(server: ServerProcess) -> None:
    claim = f"{REPORT}/claim-no-division"
    for asked in ({"Accept": "text/turtle"}, {"Accept": "application/ld+json, */*;q=0.1"}):
        suffix = ".ttl" if "turtle" in asked["Accept"] else ".jsonld"
        answer = server.get(claim, **asked)
        assert (answer.status_code, answer.headers["vary"]) == (303, "Accept")
        assert answer.headers["location"] == f"../kaz-upr-20{suffix}"
    named = server.get(f"{claim}?format=turtle", Accept="text/html")
    assert (named.status_code, named.headers["location"]) == (303, "../kaz-upr-20.ttl")
    assert server.get(claim, Accept="text/html").status_code == 200
    assert server.get("claim/", Accept="text/turtle").status_code == 406


@pytest.mark.parametrize(("path", "home"), [("nothing", "./"), ("state/nobody", "../")])
def test_a_page_that_is_not_there_leads_to_the_start_page(server: ServerProcess, path: str, home: str) -> None:
    page = server.get(path, accept="text/html")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert f'<a href="{home}">Start page</a>' in page.text


@pytest.mark.parametrize("path", [*HOSTILE, "//etc/passwd", "state//CZE", "state/CZE.html/", "a" * 300, "%ff", "%252e"])
def test_no_path_leads_out_of_the_site(server: ServerProcess, path: str) -> None:
    answer = server.get(path)
    assert answer.status_code == 404
    assert answer.json()["status"] == 404


def test_dots_are_not_resolved(server: ServerProcess) -> None:
    """A client that leaves them in asks for nothing of ours."""
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=GUARD) as connection:
        connection.sendall(b"GET /state/../../../rejoinder.toml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert connection.makefile("rb").readline().split()[1] == b"404"


def test_a_link_in_the_folder_is_no_page(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "site/secret.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "site/up").symlink_to(tmp_path)
    shelf = FolderFiles(tmp_path / "site")
    assert [shelf.open(path) for path in ("secret.txt", "up/secret.txt")] == [None, None]


def test_a_client_that_holds_a_page_is_told_so(server: ServerProcess) -> None:
    first = server.get(REPORT, Accept="text/turtle")
    again = server.get(REPORT, Accept="text/turtle", If_None_Match=f'"other", W/{first.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "vary", "cache-control", "content-location"):
        assert again.headers[name] == first.headers[name]
    assert server.get(REPORT, Accept="text/html", If_None_Match=first.headers["etag"]).status_code == 200
    assert server.get(REPORT, If_None_Match="*").status_code == 304
    assert server.get(REPORT, If_Match='"other"').status_code == 412
    assert server.get(REPORT, Accept="text/turtle", If_Match=first.headers["etag"]).status_code == 200


def test_each_format_and_each_packing_has_a_tag_of_its_own(server: ServerProcess, site: Path) -> None:
    plain = (site / f"{REPORT}.html").read_bytes()
    answers = []
    for coding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        with httpx.stream(
            "GET", f"{server.address}/{REPORT}.html", headers={"Accept-Encoding": coding}, timeout=GUARD
        ) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == coding
        assert unpack(raw) == plain
        assert len(raw) == int(answer.headers["content-length"]) < len(plain) / 4
        assert "Accept-Encoding" in answer.headers["vary"]
        answers.append(answer)
    answers += [server.get(f"{REPORT}{suffix}") for suffix in (".html", ".ttl", ".jsonld", ".nt")]
    assert len({answer.headers["etag"] for answer in answers}) == len(answers)


def test_a_document_can_be_read_with_the_one_context(server: ServerProcess, built: Project) -> None:
    answer = server.get("context.jsonld", Origin="https://example.org")
    assert answer.headers["content-type"] == formats.JSONLD.media_type
    assert answer.headers["access-control-allow-origin"] == "*"
    document, iri = server.get(f"{REPORT}.jsonld").json(), built.base + REPORT
    own = {key: document["@context"][key] for key in ("@base", "below") if key in document["@context"]}
    linked = json.dumps(document | {"@context": [answer.json()["@context"], own]})
    read, twin = terms.parse(linked.encode(), formats.JSONLD, iri), server.get(f"{REPORT}.nt").content
    assert terms.content_digest(read) == terms.content_digest(terms.parse(twin, formats.NTRIPLES))


@pytest.mark.parametrize("syntax", [formats.NQUADS, formats.NTRIPLES], ids=lambda syntax: syntax.name)
def test_a_packed_dump_is_rdf_for_who_can_unpack_it(server: ServerProcess, site: Path, syntax: Syntax) -> None:
    """Comunica asks for gzip, Jena says nothing of codings; urllib asks for none, and gets the file as it is."""
    path = f"dataset{syntax.suffix}.gz"
    tags = set()
    with httpx.Client(base_url=server.address, timeout=GUARD) as client:
        for coding in ("gzip, br", "gzip,deflate", None, "identity", ""):
            client.headers.pop("accept-encoding", None)
            asked = {} if coding is None else {"Accept-Encoding": coding}
            with client.stream("GET", f"/{path}", headers=asked) as answer:
                assert b"".join(answer.iter_raw()) == (site / path).read_bytes()
            kind = answer.headers["content-type"], answer.headers.get("content-encoding")
            unpacks = coding is None or "gzip" in coding
            assert kind == ((syntax.media_type, "gzip") if unpacks else ("application/gzip", None)), coding
            assert answer.headers["vary"] == "Accept-Encoding"
            tags.add((answer.headers["etag"], kind))
            with client.stream("GET", "/dataset", headers={**asked, "Accept": syntax.media_type}) as answer:
                content = b"".join(answer.iter_raw())
            assert answer.status_code == (200 if unpacks else 406), coding
            if unpacks:
                assert answer.headers["content-location"] == path
                assert content == (site / path).read_bytes()
                assert (answer.headers["content-type"], answer.headers["content-encoding"]) == kind
    assert len(tags) == len({etag for etag, _ in tags}) == 2


def test_head_says_what_get_would(server: ServerProcess) -> None:
    for path in (REPORT, "state/CZE", "dataset.trig", "nothing", "-/ready"):
        get, head = server.get(path), server.request("HEAD", path)
        ignored = {"date"}
        assert head.content == b""
        assert {k: v for k, v in head.headers.items() if k not in ignored} == {
            k: v for k, v in get.headers.items() if k not in ignored
        }


def test_options_and_other_methods(server: ServerProcess) -> None:
    options = server.request("OPTIONS", "state/CZE", Origin="https://example.org")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert options.headers["access-control-allow-origin"] == "*"
    refused = server.request("DELETE", "state/CZE")
    assert refused.status_code == 405
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert refused.headers["content-type"] == "application/problem+json"


def test_parts_of_a_file(server: ServerProcess, site: Path) -> None:
    whole = (site / "dataset.trig").read_bytes()
    size = len(whole)
    one = server.get("dataset.trig", Range="bytes=100-199")
    assert (one.status_code, one.headers["content-range"]) == (206, f"bytes 100-199/{size}")
    assert one.content == whole[100:200]
    assert server.get("dataset.trig", Range="bytes=-5").content == whole[-5:]
    assert server.get("dataset.trig", Range="bytes=5-", Accept_Encoding="br").content == whole[5:]
    beyond = server.get("dataset.trig", Range=f"bytes={size}-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    both_beyond = server.get("dataset.trig", Range=f"bytes={size}-,{size + 9}-{size + 10}")
    assert (both_beyond.status_code, both_beyond.headers["content-range"]) == (416, f"bytes */{size}")
    one_beyond = server.get("dataset.trig", Range=f"bytes=0-4,{size}-")
    assert (one_beyond.status_code, one_beyond.headers["content-range"]) == (206, f"bytes 0-4/{size}")
    assert one_beyond.content == whole[:5]
    for ignored in ("bytes=9-1", "lines=1-2", "bytes=a-b", "bytes=" + ",".join(["0-1"] * 100)):
        assert server.get("dataset.trig", Range=ignored).content == whole


def test_several_parts_come_with_a_boundary(server: ServerProcess, site: Path) -> None:
    whole = (site / "dataset.trig").read_bytes()
    answer = server.get("dataset.trig", Range="bytes=0-3,50-59,-4")
    boundary = answer.headers["content-type"].removeprefix("multipart/byteranges; boundary=")
    head, *parts, tail = (b"\r\n" + answer.content).split(b"\r\n--" + boundary.encode())
    assert (answer.status_code, head, tail.strip()) == (206, b"", b"--")
    assert [part.partition(b"\r\n\r\n")[2] for part in parts] == [whole[:4], whole[50:60], whole[-4:]]
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_a_download_is_taken_up_again_only_if_the_file_is_the_same(server: ServerProcess, site: Path) -> None:
    whole = (site / "dataset.trig").read_bytes()
    etag = server.request("HEAD", "dataset.trig").headers["etag"]
    assert server.get("dataset.trig", Range="bytes=1-2", If_Range=etag).status_code == 206
    assert server.get("dataset.trig", Range="bytes=1-2", If_Range='"other"').content == whole


def test_the_typed_links_of_a_page_are_headers_too(server: ServerProcess, site: Path) -> None:
    page = (site / f"{REPORT}.html").read_text(encoding="utf-8").partition("</head>")[0]
    (cited,) = re.findall(r'<link rel="cite-as" href="([^"]*)">', page)
    headers = server.get(REPORT, Accept="text/html").headers["link"]
    assert f'<{cited}>; rel="cite-as"' in headers
    assert '<kaz-upr-20.ttl>; rel="describedby"; type="text/turtle"' in headers
    assert 'rel="license"' in headers
    assert 'rel="type"' in headers
    assert 'rel="collection"' in headers
    data = server.get(f"{REPORT}.ttl").headers["link"]
    assert '<kaz-upr-20.html>; rel="describes"; type="text/html"' in data
    assert 'rel="license"' in data
    assert not any(f'rel="{relation}"' in data for relation in ("cite-as", "type"))
    assert '<linkset.json>; rel="linkset"; type="application/linkset+json"' in server.get("").headers["link"]
    version = server.get("version/1/").headers["link"]
    assert all(f'rel="{relation}"' in version for relation in ("version-history", "latest-version", "original"))
    assert all(len(server.get(path).headers.get("link", "")) < 4_000 for path in ("", "state/", "question/"))


def test_every_answer_is_protected(server: ServerProcess) -> None:
    for path in ("", "style.css", f"{REPORT}.ttl", "nothing", "-/ready", "sparql"):
        headers = server.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
        assert headers["access-control-allow-origin"] == "*"
        assert {"Link", "ETag", "Location"} <= set(headers["access-control-expose-headers"].split(", "))
        assert "server" not in headers


def test_pages_have_nothing_that_the_policy_would_stop(site: Path) -> None:
    """No style attribute, no handler, no script of its own in any page: the policy allows none."""
    pages = list(site.rglob("*.html"))
    assert pages
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<[^>]*\s(style|on\w+)=", text), path
        inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", text)
        assert all("application/" in attributes for attributes in inline), path
        assert "<style" not in text, path


def test_the_log_is_lines_of_json_without_who_asked(server: ServerProcess) -> None:
    server.get("state/CZE?quorvex=1", User_Agent="Spy/1.0", Referer="https://example.org/")
    server.get('x%0a{"status": 200}%1b[31m')
    text = server.log_until('/x\n{"status": 200}\x1b[31m')
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[-1]["status"] == 404
    assert {"time", "method", "path", "status", "bytes", "milliseconds"} <= lines[-1].keys()
    assert "\x1b" not in text
    assert not [word for word in ("quorvex", "Spy", 'example.org/"', "127.0.0.1") if word in text]


def test_the_requests_of_the_documents_are_answered(server: ServerProcess) -> None:
    lines = re.findall(r"^\$ curl (.+)$", (ROOT / "docs/server.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == 3
    for line in lines:
        words = shlex.split(line)
        (address,) = (word for word in words if word.startswith("http://127.0.0.1:8000/"))
        headers = {"Accept": words[-1].removeprefix("Accept: ")} if "-H" in words else {}
        url = address.replace("http://127.0.0.1:8000", server.address)
        answer = httpx.get(url, headers=headers, follow_redirects="-L" in words, timeout=GUARD)
        wanted = headers.get("Accept", "text/csv")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, wanted), line


def test_health_and_numbers(server: ServerProcess) -> None:
    assert server.get("-/healthy").text == "healthy\n"
    assert server.get("-/ready").text.splitlines()[0] == "ready: version 1"
    server.request("BREW", "state/CZE")
    families = {family.name: family for family in text_string_to_metric_families(server.get("-/metrics").text)}
    assert families["rejoinder_version"].samples[0].value == 1
    counted = families["rejoinder_requests"].samples
    assert {sample.labels["method"] for sample in counted} <= {"GET", "HEAD", "OPTIONS", "POST", "DELETE", "other"}
    assert sum(s.value for s in counted if s.labels.get("status") == "303") >= 1
    assert "process_resident_memory_bytes" in families
