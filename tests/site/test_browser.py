"""The site in a real browser, as a newcomer sees it: desktop and phone, light and dark, and as axe-core judges it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from browsing import PAPER, VIEWS, opened, violations

PAGES = [
    "index.html",
    "claim/index.html",
    "claim/page-2.html",
    "recommendation/index.html",
    "report/kaz-upr-20.html",
    "state/index.html",
    "state/GBR.html",
    "state/FJI.html",
    "state/KAZ.html",
    "person/marat-azilkhanov.html",
    "issue/libel.html",
    "issue/torture.html",
    "provision/kaz-new-penal-code.html",
    "person/index.html",
    "compare.html?state=KAZ&state=SVN",
    "organisation/odf.html",
    "organisation/amnesty-international.html",
    "person/vladimir-kozlov.html",
    "proceeding/hrc-43.html",
    "report/bhr-adhrb-2020.html",
    "question/index.html",
    "question/issues-ranked.html",
    "question/timeline.html",
    "question/acceptance-by-recommending-region.html",
    "ns.html",
    "shapes.html",
]


@pytest.mark.parametrize("view", ["desktop", "phone", "dark"])
def test_axe_finds_nothing(browser: Any, address: str, axe: str, view: str) -> None:
    page = opened(browser, view)
    found = {}
    for path in PAGES:
        page.goto(address + path)
        found[path] = violations(page, axe)
    page.context.close()
    assert {path: problems for path, problems in found.items() if problems} == {}


@pytest.mark.parametrize("view", VIEWS)
def test_no_page_is_wider_than_the_screen_or_asks_anybody_else(browser: Any, address: str, view: str) -> None:
    page = opened(browser, view)
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


def test_nothing_is_cut_off_on_paper(browser: Any, address: str) -> None:
    page = browser.new_context(viewport=PAPER).new_page()
    page.emulate_media(media="print")
    cut = """() => [...document.querySelectorAll('main *')].filter(
        (part) => part.getBoundingClientRect().right > document.documentElement.clientWidth + 1).length"""
    found = {}
    for path in PAGES:
        page.goto(address + path)
        found[path] = page.evaluate(cut)
    page.context.close()
    assert {path: count for path, count in found.items() if count} == {}


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_a_newcomer_finds_a_claim_what_stands_against_it_and_takes_a_table(
    browser: Any, address: str, view: str, tmp_path: Path
) -> None:
    page = opened(browser, view, java_script_enabled=False, accept_downloads=True)
    page.goto(address)
    page.get_by_role("link", name="Open Dialog Foundation: report on").first.click()
    claim = page.locator("#claim-no-division")
    assert claim.get_by_text("Explicitly contradicted by", exact=True).is_visible()
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
    page = opened(browser, "desktop")
    page.goto(address + "report/kaz-upr-20.html#claim-article-400-narrows")
    top = page.evaluate("document.getElementById('claim-article-400-narrows').getBoundingClientRect().top")
    assert 0 <= top < 200
    page.context.close()


def test_the_keyboard_reaches_the_content_at_once(browser: Any, address: str) -> None:
    page = opened(browser, "desktop")
    page.goto(address + "report/kaz-upr-20.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.context.close()


SCREENS = {"desktop": (900, 8), "phone": (844, 16)}


@pytest.mark.parametrize("view", SCREENS)
def test_a_report_begins_with_its_claims_and_ends_soon(browser: Any, address: str, view: str) -> None:
    """The report on Kazakhstan had 52 screens on a desk and 146 on a phone before its data had pages of their own."""
    height, most = SCREENS[view]
    page = opened(browser, view)
    page.goto(address + "report/kaz-upr-20.html")
    whole = page.evaluate("document.documentElement.scrollHeight")
    first = page.locator("article h3").first.bounding_box()
    page.context.close()
    assert whole <= height * most
    assert first["y"] + first["height"] <= height


def test_whoever_follows_the_iri_of_an_entry_is_led_to_the_page_that_has_it(browser: Any, tools: str) -> None:
    page = opened(browser, "desktop")
    for name, path in {
        "claim-no-division": "report/kaz-upr-20.html",
        "evidence-president-on-sects": "report/kaz-upr-20/data.html",
        "p012": "report/kaz-upr-20/data-3.html",
    }.items():
        page.goto(f"{tools}report/kaz-upr-20.html#{name}")
        page.wait_for_url(f"{tools}{path}#{name}")
        assert page.locator(f"#{name}").count() == 1
    page.context.close()
    page = opened(browser, "desktop", java_script_enabled=False)
    page.goto(f"{tools}report/kaz-upr-20.html#p012")
    assert page.locator("noscript a, .note a").first.get_attribute("href") == "kaz-upr-20/data.html"
    page.context.close()
