"""Yasqe, the editor of YASGUI, asks the endpoint from a page of another host, and gets what the page of docs says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from interoperability import Place, check_query, npm_version, told
from rejoinder import formats
from rejoinder.rdf import terms

ASK = """([endpoint, query]) => new Promise((resolve, reject) => {
  const yasqe = new Yasqe(document.body, { requestConfig: { endpoint } });
  yasqe.on("queryResponse", (_, answer) => resolve(answer.text));
  yasqe.on("error", reject);
  yasqe.setValue(query);
  yasqe.query().catch(reject);
})"""


@pytest.fixture(scope="module")
def yasqe(browser: Any, packages: Path, w3id_place: Place) -> Any:
    page = browser.new_context(bypass_csp=True).new_page()
    page.goto(f"{w3id_place.address}robots.txt")  # of another origin, as YASGUI is
    page.add_script_tag(path=packages / "node_modules/@triply/yasqe/build/yasqe.min.js")
    return page


def test_the_page_names_the_version() -> None:
    assert {row["version"] for row in told("Yasqe")} == {npm_version("@triply/yasqe")}


@pytest.mark.parametrize("row", told("Yasqe"), ids=lambda row: row["asked"])
def test_it_asks_the_endpoint(yasqe: Any, server_place: Place, row: dict[str, str]) -> None:
    """As it comes: by POST, in a browser that asks whether another host may."""

    def ask(query: str) -> bytes:
        text = yasqe.evaluate(ASK, [server_place.endpoint, query]).encode()
        if row["asked"] == "SELECT":
            return b"\n".join([b"s,t", *(b"row" for _ in json.loads(text)["results"]["bindings"])])
        if row["asked"] == "ASK":
            return str(json.loads(text)["boolean"]).lower().encode()
        return terms.serialize(list(terms.parse(text, formats.NTRIPLES)), formats.NQUADS)

    check_query(server_place, row["asked"], row["rejoinder serve"], ask)
