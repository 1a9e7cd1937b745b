"""Addresses of things that were renamed or withdrawn, or never were: what servers and static hosts answer there.

Who asks for a renamed thing is led to the new address. A withdrawn one is gone (410), and nothing repeats what was said
of it. The editors list both in the settings; hosts without rules get a page, hosts with rules (nginx, Apache) a file of
rules, which is no part of the site, because it names what was withdrawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlsplit

from rejoinder import namespaces
from rejoinder.config import MOVED_SUFFIXES, Project
from rejoinder.messages import N_
from rejoinder.rdf.terms import NamedNode, Quad
from rejoinder.site import schema_org
from rejoinder.site.render import Page, PageMetadata, Renderer

WITHDRAWN: Final = "withdrawn"
"""The stem of the page that hosts answer with, whatever was withdrawn."""
MISSING: Final = "404"
"""The stem of the page that static hosts, such as GitHub Pages, answer with where there is none."""
GONE: Final = N_("The editors of this site have withdrawn this entry. What it said is no longer published here.")
RULES: Final = "rules"
"""The folder of the rules for hosts, in the build folder."""

_SUFFIXES: Final = "|".join(map(re.escape, MOVED_SUFFIXES))
_IS_REPLACED_BY: Final = NamedNode(namespaces.DCTERMS + "isReplacedBy")


def stems(project: Project) -> Iterator[str]:
    """Yield the stems of the pages at old addresses, for what is withdrawn, and for addresses that never existed."""
    yield MISSING
    for old, new in project.moved:
        if not new:
            yield WITHDRAWN
        yield old


def page(renderer: Renderer, stem: str) -> Page:
    """Return the page at the stem of a renamed thing, which leads on, or of a withdrawn one, which says only that."""
    new = dict(renderer.project.moved).get(stem, "")
    gettext = renderer.words.gettext
    title, gone = gettext("This entry has a new address") if new else gettext("Withdrawn"), gettext(GONE)
    head = PageMetadata(
        title=title,
        description=title if new else gone,
        iri=renderer.project.base + (new or WITHDRAWN),
        kind=schema_org.kind_iri("WebPage"),
        structured=schema_org.page(title),
    )
    return renderer.page("moved.html", f"{stem}.html", head, new=new, gone=gone)


def missing_page(renderer: Renderer) -> Page:
    """Return the page for addresses without one. Its links begin with the path of the site, wherever it is shown."""
    title = renderer.words.gettext("There is no page at this address")
    head = PageMetadata(
        title=title,
        description=title,
        iri=renderer.project.base,
        kind=schema_org.kind_iri("WebPage"),
        structured=schema_org.page(title),
    )
    return renderer.page("missing.html", f"{MISSING}.html", head, new="", root=urlsplit(renderer.project.site).path)


def statements(project: Project, stem: str) -> tuple[Quad, ...]:
    """Return the statement that names the successor of the renamed thing at a stem, in the graph of its old IRI."""
    old, new = project.base + stem, project.base + dict(project.moved)[stem]
    return (Quad(NamedNode(old), _IS_REPLACED_BY, NamedNode(new), NamedNode(old)),)


def host_rules(project: Project) -> dict[str, str]:
    """Return the rules for hosts by file name: for nginx, to be included by a server, and for Apache's .htaccess."""
    prefix = urlsplit(project.site).path
    begin = "# Written by 'rejoinder build' from `renamed` and `withdrawn` in the settings of the project.\n"
    nginx, apache = begin, f"{begin}RewriteEngine on\n"
    # Hosts take the first rule that fits, and what lies deepest goes before what it lies below.
    for old, new in sorted(project.moved, key=lambda pair: (-len(pair[0]), pair)):
        pattern = rf"{re.escape(old)}({_SUFFIXES}|/.*)?$"
        nginx += f'location ~ "^{re.escape(prefix)}{pattern}" {{ {_nginx_answer(project, prefix, old, new)} }}\n'
        # Apache encodes the target itself, `$1` in it, too; what is encoded would be encoded twice.
        answer = f"{project.site}{new}$1 [R=303,L]" if new else "- [G,L]"
        apache += f"RewriteRule ^{pattern} {answer}\n"
    if not all(new for _, new in project.moved):
        nginx += f"error_page 410 {prefix}{WITHDRAWN}.html;\n"
        apache += f"ErrorDocument 410 {prefix}{WITHDRAWN}.html\n"
    return {"moved.nginx": nginx, "moved.htaccess": apache}


def _nginx_answer(project: Project, prefix: str, old: str, new: str) -> str:
    """Return what nginx answers at an old path.

    nginx matches locations with the decoded path, in which may be a line break, and copies that as it is into the
    header. So what follows the old path comes from the request itself, which is encoded; if anything else is in it
    there, the new path alone is the answer.
    """
    if not new:
        return "return 410;"
    target = namespaces.as_uri(project.site) + quote(new)
    asked = rf"^(?i:{re.escape(quote(prefix + old, safe='/%'))})((?:{_SUFFIXES}|/[A-Za-z0-9_.~%/-]*)?)(?:\?|$)"
    return f'if ($request_uri ~ "{asked}") {{ return 303 "{target}$1"; }} return 303 "{target}";'
