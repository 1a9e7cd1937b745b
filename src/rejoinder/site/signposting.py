"""Typed links of the data set's page in a file of their own, for whoever reads no HTML.

Standards: Signposting, level 2; RFC 9264, Linkset: Media Types and a Link Relation Type for Link Sets.
"""

from __future__ import annotations

import json
from typing import Final

from rejoinder.site.catalogue import Catalogue
from rejoinder.site.press import ABOUT, Page, twin_files
from rejoinder.site.structured import kind_iri

MEDIA_TYPE: Final = "application/linkset+json"
STEM: Final = "linkset"


def linkset_page(described: Catalogue) -> Page:
    """The links of the data set, and from each of its files back to it."""
    base, project = described.project.base, described.project
    own = {
        "anchor": base,
        "cite-as": [{"href": base}],
        "type": [{"href": kind_iri("Dataset")}, {"href": ABOUT}],
        "license": [{"href": project.license}],
        "author": [{"href": f"{base}#publisher"}],
        "describedby": [{"href": base + path, "type": syntax.media_type} for path, syntax in twin_files("index")],
        "item": [{"href": base + dump.path, "type": dump.packed or dump.media_type} for dump in described.dumps],
    }
    back = [{"anchor": base + dump.path, "collection": [{"href": base}]} for dump in described.dumps]
    content = json.dumps({"linkset": [own, *back]}, ensure_ascii=False, indent=1)
    return Page(f"{STEM}.json", content.encode(), MEDIA_TYPE)
