"""Everything of a person in one file, which anybody can read, and count up again, without this program."""

import io
import json
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from packing import PASSPHRASE, content_of, exported
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.cli import main
from wallet.schema import metadata
from wallet.vault import envelope
from wallet.vault.declared import BY_NAME, PORTABLE
from wallet.vault.errors import BadVault, WrongPassphrase
from wallet.vault.file import content_hash
from wallet.vault.staying import STAYS

EXAMPLE = Path(__file__).parents[2] / "docs/examples/vault_hash.py"


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch):
    monkeypatch.setattr(envelope, "COST", 2**10)


@pytest.fixture
def command(house, monkeypatch):
    """The command line of this very house."""
    monkeypatch.setattr("wallet.commands.vault.open_here", lambda: house)
    return lambda *arguments, typed=None: CliRunner().invoke(main, [str(one) for one in arguments], input=typed)


def test_every_table_is_said_to_go_along_or_to_stay():
    declared = [one.table.name for one in (*PORTABLE, *STAYS)]

    assert sorted(declared) == sorted(metadata.tables)


def test_of_what_goes_along_every_column_is_plain():
    """A new column that holds sealed bytes would go along as bytes that nobody can open."""
    for one in PORTABLE:
        sealed = {column.name for column in one.table.columns if column.name.endswith("_sealed")}
        assert {each.column for each in one.sealed} == sealed - {*one.without}, one.name
        assert one.key[0] == "person_id", one.name


def test_it_holds_every_row_of_the_person_with_nothing_sealed(house, full):
    vault = exported(house, full)

    here = {"person_id": full.person.person_id}
    for name in BY_NAME:
        mine = [row for row in rows(house, name) if row["person_id"] == here["person_id"]]
        if name == "ledger":
            mine = [row for row in mine if row["seq"]]
        count = vault.execute(f"select count(*) from {name}").fetchone()[0]  # noqa: S608
        assert count == len(mine), name
        assert count, f"nobody here has used {name}"
    values = {row[0] for row in vault.execute("select value from values_now")}
    assert {"ana@example.org", "Müller", "Möhrchen"} <= values
    assert vault.execute("select login from people").fetchall() == [("Ana",)]
    assert len(vault.execute("select root from personas").fetchone()[0]) == 32


@on_sqlite_alone
def test_of_others_it_holds_nothing(app, house, full, moves_in):
    ben = moves_in("Ben")

    everything = content_of(exported(house, full))

    assert ben.person_id not in everything
    assert "Ben" not in everything


@on_sqlite_alone
def test_anybody_can_count_its_content_up_again(house, full, command, tmp_path):
    path = tmp_path / "ana.sqlite"

    done = command("export", "ana", path, "--in-the-clear", "--yes")

    assert done.exit_code == 0, done.output
    said = sqlite3.connect(path).execute("select content_hash from vault").fetchone()[0]
    assert said in done.output
    assert said == house.database.read(content_hash, house.secrets, person_id=full.person.person_id)
    again = subprocess.run([sys.executable, EXAMPLE, path], capture_output=True, text=True, check=True)
    assert again.stdout.strip() == said


@on_sqlite_alone
def test_datasette_shows_it(house, full, command, tmp_path):
    path = tmp_path / "ana.sqlite"
    command("export", "ana", path, "--in-the-clear", "--yes")

    def ask(address):
        called = [sys.executable, "-m", "datasette", "serve", "--get", address, path]
        return json.loads(subprocess.run(called, capture_output=True, text=True, check=True).stdout)

    found = ask("/ana/values_now.json?_shape=objects")["rows"]
    assert {"persona": "Me", "attribute": "email", "value": "ana@example.org"}.items() <= next(
        row for row in found if row["attribute"] == "email"
    ).items()
    assert {one["name"] for one in ask("/ana.json")["tables"]} >= {*BY_NAME, "vendors", "vault"}


@on_sqlite_alone
def test_in_the_clear_it_asks_first_and_is_for_its_owner_alone(house, full, command, tmp_path):
    path = tmp_path / "ana.sqlite"

    refused = command("export", "ana", path, "--in-the-clear", typed="n\n")

    assert refused.exit_code == 1
    assert "Whoever gets hold of it can be Ana to all of them" in refused.output
    assert not path.exists()
    assert command("export", "ana", path, "--in-the-clear", typed="y\n").exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("ana")] == ["ana.sqlite"]


@on_sqlite_alone
def test_it_is_written_over_nothing(house, full, command, tmp_path):
    there, link = tmp_path / "there.vault", tmp_path / "link.vault"
    there.write_text("mine")
    link.symlink_to(tmp_path / "elsewhere")

    for path in (there, link):
        done = command("export", "ana", path, "--passphrase-stdin", typed=PASSPHRASE)
        assert (done.exit_code, "is there already" in done.output) == (1, True)

    assert there.read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()


@on_sqlite_alone
def test_what_is_asked_in_vain_leaves_no_file(house, full, command, tmp_path):
    for name, arguments, typed in (
        ("ana.vault", ["--passphrase-stdin"], "short\n"),
        ("ana.vault", ["--in-the-clear", "--yes"], None),
        ("ana.sqlite", ["--passphrase-stdin"], PASSPHRASE),
    ):
        with nothing_changes(house):
            assert command("export", "ana", tmp_path / name, *arguments, typed=typed).exit_code != 0
        assert not (tmp_path / name).exists()
    assert command("export", "nobody", tmp_path / "no.vault", typed=PASSPHRASE).exit_code == 1


@on_sqlite_alone
def test_sealed_it_shows_nothing_without_the_passphrase(house, full, command, tmp_path):
    path = tmp_path / "ana.vault"

    done = command("export", "ana", path, "--passphrase-stdin", typed=PASSPHRASE)

    assert done.exit_code == 0, done.output
    content = path.read_bytes()
    assert b"SQLite" not in content
    assert b"ana@example.org" not in content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert opened(content, PASSPHRASE).startswith(b"SQLite format 3\0")


def opened(content, passphrase):
    file = io.BytesIO(content)
    assert file.readline() == envelope.FIRST_LINE
    return envelope.opened(file, passphrase)


def test_a_sealed_file_that_was_changed_does_not_open(monkeypatch):
    monkeypatch.setattr(envelope, "CHUNK", 100)
    plain = bytes(range(250))
    head, *chunks = envelope.sealed(plain, PASSPHRASE)
    assert len(chunks) == 3
    assert opened(b"".join([head, *chunks]), PASSPHRASE) == plain

    first, second, last = chunks
    for told, changed in {
        "a chunk left out": (first, last),
        "the last left out": (first, second),
        "reordered": (second, first, last),
        "one twice": (first, first, second, last),
        "the end cut": (first, second, last[:-1]),
        "more at the end": (first, second, last, b"x"),
        "a letter changed": (first, second[:-1] + bytes([second[-1] ^ 1]), last),
        "nothing": (),
    }.items():
        with pytest.raises(BadVault):
            assert opened(b"".join([head, *changed]), PASSPHRASE) == told
    with pytest.raises(WrongPassphrase):
        opened(b"".join([head, *chunks]), PASSPHRASE + "!")
    with pytest.raises(BadVault):
        opened(head[:-1], PASSPHRASE)


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 200])
def test_a_sealed_file_of_any_length_opens(monkeypatch, size):
    monkeypatch.setattr(envelope, "CHUNK", 100)

    assert opened(b"".join(envelope.sealed(b"x" * size, PASSPHRASE)), PASSPHRASE) == b"x" * size
