"""Pictures of the site's real pages in docs/images/, taken in Debian's Chromium: `make screenshots`.

The dossier of this repository is built in a folder of its own and served on loopback, as any static host would do.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from rejoinder import versions
from rejoinder.building import build
from rejoinder.config import open_project

ROOT: Final = Path(__file__).resolve().parent.parent
IMAGES: Final = ROOT / "docs/images"
CHROMIUM: Final = Path("/usr/bin/chromium")

MARGIN: Final = 6


@dataclass(frozen=True)
class Shot:
    """A picture: its name, the page, what it begins and ends with, the window's width in CSS pixels, and the colours.

    `first` and `last` are CSS selectors, so that no picture cuts through what it shows; `button` is pressed before.
    """

    name: str
    page: str
    first: str
    last: str
    width: int = 1200
    scheme: Literal["light", "dark"] = "light"
    button: str = ""


SHOTS: Final = (
    Shot("report", "report/kaz-upr-20.html", "#claim-no-division", "#claim-no-division"),
    Shot("matrix", "report/kaz-upr-20.html", "#matrix", "section[aria-labelledby=matrix] table"),
    Shot("person", "person/marat-azilkhanov.html", "header", "article.brief section.part"),
    Shot("question", "question/issues-ranked.html", "header", "main tbody tr:nth-child(6)"),
    Shot(
        "sparql",
        "sparql.html?question=relations-by-basis",
        "#query",
        "#table tbody tr:nth-child(4)",
        width=1000,
        button="#run",
    ),
    Shot("phone", "report/kaz-upr-20.html", "#claim-no-division", "#claim-no-division", width=390, scheme="dark"),
)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: nobody reads it."""


@contextmanager
def _served() -> Iterator[str]:
    """Build the site anew and serve it; yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        project = replace(open_project(ROOT), build=Path(folder))
        build.build(project)
        site = versions.require_newest(project.build).site_path
        with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site))) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}/"
            server.shutdown()


def _take(browser: Browser, address: str, shot: Shot) -> None:
    context = browser.new_context(
        viewport={"width": shot.width, "height": 800}, color_scheme=shot.scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address + shot.page, wait_until="networkidle")
    if shot.button:
        page.click(shot.button)
    page.wait_for_selector(shot.last)
    top, height = _reach(page, shot)
    # A window of just that height: of a page as long as a report's, Chromium takes no picture as a whole.
    page.set_viewport_size({"width": shot.width, "height": height})
    page.evaluate("top => scrollTo(0, top)", top)
    page.screenshot(path=IMAGES / f"{shot.name}.png")
    context.close()


def _reach(page: Page, shot: Shot) -> tuple[float, int]:
    """Return where on the page the shot begins, and how high it is."""
    first, last = (page.locator(selector).first.bounding_box() for selector in (shot.first, shot.last))
    if not (first and last):
        raise SystemExit(f"{shot.page} shows no {shot.first} or no {shot.last}")
    above = page.evaluate("scrollY")  # the tool's page has scrolled to its answer
    top = max(above + first["y"] - MARGIN, 0)
    return top, round(above + last["y"] + last["height"] + MARGIN - top)


def main() -> int:
    """Take every picture."""
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
