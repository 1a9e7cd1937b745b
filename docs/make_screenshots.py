"""Pictures of the site's real pages in docs/images/, taken in Debian's Chromium: `make screenshots`.

The example is built in a folder of its own and served on loopback, as any static host would serve it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, sync_playwright

from rejoinder.building import builder, scaffold
from rejoinder.project import open_project
from rejoinder.store import versions

IMAGES: Final = Path(__file__).resolve().parent / "images"
CHROMIUM: Final = Path("/usr/bin/chromium")


@dataclass(frozen=True)
class Shot:
    """A picture: its name, the page with its fragment, the window's size in CSS pixels, and the colours."""

    name: str
    page: str
    width: int = 1200
    height: int = 800
    scheme: Literal["light", "dark"] = "light"


SHOTS: Final = (
    Shot("report", "report/kaz-upr-20.html#claim-no-division"),
    Shot("matrix", "report/kaz-upr-20.html#matrix"),
    Shot("person", "person/marat-azilkhanov.html"),
    Shot("question", "question/issues-ranked.html"),
    Shot("phone", "report/kaz-upr-20.html#claim-no-division", width=390, height=800, scheme="dark"),
)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: nobody reads it."""


@contextmanager
def _served() -> Iterator[str]:
    """The address of the example's site, built anew."""
    with tempfile.TemporaryDirectory() as folder:
        project = open_project(scaffold.new(Path(folder) / "project", example=True))
        builder.build(project)
        site = versions.require_newest(project.build).site_path
        with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site))) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}/"
            server.shutdown()


def _take(browser: Browser, address: str, shot: Shot) -> None:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address + shot.page, wait_until="networkidle")
    page.screenshot(path=IMAGES / f"{shot.name}.png")
    context.close()


def main() -> int:
    """Takes every picture."""
    if not CHROMIUM.exists():
        print(f"{CHROMIUM} is missing: install Debian's chromium to take the pictures", file=sys.stderr)  # noqa: T201  # a script
        return 2
    IMAGES.mkdir(exist_ok=True)
    arguments = ["--disable-background-networking", *(["--no-sandbox"] if os.getuid() == 0 else [])]
    with _served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        for shot in SHOTS:
            _take(browser, address, shot)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
