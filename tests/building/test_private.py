"""What is private stays on the machine: no byte of what is built, exported, printed or compared contains it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from conftest import Run
from rejoinder.config import Project
from rejoinder.dossiers.reader import open_reader

SECRETS = ("zyxwomna", "Zyxwomna", "quorvex", "Quorvex", "blimthar", "Blimthar")
"""Words that occur in nothing but the private entries: a person's id and name, a claim's, a real name."""

PEOPLE = """\
affectedPersons:
  zyxwomna:
    label: Zyxwomna the prisoner
    describedAs: prisoner
    private: true
    anchor: short#p003
  witness-a:
    label: Witness A
    pseudonym: true
    realName: Blimthar the witness
    anchor: short#p003
"""

ENTRIES = """
incidents:
  "#incident-arrest":
    label: Two persons were arrested
    affected: [zyxwomna, witness-a]
    anchor: "#p003"
statistics:
  "#statistic-quorvex":
    label: Quorvex arrests
    private: true
    value: 2
    unit: Quorvex
    parts:
      "#part-quorvex": {label: Quorvex part, value: 2}
    anchor: "#p003"
"""


def with_private_entries(project: Project) -> None:
    """Add private entries to the project: a person, a claim with all that refers to it, a figure, a real name."""
    people, report = project.data / "person.yaml", project.data / "report" / "short.yaml"
    people.write_text(people.read_text() + PEOPLE)
    text = report.read_text() + ENTRIES
    text = text.replace('expresses: "#claim-registration"', 'expresses: ["#claim-registration", "#claim-quorvex"]')
    text = text.replace(
        "\nclaims:\n",
        '\nclaims:\n  "#claim-quorvex":\n    label: Quorvex is claimed\n    private: true\n    anchor: "#p002"\n\n',
    )
    report.write_text(text)


def leaks(folder: Path) -> list[str]:
    """Return the files under the folder that contain a secret, in their names or bytes, packed ones unpacked."""
    found = []
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        if any(secret in path.name or secret.encode() in content for secret in SECRETS):
            found.append(path.relative_to(folder).as_posix())
    return found


LABELLED = """\
SELECT ?s {
  GRAPH ?g { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label }
  FILTER (CONTAINS(STR(?s), "short#"))
}"""


def test_nothing_that_is_printed_built_or_exported_contains_what_is_private(small: Project, run: Run) -> None:
    with_private_entries(small)
    report, out = small.data / "report" / "short.yaml", small.root / "out"
    out.mkdir()
    said = [run("check"), run("build")]
    report.write_text(report.read_text().replace("Two persons were arrested", "Two persons were arrested in May"))
    said += [run("build"), run("diff"), run("diff", "-f", "json"), run("ask", "persons-affected", "-f", "json")]
    said += [run("sparql", "SELECT * { GRAPH ?g { ?s ?p ?o } }", "-f", "json")]
    said += [run("export", out / name) for name in ("all.trig", "all.nq", "all.jsonld", "all.ttl", "all.nt")]
    assert [each.returncode for each in said] == [0] * len(said), [each.stderr for each in said]

    assert leaks(small.data), "the search finds the secrets where they are"
    assert not [each for each in said if any(secret in each.stdout + each.stderr for secret in SECRETS)]
    assert not leaks(small.build)
    assert not leaks(out)
    text = (out / "all.nt").read_text()  # the rest of the entries is published
    assert "Two persons were arrested in May" in text
    assert "Witness A" in text
    assert 'ns#pseudonymous> "true"' in text
    assert 'ns#private> "' not in text
    assert 'ns#realName> "' not in text


def test_what_was_public_before_is_not_published_beside_its_removal(small: Project, run: Run) -> None:
    """The pages of changes would show an entry that is private now, so the build says what to remove."""
    with_private_entries(small)
    people = small.data / "person.yaml"
    people.write_text(people.read_text().replace("    private: true\n", ""))
    assert run("build", "--no-site").returncode == 0
    people.write_text(
        people.read_text().replace("describedAs: prisoner\n", "describedAs: prisoner\n    private: true\n")
    )
    built = run("build")
    assert built.returncode == 2
    assert "an entry that is private here is in the versions built before; remove the folder build" in built.stderr
    assert "Zyxwomna" not in built.stderr


@pytest.mark.slow
def test_what_a_version_in_between_no_longer_had_is_not_published_either(small: Project, run: Run) -> None:
    """The site has the files of every version, so the last one alone does not tell what it shows."""
    with_private_entries(small)
    people, report = small.data / "person.yaml", small.data / "report" / "short.yaml"
    text = people.read_text()
    public = text.replace("    private: true\n", "")
    without = text.replace(PEOPLE[PEOPLE.index("  zyxwomna") : PEOPLE.index("  witness-a")], "")
    said = []
    for people_now, affected in ((public, "[zyxwomna, witness-a]"), (without, "witness-a"), (text, "witness-a")):
        people.write_text(people_now)
        report.write_text(re.sub("affected: .*", f"affected: {affected}", report.read_text()))
        said.append(run("build"))
    assert [each.returncode for each in said] == [0, 0, 2], said[1].stderr
    assert "an entry that is private here is in the versions built before" in said[2].stderr


def test_a_name_that_gave_way_to_a_pseudonym_is_not_published_beside_it(small: Project, run: Run) -> None:
    """The pages of changes would say that the label was the real name before."""
    with_private_entries(small)
    people = small.data / "person.yaml"
    text = people.read_text()
    named = text.replace("    pseudonym: true\n", "").replace("    realName: Blimthar the witness\n", "")
    people.write_text(named.replace("label: Witness A", "label: Blimthar the witness"))
    assert run("build", "--no-site").returncode == 0
    people.write_text(text)
    built = run("build")
    assert built.returncode == 2
    assert "the real name of somebody under a pseudonym is in the versions built before" in built.stderr
    assert "Blimthar" not in built.stdout + built.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Two persons were arrested", "Two persons and BLÍMTHAR  the Witness were arrested"),
        ('"#incident-arrest"', '"#incident-blimthar-the-witness"'),
    ],
    ids=["text", "id"],
)
def test_a_real_name_elsewhere_in_the_project_is_told_and_not_repeated(
    small: Project, run: Run, old: str, new: str
) -> None:
    with_private_entries(small)
    report = small.data / "report" / "short.yaml"
    report.write_text(report.read_text().replace(old, new))
    checked = run("check")
    assert checked.returncode != 0
    assert "the real name of somebody under a pseudonym (`realName`) stands here" in checked.stdout + checked.stderr
    assert "limthar" not in (checked.stdout + checked.stderr).lower()


def test_an_entry_that_is_nothing_without_a_private_one_is_told_why(small: Project, run: Run) -> None:
    with_private_entries(small)
    report = small.data / "report" / "short.yaml"
    report.write_text(report.read_text().replace("affected: [zyxwomna, witness-a]", "affected: zyxwomna"))
    checked = run("check")
    assert checked.returncode == 1
    assert "refers to something that is private or waits for a second person, which counts as missing" in checked.stdout
    assert "yxwomna" not in checked.stdout + checked.stderr


def test_a_claim_of_a_private_statement_is_told_that_the_statement_is_private(small: Project, run: Run) -> None:
    report = small.data / "report" / "short.yaml"
    text = report.read_text().replace(
        "    label: The delegation spoke about registration\n",
        "    label: The delegation spoke about registration\n    private: true\n",
    )
    report.write_text(text)
    checked = run("check")
    assert checked.returncode == 1
    assert (
        "#claim-registration: The statement that expresses this is private or waits for a second person, which counts "
        "as missing: make this private, too, or publish the statement."
    ) in checked.stdout
    assert "list it under `expresses`" not in checked.stdout


def test_a_statement_of_a_private_speaker_is_told_what_to_do(small: Project, run: Run) -> None:
    people = small.data / "person.yaml"
    people.write_text(re.sub(r"(?m)^  the-official:\n", r"\g<0>    private: true\n", people.read_text()))
    checked = run("check")
    assert checked.returncode == 1
    assert "which counts as missing: make this private, too, or publish that." in checked.stdout


TURTLE = """\
@prefix rj: <https://w3id.org/rejoinder/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<> a rj:Collection ; rdfs:label "Others"@en ; rj:hasPerson <zyxwomna> , <open-person> ; {head} .
<zyxwomna> a rj:Person ; rdfs:label "Zyxwomna"@en ; rj:private {value} .
<open-person> a rj:Person ; rdfs:label "An open person"@en .
"""


@pytest.mark.parametrize("value", ["true", '"1"', '"yes"', '"True"', '"true "', '"ja"@de', '""'])
def test_in_turtle_only_a_plain_no_keeps_an_entry_public(small: Project, value: str) -> None:
    path = small.data / "other.ttl"
    path.write_text(TURTLE.format(value=value, head='rj:lang "en"'))
    assert not leaked(small, path)


def test_what_a_private_document_contains_is_private(small: Project) -> None:
    path = small.data / "other.ttl"
    path.write_text(TURTLE.format(value="false", head="rj:private true"))
    assert not leaked(small, path)


def leaked(project: Project, path: Path) -> list[str]:
    """Return the statements of the file that the reader gives on with a secret."""
    quads = open_reader(project.base, project.data).read(path).quads
    return [str(quad) for quad in quads if any(secret in str(quad) for secret in SECRETS)]


def test_only_what_a_second_person_confirmed_is_published_with_four_eyes(small: Project, run: Run) -> None:
    settings, report = small.root / "rejoinder.toml", small.data / "report" / "short.yaml"
    organisations = small.data / "organisation.yaml"
    settings.write_text(settings.read_text().replace("[server]", "four_eyes = true\n[server]", 1))
    if "four_eyes" not in settings.read_text():
        settings.write_text("four_eyes = true\n" + settings.read_text())
    organisations.write_text(organisations.read_text() + "  second-reader:\n    label: A second reader\n")
    confirmed = '    status: confirmed\n    confirmedBy: {}\n    anchor: "#p001"'
    text = report.read_text()
    text = text.replace(
        '    list: closed\n    anchor: "#p001"', "    list: closed\n" + confirmed.format("second-reader"), 1
    )
    text = text.replace(
        "    about: registration\n    attributedTo",
        "    status: confirmed\n    confirmedBy: my-organisation\n    about: registration\n    attributedTo",
        1,
    )
    statistic = ENTRIES[ENTRIES.index("statistics:") :].replace("    private: true\n", "").replace("quorvex", "figure")
    report.write_text(text + "\n" + statistic)
    built = run("build", "--no-site")
    assert (
        "not published: nobody but the editors confirmed them; write status: confirmed" in built.stdout + built.stderr
    )
    answer = run("sparql", LABELLED, "-f", "csv")
    published = {line.rpartition("#")[2] for line in answer.stdout.splitlines()[1:]}
    # The evidence was confirmed by its own editor, the rest by nobody: no part of a figure either.
    assert published == {"report", "concern-registration"}
