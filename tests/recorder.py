"""A server between a client and ours, for tests: it hands on every request, and notes what was asked and what came."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

_OF_ONE_CONNECTION: Final = {"connection", "content-length", "keep-alive", "transfer-encoding"}
"""The headers that are not handed on."""


@dataclass(frozen=True)
class Exchange:
    """What a client asked, and what came; a media type without its parameters."""

    method: str
    path: str
    accept: str
    status: int
    media_type: str


@dataclass
class Recorder:
    """The address to ask, and what was asked so far."""

    address: str
    seen: list[Exchange] = field(default_factory=list)

    def came(self) -> list[str]:
        """Return each media type, or status of a refusal, that came, in the order of the first; no redirects."""
        answers = [each for each in self.seen if each.status // 100 != 3]
        return list(dict.fromkeys(each.media_type if each.status == 200 else str(each.status) for each in answers))


@contextmanager
def recorded(target: str) -> Iterator[Recorder]:
    """Hand on what is asked to the server at the address `target`, while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            connection = HTTPConnection(urlsplit(target).netloc, timeout=120)
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():  # some clients send a header several times
                if name.lower() not in _OF_ONE_CONNECTION - {"content-length"}:
                    connection.putheader(name, value)
            connection.endheaders(body or None)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            kind = answer.headers.get("content-type", "").partition(";")[0]
            accept = ", ".join(self.headers.get_all("accept", []))
            recorder.seen.append(Exchange(self.command, self.path, accept, answer.status, kind))
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in _OF_ONE_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", answer.headers.get("content-length") or str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_OPTIONS = handle_any  # noqa: N815  # http.server's names

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        recorder = Recorder(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield recorder
        server.shutdown()
