"""The command line: what it does, what it prints, and that a failure is one sentence and leaves nothing behind."""

import base64
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from storage import rows

from keys.signing import ALGORITHMS
from keys.tables import metadata
from wallet import serving
from wallet.cli import main
from wallet.data.engine import current_values
from wallet.database import Database
from wallet.people.engine import find_person_by_login
from wallet.sharing.stamping import stamp_all

MASTER = b"m" * 32
PASSWORD = "correct horse battery"
ROOT = Path(__file__).parents[2]
SHOP = {"client_id": "shop", "client_name": "Shop", "redirect_uris": ["https://shop.example/back"]}
COMMANDS = [
    ["person", "add"],
    ["person", "set"],
    ["person", "list"],
    ["person", "invite"],
    ["person", "erase"],
    ["vendor", "add"],
    ["vendor", "caps"],
    ["vendor", "list"],
    ["vendor", "health"],
    ["vendor", "remove"],
    ["vendor", "invite"],
    ["vendor", "staff", "add"],
    ["vendor", "staff", "list"],
    ["mail", "receive"],
    ["letters", "print"],
    ["keys", "list"],
    ["keys", "rotate"],
    ["keys", "change-master"],
    ["ledger"],
    ["ledger", "read"],
    ["ledger", "verify"],
    ["export"],
    ["import"],
    ["dispute", "export"],
    ["dispute", "verify"],
    ["records", "import"],
    ["serve"],
    ["backup"],
    ["restore"],
]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Terminal:
    """Somebody who types commands, in this process or, with `really`, in one of their own."""

    def __init__(self, home, **environment):
        self.home = home
        self.environment = {"WALLET_HOME": str(home), **environment}

    def __call__(self, *arguments, typed=None, **environment):
        return CliRunner().invoke(main, arguments, input=typed, env={**self.environment, **environment})

    def really(self, *arguments, typed=None, cwd=None, **environment):
        ours = {name: value for name, value in os.environ.items() if not name.startswith("WALLET_")}
        return subprocess.run(
            [sys.executable, "-m", "wallet", *arguments],
            input=typed,
            capture_output=True,
            cwd=cwd,
            env={**ours, "PYTHONPATH": str(ROOT), **self.environment, **environment},
            timeout=60,
            check=False,
        )

    def adds(self, login="ana"):
        return self("person", "add", login, "--password-stdin", typed=PASSWORD + "\n")

    @property
    def database(self):
        return self.environment.get("WALLET_DATABASE_URL") or f"sqlite:///{self.home / 'wallet.db'}"

    def sql(self, statement, **parameters):
        engine = Database(self.database).engine
        with engine.begin() as db:
            db.execute(text(statement), parameters)
        engine.dispose()

    def contents(self):
        """Everything that is stored."""
        engine = Database(self.database).engine
        with engine.connect() as db:
            found = {name: sorted(map(repr, db.execute(select(table)))) for name, table in metadata.tables.items()}
        engine.dispose()
        return found


@pytest.fixture
def terminal(tmp_path, database_url, monkeypatch):
    """In front of a wallet with schema and keys, on each engine."""
    for name in [name for name in os.environ if name.startswith("WALLET_")]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    key = home / "master.key"
    key.write_bytes(base64.b64encode(MASTER))
    key.chmod(0o600)
    return Terminal(home, WALLET_DATABASE_URL=database_url)


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """In front of nothing yet."""
    for name in [name for name in os.environ if name.startswith("WALLET_")]:
        monkeypatch.delenv(name)
    return Terminal(tmp_path / "nothing" / "yet")


def fails(result, *, code=1):
    """The one sentence on stderr of a command that failed as it should."""
    output, said = (result.stdout, result.stderr)
    if isinstance(said, bytes):
        output, said = output.decode(), said.decode()
    status = result.exit_code if hasattr(result, "exit_code") else result.returncode
    assert status == code, said
    assert "Traceback" not in said
    assert output == ""
    lines = said.strip().splitlines()
    assert lines[-1].startswith("Error: ")
    assert code == 2 or (len(lines) == 1 and lines[0].endswith(".")), said
    return lines[-1].removeprefix("Error: ")


@pytest.fixture
def refuses(terminal):
    """Runs a command that fails, and sees that nothing changed."""

    def refuses(*arguments, code=1, **kwargs):
        before = terminal.contents()
        said = fails(terminal(*arguments, **kwargs), code=code)
        assert terminal.contents() == before
        return said

    return refuses


def vendor_file(tmp_path, content):
    path = tmp_path / "vendors.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


# every command


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_of_every_command_has_an_example_that_names_it(command):
    result = CliRunner().invoke(main, [*command, "--help"])

    said = " ".join(word for word in command if word != "read")
    assert result.exit_code == 0
    assert re.search(rf"^ *Example: (.*\| )?wallet {said}", result.output, re.MULTILINE)


def test_the_list_of_commands_above_is_complete():
    def leaves(command, path=()):
        if not isinstance(command, click.Group):
            return {path}
        names = command.list_commands(None)
        return {leaf for name in names for leaf in leaves(command.get_command(None, name), (*path, name))}

    assert {leaf for leaf in leaves(main) if leaf[0] != "demo"} == {*map(tuple, COMMANDS)} - {("ledger",)}


@pytest.mark.parametrize("command", [[], ["person"], ["vendor"], ["keys"]], ids=" ".join)
def test_a_word_that_is_no_command_is_wrong_usage(command):
    fails(CliRunner().invoke(main, [*command, "frobnicate"]), code=2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["person", "add"],
        ["person", "set", "ana"],
        ["person", "list", "--frobnicate"],
        ["vendor", "add"],
        ["vendor", "remove"],
        ["ledger", "verify"],
        ["keys", "list", "too", "many"],
        ["serve", "--port", "many"],
        ["serve", "--port", "0"],
        ["serve", "--port", "65536"],
        ["serve", "--workers", "0"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_before_anything_is_made(empty, arguments):
    fails(empty(*arguments), code=2)

    assert not empty.home.exists()


@on_sqlite
def test_the_module_is_the_command(terminal):
    result = terminal.really("person", "list")

    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


# people


def test_people_are_added_and_listed_one_a_line(terminal):
    assert terminal.adds("ana").output == "Added ana.\n"
    assert terminal.adds("Böb").output == "Added Böb.\n"

    assert terminal("person", "list").output == "ana\nBöb\n"
    listed = json.loads(terminal("person", "list", "--json").output)
    assert [person["login"] for person in listed] == ["ana", "Böb"]
    assert all(isinstance(person["created_at"], int) for person in listed)


def test_a_person_may_be_added_with_a_name(terminal, house):
    terminal("person", "add", "ana", "--name", "Ana Müller", "--password-stdin", typed=PASSWORD)

    assert values(house, "ana") == {"name": "Ana Müller"}


def values(house, login):
    person = house.database.read(find_person_by_login, house.secrets, login=login)
    ids = {"person_id": person.person_id, "persona_id": person.persona_id}
    found = house.database.read(current_values, house.secrets, **ids)
    return {name: value.value for name, value in found.items()}


def test_a_password_without_standard_input_is_asked_for_twice_and_not_shown(terminal):
    result = terminal("person", "add", "ana", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert terminal("person", "list").output == "ana\n"


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("", PASSWORD),
        ("   ", PASSWORD),
        ("x" * 65, PASSWORD),
        ("a\0b", PASSWORD),
        ("a\nb", PASSWORD),
        ("ana\u200b", PASSWORD),
        ("\udcff", PASSWORD),
        ("ana", ""),
        ("ana", "kurz"),
        ("ana", "x" * 1025),
        ("ana", "x" * 100_000),
    ],
    ids=lambda text: repr(text[:8]),
)
@on_sqlite
def test_a_login_or_password_that_will_not_do_adds_nobody(refuses, login, password):
    said = refuses("person", "add", login, "--password-stdin", typed=password)

    assert not password or password not in said


def test_a_login_that_is_taken_is_refused_in_any_spelling(terminal, refuses):
    terminal.adds("ana")

    assert "taken" in refuses("person", "add", "ANA", "--password-stdin", typed=PASSWORD)


def test_a_name_that_will_not_do_adds_nobody(refuses):
    refuses("person", "add", "ana", "--name", "\a", "--password-stdin", typed=PASSWORD)


@on_sqlite
def test_a_password_that_is_not_utf_8_is_refused_in_a_sentence(terminal):
    said = fails(terminal.really("person", "add", "ana", "--password-stdin", typed=b"\xff" * 20))

    assert "UTF-8" in said
    assert terminal("person", "list").output == ""


def test_values_are_set_all_at_once_and_replace_what_was_there(terminal, house):
    terminal.adds()
    assert terminal("person", "set", "ana", "email=ana@example.org", "address.locality=Köln").exit_code == 0
    result = terminal("person", "set", "ANA", "email=ana@home.example", "household.size=3")

    assert result.output == "Set email, household.size.\n"
    assert values(house, "ana") == {
        "email": "ana@home.example",
        "address.locality": "Köln",
        "household.size": 3,
    }


def test_a_value_may_contain_an_equals_sign(terminal, house):
    terminal.adds()
    terminal("person", "set", "ana", "website=https://ana.example/?a=b")

    assert values(house, "ana") == {"website": "https://ana.example/?a=b"}


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ("household.size=many", "household.size"),
        ("email=", "email"),
        ("no.such.attribute=1", "no.such.attribute"),
        ("name=a\0b", "name"),
        ("name=\udcff", "name"),
        ("\udcff=1", "no such attribute"),
        ("email_verified=true", "email_verified"),
        ("sub=1", "sub"),
    ],
    ids=repr,
)
@on_sqlite
def test_one_bad_value_among_good_ones_sets_none(terminal, refuses, bad, named):
    terminal.adds()

    for place in range(3):
        pairs = ["email=ana@example.org", "given_name=Ana"]
        pairs.insert(place, bad)
        assert named in refuses("person", "set", "ana", *pairs)


@pytest.mark.parametrize("bad", ["email", "=ana@example.org", "="])
@on_sqlite
def test_what_is_not_name_and_value_is_wrong_usage(terminal, refuses, bad):
    terminal.adds()

    assert "NAME=VALUE" in refuses("person", "set", "ana", "given_name=Ana", bad, code=2)


def test_a_login_nobody_has_is_said_so(terminal, refuses):
    terminal.adds()

    for login in ("bob", "x" * 500, "Ωmega"):
        for command in (
            ["person", "set", login, "email=a@example.org"],
            ["ledger", login],
            ["ledger", "verify", login],
        ):
            assert "wallet person list" in refuses(*command)


def test_a_dispute_with_a_vendor_nobody_answered_is_refused_in_a_sentence(terminal):
    terminal("person", "add", "ana", "--password-stdin", typed=PASSWORD)

    done = terminal("dispute", "export", "ana", "stadtwerke")

    assert (done.exit_code, done.output) == (1, "Error: ana has agreed nothing with stadtwerke.\n")


def test_an_invitation_is_printed_as_a_link(terminal):
    link = terminal("person", "invite", WALLET_ISSUER="https://wallet.example").output.strip()

    assert re.fullmatch(r"https://wallet\.example/sign-up\?invitation=[\w-]{43}", link)


# vendors


def test_a_vendor_is_registered_from_a_file_with_its_own_id_and_secret(terminal, tmp_path):
    given = SHOP | {"client_secret": "a secret that was agreed before", "purposes": {"email": "Für die Rechnung"}}

    registered = json.loads(terminal("vendor", "add", vendor_file(tmp_path, given)).output)

    assert {name: registered[name] for name in given} == given
    assert terminal("vendor", "list").output == "shop\tShop\n"


def test_a_vendor_gets_an_id_and_a_secret_where_none_were_given(terminal, tmp_path):
    path = vendor_file(tmp_path, {"redirect_uris": ["https://shop.example/back"]})

    registered = json.loads(terminal("vendor", "add", path).output)

    assert len(registered["client_id"]) >= 20
    assert len(registered["client_secret"]) >= 40
    assert terminal("vendor", "list").output == f"{registered['client_id']}\t\n"


def test_a_public_vendor_has_no_secret_even_if_one_was_given(terminal, tmp_path):
    given = SHOP | {"token_endpoint_auth_method": "none", "client_secret": "not needed"}

    assert "client_secret" not in json.loads(terminal("vendor", "add", vendor_file(tmp_path, given)).output)


def test_vendors_come_in_an_array_and_from_standard_input(terminal):
    given = [SHOP, SHOP | {"client_id": "other"}]

    registered = json.loads(terminal("vendor", "add", "-", typed=json.dumps(given)).output)

    assert [vendor["client_id"] for vendor in registered] == ["shop", "other"]
    listed = json.loads(terminal("vendor", "list", "--json").output)
    assert {vendor["client_id"] for vendor in listed} == {"shop", "other"}


def test_secrets_are_shown_once_and_kept_as_digests_only(terminal, tmp_path):
    secret = json.loads(terminal("vendor", "add", vendor_file(tmp_path, SHOP)).output)["client_secret"]

    assert secret not in terminal("vendor", "list", "--json").output
    assert secret not in str(terminal.contents())


def test_what_is_printed_is_json_in_any_terminal(terminal):
    """A secret that can not be printed would be lost."""
    given = SHOP | {"client_name": "Bäckerei 🥐"}

    result = terminal.really("vendor", "add", "-", typed=json.dumps(given).encode(), PYTHONIOENCODING="ascii")

    assert json.loads(result.stdout)["client_name"] == "Bäckerei 🥐"
    assert json.loads(result.stdout)["client_secret"]
    listed = terminal.really("vendor", "list", "--json", PYTHONIOENCODING="ascii")
    assert json.loads(listed.stdout)[0]["client_name"] == "Bäckerei 🥐"


BROKEN = {
    "nothing": "",
    "no JSON": "shop",
    "half of it": '{"client_id": "shop"',
    "not UTF-8": b'{"client_name": "\xff"}',
    "too deep": "[" * 100_000,
    "not a number": '{"redirect_uris": ["https://shop.example/back"], "jwks": {"keys": [{"x": NaN}]}}',
    "half a character": json.dumps(SHOP | {"jwks": {"keys": [{"x": "\ud800"}]}}),
    "null": "null",
    "a number": "42",
    "a text": '"shop"',
    "an array of something else": "[[]]",
    "no redirect URI": json.dumps({"client_id": "shop"}),
    "redirect URIs as a text": json.dumps(SHOP | {"redirect_uris": "https://shop.example/back"}),
    "a number as redirect URI": json.dumps(SHOP | {"redirect_uris": [42]}),
    "http": json.dumps(SHOP | {"redirect_uris": ["http://shop.example/back"]}),
    "id is a number": json.dumps(SHOP | {"client_id": 42}),
    "id is empty": json.dumps(SHOP | {"client_id": ""}),
    "id is too long": json.dumps(SHOP | {"client_id": "x" * 500}),
    "id with NUL": json.dumps(SHOP | {"client_id": "a\0b"}),
    "secret is a list": json.dumps(SHOP | {"client_secret": []}),
    "name is an object": json.dumps(SHOP | {"client_name": {}}),
    "name with NUL": json.dumps(SHOP | {"client_name": "a\0b"}),
    "purposes is a list": json.dumps(SHOP | {"purposes": ["email"]}),
    "a purpose is a number": json.dumps(SHOP | {"purposes": {"email": 1}}),
    "PKCE is a text": json.dumps(SHOP | {"require_pkce": "no"}),
    "a private key": json.dumps(SHOP | {"jwks": {"keys": [{"d": "x"}]}}),
    "grant types is an object": json.dumps(SHOP | {"grant_types": {}}),
    "scope is a list": json.dumps(SHOP | {"scope": ["openid"]}),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
@on_sqlite
def test_a_file_that_describes_no_vendor_registers_none(terminal, refuses, content):
    refuses("vendor", "add", "-", typed=content)


def test_one_bad_vendor_among_good_ones_registers_none(refuses, tmp_path):
    for place in range(3):
        given = [SHOP, SHOP | {"client_id": "other"}]
        given.insert(place, SHOP | {"client_id": "bad", "redirect_uris": []})

        assert f"vendor {place + 1}: " in refuses("vendor", "add", vendor_file(tmp_path, given))


def test_a_client_id_that_is_registered_already_is_refused(terminal, refuses, tmp_path):
    terminal("vendor", "add", vendor_file(tmp_path, SHOP))

    assert "registered already" in refuses("vendor", "add", vendor_file(tmp_path, SHOP))
    assert "registered already" in refuses(
        "vendor", "add", vendor_file(tmp_path, [SHOP | {"client_id": "a"}, SHOP | {"client_id": "a"}])
    )


def test_a_file_that_is_not_there_is_wrong_usage(terminal, refuses, tmp_path):
    assert "missing.json" in refuses("vendor", "add", str(tmp_path / "missing.json"), code=2)
    refuses("vendor", "add", str(tmp_path), code=2)


def test_a_vendor_is_removed_with_its_tokens_and_only_once(terminal, refuses, tmp_path):
    terminal("vendor", "add", vendor_file(tmp_path, SHOP))

    assert terminal("vendor", "remove", "shop").output == "Removed shop.\n"
    assert terminal("vendor", "list").output == ""
    assert "wallet vendor list" in refuses("vendor", "remove", "shop")


@pytest.mark.parametrize(
    "client_id", ["", "x" * 10_000, "'; drop table vendors", "Ω"], ids=lambda text: repr(text[:20])
)
@on_sqlite
def test_a_vendor_nobody_registered_can_not_be_removed(terminal, refuses, tmp_path, client_id):
    terminal("vendor", "add", vendor_file(tmp_path, SHOP))

    refuses("vendor", "remove", client_id)


@on_sqlite
def test_a_name_that_is_not_utf_8_is_refused_in_a_sentence(terminal):
    for command in (
        ["vendor", "remove", b"\xff"],
        ["ledger", b"\xff"],
        ["person", "set", b"\xff", "email=a@b.example"],
    ):
        fails(terminal.really(*command))


def test_an_initial_access_token_is_printed(terminal):
    assert re.fullmatch(r"[\w-]{40,}\n", terminal("vendor", "invite").output)


# keys


def test_keys_are_listed_with_algorithm_state_and_id(terminal):
    rows = [row.split("\t") for row in terminal("keys", "list").output.splitlines()]
    listed = json.loads(terminal("keys", "list", "--json").output)

    assert sorted(row[:2] for row in rows) == sorted([alg, state] for alg in ALGORITHMS for state in ("active", "next"))
    assert [[key["alg"], key["state"], key["kid"]] for key in listed] == rows
    assert "private" not in json.dumps(listed)


def test_after_a_rotation_the_next_keys_sign_and_the_old_ones_are_still_known(terminal):
    def states(of):
        return {key["kid"]: key["state"] for key in json.loads(terminal("keys", "list", "--json").output) if of(key)}

    before = states(lambda key: True)
    assert terminal("keys", "rotate").output == f"{len(ALGORITHMS)} new keys sign from now on.\n"

    after = states(lambda key: key["kid"] in before)
    becomes = {"next": "active", "active": "retired"}
    assert after == {kid: becomes[state] for kid, state in before.items()}
    assert list(states(lambda key: key["kid"] not in before).values()) == ["next"] * len(ALGORITHMS)


# ledger


@pytest.fixture
def read_once(terminal, person, vendor):
    """Ana allowed her e-mail address, it was read, and she revoked."""
    page = person.opens(vendor.link(asking=["email", "birthdate"]))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json
    vendor.reads(tokens["access_token"])
    return terminal


def test_a_ledger_is_read_line_by_line_oldest_first(read_once):
    lines = read_once("ledger", "Ana").output.splitlines()

    assert [line.split()[3] for line in lines] == ["asked", "granted", "redeemed", "read"]
    assert lines[0].split() == ["1", "2027-01-15", "08:00:00", "asked", "Stadtwerke:", "birthdate,", "email"]
    assert "ana@example.org" not in "".join(lines)


def test_a_ledger_as_json_has_all_that_is_needed_to_check_it(read_once):
    found = json.loads(read_once("ledger", "Ana", "--json").output)

    assert [line["seq"] for line in found] == [1, 2, 3, 4]
    assert [line["previous"] for line in found] == ["", *(line["hash"] for line in found[:-1])]
    assert found[0].keys() == {"seq", "at", "action", "client_id", "grant_id", "detail", "previous", "hash", "salt"}
    assert "ana@example.org" not in json.dumps(found)


def test_a_ledger_that_holds_is_said_to_hold(read_once):
    result = read_once("ledger", "verify", "Ana")

    assert (result.exit_code, result.output) == (0, "The ledger of Ana holds: 4 lines, none changed, none missing.\n")


def test_a_ledger_of_somebody_nothing_happened_to_is_empty(terminal):
    terminal.adds()

    assert terminal("ledger", "ana").output == ""
    assert terminal("ledger", "ana", "--json").output == "[]\n"
    assert terminal("ledger", "verify", "ana").exit_code == 0


@pytest.mark.parametrize(
    ("harm", "line"),
    [
        ("update ledger set at = at + 1 where seq = 2", 2),
        ("update ledger set action = 'refused' where seq = 4", 4),
        ("delete from ledger where seq = 1", 1),
        ("delete from ledger where seq = 3", 3),
        ("delete from ledger where seq = 4", 4),
        ("delete from ledger where seq = 0", 4),
    ],
)
@on_sqlite
def test_a_ledger_that_was_tampered_with_ends_with_1_and_names_the_line(read_once, harm, line):
    read_once.sql(harm)

    said = fails(read_once("ledger", "verify", "Ana"))

    assert said.startswith(f"The ledger of Ana is broken. Line {line} of the ledger: ")


# the house does not open


def test_the_first_command_makes_home_database_and_keys(empty):
    result = empty.really("keys", "list")

    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) == 2 * len(ALGORITHMS)
    assert empty.home.stat().st_mode & 0o777 == 0o700
    assert (empty.home / "master.key").stat().st_mode & 0o777 == 0o600
    assert (empty.home / "wallet.db").exists()


@pytest.mark.parametrize("name", ["a?b", "a%41b", "a#b", "a b", "a@b:c", "ä"])
def test_a_home_may_have_any_name_and_everything_stays_in_it(tmp_path, monkeypatch, sqlite, name):
    monkeypatch.delenv("WALLET_DATABASE_URL", raising=False)
    terminal = Terminal(tmp_path / name)

    assert terminal("person", "invite").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "wallet.db").exists()


def test_a_missing_master_key_is_not_replaced_where_something_is_sealed_with_it(terminal):
    (terminal.home / "master.key").unlink()
    before = terminal.contents()

    said = fails(terminal("person", "list"))

    assert "backup" in said
    assert not (terminal.home / "master.key").exists()
    assert terminal.contents() == before


@on_sqlite
def test_a_master_key_that_others_can_read_is_refused(terminal, refuses):
    for mode in (0o644, 0o640, 0o606):
        (terminal.home / "master.key").chmod(mode)
        assert "chmod 600" in refuses("person", "list")


@pytest.mark.parametrize(
    "content", [b"", b"short", base64.b64encode(b"m" * 31), b"\0" * 44, b"\xff" * 44, b"m" * 100_000], ids=len
)
@on_sqlite
def test_a_damaged_master_key_is_refused_and_left_alone(terminal, refuses, content):
    path = terminal.home / "master.key"
    path.write_bytes(content)

    assert "damaged" in refuses("person", "list")
    assert path.read_bytes() == content


@on_sqlite
def test_a_folder_in_the_place_of_the_master_key_is_refused(terminal, refuses):
    (terminal.home / "master.key").unlink()
    (terminal.home / "master.key").mkdir()

    refuses("person", "list")


def test_a_master_key_of_another_wallet_is_refused(terminal, refuses):
    (terminal.home / "master.key").write_bytes(base64.b64encode(b"n" * 32))

    assert "not the one this database was sealed with" in refuses("person", "list")


def test_a_home_that_can_not_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    for home in (tmp_path / "file" / "home", tmp_path / "file"):
        assert str(home) in fails(Terminal(home)("person", "list"))

    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_may_not_be_written_to_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    fails(Terminal(tmp_path)("person", "list"))
    fails(Terminal(tmp_path / "home")("person", "list"))
    tmp_path.chmod(0o700)


@pytest.mark.parametrize("setting", ["WALLET_HOME", "WALLET_MASTER_KEY_FILE"])
@on_sqlite
def test_a_home_of_somebody_who_is_not_there_is_refused(terminal, setting):
    assert "no-such-person" in fails(terminal("person", "list", **{setting: "~no-such-person/x"}))


def test_a_master_key_that_can_not_be_written_is_refused(empty, tmp_path):
    said = fails(empty("person", "list", WALLET_MASTER_KEY_FILE=str(tmp_path / "missing" / "key")))

    assert "WALLET_MASTER_KEY_FILE" in said
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize(
    "url",
    [
        "garbage",
        "garbage hunter2",
        "mysql://ana:hunter2@127.0.0.1/wallet",
        "sqlite+aiosqlite:///wallet.db",
        "sqlite+nothing:///wallet.db",
        "sqlite://host/wallet.db",
        "sqlite:////no/such/folder/wallet.db",
        "postgresql+asyncpg://ana:hunter2@127.0.0.1:1/wallet",
        "postgresql+nothing://ana:hunter2@127.0.0.1:1/wallet",
        "postgresql://ana:hunter2@127.0.0.1:1/wallet",
        "postgresql://ana:hunter2@127.0.0.1:abc/wallet",
        "postgresql://ana:hunter2@127.0.0.1:99999999/wallet",
        "postgresql://ana:hunter2@127.0.0.1:1/wallet?nonsense=1",
        "postgresql://ana:hunter2@127.0.0.1:1/wallet?sslmode=nonsense",
        "postgres://ana:hunter2@[::1]:1/wallet",
        "://",
        "postgresql://",
    ],
)
def test_a_database_that_can_not_be_reached_is_said_so_without_its_password(empty, url, monkeypatch):
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)

    said = fails(empty("person", "list", WALLET_DATABASE_URL=url, PGHOST="127.0.0.1", PGPORT="1"))

    assert "hunter2" not in said
    assert "\t" not in said
    assert not (empty.home / "master.key").exists()


def test_a_file_that_is_no_database_is_refused_and_left_alone(empty, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("Milk, bread and a little more, so that it is long enough to be sure of it.\n" * 20)
    before = path.read_bytes()

    assert str(path) in fails(empty("person", "list", WALLET_DATABASE_URL=f"sqlite:///{path}"))
    assert path.read_bytes() == before


def test_a_schema_of_a_newer_version_is_refused_and_left_alone(terminal, refuses):
    terminal.sql("update alembic_version set version_num = '9999'")

    said = refuses("person", "list")

    assert "9999" in said
    assert "newer" in said


@on_sqlite
def test_a_database_that_fails_later_is_a_sentence_too(terminal):
    terminal.sql("drop table people")

    fails(terminal("person", "list"))


# settings


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("sign_up = ", "wallet.toml"),
        ("\udcff", "wallet.toml"),
        ('colour = "blue"', "'colour'"),
        ("sign_up = true", "sign_up"),
        ("issuer = 8420", "issuer"),
        ('[issuer]\nhost = "x"', "issuer"),
        ('sign_up = "perhaps"', "open, invite, closed"),
        ('sign_up = ""', "open, invite, closed"),
        ('registration = "perhaps"', "open, token, closed"),
        ('language = "fr"', "en, de"),
        ('synchronous = "off"', "normal, full"),
        ('issuer = "http://wallet.example"', "https"),
        ('issuer = ""', "https"),
        ('database_url = ""', "WALLET_DATABASE_URL"),
    ],
)
@on_sqlite
def test_a_wallet_toml_that_will_not_do_is_refused(terminal, content, named):
    del terminal.environment["WALLET_DATABASE_URL"]
    (terminal.home / "wallet.toml").write_bytes(content.encode(errors="surrogateescape"))

    assert named in fails(terminal("person", "list"))
    assert not (terminal.home / "wallet.db").exists()


@on_sqlite
def test_a_folder_called_wallet_toml_is_refused(terminal):
    (terminal.home / "wallet.toml").mkdir()

    assert "wallet.toml" in fails(terminal("person", "list"))


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("WALLET_SIGN_UP", "perhaps", "open, invite, closed"),
        ("WALLET_SIGN_UP", "OPEN", "open, invite, closed"),
        ("WALLET_REGISTRATION", "perhaps", "open, token, closed"),
        ("WALLET_LANGUAGE", "fr", "en, de"),
        ("WALLET_SYNCHRONOUS", "off", "normal, full"),
        ("WALLET_ISSUER", "http://wallet.example", "https"),
        ("WALLET_ISSUER", "http://127.0.0.1.wallet.example", "https"),
        ("WALLET_ISSUER", "http://0.0.0.0:8420", "https"),
        ("WALLET_ISSUER", "wallet.example", "https"),
        ("WALLET_ISSUER", "ftp://wallet.example", "https"),
        ("WALLET_ISSUER", "https://", "https"),
        ("WALLET_ISSUER", "https://[bad", "https"),
        ("WALLET_ISSUER", "https://wallet.example:99999999", "https"),
        ("WALLET_ISSUER", "https://wallet.example:port", "https"),
        ("WALLET_ISSUER", "https://wallet example", "https"),
        ("WALLET_ISSUER", "https://ana@wallet.example", "https"),
        ("WALLET_ISSUER", "https://wallet.example?a=b", "https"),
        ("WALLET_ISSUER", "https://wallet.example?", "https"),
        ("WALLET_ISSUER", "https://wallet.example#a", "https"),
        ("WALLET_ISSUER", "https://wallet.example#", "https"),
        ("WALLET_ISSUER", "https://wallet.example/", "slash"),
        ("WALLET_ISSUER", "https://example.org/wallet", "path"),
    ],
)
@on_sqlite
def test_a_setting_that_will_not_do_is_refused_by_name(refuses, setting, value, named):
    said = refuses("person", "list", **{setting: value})

    assert setting in said
    assert named in said


@pytest.mark.parametrize(
    "issuer",
    [
        "http://127.0.0.1:9000",
        "http://localhost",
        "http://[::1]:8420",
        "https://wallet.example",
        "https://w.example:8443",
    ],
)
@on_sqlite
def test_an_issuer_is_https_or_on_loopback(terminal, issuer):
    assert terminal("person", "invite", WALLET_ISSUER=issuer).output.startswith(f"{issuer}/sign-up?")


# serve


@pytest.fixture
def taken():
    """A port where somebody else listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_that_is_taken_is_said_so_before_anything_is_made(empty, taken):
    said = fails(empty.really("serve", "--port", str(taken)))

    assert str(taken) in said
    assert "--port" in said
    assert not empty.home.exists()


def test_an_address_that_is_not_loopback_needs_an_issuer(empty):
    everywhere = "0.0.0.0"  # noqa: S104 - it is never bound
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    said = fails(empty("serve", "--host", everywhere, "--port", str(port)))

    assert "WALLET_ISSUER" in said
    assert not empty.home.exists()


def test_an_address_that_is_not_ours_is_refused(empty):
    fails(empty("serve", "--host", "no.such.host.invalid", "--port", "8420"))

    assert not empty.home.exists()


@pytest.mark.parametrize("issuer", ["", "https://wallet.example"])
def test_the_served_address_is_the_issuer_unless_another_was_set(empty, monkeypatch, issuer):
    """An empty setting counts as none. Where one is set, the port does not move either."""
    served = []
    monkeypatch.setattr(serving, "run", lambda *address: served.append((os.environ["WALLET_ISSUER"], *address)))
    monkeypatch.setattr(serving, "is_free", lambda host, port: port > 8421)
    monkeypatch.setenv("WALLET_HOME", str(empty.home))
    monkeypatch.setenv("WALLET_ISSUER", issuer)

    result = CliRunner().invoke(main, ["serve"])
    if issuer:
        assert "8420" in fails(result)
        assert not empty.home.exists()
    else:
        assert result.exit_code == 0, result.output
        assert served == [("http://127.0.0.1:8422", "127.0.0.1", 8422, 1)]


def test_an_issuer_in_wallet_toml_is_kept_and_its_port_does_not_move(empty, monkeypatch):
    served = []
    monkeypatch.setattr(serving, "run", lambda *address: served.append((os.environ["WALLET_ISSUER"], *address)))
    monkeypatch.setattr(serving, "is_free", lambda host, port: port != 8420)
    monkeypatch.setenv("WALLET_HOME", str(empty.home))
    monkeypatch.setenv("WALLET_ISSUER", "")
    empty.home.mkdir(parents=True)
    (empty.home / "wallet.toml").write_text('issuer = "https://wallet.example"\n')

    assert "8420" in fails(CliRunner().invoke(main, ["serve"]))
    assert CliRunner().invoke(main, ["serve", "--port", "9000"]).exit_code == 0
    assert served == [("https://wallet.example", "127.0.0.1", 9000, 1)]


@pytest.fixture
def stamp(read_once, house, tmp_path):
    """The file of a stamp of Ana's ledger as it is now."""
    stamp_all(house)
    file = tmp_path / "kept.jwt"
    file.write_text(rows(house, "stamps")[0]["stamp"] + "\n")
    return file


@on_sqlite
def test_a_ledger_is_compared_with_a_stamp_that_was_kept(read_once, stamp, house):
    result = read_once("ledger", "verify", "Ana", "--stamp", str(stamp), WALLET_ISSUER=house.settings.issuer)
    piped = read_once(
        "ledger", "verify", "Ana", "--stamp", "-", typed=stamp.read_text(), WALLET_ISSUER=house.settings.issuer
    )

    assert result.exit_code == piped.exit_code == 0
    assert result.output == piped.output
    assert result.output.endswith("none missing. It goes on from the stamp of 2027-01-15, line 4.\n")


@on_sqlite
def test_another_ledger_than_the_one_that_was_stamped_ends_with_1(read_once, stamp, house):
    def begins_anew(db):
        db.execute(text("delete from ledger"))

    house.database.write(begins_anew)

    assert "is not the one of 2027-01-15" in fails(
        read_once("ledger", "verify", "Ana", "--stamp", str(stamp), WALLET_ISSUER=house.settings.issuer)
    )
    stamp.write_text("a.b.c")
    assert "no stamp of the ledger of Ana" in fails(
        read_once("ledger", "verify", "Ana", "--stamp", str(stamp), WALLET_ISSUER=house.settings.issuer)
    )


@on_sqlite
def test_of_a_vendor_that_is_none_no_staff_is_listed(terminal):
    assert "There is no vendor 'nobody'" in fails(terminal("vendor", "staff", "list", "nobody"))
