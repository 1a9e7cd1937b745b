"""A real browser for tests: the example's site served as a careful host would, Chromium, axe-core."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conftest import leave_out
from rejoinder import versions
from rejoinder.config import Project
from rejoinder.server.middleware import POLICY
from rejoinder.site import static

CHROMIUM = Path("/usr/bin/chromium")
VIEWS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "tablet": {"viewport": {"width": 820, "height": 1180}, "color_scheme": "light", "has_touch": True},
    "zoomed": {"viewport": {"width": 640, "height": 450}, "color_scheme": "light"},  # a desktop at 200 %
}
PAPER = {"width": 718, "height": 1046}  # A4 between the margins of a browser, in CSS pixels


class _Handler(SimpleHTTPRequestHandler):
    """Serve a folder below `/some/path/`, as strictly as a careful host would."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/some/path"))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(built_once: Project) -> Iterator[str]:
    """Serve the example's site below a path; yield the address."""
    folder = versions.require_newest(built_once.build).site_path
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/some/path/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Debian's Chromium."""
    if not CHROMIUM.exists():
        leave_out(
            "browser", "there is no /usr/bin/chromium: nothing is tried in a browser ('apt-get install chromium')"
        )
    sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is missing")
    with sync_api.sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.getuid() == 0 else []
        launched = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[*arguments, "--disable-background-networking"]
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """Give the source of axe-core, from npm, kept in a cache."""
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"rejoinder-axe-{os.getuid()}"  # noqa: S108  # a cache
    script = folder / "node_modules/axe-core/axe.min.js"
    if not script.exists():
        command = ["npm", "install", "--silent", "--prefix", str(folder), "axe-core@4"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False).returncode == 0
        except OSError:
            done = False
        if not done:
            leave_out("browser", "npm could not fetch axe-core: accessibility is not tried")
    return script.read_text(encoding="utf-8")


def violations(page: Any, axe: str) -> list[tuple[str, str]]:
    """Return what axe-core finds on the page as it is: rule and first element."""
    page.evaluate(axe)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    result = page.evaluate(f"axe.run(document, {{runOnly: {tags}, resultTypes: ['violations']}})")
    return [(found["id"], found["nodes"][0]["html"][:200]) for found in result["violations"]]


def opened(browser: Any, view: str, **options: object) -> Any:
    """Open a new page in one of the views."""
    return browser.new_context(**VIEWS[view], **options).new_page()


@pytest.fixture(scope="module")
def tools(address: str) -> str:
    """Where the site is served whose pages have their scripts."""
    if not static.available():
        leave_out(
            "node", "the scripts were not bundled: search and SPARQL are not tried (install Node 20, 'make scripts')"
        )
    return address
