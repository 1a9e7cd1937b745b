"""The site in a real browser, as a newcomer sees it: desktop and phone, light and dark, and as axe-core judges it."""

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

from rejoinder.project import Project
from rejoinder.store import versions

REQUIRED = "browser" in os.environ.get("REJOINDER_TEST_REQUIRE", "").split(",")
CHROMIUM = Path("/usr/bin/chromium")
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; script-src 'self'; form-action 'self'"
PAGES = [
    "index.html",
    "report/kaz-upr-20.html",
    "state/index.html",
    "state/GBR.html",
    "state/FJI.html",
    "person/marat-azilkhanov.html",
    "issue/libel.html",
    "organisation/odf.html",
    "question/index.html",
    "question/issues-ranked.html",
    "question/timeline.html",
    "ns.html",
    "shapes.html",
]
VIEWS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}


def _missing(message: str) -> None:
    if REQUIRED:
        pytest.fail(message)
    pytest.skip(message)


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder below `/some/path/`, as strictly as a careful host would."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/some/path"))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(built_once: Project) -> Iterator[str]:
    """Where the example's site is served, below a path."""
    folder = versions.require_newest(built_once.build).site_path
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/some/path/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium."""
    if not CHROMIUM.exists():
        _missing("there is no /usr/bin/chromium: nothing is tried in a browser ('apt-get install chromium')")
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
    """The source of axe-core, from npm, kept in a cache."""
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"rejoinder-axe-{os.getuid()}"  # noqa: S108  # a cache
    script = folder / "node_modules/axe-core/axe.min.js"
    if not script.exists():
        command = ["npm", "install", "--silent", "--prefix", str(folder), "axe-core@4"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False).returncode == 0
        except OSError:
            done = False
        if not done:
            _missing("npm could not fetch axe-core: accessibility is not tried")
    return script.read_text(encoding="utf-8")


def _opened(browser: Any, view: str, **options: object) -> Any:
    return browser.new_context(**VIEWS[view], **options).new_page()


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(browser: Any, address: str, axe: str, view: str) -> None:
    page = _opened(browser, view)
    found = {}
    for path in PAGES:
        page.goto(address + path)
        page.evaluate(axe)
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        result = page.evaluate(f"axe.run(document, {{runOnly: {tags}, resultTypes: ['violations']}})")
        found[path] = [(v["id"], v["nodes"][0]["html"][:200]) for v in result["violations"]]
    page.context.close()
    assert {path: problems for path, problems in found.items() if problems} == {}


@pytest.mark.parametrize("view", VIEWS)
def test_no_page_is_wider_than_the_screen_or_asks_anybody_else(browser: Any, address: str, view: str) -> None:
    page = _opened(browser, view)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    for path in PAGES:
        page.goto(address + path)
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, path
    page.context.close()
    assert [url for url in asked if not url.startswith(address)] == []
    assert complaints == []


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_a_newcomer_finds_a_claim_what_stands_against_it_and_takes_a_table(
    browser: Any, address: str, view: str, tmp_path: Path
) -> None:
    page = _opened(browser, view, java_script_enabled=False, accept_downloads=True)
    page.goto(address)
    page.get_by_role("link", name="Open Dialog Foundation: report on").first.click()
    claim = page.locator("#claim-no-division")
    assert claim.get_by_text("Set against it").is_visible()
    claim.get_by_role("link", name="Marat Azilkhanov").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Marat Azilkhanov"
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Questions").click()
    page.get_by_role("link", name="Which issues are raised by the most States?").click()
    assert page.get_by_role("row").count() > 20
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "answer.csv")
    assert (tmp_path / "answer.csv").read_text(encoding="utf-8").startswith("issueLabel,states")
    page.context.close()


def test_a_fragment_leads_to_the_claim(browser: Any, address: str) -> None:
    page = _opened(browser, "desktop")
    page.goto(address + "report/kaz-upr-20.html#claim-article-400-narrows")
    top = page.evaluate("document.getElementById('claim-article-400-narrows').getBoundingClientRect().top")
    assert 0 <= top < 200
    page.context.close()


def test_the_keyboard_reaches_the_content_at_once(browser: Any, address: str) -> None:
    page = _opened(browser, "desktop")
    page.goto(address + "report/kaz-upr-20.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.context.close()
