"""A triple store that answers as it is told to, on raw sockets: what no library would send can be sent."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote_plus

JSON = "application/sparql-results+json"
NTRIPLES = "application/n-triples"

Reply = bytes | Callable[[], Iterable[bytes]]
"""What goes over the wire: all at once, or piece by piece."""


@dataclass
class HostileStore:
    """Answers the greeting well and each other request with the reply for its kind, else with the `usual` one."""

    usual: Reply = b""
    replies: Mapping[str, Reply] = field(default_factory=dict)
    url: str = ""
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)

    def reply(self, kind: str) -> Reply:
        """Return what is sent to a request of a kind."""
        self.asked.append(kind)
        return self.replies.get(kind, good(b'{"head": {}, "boolean": true}') if kind == "greeting" else self.usual)


def good(body: bytes, media_type: str = JSON, status: str = "200 OK", headers: str = "") -> bytes:
    """Return an answer as it should be."""
    length = f"Content-Length: {len(body)}\r\nConnection: close\r\n"
    return f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\n{length}{headers}\r\n".encode("latin-1") + body


def refused(status: str, body: bytes = b"", headers: str = "") -> bytes:
    """Return an answer with a status, and headers that end with a line break each."""
    return good(body, "text/plain", status, headers)


def table(columns: object, rows: object) -> bytes:
    """Return an answer with a table."""
    return good(json.dumps({"head": {"vars": columns}, "results": {"bindings": rows}}).encode())


def packed(body: bytes, encoding: str = "gzip", data: bytes | None = None) -> bytes:
    """Return an answer that says it is packed."""
    return good(gzip.compress(body) if data is None else data, headers=f"Content-Encoding: {encoding}\r\n")


@contextmanager
def serving(store: HostileStore) -> Iterator[HostileStore]:
    """Serve the store at an address on loopback; its threads and sockets are gone afterwards."""
    stop = threading.Event()
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        store.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

        def accept() -> None:
            while not stop.is_set():
                with suppress(TimeoutError):
                    client, _ = listener.accept()
                    threads.append(threading.Thread(target=_answer, args=(store, client, stop)))
                    threads[-1].start()

        main = threading.Thread(target=accept)
        main.start()
        try:
            yield store
        finally:
            stop.set()
            for thread in (main, *threads):
                thread.join()


def _answer(store: HostileStore, client: socket.socket, stop: threading.Event) -> None:
    with client:
        client.settimeout(5)
        with suppress(OSError):
            head, body = _request(client)
            if not head:
                return
            store.heads.append(head)
            reply = store.reply(_kind(head, body))
            for piece in (reply,) if isinstance(reply, bytes) else reply():
                client.sendall(piece)
                if not isinstance(reply, bytes) and stop.wait(0.001):
                    break
            # Whoever has what it wants hangs up; whoever wants more gets nothing.
            client.settimeout(0.05)
            while not stop.is_set() and not isinstance(reply, bytes) and _is_open(client):
                stop.wait(0.01)


def _is_open(client: socket.socket) -> bool:
    try:
        return client.recv(4096) != b""
    except TimeoutError:
        return True


def _request(client: socket.socket) -> tuple[str, str]:
    data = b""
    while b"\r\n\r\n" not in data and (piece := client.recv(65_536)):
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    length = next(
        (int(line.split(":")[1]) for line in text.split("\r\n") if line.lower().startswith("content-length")), 0
    )
    while len(body) < length and (piece := client.recv(65_536)):
        body += piece
    return text, body.decode()


def _kind(head: str, body: str) -> str:
    """Return what is asked: greeting, construct, count, quads, graphs, version, table, update or put."""
    if head.startswith("PUT"):
        return "put"
    if "sparql-update" in head:
        return "update"
    query = (parse_qs(body).get("query") or [unquote_plus(head.split(" ")[1].partition("query=")[2])])[0].strip()
    marks = {"ASK {}": "greeting", "CONSTRUCT": "construct", "SELECT ?g (COUNT": "count", "SELECT ?s ?p ?o ?g": "quads"}
    marks |= {"SELECT DISTINCT ?g": "graphs", "SELECT ?number": "version"}
    return next((kind for mark, kind in marks.items() if query.startswith(mark)), "table")
