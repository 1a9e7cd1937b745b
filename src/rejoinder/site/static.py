"""Static files of a site: style sheet, icon, scripts, site map, redirect rules and robots.txt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from rejoinder import namespaces
from rejoinder.config import Project
from rejoinder.disk import package_file
from rejoinder.formats import JSONLD, NQUADS, NTRIPLES, RDFXML, TRIG, TURTLE, Syntax
from rejoinder.rdf import jsonld
from rejoinder.site.render import TEMPLATES, Page

_PLAIN = "text/plain; charset=utf-8"
_DUMP = r"^((?:version/[0-9]+/)?dataset)$"
_VOCABULARY = r"^((?:ns|shapes)(?:/[0-9][^/]*)?)$"
_PAST = r"^(version/[0-9]+/.+)$"
_SUFFIXES = "html|ttl|jsonld|nt|rdf|trig|n[qt]\\.gz|csv|json|rq|css|svg|png|xml|txt|js|wasm|rdfp"


SITE_MAP: Final = "sitemap.xml"
CONTEXT: Final = "context.jsonld"
"""The JSON-LD context of all documents, for whoever wants a link to one instead of a part of it in each document."""

STATIC_FILES: Final = ("style.css", "icon.svg", "robots.txt", ".nojekyll", "w3id/.htaccess", SITE_MAP, CONTEXT)
"""The paths of these files. All but the site map are the same for every version."""


def static_file(project: Project, path: str, pages: Iterable[str]) -> Page:
    """Return the file at `path`, one of `STATIC_FILES`; `pages` are the paths for the site map."""
    match path:
        case "style.css" | "icon.svg":
            media_type = "image/svg+xml" if path.endswith(".svg") else "text/css; charset=utf-8"
            return Page(path, (TEMPLATES / path).read_bytes(), media_type)
        case _ if path == CONTEXT:
            context = jsonld.read_context(package_file(f"ontology/{CONTEXT}"))
            return Page(path, jsonld.shared_context(context, project.base).encode(), JSONLD.media_type)
        case _ if path == SITE_MAP:
            return Page(path, site_map(project.site, pages).encode(), "application/xml")
        case "robots.txt":
            # Crawlers find the site map only here.
            return Page(path, f"User-agent: *\nAllow: /\nSitemap: {project.site}sitemap.xml\n".encode(), _PLAIN)
        case "w3id/.htaccess":
            # Not used on the site itself: users copy it into the repository of w3id.org.
            return Page(path, w3id_rules(project.site, project.redirect).encode(), _PLAIN)
        case _:  # .nojekyll: without it GitHub Pages omits files that begin with a dot
            return Page(path, b"", _PLAIN)


def site_map(site: str, paths: Iterable[str]) -> str:
    """Return the site map of the pages at `paths`. Standard: sitemaps.org 0.9."""
    addresses = (f"<url><loc>{escape(site + namespaces.as_uri(path))}</loc></url>" for path in sorted(paths))
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *addresses,
            "</urlset>",
            "",
        )
    )


_OTHERS: Final = r"^(?:application/(?:rdf\+xml|trix|trig|n-quads|x-turtle)|text/(?:rdf\+)?n3)"
"""Media types that RDF clients prefer; they accept Turtle only by `*/*`, if at all."""


def w3id_rules(site: str, status: str) -> str:
    """Return the rules by which w3id.org redirects an IRI, with the given status, to its page or its data.

    Apache matches the decoded path, and encodes the target again unless a rule has the flag NE.
    """
    lead = f"[R={status},L]"
    lines = [
        "# For the folder of this project at https://github.com/perma-id/w3id.org.",
        f"# The site is at {site}; set `site` in rejoinder.toml and build again when it moves.",
        "RewriteEngine on",
        *_rules(site, r"^((?:[^/]+/)*)$", "$1index", status),
        f"RewriteRule ^(.+\\.(?:{_SUFFIXES})|\\.well-known/void)$ {site}$1 {lead}",
        "# All data are in four formats; most clients prefer the one with graphs that is not compressed.",
        *(
            line
            for syntax, suffix in ((NQUADS, ".nq.gz"), (NTRIPLES, ".nt.gz"), (TURTLE, ".ttl"))
            for line in (*_when(f"^{_accepted(syntax)}$"), f"RewriteRule {_DUMP} {site}$1{suffix} {lead}")
        ),
        f"RewriteRule {_DUMP} {site}$1{TRIG.suffix} {lead}",
        "# The vocabularies are in RDF/XML, too; its readers find Turtle where there is none.",
        *_when(f"^{_accepted(RDFXML)}"),
        f"RewriteRule {_VOCABULARY} {site}$1{RDFXML.suffix} {lead}",
        "# Things as they were in a version have data, but no page.",
        *_when(_accepted(JSONLD)),
        f"RewriteRule {_PAST} {site}$1{JSONLD.suffix} {lead}",
        f"RewriteRule {_PAST} {site}$1{TURTLE.suffix} {lead}",
        *_rules(site, r"^(.+)$", "$1", status),
    ]
    return "\n".join(lines) + "\n"


def _rules(site: str, pattern: str, stem: str, status: str) -> Iterator[str]:
    plain = f"(?:{_accepted(NTRIPLES)}|^text/plain)"  # which N-Triples were before they had a type of their own
    json = f"(?:{_accepted(JSONLD)}|^application/json$)"
    asked = ((TURTLE, _accepted(TURTLE)), (JSONLD, json), (NTRIPLES, plain), (TURTLE, _OTHERS))
    for syntax, accepted in asked:
        yield from _when(accepted)
        yield f"RewriteRule {pattern} {site}{stem}{syntax.suffix} [R={status},L]"
    yield f"RewriteRule {pattern} {site}{stem}.html [R={status},L]"


def _when(accepted: str) -> Iterator[str]:
    yield f"RewriteCond %{{HTTP_ACCEPT}} {accepted} [NC]"


def _accepted(syntax: Syntax) -> str:
    """Return the syntax's media type as a pattern."""
    return syntax.media_type.replace("+", "\\+")


FOLDER: Final = "assets"
MISSING: Final = (
    "no search and no SPARQL page: Rejoinder was installed without Node 20 or later; install that, and it again"
)

_BUNDLES: Final = Path(__file__).parent / FOLDER
_STAMP: Final = _BUNDLES / ".sources"
_MEDIA_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}


def available() -> bool:
    """Return whether there are scripts; an incomplete bundle has no stamp."""
    return _STAMP.is_file()


def digest() -> str:
    """Return a digest of the sources that the scripts were made of; empty if there are no scripts."""
    return _STAMP.read_text(encoding="utf-8") if available() else ""


def paths() -> Iterator[str]:
    """Yield the paths of the scripts on a site."""
    if available():
        yield from sorted(f"{FOLDER}/{path.name}" for path in _BUNDLES.iterdir() if path.suffix in _MEDIA_TYPES)


def script(path: str) -> Page:
    """Return the script at `path`, one of `paths`."""
    file = _BUNDLES / path.removeprefix(f"{FOLDER}/")
    return Page(path, file.read_bytes(), _MEDIA_TYPES[file.suffix])
