"""The files of a site that are not pages about the data: style, icon, site map, rules for hosts and crawlers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from xml.sax.saxutils import escape

from rejoinder import names
from rejoinder.formats import JSONLD, NTRIPLES, TURTLE, Syntax
from rejoinder.project import Project
from rejoinder.site.press import TEMPLATES, Page

_PLAIN = "text/plain; charset=utf-8"
_PAST = r"^(version/[0-9]+/.+)$"
_SUFFIXES = "html|ttl|jsonld|nt|trig|nq\\.gz|csv|json|rq|css|svg|xml|txt|js|wasm|rdfp"


PLATES: Final = ("style.css", "icon.svg", "robots.txt", ".nojekyll", "w3id/.htaccess", "sitemap.xml")
"""Where they stand."""


def plate(project: Project, path: str, pages: Iterable[str]) -> Page:
    """The file at `path`, one of `PLATES`; `pages` are the paths of the pages that people read, for the site map."""
    match path:
        case "style.css":
            return Page(path, (TEMPLATES / path).read_bytes(), "text/css; charset=utf-8")
        case "icon.svg":
            return Page(path, (TEMPLATES / path).read_bytes(), "image/svg+xml")
        case "sitemap.xml":
            return Page(path, site_map(project.site, pages).encode(), "application/xml")
        case "robots.txt":
            return Page(path, f"User-agent: *\nAllow: /\nSitemap: {project.site}sitemap.xml\n".encode(), _PLAIN)
        case "w3id/.htaccess":
            return Page(path, w3id_rules(project.site, project.redirect).encode(), _PLAIN)
        case _:  # .nojekyll: without it GitHub Pages leaves out what begins with a dot
            return Page(path, b"", _PLAIN)


def site_map(site: str, paths: Iterable[str]) -> str:
    """The site map of the pages at `paths`. Standard: sitemaps.org 0.9."""
    addresses = (f"<url><loc>{escape(site + names.as_uri(path))}</loc></url>" for path in sorted(paths))
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *addresses,
            "</urlset>",
            "",
        )
    )


def w3id_rules(site: str, status: str) -> str:
    """The rules with which w3id.org leads an IRI to its page or its data, by a redirect with the given status.

    Apache matches the decoded path, and encodes what it redirects to as long as no rule has the flag NE.
    """
    lines = [
        "# For the folder of this project at https://github.com/perma-id/w3id.org.",
        f"# The site is at {site}; set `site` in rejoinder.toml and build again when it moves.",
        "RewriteEngine on",
        *_rules(site, r"^((?:[^/]+/)*)$", "$1index", status),
        f"RewriteRule ^(.+\\.(?:{_SUFFIXES})|\\.well-known/void)$ {site}$1 [R={status},L]",
        "# Things as they were in a version have data, but no page.",
        f"RewriteCond %{{HTTP_ACCEPT}} {_accepted(JSONLD)} [NC]",
        f"RewriteRule {_PAST} {site}$1{JSONLD.suffix} [R={status},L]",
        f"RewriteRule {_PAST} {site}$1{TURTLE.suffix} [R={status},L]",
        *_rules(site, r"^(.+)$", "$1", status),
    ]
    return "\n".join(lines) + "\n"


def _rules(site: str, pattern: str, stem: str, status: str) -> Iterator[str]:
    for syntax in (TURTLE, JSONLD, NTRIPLES):
        yield f"RewriteCond %{{HTTP_ACCEPT}} {_accepted(syntax)} [NC]"
        yield f"RewriteRule {pattern} {site}{stem}{syntax.suffix} [R={status},L]"
    yield f"RewriteRule {pattern} {site}{stem}.html [R={status},L]"


def _accepted(syntax: Syntax) -> str:
    """The syntax's media type as a pattern."""
    return syntax.media_type.replace("+", "\\+")
