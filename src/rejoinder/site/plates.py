"""The files of a site that are not pages about the data: style, icon, site map, rules for hosts and crawlers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from rejoinder.formats import JSONLD, NTRIPLES, TURTLE
from rejoinder.project import Project
from rejoinder.site.press import TEMPLATES, Page

_PLAIN = "text/plain; charset=utf-8"
_SUFFIXES = "html|ttl|jsonld|nt|trig|nq\\.gz|csv|json|rq|css|svg|xml|txt"


def plates(project: Project, paths: Iterable[str]) -> Iterator[Page]:
    """The files; `paths` are those of the pages, for the site map."""
    yield Page("style.css", (TEMPLATES / "style.css").read_bytes(), "text/css; charset=utf-8")
    yield Page("icon.svg", (TEMPLATES / "icon.svg").read_bytes(), "image/svg+xml")
    yield Page("sitemap.xml", site_map(project.site, paths).encode(), "application/xml")
    yield Page("robots.txt", f"User-agent: *\nAllow: /\nSitemap: {project.site}sitemap.xml\n".encode(), _PLAIN)
    # Without it GitHub Pages leaves out what begins with a dot.
    yield Page(".nojekyll", b"", _PLAIN)
    yield Page("w3id/.htaccess", w3id_rules(project.site).encode(), _PLAIN)


def site_map(site: str, paths: Iterable[str]) -> str:
    """The site map of the pages at `paths`. Standard: sitemaps.org 0.9."""
    pages = (path for path in paths if path.endswith(".html"))
    addresses = (f"<url><loc>{escape(site + path)}</loc></url>" for path in sorted(pages))
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *addresses,
            "</urlset>",
            "",
        )
    )


def w3id_rules(site: str) -> str:
    """The rules with which w3id.org leads an IRI to its page or its data: 303, never 301."""
    lines = [
        "# For the folder of this project at https://github.com/perma-id/w3id.org.",
        f"# The site is at {site}; set `site` in rejoinder.toml and build again when it moves.",
        "RewriteEngine on",
        *_rules(site, r"^((?:[^/]+/)*)$", "$1index"),
        f"RewriteRule ^(.+\\.(?:{_SUFFIXES})|\\.well-known/void)$ {site}$1 [R=303,L,NE]",
        *_rules(site, r"^(.+)$", "$1"),
    ]
    return "\n".join(lines) + "\n"


def _rules(site: str, pattern: str, stem: str) -> Iterator[str]:
    for syntax in (TURTLE, JSONLD, NTRIPLES):
        yield f"RewriteCond %{{HTTP_ACCEPT}} {syntax.media_type.replace('+', chr(92) + '+')} [NC]"
        yield f"RewriteRule {pattern} {site}{stem}{syntax.suffix} [R=303,L,NE]"
    yield f"RewriteRule {pattern} {site}{stem}.html [R=303,L,NE]"
