"""A vault is taken in as a whole or not at all: on an empty host, and beside other people."""

import sqlite3

import pytest
from click.testing import CliRunner
from packing import PASSPHRASE, exported, lives_fully
from settling import copy_of, furnished, lives_on, settles, vault_of
from sqlalchemy import select
from storage import nothing_changes, on_sqlite_alone, rows

from consent import ledger
from keys.tables import metadata
from wallet.app import create_app
from wallet.cli import main
from wallet.people.errors import BadLogin
from wallet.vault.errors import BadVault
from wallet.vault.file import content_hash
from wallet.vault.restore import restore


@pytest.fixture
def full(app, house, person, clock):
    lives_fully(app, house, person, clock)
    return person


@pytest.fixture
def vault(house, full):
    return exported(house, full)


@pytest.fixture
def new(house, sqlite, tmp_path):
    with furnished(house, copy_of(sqlite, tmp_path), issuer=house.settings.issuer) as new:
        yield new


def said(vault):
    return vault.execute("select content_hash from vault").fetchone()[0]


def test_on_another_host_everything_is_there_again(house, new, full, vault):
    done = settles(new, vault)

    here = {"person_id": full.person.person_id}
    assert done.content_hash == said(vault) == new.database.read(content_hash, new.secrets, **here)
    assert (done.login, done.moved, done.unknown_vendors) == ("Ana", False, ())
    assert new.database.read(ledger.verify, new.secrets.ledger, **here) == len(full.log())
    person = lives_on(create_app(new), new, full)
    assert person.signs_in().status_code == 303
    for path in (
        "/data",
        "/data/email",
        "/vendors",
        "/ledger",
        "/rights",
        "/terms",
        "/rules",
        "/accounts",
        "/sessions",
    ):
        assert person.browser.get(path).status_code == 200, path
    assert "Möhrchen" in person.browser.get("/data").text


def test_nothing_of_it_lies_there_in_the_clear(new, vault):
    settles(new, vault)

    root = vault.execute("select root from personas").fetchone()[0]
    cells = []
    for table in metadata.sorted_tables:
        for row in new.database.read(lambda db, table=table: db.execute(select(table)).all()):
            cells += [cell if isinstance(cell, bytes) else str(cell).encode() for cell in row]
    stored = b"\n".join(cells)
    for secret in (b"ana@example.org", "Möhrchen".encode(), "Müller".encode(), b"old@example.org", b"At work", root):
        assert secret not in stored
    assert b"stadtwerke" in stored


@on_sqlite_alone
def test_by_command_it_is_the_same(house, new, full, monkeypatch, tmp_path):
    path = tmp_path / "ana.vault"

    def command(house, *arguments, typed=PASSPHRASE):
        monkeypatch.setattr("wallet.commands.vault.open_here", lambda: house)
        return CliRunner().invoke(main, [*map(str, arguments), "--passphrase-stdin"], input=typed)

    assert command(house, "export", "ana", path).exit_code == 0
    with nothing_changes(new):
        wrong = command(new, "import", path, typed="another sentence entirely")
    assert (wrong.exit_code, "passphrase is not the right one" in wrong.output) == (1, True)
    done = command(new, "import", path)

    assert done.exit_code == 0, done.output
    assert "Ana lives here now" in done.output
    with nothing_changes(new):
        again = command(new, "import", path, "--login", "other")
    assert (again.exit_code, "lives here already" in again.output) == (1, True)


@on_sqlite_alone
def test_a_login_that_is_taken_has_to_become_another(house, new, full, vault, moves_in):
    from wallet.people import engine

    other = {"login": "ANA", "password_hash": "$argon2id$", "language": None}
    new.database.write(engine.sign_up, new.secrets, **other, now=new.clock())
    with nothing_changes(new), pytest.raises(BadVault, match="--login"):
        settles(new, vault)
    with nothing_changes(new), pytest.raises(BadLogin):
        settles(new, vault, login="\x07")

    done = settles(new, vault, login="ana2")

    assert done.login == "ana2"
    assert new.database.read(content_hash, new.secrets, person_id=full.person.person_id) == done.content_hash
    again = exported(new, full)
    assert again.execute("select login from people").fetchall() == [("ana2",)]


@on_sqlite_alone
def test_vendors_come_along_only_to_an_empty_host_or_if_they_are_wanted(house, new, full, vault):
    from wallet.people import engine

    other = {"login": "ben", "password_hash": "$argon2id$", "language": None}
    new.database.write(engine.sign_up, new.secrets, **other, now=new.clock())

    assert settles(new, vault).unknown_vendors == ("bookshop", "stadtwerke")
    assert rows(new, "vendors") == []


SPOILED = {
    "nothing in it": ("delete from vault", "no vault"),
    "a newer format": ("update vault set version = 2", "newer than this program knows"),
    "no format": ("update vault set version = 0", "never was"),
    "a table more": ("create table more (x)", "something else"),
    "a column more": ("alter table personas add column more text", "something else"),
    "a table less": ("drop table rules", "something is missing"),
    "a trigger": (
        "create trigger t after insert on rules begin delete from rules; end",
        "something else",
    ),
    "an index": ("create index i on rules (answer)", "something else"),
    "a view more": ("create view more as select 1", "something else"),
    "a view for a table": ("drop table rules; create view rules as select 1", "something"),
    "another's row": ("update uses set person_id = '01M8275M9N4MAE9FYDEKKR3ZKX'", "another person"),
    "a value changed": ("""update attribute_values set value = '"x"'""", "content hash"),
    "another person": ("update vault set person_id = 'nobody'", "another person"),
    "a text with a zero byte": ("update rules set vendor = 'a' || char(0)", "table rules"),
    "a number too great": ("update uses set count = 9007199254740992", "table uses"),
    "a letter too many": ("update people set language = 'a234567890123456x'", "table people"),
    "JSON that is none": ("update ledger set detail = '{'", "table ledger"),
    "JSON without end": ("update ledger set detail = replace(hex(zeroblob(50000)), '0', '[')", "table ledger"),
    "JSON spelled otherwise": ("update ledger set detail = ' ' || detail", "table ledger"),
    "bytes for a text": (
        "drop table uses; create table uses (person_id text, grant_id text, attribute text, since integer, "
        "count integer, primary key (person_id, grant_id, attribute)); "
        "insert into uses select person_id, x'00', 'email', 1, 1 from vault",
        "table uses",
    ),
    "nothing for a text": (
        "drop table uses; create table uses (person_id text, grant_id text, attribute text, since integer, "
        "count integer, primary key (person_id, grant_id, attribute)); "
        "insert into uses select person_id, 'x', 'email', null, 1 from vault",
        "table uses",
    ),
    "a cell too large": ("update people set login = hex(zeroblob(9000000))", "damaged"),
}
COUNTED = {
    "a person less": ("delete from people", "one person"),
    "an id that is none": ("update personas set persona_id = 'x' where is_default", "id or a root"),
    "a root too short": ("update personas set root = x'00' where is_default", "id or a root"),
    "another root": ("update personas set root = randomblob(32) where is_default", "does not follow from the root"),
    "another sub": ("update relationships set sub = 'x'", "does not follow from the root"),
    "another did": ("update relationships set did = 'did:key:z6Mk'", "does not follow from the root"),
    "no first persona": ("update personas set is_default = 0", "the first one"),
    "two first personas": ("update personas set is_default = 1", "the first one"),
    "a persona without name": ("update personas set name = ''", "name that can not be one"),
    "a login that is none": ("update people set login = ' '", "Login or password"),
    "a password that is none": ("update people set password_hash = 'x'", "Login or password"),
    "a password that takes for ever": (
        "update people set password_hash = '$argon2id$v=19$m=4294967295,t=99999,p=1$c2FsdHNhbHQ$aGFzaGhhc2g'",
        "too long to be checked",
    ),
    "a language that is none": ("update people set language = 'xx'", "none that this wallet speaks"),
    "a value that is a list": ("update attribute_values set value = '[1]'", "can not be one"),
    "a value that is no JSON": ("update attribute_values set value = '['", "not what it should be"),
    "a value of no attribute": (
        "update attribute_values set attribute = 'A b' where attribute = 'email'",
        "can not be one",
    ),
    "a persona that is not there": (
        "update attribute_values set persona_id = '01M8275M9N4MAE9FYDEKKR3ZKX'",
        "a persona that is not there",
    ),
    "another grant's token": (
        "update grants set consent_token = (select max(consent_token) from grants)",
        "of another grant",
    ),
    "a token that is none": ("update grants set consent_token = 'x'", "is not signed"),
    "somebody else's name": ("update grants set public_sub = 'x'", "somebody else"),
    "a grant without relationship": ("delete from relationships", "of another grant"),
    "a party that is none": ("update grants set party = '[]'", "not what it should be"),
    "a policy that is a program": (
        "update grants set party = json_set(party, '$.policy_uri', 'javascript:alert(1)')",
        "vendor in this vault",
    ),
    "a receipt less": ("delete from receipts where number = 1", "does not follow"),
    "a receipt that is none": ("update receipts set document = 'x'", "not signed"),
    "another countersignature": ("update receipts set countersignature = 'x' where countersignature <> ''", "is none"),
    "another agreement": ("update agreements set document = '{}'", "agreement"),
    "another request": ("update rights set request_id = 'x'", "request in this vault"),
    "a line less": ("delete from ledger where seq = 2", "broken at line 2"),
    "the last lines less": ("delete from ledger where seq > 2", "shorter"),
    "a line changed": ("update ledger set at = 1 where seq = 3", "broken at line 3"),
    "a stamp changed": ("update stamps set hash = 'x'", "not of this ledger"),
    "limits that are none": ("update grants set items = '[{}]'", "not what it should be|fit together"),
}


def recounted(db):
    """As somebody would who changes a vault and its hash with it."""
    db.commit()
    from wallet.vault import reading

    counted = reading.vault_in(reading.deserialized(db.serialize())).counted()
    db.execute("update vault set content_hash = ?", [counted])
    db.commit()


def copied(vault):
    copy = sqlite3.connect(":memory:")
    copy.deserialize(vault.serialize())
    return copy


@on_sqlite_alone
def test_a_file_that_was_spoiled_is_refused_in_a_sentence(new, vault):
    for told, (spoil, sentence) in SPOILED.items():
        spoiled = copied(vault)
        spoiled.executescript(spoil)

        with nothing_changes(new), pytest.raises(BadVault) as refused:
            restore(new, vault_of(spoiled))

        assert any(part in str(refused.value) for part in sentence.split("|")), (told, str(refused.value))


@on_sqlite_alone
def test_a_vault_that_somebody_made_up_is_refused_in_a_sentence(new, vault):
    for told, (spoil, sentence) in COUNTED.items():
        spoiled = copied(vault)
        try:
            spoiled.executescript(spoil)
        except sqlite3.Error as error:
            raise AssertionError(told) from error
        recounted(spoiled)

        with nothing_changes(new):
            try:
                restore(new, vault_of(spoiled))
            except BadVault as error:
                assert any(part in str(error) for part in sentence.split("|")), (told, str(error))  # noqa: PT017
            else:
                raise AssertionError(told)
