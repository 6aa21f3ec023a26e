"""A vault is taken in as a whole or not at all: on an empty host, and beside other people."""

import json
import sqlite3
from dataclasses import replace

import pytest
from actors import Browser, PersonActor, VendorActor
from click.testing import CliRunner
from journeys import tokens_for
from packing import PASSPHRASE, brings_in, content_of, exported, has_lived
from recovering import chooses, enters, makes_kit
from settling import copy_of, furnished, lives_on, settles, vault_of
from sqlalchemy import select
from storage import nothing_changes, on_sqlite_alone, rows

from consent import ledger
from keys.tables import metadata
from wallet.app import create_app
from wallet.cli import main
from wallet.data.engine import current_values
from wallet.erasing import erasures
from wallet.people import locking, personas
from wallet.people.errors import BadLogin
from wallet.records import blocks, engine, imports
from wallet.records.rows import every
from wallet.vault import envelope, reading
from wallet.vault.errors import BadVault, IsBeingErased
from wallet.vault.file import content_hash
from wallet.vault.restore import restore


@pytest.fixture
def full(app, house, person, clock):
    has_lived(app, house, person, clock)
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
    assert sorted(map(repr, rows(new, "grant_items"))) == sorted(map(repr, rows(house, "grant_items")))
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
        "/records",
        "/deposits",
        "/recovery",
        "/wallet",
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
    secrets = ["ana@example.org", "Möhrchen", "Müller", "old@example.org", "At work", "Stromzähler", "Heizung", "Cleo"]
    for secret in (*(one.encode() for one in secrets), b"zaehler.csv", b"1EMH0012345678", root):
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

    assert settles(new, vault).unknown_vendors == ("bookshop", "meterworks", "stadtwerke")
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
NOT_SO = "should be|can not be one"
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
    "a value that is a list": ("update attribute_values set value = '[1]' where not locked", "can not be one"),
    "a value that is no JSON": ("update attribute_values set value = '[' where not locked", "not what it should be"),
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
    "a ledger without root": ("update people set ledger_root = x'00'", "key of the ledger"),
    "another ledger's root": ("update people set ledger_root = randomblob(32)", "not of this ledger"),
    "a value from nowhere": ("update attribute_values set source = 'x'", "comes from nowhere"),
    "a value taken from itself": (
        "update inherited_values set from_persona_id = persona_id",
        "taken from where there is none",
    ),
    "a value taken from nobody": (
        "update inherited_values set from_persona_id = '01M8275M9N4MAE9FYDEKKR3ZKX'",
        "a persona that is not there",
    ),
    "a picture that is none": ("update persona_pictures set picture = x'89504e470d0a1a0a00'", "picture"),
    "a picture of another kind": ("update persona_pictures set picture = cast('<svg/>' as blob)", "picture"),
    "a preference that is none": ("update preferences set value = 'xx'", "preference"),
    "a data set without columns": ("update data_sets set about = json_set(about, '$.columns', json('[]'))", "data set"),
    "a data set without name": ("update data_sets set about = json_set(about, '$.name', '')", "data set"),
    "a date that is no column": ("update data_sets set about = json_set(about, '$.date', 9)", "should be|data set"),
    "a date that is before": ("update data_sets set about = json_set(about, '$.date', -1)", "data set"),
    "a zone that is a path": ("update data_sets set about = json_set(about, '$.zone', '../../etc/passwd')", "data set"),
    "a data set that is a list": ("update data_sets set about = '[]'", "should be"),
    "a data set of an odd id": ("update data_sets set data_set_id = '../x'", "data set"),
    "an import of no data set": (
        "update record_imports set data_set_id = '01M8275M9N4MAE9FYDEKKR3ZKX'",
        "belongs to no data set",
    ),
    "an import that goes on": ("update record_imports set state = 'running'", "import"),
    "an import that says lists": (
        "update record_imports set about = json_set(about, '$.outcome.refused', json('[[1, [], {}]]'))",
        "import",
    ),
    "an import of two vendors": ("update record_imports set about = json_set(about, '$.vendor', json('[]'))", "import"),
    "a plan that is none": (
        "update record_imports set about = json_set(about, '$.plan.reading.header', 'x')",
        "import",
    ),
    "rows of no import": ("update record_blocks set import_id = '01M8275M9N4MAE9FYDEKKR3ZKX'", "no import"),
    "rows of no data set": ("update record_blocks set data_set_id = '01M8275M9N4MAE9FYDEKKR3ZKX'", "no import"),
    "rows that are no list": ("update record_blocks set rows = '{}'", "Rows"),
    "too many rows": (
        "update record_blocks set rows = '[' || replace(hex(zeroblob(1000)), '00', 'null,') || 'null]'",
        "Rows",
    ),
    "a row too short": ("update record_blocks set rows = '[[1]]'", "row in this vault"),
    "a number that is none": (
        """update record_blocks set rows = '[[1,"1e9",null]]' where part = 'rows'""",
        "row in this",
    ),
    "a moment beyond time": ("update record_blocks set rows = '[[9007199254740991,null,null]]'", "row in this vault"),
    "a deposit that stands nowhere": ("update deposits set state = 'x'", "stands nowhere"),
    "a deposit of nothing": ("update deposits set content = '{}'", "should be"),
    "a deposit of a list": ("update deposits set content = json_set(content, '$.values', json('[]'))", "deposit"),
    "a deposit of an odd table": (
        "update deposits set content = json_set(content, '$.records', json('{\"name\": 1}'))",
        "deposit",
    ),
    "a deposit with a path": ("update deposits set deposit_id = '../' || deposit_id", "deposit"),
    "a way back that is none": ("update ways_back set checked_by = 'x'", "way back"),
    "a way back for nobody": ("update ways_back set needed = 0", "way back"),
    "a way back of an odd kind": ("update ways_back set kind = 'x' where kind = 'kit'", "fit together"),
    "names that are numbers": ("update ways_back set names = '[1]'", "way back"),
    "a locked value that is none": ("update attribute_values set value = '!' where locked", NOT_SO),
    "a value that is not locked": (
        "update attribute_values set locked = 1 where locked = 0",
        "should be|can not be one",
    ),
    "a locked value that is open": ("update attribute_values set locked = 0 where locked", NOT_SO),
    "a lock that takes for ever": (
        "update lock_keys set cost = '99,99999999,1' where way = 'password'",
        "too long to be opened",
    ),
    "a lock of no cost": ("update lock_keys set cost = 'x' where way = 'password'", "should be"),
    "a lock too large": ("update lock_keys set wrapped = zeroblob(2000)", "key in this vault"),
    "limits that are none": ("update grants set items = '[{}]'", "not what it should be|fit together"),
}


def recounted(db):
    """As somebody would who changes a vault and its hash with it."""
    db.commit()
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


VENDORS = {
    "an id that is none": "update vendors set client_id = client_id || char(10)",
    "an id without end": "update vendors set client_id = client_id || hex(zeroblob(2000))",
    "a digest that is none": "update vendors set secret_digest = 'x'",
    "metadata that is no JSON": "update vendors set metadata = '{'",
    "metadata that is a list": "update vendors set metadata = '[]'",
    "metadata without end": "update vendors set metadata = replace(hex(zeroblob(50000)), '0', '[')",
    "a stream that is no JSON": "update vendors set stream = '{'",
    "a stream of nothing": "update vendors set stream = '{}'",
    "a stream of no way there is": "update vendors set stream = json_set(stream, '$.method', json('[]'))",
    "a stream to no address": """update vendors set stream = json_set(stream, '$.method', 'urn:ietf:rfc:8935',
        '$.endpoint_url', 'http://10.0.0.1/')""",
    "a stream of no events": "update vendors set stream = json_set(stream, '$.events_requested', 'x')",
    "a stream with a novel": "update vendors set stream = json_set(stream, '$.description', hex(zeroblob(200)))",
    "a stream of an odd status": "update vendors set stream = json_set(stream, '$.status', 'x')",
}
STREAM = {
    "sector": "x",
    "method": "urn:ietf:rfc:8936",
    "endpoint_url": None,
    "events_requested": ["x"],
    "description": None,
    "status": "enabled",
}


@on_sqlite_alone
def test_a_vendor_that_was_spoiled_is_refused_in_a_sentence(new, vault):
    vault.execute("update vendors set stream = ?", [json.dumps(STREAM)])
    for told, spoil in VENDORS.items():
        spoiled = copied(vault)
        spoiled.executescript(spoil)

        with nothing_changes(new):
            try:
                restore(new, vault_of(spoiled))
            except BadVault as error:
                assert "vendor in this vault" in str(error), told  # noqa: PT017
            else:
                raise AssertionError(told)
    assert settles(new, vault).unknown_vendors == ()
    assert len(rows(new, "event_streams")) == 3


NEEDS_MORE = {
    "other hosts": {"sector_identifier_uri": "https://bank.example/all.json"},
    "no PKCE": {"require_pkce": False},
    "the front channel": {"response_types": ["id_token"], "grant_types": ["implicit"]},
    "a certificate": {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": {"keys": []}},
    "a wildcard": {"redirect_uris": ["https://*.example/cb"]},
    "numbers": {"redirect_uris": [1]},
    "no name": {"client_name": 7},
}


@on_sqlite_alone
@pytest.mark.parametrize("asked", NEEDS_MORE.values(), ids=NEEDS_MORE)
def test_what_only_the_operator_may_say_is_not_believed_of_a_file(house, new, person, asked):
    vendor = VendorActor(new_app := create_app(house), house, "stadtwerke")
    tokens_for(PersonActor(new_app, house, person.person, password=person.password), vendor, ["email"])
    vault = exported(house, person)
    (metadata,) = vault.execute("select metadata from vendors").fetchone()
    vault.execute("update vendors set metadata = ?", [json.dumps(json.loads(metadata) | asked)])

    assert settles(new, vault).unknown_vendors == ("stadtwerke",)
    assert rows(new, "vendors") == []


@on_sqlite_alone
def test_a_front_channel_vendor_comes_along_where_the_front_channel_is_offered(house, new, person):
    asked = {"response_types": ["code id_token"], "grant_types": ["authorization_code", "implicit"]}
    vendor = VendorActor(app := create_app(house), house, "stadtwerke")
    tokens_for(PersonActor(app, house, person.person, password=person.password), vendor, ["email"])
    vault = exported(house, person)
    (metadata,) = vault.execute("select metadata from vendors").fetchone()
    vault.execute("update vendors set metadata = ?", [json.dumps(json.loads(metadata) | asked)])
    offering = replace(new, settings=replace(new.settings, front_channel_tokens="on"))

    assert settles(offering, vault).unknown_vendors == ()
    assert [row["metadata"]["response_types"] for row in rows(new, "vendors")] == [["code id_token"]]


@on_sqlite_alone
def test_the_file_is_read_once(house, new, full, vault, tmp_path):
    """Whoever puts another in its place while the passphrase is typed changes nothing."""
    path, other = tmp_path / "ana.vault", tmp_path / "other"
    path.write_bytes(b"".join(envelope.sealed(vault.serialize(), PASSPHRASE)))
    other.write_text("another file")

    def typed_slowly():
        other.replace(path)
        return PASSPHRASE

    with reading.opened(path, typed_slowly) as found:
        assert found.person_id == full.person.person_id
    link = tmp_path / "link.vault"
    link.symlink_to(path)
    for bad in (link, tmp_path, path, tmp_path / "nothing"):
        with pytest.raises(BadVault), reading.opened(bad, lambda: PASSPHRASE):
            pass


@on_sqlite_alone
def test_the_kit_goes_on_working_there(app, house, new, person, clock):
    person.signs_in()
    words = makes_kit(person)
    settles(new, exported(house, person))
    there = create_app(new)

    page = enters(Browser(there), words)
    assert chooses(Browser(there), page).status_code != 303  # a ticket opens in its browser alone
    browser = Browser(there)
    answer = chooses(browser, enters(browser, words))

    assert answer.status_code == 303, answer.text
    assert browser.get("/data").status_code == 200


@on_sqlite_alone
def test_what_is_locked_opens_there_with_the_password_alone(house, new, full, vault):
    settles(new, vault)
    ids = {"person_id": full.person.person_id, "persona_id": full.person.persona_id}

    locked = new.database.read(current_values, new.secrets, **ids)["electricity.kwh_year"]
    key = locking.open_lock(new, person_id=full.person.person_id, password=full.password)
    opened = new.database.read(current_values, new.secrets, **ids, lock_key=key)["electricity.kwh_year"]

    assert (locked.is_closed, locked.value) == (True, None)
    assert opened.value == 2718.28182
    assert "2718" not in content_of(vault)
    assert locking.open_lock(new, person_id=full.person.person_id, password="another password") is None


@on_sqlite_alone
def test_an_import_is_undone_there(house, new, full, vault):
    settles(new, vault)
    ids = {"person_id": full.person.person_id, "persona_id": full.person.persona_id}
    (found,) = new.database.read(engine.of_persona, new.secrets, **ids)
    heads = new.database.read(blocks.heads, found)
    assert sum(head.summary.count for head in heads) == 3
    second = next(one for one in new.database.read(imports.of_data_set, new.secrets, found) if one.outcome.replaced)

    new.database.write(imports.undo, found, second.import_id)

    heads = new.database.read(blocks.heads, found)
    kept = list(new.database.read(lambda db: list(every(db, found, heads))))
    assert [cells[1:] for cells in kept if cells[1] != "7"] == [["1.5", "=warm"], ["2.5", None]]
    again = keeps_again(new, found, b"at,kWh,note\n2026-01-02 10:00,2.5,\n")
    assert (again.duplicates, again.imported) == (1, 0)


def keeps_again(house, found, content):
    brings_in(house, found, content)
    return house.database.read(imports.of_data_set, house.secrets, found)[0].outcome


@on_sqlite_alone
def test_what_is_proof_of_an_erased_persona_comes_along(app, house, new, person):
    vendor = VendorActor(app, house, "stadtwerke")
    person.signs_in()
    person.browser.post("/accounts/personas", form_at="/accounts", name="At work")
    work = next(row["persona_id"] for row in rows(house, "personas") if not row["is_default"])
    first = person.person.persona_id
    person.has({"email": "ana@work.example"}, persona_id=work)
    house.database.write(personas.make_default, person_id=person.person.person_id, persona_id=work)
    person.browser.post("/accounts/show", form_at="/accounts", persona_id=work)
    granted = tokens_for(person, vendor, ["email"])
    whose = next(row["persona_id"] for row in rows(house, "grants"))
    stays = first if whose == work else work
    house.database.write(personas.make_default, person_id=person.person.person_id, persona_id=stays)
    gone = {"person_id": person.person.person_id, "persona_id": whose}

    house.database.write(erasures.begin_with_persona, **gone, now=house.clock())
    with pytest.raises(IsBeingErased):
        exported(house, person)
    assert erasures.go_on(house, **gone)
    done = settles(new, exported(house, person))

    assert done.content_hash == new.database.read(content_hash, new.secrets, person_id=person.person.person_id)
    assert [row["grant_id"] for row in rows(new, "grants")] == [granted["grant_id"]]
    assert {row["grant_id"] for row in rows(new, "receipts")} == {granted["grant_id"]}
    alive = exported(house, person)
    alive.execute("update grants set ended_at = null")
    recounted(alive)
    with pytest.raises(BadVault, match="persona that is not there"):
        settles(new, alive)
