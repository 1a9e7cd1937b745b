"""Versions on the site: each with its data as they were, a page of what changed, and an entry in a feed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import feedparser
import html5lib
import pytest

from rejoinder import formats, namespaces, versions
from rejoinder.building import build
from rejoinder.config import Project, open_project
from rejoinder.rdf import terms
from rejoinder.site import changes, history, routes
from rejoinder.site.snapshot import open_snapshot

REPORT = "data/report/short.yaml"
SENTENCE = "Recommendation “Make libel no crime”: label: “Decriminalise libel” → “Make libel no crime”."


def _relabel(project: Project, old: str, new: str) -> None:
    path = project.root / REPORT
    text = path.read_text(encoding="utf-8")
    assert f"label: {old}" in text
    path.write_text(text.replace(f"label: {old}", f"label: {new}", 1), encoding="utf-8")


@pytest.fixture(scope="module")
def site(twice: Project) -> Path:
    return twice.build / "site"


def test_a_patch_leads_to_a_version_from_the_one_before_and_there_is_none_to_the_first(site: Path) -> None:
    patch = (site / "version/2/changes.rdfp").read_text(encoding="utf-8").splitlines()
    assert patch[0] == "TX ."
    assert patch[-1] == "TC ."
    labels = [line for line in patch if "rdf-schema#label" in line and "/meta/> ." not in line]
    assert [line[:2] for line in labels] == ["D ", "A "]
    assert "Decriminalise libel" in labels[0]
    assert "Make libel no crime" in labels[1]
    assert not (site / "version/1/changes.rdfp").exists()
    assert "RDF Patch" not in (site / "version/1/index.html").read_text(encoding="utf-8")
    assert "RDF Patch" in (site / "version/2/index.html").read_text(encoding="utf-8")


def test_every_graph_of_every_version_is_there_as_it_was(site: Path, twice: Project) -> None:
    for version in versions.kept(twice.build):
        folder = site / f"version/{version.manifest.number}"
        for entry in version.manifest.graphs:
            path = namespaces.graph_path(twice.base, entry.iri).as_posix()
            for syntax in (formats.TURTLE, formats.JSONLD):
                found = terms.parse_file(folder / (path + syntax.suffix), entry.iri)
                assert terms.content_digest(terms.in_graph(found, entry.iri)) == entry.content_digest
        whole = list(terms.parse_file(folder / "dataset.trig"))
        assert len(whole) == version.manifest.quads


def test_the_data_of_versions_take_no_space(site: Path, twice: Project) -> None:
    for version in versions.kept(twice.build):
        exported = [
            path for path in version.export_path.rglob("*") if path.suffix in (".ttl", ".jsonld", ".trig", ".gz")
        ]
        assert len(exported) == 2 * len(version.manifest.graphs) + 4
        for path in exported:
            name = Path(f"version/{version.manifest.number}", path.relative_to(version.export_path))
            # The first version was copied, and in a copy its own site has files of its own.
            source = path if version.manifest.number > 1 else version.site_path / name
            assert (site / name).samefile(source)


def test_the_page_of_a_version_says_what_changed_and_links_what_is_still_there(site: Path) -> None:
    page = html5lib.parse((site / "version/2/index.html").read_text(encoding="utf-8"), namespaceHTMLElements=False)
    (item,) = (node for node in page.iter("li") if "Make libel no crime" in "".join(node.itertext()))
    assert "".join(item.itertext()) == SENTENCE
    assert [link.get("href") for link in item.iter("a")] == ["../../report/short/recommendation-libel.html"]
    relations = {link.get("rel"): link.get("href") for link in page.iter("link")}
    assert relations["predecessor-version"] == "../1/index.html"
    assert relations["version-history"] == "../index.html"
    assert relations["latest-version"] == "../../index.html"


def test_every_link_of_the_pages_of_versions_leads_to_a_file(site: Path) -> None:
    pages = list((site / "version").rglob("*.html"))
    assert len(pages) == 3
    for path in pages:
        page = html5lib.parse(path.read_text(encoding="utf-8"), namespaceHTMLElements=False)
        links = [node.get("href") for tag in ("a", "link") for node in page.iter(tag)]
        local = [urlsplit(link).path for link in links if link and not urlsplit(link).scheme]
        assert len(local) > 20
        assert [link for link in local if link and not (path.parent / link).resolve().is_file()] == []


def test_machines_learn_which_version_follows_which(site: Path, twice: Project) -> None:
    def objects(path: str, subject: str, name: str) -> set[str]:
        predicate = terms.NamedNode(namespaces.PREFIXES[name.partition(":")[0]] + name.partition(":")[2])
        quads = terms.parse_file(site / path, twice.base)
        found = [quad for quad in quads if quad.subject == terms.NamedNode(subject) and quad.predicate == predicate]
        return {terms.text(quad.object) for quad in found}

    first, second = (f"{twice.base}version/{number}/" for number in (1, 2))
    assert objects("version/2/index.ttl", second, "prov:wasRevisionOf") == {first}
    assert objects("version/2/index.ttl", second, "dcat:previousVersion") == {first}
    assert objects("version/2/index.ttl", second, "dcterms:isVersionOf") == {twice.base}
    assert objects("version/2/index.ttl", f"{second}report/short", "dcterms:isVersionOf") == {
        f"{twice.base}report/short"
    }
    assert objects("version/1/index.ttl", first, "prov:wasRevisionOf") == set()
    for path in ("version/index.ttl", "index.ttl"):
        assert objects(path, twice.base, "dcat:hasVersion") == {first, second}
        assert objects(path, twice.base, "dcat:hasCurrentVersion") == {second}
    void = {quad.triple for quad in terms.parse((site / ".well-known/void").read_bytes(), formats.TURTLE, twice.base)}
    assert void == {quad.triple for quad in terms.parse_file(site / "index.ttl", twice.base)}


def test_each_version_has_a_build_of_its_own_that_ended_once(site: Path, twice: Project) -> None:
    ends = [
        (terms.text(quad.subject), terms.text(quad.object))
        for path in ("index.ttl", "version/index.ttl", "version/1/index.ttl", "version/2/index.ttl")
        for quad in terms.parse_file(site / path, twice.base)
        if quad.predicate.value == f"{namespaces.PROV}endedAtTime"
    ]
    created = {
        f"{twice.base}version/{it.manifest.number}/#build": it.manifest.created for it in versions.kept(twice.build)
    }
    assert len(ends) == 5
    assert dict(ends) == created
    assert set(ends) == set(created.items())


def test_a_dump_is_described_alike_for_the_data_set_and_for_its_version(site: Path, twice: Project) -> None:
    def told(path: str, dataset: str) -> set[tuple[str, str]]:
        own = [
            quad
            for quad in terms.parse_file(site / path, twice.base)
            if terms.text(quad.subject).startswith(dataset + "#d")
        ]
        return {(quad.predicate.value, terms.text(quad.object).replace(dataset, "")) for quad in own}

    version = f"{twice.base}version/2/"
    of_the_version = told("version/2/index.ttl", version)
    assert of_the_version == told("index.ttl", twice.base)
    dcat = namespaces.PREFIXES["dcat"]
    assert (f"{dcat}byteSize", str((site / "version/2/dataset.nq.gz").stat().st_size)) in of_the_version
    assert (f"{dcat}compressFormat", f"{namespaces.MEDIA_TYPES}application/gzip") in of_the_version


def test_whatever_is_a_subset_or_has_subsets_is_a_void_data_set(site: Path, twice: Project) -> None:
    quads = list(terms.parse_file(site / "version/2/index.ttl", twice.base))
    void = namespaces.PREFIXES["void"]
    typed = {terms.text(quad.subject) for quad in quads if terms.text(quad.object) == f"{void}Dataset"}
    pairs = [quad for quad in quads if quad.predicate.value == f"{void}subset"]
    assert len(pairs) == len(versions.named(twice.build, "2").manifest.graphs)
    assert {terms.text(term) for quad in pairs for term in (quad.subject, quad.object)} <= typed


def test_the_feed_has_an_entry_for_each_version(site: Path, twice: Project) -> None:
    found = feedparser.parse((site / "feed.xml").read_bytes())
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    assert [link.href for link in found.feed.links if link.rel == "license"] == [twice.license]
    newest, first = found.entries
    created = [version.manifest.created for version in versions.kept(twice.build)]
    # Numbers begin again where the folder of builds is lost; the moment does not (RFC 4287, 4.2.6).
    assert first.id == f"{twice.base}version/1/#{created[0]}"
    assert newest.id == f"{twice.base}version/2/#{created[1]}"
    assert [first.updated, newest.updated] == created
    assert found.feed.updated == created[-1]
    assert newest.link == f"{twice.site}version/2/index.html"
    assert newest.summary == "From version 1 to version 2: 1 statement added, 1 removed, in 1 graph."
    assert SENTENCE in newest.content[0].value


def test_every_page_leads_to_the_feed(site: Path) -> None:
    pages = {*site.rglob("*.html")} - {site / "404.html"}  # which hosts show where there is no page
    assert pages
    for path in pages:
        assert 'type="application/atom+xml"' in path.read_text(encoding="utf-8"), path


def test_the_words_of_a_version_are_data_too(site: Path) -> None:
    content = (site / "version/2/changes.json").read_bytes()
    found = changes.from_json(content)
    assert (found["version"], found["since"]) == (2, 1)
    assert [changes.text(words) for words in found["graphs"][0]["sentences"]] == [SENTENCE]
    assert changes.as_json(found) == content
    for broken in (b"[]", b"{}", b"null", b'{"version": 1}', b"{"):
        with pytest.raises(ValueError, match="not the words of a version"):
            changes.from_json(broken)


def test_files_about_versions_are_made_alone_with_the_same_bytes(site: Path, twice: Project) -> None:
    snapshot = open_snapshot(twice, versions.require_newest(twice.build))
    paths = [path for path in (site / "version").rglob("*") if path.is_file()]
    for path in (*paths, site / "feed.xml"):
        page = routes.page(snapshot, path.relative_to(site).as_posix())
        assert page is not None, path
        assert page.content == path.read_bytes(), path
    for nothing in ("version/3/index.html", "version/1/none.ttl", "version/x/index.html", "version/1/report.ttl"):
        assert routes.page(snapshot, nothing) is None


def test_a_version_without_files_is_made_from_its_store_and_one_that_was_removed_is_told(
    tmp_path: Path, twice: Project
) -> None:
    shutil.copytree(twice.root, tmp_path / "project", symlinks=True)
    project = open_project(tmp_path / "project")
    shutil.rmtree(project.build / "versions/0001")
    _relabel(project, "Make libel no crime", "Libel as no crime")
    build.build(project, with_site=False)
    _relabel(project, "Libel as no crime", "Libel no longer a crime")
    build.build(project)
    third = versions.named(project.build, "3").manifest.entry(f"{project.base}report/short")
    assert third
    site = project.build / "site"
    made = terms.in_graph(terms.parse_file(site / "version/3/report/short.ttl"), third.iri)
    assert terms.content_digest(made) == third.content_digest
    assert len(list(terms.parse_file(site / "version/3/dataset.trig"))) == sum(
        entry.quads for entry in versions.named(project.build, "3").manifest.graphs
    )
    assert not (site / "version/1").exists()
    text = " ".join((site / "version/2/index.html").read_text(encoding="utf-8").split())
    assert "no longer kept" in text
    assert "Versions before 2 are no longer kept" in (site / "version/index.html").read_text(encoding="utf-8")
    words = json.loads((site / "version/4/changes.json").read_text(encoding="utf-8"))
    assert words["since"] == 3


@pytest.mark.slow
def test_what_is_said_of_a_version_does_not_hang_on_which_others_are_kept(
    tmp_path: Path, twice: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(twice.root, tmp_path / "project", symlinks=True)
    project = open_project(tmp_path / "project")
    described = {suffix: (project.build / f"site/version/2/index{suffix}").read_bytes() for suffix in (".ttl", ".nt")}
    shutil.rmtree(project.build / "versions/0001")
    _relabel(project, "Make libel no crime", "Libel as no crime")
    build.build(project)
    site, snapshot = project.build / "site", open_snapshot(project, versions.require_newest(project.build))
    for path in (site / "version/2").iterdir():
        if path.is_file():
            page = routes.page(snapshot, path.relative_to(site).as_posix())
            assert page is not None, path
            assert page.content == path.read_bytes(), path
    for suffix, content in described.items():
        assert (site / f"version/2/index{suffix}").read_bytes() == content
    assert b"previousVersion" in described[".nt"]
    # What changed since a version that is no longer kept cannot be told by anybody: here it is the first one.
    assert json.loads((site / "version/2/changes.json").read_text(encoding="utf-8"))["since"] is None
    # Later builds read that, and do not compare the stores each time.
    monkeypatch.setattr(history, "version_changes", lambda *_: pytest.fail("two stores were compared"))
    again = open_snapshot(project, versions.require_newest(project.build)).version_entries["2"]
    assert again.change_summary["since"] is None


def test_hostile_words_are_words_in_the_feed(tmp_path: Path, small_built_once: Project) -> None:
    shutil.copytree(small_built_once.root, tmp_path / "project", symlinks=True)
    project = open_project(tmp_path / "project")
    _relabel(project, "Decriminalise libel", '"</div><script>alert(1)</script>&amp; ]]> \\uFFFF"')
    build.build(project)
    found = feedparser.parse((project.build / "site/feed.xml").read_bytes(), sanitize_html=False)
    assert not found.bozo
    assert "<script" not in found.entries[0].content[0].value.replace("&lt;script", "")
