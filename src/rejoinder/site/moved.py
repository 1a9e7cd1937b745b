"""Addresses of things that were renamed or withdrawn: what is answered there, on a server and on static hosts.

Who asks for a renamed thing is led to the new address. A withdrawn one is gone (410), and nothing repeats what was said
of it. The editors list both in the settings; hosts without rules get a page, hosts with rules (nginx, Apache) a file of
rules, which is no part of the site, because it names what was withdrawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlsplit

from rejoinder import formats, namespaces
from rejoinder.config import Project
from rejoinder.messages import N_
from rejoinder.rdf.terms import NamedNode, Quad
from rejoinder.site import schema_org
from rejoinder.site.render import Page, PageMetadata, Renderer

WITHDRAWN: Final = "withdrawn"
"""The stem of the page that hosts answer with, whatever was withdrawn."""
GONE: Final = N_("The editors of this site have withdrawn this entry. What it said is no longer published here.")
RULES: Final = "rules"
"""The folder of the rules for hosts, in the build folder."""

_SUFFIXES: Final = (".html", *(syntax.suffix for syntax in (formats.TURTLE, formats.JSONLD, formats.NTRIPLES)))
_IS_REPLACED_BY: Final = NamedNode(namespaces.DCTERMS + "isReplacedBy")


def successor(project: Project, path: str) -> str | None:
    """Return the path at which a renamed thing, its file, or a page below it is now; "" if it was withdrawn.

    Return None if it is neither.
    """
    moved = dict(project.moved)
    if not moved:
        return None
    for suffix in ("", *_SUFFIXES):
        if path.endswith(suffix) and (new := moved.get(path.removesuffix(suffix))) is not None:
            return new and new + suffix
    folder = path
    while (cut := folder.rfind("/")) > 0:
        folder = folder[:cut]
        if (new := moved.get(folder)) is not None:
            return new and new + path[cut:]
    return None


def stems(project: Project) -> Iterator[str]:
    """Yield the stems of the pages for hosts without rules, and of the one for hosts with rules."""
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


def statements(project: Project, stem: str) -> tuple[Quad, ...]:
    """Return what replaces the renamed thing at a stem, as a graph of its own."""
    old, new = project.base + stem, project.base + dict(project.moved)[stem]
    return (Quad(NamedNode(old), _IS_REPLACED_BY, NamedNode(new), NamedNode(old)),)


def host_rules(project: Project) -> dict[str, str]:
    """Return the rules for hosts by file name: for nginx, to be included by a server, and for Apache's .htaccess."""
    prefix = urlsplit(project.site).path or "/"
    begin = "# Written by 'rejoinder build' from `renamed` and `withdrawn` in the settings of the project.\n"
    suffixes = "|".join(re.escape(suffix) for suffix in _SUFFIXES)
    rest = rf"((?:{suffixes}|/.*)?)$"
    nginx, apache = begin, f"{begin}RewriteEngine on\n"
    for old, new in project.moved:
        pattern, target = re.escape(old) + rest, f"{project.site}{quote(new)}$1"
        answer = f"303 {target}" if new else "410"
        nginx += f'location ~ "^{re.escape(prefix)}{pattern}" {{ return {answer}; }}\n'
        apache += f"RewriteRule ^{pattern} {target} [R=303,L]\n" if new else f"RewriteRule ^{pattern} - [G,L]\n"
    if not all(new for _, new in project.moved):
        nginx += f"error_page 410 {prefix}{WITHDRAWN}.html;\n"
        apache += f"ErrorDocument 410 {prefix}{WITHDRAWN}.html\n"
    return {"moved.nginx": nginx, "moved.htaccess": apache}
