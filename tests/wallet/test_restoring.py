"""A restored house is the one that was backed up, but for what was erased or ended; or nothing was changed at all."""

import shutil
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from actors import PersonActor
from journeys import tokens_for
from moving import Elsewhere, back_up, backing_up, programs, write_key
from sqlalchemy import inspect
from storage import contents, on_postgresql_alone, on_sqlite_alone, rows

from consent import ledger, stamps
from keys.errors import KeysError
from keys.persons import destroy_data_key, destroy_subject_keys
from wallet.app import create_app
from wallet.backup import changing, keyring, restoring, settling
from wallet.data.engine import current_values
from wallet.database import Database
from wallet.errors import SetupError
from wallet.opening import open_house
from wallet.people import personas
from wallet.people.engine import own_ledger_key
from wallet.people.invitations import invite
from wallet.sharing.stamping import stamp_all

PASSWORD = "correct horse battery"


@pytest.fixture
def copied(house, tmp_path):
    return backing_up(house, tmp_path / "backups")


@pytest.fixture
def elsewhere(settings, tmp_path):
    place = Elsewhere(settings, tmp_path / "elsewhere")
    yield place
    place.close()


@pytest.fixture
def moves(elsewhere, clock):
    """Restore a backup elsewhere, and open the house there."""
    houses = []

    def moves(backup, **options):
        wanted = replace(elsewhere.settings, postgresql_programs=programs(), **options)
        restored = restoring.restore(wanted, backup.generation.path, clock=clock)
        houses.append(open_house(wanted, clock=clock))
        return restored, houses[-1]

    yield moves
    for house in houses:
        house.database.close()


def shelf(house):
    return Path(house.settings.backup_folder)


def is_empty(place):
    """Whether this other machine is as it was before anybody tried."""
    files = {path.name for path in place.settings.home.iterdir()} - {"master.key"}
    if place.settings.database_url.startswith("sqlite"):
        return files == set()
    database = Database(place.settings.database_url)
    try:
        return files == set() and database.read(lambda db: inspect(db).get_table_names()) == []
    finally:
        database.close()


CHANGED = {"ledger", "tokens", "sessions", "asks", "codes", *(table.name for table in settling.OVER)}


def test_everything_is_there_again_and_grants_work(copied, person, vendor, moves, clock):
    tokens = tokens_for(person, vendor)
    made = back_up(copied)
    before = contents(copied)
    copied.database.close()

    restored, house = moves(made)

    app = create_app(house)
    vendor.client = app.test_client()
    after = contents(house)
    assert {name for name in before if before[name] != after[name]} <= CHANGED
    assert (restored.settled.people, restored.settled.erased) == (1, 0)
    assert house.secrets == copied.secrets
    assert vendor.reads(tokens["access_token"]).status_code == 401
    new = vendor.refreshes(tokens["refresh_token"]).json
    assert vendor.reads(new["access_token"]).json["email"] == "ana@example.org"
    asserted = vendor.asserts(tokens["consent_token"]).json
    assert vendor.reads(asserted["access_token"]).json["email"] == "ana@example.org"
    assert house.database.read(ledger.verify, house.secrets.ledger, person_id=person.person.person_id)


@on_sqlite_alone
def test_the_person_reads_that_what_came_after_the_backup_may_be_missing(copied, person, vendor, moves, clock):
    made = back_up(copied)
    clock.now += 86_400

    _, house = moves(made)

    ana = PersonActor(create_app(house), house, person.person, password=PASSWORD)
    ana.signs_in()
    last = ana.ledger()[-1]
    assert (last.action, last.detail) == ("restored", {"backup_at": made.generation.manifest.made_at})
    page = ana.browser.get("/ledger").text
    assert "This wallet was put back from a copy of 15 January 2027, 08:00 UTC." in page


@on_sqlite_alone
def test_what_was_open_when_the_copy_was_made_is_closed(copied, person, vendor, moves, clock):
    person.signs_in()
    vendor.receives(person.allows(person.opens(vendor.link(["email"])), only=["email"]))
    invitation = copied.database.write(invite, now=clock.now)
    assert invitation
    assert {len(rows(copied, name)) > 0 for name in ("codes", "invitations", "asks")} == {True}

    _, house = moves(back_up(copied))

    assert [rows(house, table.name) for table in settling.OVER] == [[]] * len(settling.OVER)
    assert all(row["ended_at"] for row in rows(house, "sessions"))
    assert all(row["revoked_at"] for row in rows(house, "tokens") if row["kind"] == "access")
    assert [row["ended_at"] for row in rows(house, "grants")] == [None]


def test_who_was_erased_since_does_not_come_back(copied, person, vendor, moves_in, moves):
    bea = PersonActor(person.browser.client.application, copied, moves_in("Bea"), password=PASSWORD)
    bea.has({"email": "bea@example.org"})
    tokens_for(bea, vendor)
    made = back_up(copied)

    copied.database.write(destroy_data_key, person_id=bea.person.person_id)
    assert keyring.rewrite(copied)
    restored, house = moves(made)

    assert restored.settled.people == 1
    assert restored.settled.erased > 5
    assert bea.person.person_id not in str(contents(house))
    assert [row["person_id"] for row in rows(house, "people")] == [person.person.person_id]


@on_sqlite_alone
def test_a_value_and_a_persona_that_were_erased_since_do_not_come_back(copied, person, moves, clock):
    ids = {"person_id": person.person.person_id}
    work = copied.database.write(personas.add_persona, copied.secrets, **ids, name="At work", now=clock.now)
    person.has({"email": "ana@work.example"}, persona_id=work.persona_id)
    made = back_up(copied)
    at_home = {**ids, "persona_id": person.person.persona_id}

    copied.database.write(destroy_subject_keys, **at_home, subject="email")
    copied.database.write(destroy_subject_keys, **ids, persona_id=work.persona_id)
    keyring.rewrite(copied)
    restored, house = moves(made)

    assert restored.settled.erased == 3
    found = house.database.read(current_values, house.secrets, **at_home)
    assert "email" not in found
    assert found["given_name"].value == "Ana"
    assert [each.persona_id for each in house.database.read(personas.of_person, house.secrets, **ids)] == [
        person.person.persona_id
    ]


@on_sqlite_alone
def test_after_a_change_of_the_master_key_old_backups_open_by_the_new_one_alone(copied, person, elsewhere, moves):
    made = back_up(copied)
    changing.change_master(copied)

    with pytest.raises(SetupError, match="does not open this keyring"):
        moves(made)
    assert is_empty(elsewhere)
    shutil.copyfile(copied.settings.master_key_file, elsewhere.settings.master_key_file)
    restored, _house = moves(made)

    assert restored.settled.people == 1


@on_sqlite_alone
def test_tellings_that_were_due_stay_due_and_an_old_stamp_tells_what_is_missing(copied, person, vendor, moves, clock):
    tokens_for(person, vendor)
    made = back_up(copied)
    person.revokes(rows(copied, "grants")[0]["grant_id"])
    stamp_all(copied)
    stamp = rows(copied, "stamps")[-1]["stamp"]
    due = [(row["telling_id"], row["due_at"]) for row in rows(copied, "outbox") if row["due_at"]]

    _, house = moves(made)

    ids = {"person_id": person.person.person_id}
    key = house.database.read(own_ledger_key, house.secrets, **ids)
    kept = stamps.opened(stamp, key, issuer=house.settings.issuer)
    assert not house.database.read(stamps.stands, kept, **ids)
    assert [(row["telling_id"], row["due_at"]) for row in rows(house, "outbox") if row["due_at"]] == due


# What is refused leaves the other machine as it was


def swapped(made):
    file = made.generation.path / made.generation.manifest.file
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def cut_off(made):
    file = made.generation.path / made.generation.manifest.file
    file.write_bytes(file.read_bytes()[:-100])


def gone(made):
    (made.generation.path / made.generation.manifest.file).unlink()


def retold(made):
    path = made.generation.path / "manifest.json"
    said = orjson.loads(path.read_bytes())
    said["counts"]["people"] = 0
    path.write_bytes(orjson.dumps(said))


def no_manifest(made):
    (made.generation.path / "manifest.json").write_bytes(b"[]")


def keyring_cut_off(made):
    path = made.generation.path.parent / "keyring"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))


def keyring_changed(made):
    path = made.generation.path.parent / "keyring"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-3], *lines[-2:]]))


def keyring_gone(made):
    (made.generation.path.parent / "keyring").unlink()


def keyring_of_garbage(made):
    (made.generation.path.parent / "keyring").write_bytes(b"\xff\x00{" * 100)


DAMAGES = [
    *(swapped, cut_off, gone, retold, no_manifest),
    *(keyring_cut_off, keyring_changed, keyring_gone, keyring_of_garbage),
]


@on_sqlite_alone
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_backup_is_refused_and_nothing_is_changed(copied, person, elsewhere, moves, damage):
    made = back_up(copied)
    damage(made)

    with pytest.raises((SetupError, KeysError)) as refused:
        moves(made)

    assert str(refused.value).endswith(".")
    assert is_empty(elsewhere)


@on_sqlite_alone
def test_a_keyring_older_than_the_backup_is_refused(copied, elsewhere, moves, clock):
    back_up(copied)
    old = (shelf(copied) / "keyring").read_bytes()
    clock.now += 60
    made = back_up(copied)
    (shelf(copied) / "keyring").write_bytes(old)

    with pytest.raises(SetupError, match="older than the backup"):
        moves(made)

    assert is_empty(elsewhere)


@on_sqlite_alone
def test_a_house_that_is_lived_in_is_never_written_over(copied, person, settings, moves):
    made = back_up(copied)
    before = contents(copied)

    with pytest.raises(SetupError, match="into an empty"):
        restoring.restore(copied.settings, made.generation.path)

    assert contents(copied) == before


@pytest.mark.parametrize("step", ["brought_in", "master_in_place"])
@on_sqlite_alone
def test_a_restore_that_breaks_off_leaves_nothing_and_can_be_tried_again(
    copied, person, elsewhere, moves, monkeypatch, step
):
    made = back_up(copied)

    def breaks(*_args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(restoring, step, breaks)
        with pytest.raises(SetupError, match=r"No space left on device.*nothing was changed"):
            moves(made)
    assert is_empty(elsewhere)
    restored, _house = moves(made)

    assert restored.settled.people == 1


@on_postgresql_alone
def test_a_dump_that_does_not_come_in_leaves_an_empty_database_and_only_such_a_one_is_taken(
    copied, person, elsewhere, moves, monkeypatch
):
    made = back_up(copied)

    def breaks(*_args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(restoring, "master_in_place", breaks)
        with pytest.raises(SetupError, match=r"No space left on device.*nothing was changed"):
            moves(made)
    assert is_empty(elsewhere)
    with pytest.raises(SetupError, match="into an empty database only"):
        restoring.restore(copied.settings, made.generation.path)
    swapped(made)
    with pytest.raises(SetupError, match="not the file that was backed up"):
        moves(made)
    assert is_empty(elsewhere)


@on_sqlite_alone
def test_another_master_key_is_refused_and_a_given_one_is_put_in_its_place(copied, person, settings, tmp_path, clock):
    made = back_up(copied)
    wrong = Elsewhere(settings, tmp_path / "wrong", master=b"n" * 32)
    bare = Elsewhere(settings, tmp_path / "bare", master=None)

    with pytest.raises(SetupError, match="does not open this keyring"):
        restoring.restore(wrong.settings, made.generation.path, clock=clock)
    with pytest.raises(SetupError, match="Another master key"):
        restoring.restore(
            wrong.settings, made.generation.path, master_file=copied.settings.master_key_file, clock=clock
        )
    with pytest.raises(KeysError, match="no readable master key"):
        restoring.restore(bare.settings, made.generation.path, clock=clock)
    assert is_empty(wrong)
    assert is_empty(bare)
    restoring.restore(bare.settings, made.generation.path, master_file=copied.settings.master_key_file, clock=clock)

    assert bare.settings.master_key_file.read_bytes() == copied.settings.master_key_file.read_bytes()
    assert bare.settings.master_key_file.stat().st_mode & 0o777 == 0o600
    open_house(bare.settings, clock=clock).database.close()


@on_postgresql_alone
def test_a_backup_of_one_database_is_not_restored_into_the_other(copied, person, settings, tmp_path, clock):
    made = back_up(copied)
    home = tmp_path / "other"
    home.mkdir()
    write_key(home / "master.key")
    other = replace(
        settings, home=home, database_url=f"sqlite:///{home / 'wallet.db'}", master_key_file=home / "master.key"
    )

    with pytest.raises(SetupError, match="exported vault"):
        restoring.restore(other, made.generation.path, clock=clock)

    assert [path.name for path in home.iterdir()] == ["master.key"]
