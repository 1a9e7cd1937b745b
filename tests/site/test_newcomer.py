"""A newcomer's whole way in a real browser: a name, a claim, what contradicts it, its source, a table, SPARQL.

On a static host and on our own server, at a desk and on a phone: the site is the same.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsing import opened
from rejoinder.config import Project
from server_process import run_server


@pytest.fixture(scope="module")
def server(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of our own server."""
    with run_server(built_once, tmp_path_factory.mktemp("newcomer") / "log") as running:
        yield f"{running.address}/"


@pytest.fixture(params=["a static host", "our server"])
def place(request: pytest.FixtureRequest, tools: str) -> str:
    """Give the address of the site."""
    return tools if request.param == "a static host" else str(request.getfixturevalue("server"))


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_from_a_name_to_a_claim_its_source_a_table_and_a_query(
    browser: Any, place: str, view: str, tmp_path: Path
) -> None:
    page = opened(browser, view, accept_downloads=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # The source is somebody else's site: that the reader gets there is what counts, not what stands there today.
    page.route("**/*akorda.kz/**", lambda route: route.fulfill(status=200, content_type="text/html", body="the source"))

    page.goto(place)
    page.get_by_label("Search this site").fill("Azilhanov")
    page.get_by_label("Search this site").press("Enter")
    page.locator("#results").get_by_role("link", name="Marat Azilkhanov").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Marat Azilkhanov"

    page.get_by_role("link", name="The state makes no distinction").first.click()
    page.wait_for_url("**/claim-no-division.html")
    claim = page.locator("main")
    assert claim.get_by_role("heading", name="Explicitly in the report").is_visible()
    assert claim.get_by_text("explicit", exact=True).is_visible()
    claim.get_by_role("link", name="akorda.kz").click()
    page.wait_for_url("**akorda.kz/**")
    page.go_back()

    page.get_by_role("navigation", name="Site").get_by_role("link", name="Questions").click()
    page.get_by_role("link", name="Which issues are raised by the most States?").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    download.value.save_as(tmp_path / "answer.csv")
    rows = list(csv.DictReader((tmp_path / "answer.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0]["issueLabel"] == "Freedom of peaceful assembly and association"
    assert rows[0]["states"] == "13"

    page.goto(place + "sparql.html")
    page.wait_for_selector("#editor .cm-content")
    page.select_option("#question", "issues-ranked")
    page.get_by_role("button", name="Run").click()
    page.wait_for_selector("#answer:not([hidden])")
    assert page.locator("#table tbody tr").count() == len(rows)
    page.context.close()

    assert [url for url in asked if not url.startswith((place, "blob:")) and "akorda.kz" not in url] == []
