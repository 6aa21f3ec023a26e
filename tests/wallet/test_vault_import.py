"""A vault is taken in as a whole or not at all: on an empty host, and beside other people."""

import pytest
from actors import Browser, VendorActor
from click.testing import CliRunner
from journeys import tokens_for
from packing import PASSPHRASE, brings_in, content_of, exported
from recovering import chooses, enters, makes_kit
from settling import lives_on, recounted, settles
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
