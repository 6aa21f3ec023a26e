"""The docs say what is: every endpoint, error, command and link in them exists, and none is missing."""

import re
import subprocess
from pathlib import Path

import click
import pytest

from vendor_api import advertised, endpoints
from vendor_api.errors import VendorApiError
from vendor_api.vendors.metadata import KNOWN
from wallet.cli import main
from wallet.data.catalogue import CATALOGUE

ROOT = Path(__file__).parent.parent
VENDORS = (ROOT / "docs/vendors.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_every_vendor_endpoint_is_in_the_docs_and_every_documented_one_exists():
    documented = set(re.findall(r"`(/(?:oauth|\.well-known|contact|desk|intents)/[^`]*)`", VENDORS))

    assert {*endpoints.ENDPOINTS, *(route.rule for route in endpoints.BROWSER)} == documented


def refusals(kind):
    """With all that refuse more exactly, in whatever module."""
    return {kind}.union(*map(refusals, kind.__subclasses__()))


def test_every_error_code_is_explained_and_every_explained_one_exists():
    codes = {kind.error for kind in refusals(VendorApiError)}
    table = VENDORS.split("## Errors")[1]
    explained = {
        code for row in re.findall(r"^\| (`[^|]*) \|", table, re.M) for code in re.findall(r"`([a-z_]+)`", row)
    }

    assert codes == explained


def test_every_metadata_member_is_explained():
    explained = set(re.findall(r"`([a-z_]+)`", VENDORS.split("## Ask")[0]))

    assert explained >= KNOWN - {"client_name", "response_types", "subject_type"}


def test_every_attribute_that_can_be_asked_for_is_in_the_docs():
    listed = set(re.findall(r"`([a-z_0-9.]+)`", VENDORS.split("## What can be asked for")[1].split("\n## ")[0]))

    assert listed >= {name for name, attribute in CATALOGUE.items() if not attribute.fact}


def commands(group: click.Group, path: str) -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command
        found.append((f"{path} {name}", command))
        if isinstance(command, click.Group):
            found += commands(command, f"{path} {name}")
    return found


@pytest.mark.parametrize(
    ("name", "command"), commands(main, "wallet"), ids=lambda part: part if isinstance(part, str) else ""
)
def test_every_command_shows_an_example_that_begins_with_it(name: str, command: click.Command):
    example = re.search(r"Example: (.*)", command.help or "")

    assert example, f"{name} --help has no example"
    assert name.removesuffix(" read") in example[1]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path):
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8"))]

    missing = [link for link in links if link and "://" not in link and not (page.parent / link).exists()]

    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_heading_leads_to_one(page: Path):
    links = [link.partition("#") for link in re.findall(r"\]\(([^)]+#[^)]+)\)", page.read_text(encoding="utf-8"))]
    inside = [(page.parent / path if path else page, name) for path, _, name in links if "://" not in path]

    assert [(to.name, name) for to, name in inside if name not in anchors(to)] == []


def anchors(page: Path) -> set[str]:
    """The names that headings go by where these pages are shown."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_section_for_vendors_stands_in_the_contents():
    contents, *sections = VENDORS.split("\n## ")
    named = set(re.findall(r"\(#([^)]+)\)", contents))

    parts = {re.sub(r"[^\w -]", "", part.partition("\n")[0].lower()).replace(" ", "-") for part in sections}
    assert parts <= named


def test_every_attack_names_tests_and_each_of_them_exists():
    rows = re.findall(r"^\|(.+)\|$", (ROOT / "docs/attacks.md").read_text(encoding="utf-8"), re.M)
    attacks = [row for row in rows if not row.startswith(("---", " what somebody tries "))]
    named = {row: re.findall(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`", row.rpartition(" | ")[2]) for row in attacks}

    assert named
    assert [row for row, tests in named.items() if not tests] == []
    assert [test for tests in named.values() for test in tests if not is_a_test(*test)] == []


def test_every_promise_names_what_tries_it_on_each_side_and_each_of_those_exists():
    text = (ROOT / "docs/promises.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+) \| (.+) \|$", text, re.M)
    sides = [side for promise, *both in rows if promise != "the promise" for side in both if side != "-"]
    named = {side: re.findall(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`", side) for side in sides}

    assert named
    assert [side for side, tests in named.items() if not tests] == []
    assert [test for tests in named.values() for test in tests if not is_a_test(*test)] == []


def is_a_test(file: str, name: str) -> bool:
    return (ROOT / file).is_file() and f"\ndef {name}(" in (ROOT / file).read_text(encoding="utf-8")


def test_every_make_target_in_the_docs_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = {target for page in PAGES for target in re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8"))}

    assert named <= targets


def test_make_help_lists_what_one_can_do():
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert {"demo", "test", "lint", "bench", "serve", "help"} <= set(re.findall(r"make ([a-z]+)", listed))


def test_what_is_ours_stands_in_discovery_with_nothing_left_out_and_is_documented():
    """All of the dialogue; what needs an id behind its path is found under the path before it."""
    ours = {
        path
        for path in endpoints.ENDPOINTS
        if path.startswith(("/contact/", "/desk/", "/intents/")) and "<" not in path
    }

    assert {path for path in advertised.ENDPOINTS.values() if not path.startswith("/oauth/")} == ours
    assert all(any(there.startswith(path) for there in endpoints.ENDPOINTS) for path in advertised.ENDPOINTS.values())
    assert {name for name in (*advertised.ENDPOINTS, *advertised.WORDS) if f"`{name}`" not in VENDORS} == set()
