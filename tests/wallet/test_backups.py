"""A backup is made while people live in the house, holds no key that can be erased, and was opened before it counts."""

import base64
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from moving import back_up, backing_up
from sqlalchemy import make_url, update
from storage import nothing_changes, on_postgresql_alone, on_sqlite_alone, rows

from keys.persons import destroy_data_key
from keys.secrets import HostSecrets
from keys.tables import metadata
from wallet import upkeep
from wallet.app import create_app
from wallet.backup import checking, folder, keyring, making, postgresql
from wallet.backup.errors import BackupDamaged, BackupFailed, BackupRuns
from wallet.data.attributes import define_attribute
from wallet.data.engine import set_value
from wallet.data.tables import attribute_values
from wallet.errors import SetupError
from wallet.house import House
from wallet.people import personas
from wallet.settings import load_settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copied(house, tmp_path):
    return backing_up(house, tmp_path / "backups")


def shelf(house):
    return Path(house.settings.backup_folder)


def visible(house):
    return sorted(path.name for path in shelf(house).iterdir() if not path.name.endswith("lock"))


def test_a_backup_has_all_rows_but_those_of_the_keyring_and_was_opened(copied, person):
    made = back_up(copied).generation

    counts = made.manifest.counts
    kept = set(metadata.tables) - {table.name for table in keyring.TABLES}
    assert {name: counts[name] for name in kept} == {name: len(rows(copied, name)) for name in kept}
    assert [counts[table.name] for table in keyring.TABLES] == [0, 0, 0]
    assert made.manifest.checked == checking.RESTORED
    assert visible(copied) == [made.path.name, "keyring"]
    assert {path.stat().st_mode & 0o077 for path in [*shelf(copied).rglob("*"), shelf(copied)]} == {0}
    assert folder.generations(shelf(copied), copied.secrets) == [made]


def test_no_byte_of_a_wrapped_key_is_in_a_generation(copied, person):
    made = back_up(copied).generation

    sealed = [row["data_key_sealed"] for row in rows(copied, "person_keys")]
    sealed += [row["key_sealed"] for row in rows(copied, "data_keys")]
    sealed += [row["root_sealed"] for row in rows(copied, "host_roots")]
    (file,) = [path for path in made.path.iterdir() if path.name != "manifest.json"]
    stored = file.read_bytes()
    if not copied.database.is_sqlite:  # the dump is compressed inside
        stored = postgresql.run(copied.settings, "pg_restore", "--file=-", str(file)).encode()
        sealed = [key.hex().encode() for key in sealed]
    assert len(sealed) > 5
    assert rows(copied, "people")[0]["login_digest"].encode() in stored
    assert [key for key in sealed if key[:40] in stored] == []


@on_sqlite_alone
def test_writers_are_not_held_up_and_each_row_of_the_copy_finds_its_key(copied, person, moves_in):
    stop, written = threading.Event(), [0]

    def writes():
        place = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
        while not stop.is_set():
            copied.database.write(
                set_value, copied.secrets, **place, attribute="nickname", value=f"Ana {written[0]}",
                expected_version=None, now=copied.clock(),
            )  # fmt: skip
            written[0] += 1

    thread = threading.Thread(target=writes)
    thread.start()
    made, counted = [], [0]
    for _ in range(3):
        made.append(back_up(copied).generation)
        counted.append(written[0])
    stop.set()
    thread.join()

    assert all(before < after for before, after in pairwise(counted)), "nobody wrote while it was copied"
    assert {each.manifest.checked for each in made} == {checking.RESTORED}


@on_sqlite_alone
def test_what_is_erased_leaves_the_keyring_at_once(copied, person, moves_in):
    other = moves_in("Bea")
    back_up(copied)
    key = next(row["data_key_sealed"] for row in rows(copied, "person_keys") if row["person_id"] == other.person_id)

    copied.database.write(destroy_data_key, person_id=other.person_id)

    assert keyring.rewrite(copied)
    assert other.person_id.encode() not in (shelf(copied) / "keyring").read_bytes()
    assert person.person.person_id.encode() in (shelf(copied) / "keyring").read_bytes()
    assert key
    assert visible(copied)[-1] == "keyring"


@on_sqlite_alone
def test_rewriting_the_keyring_does_nothing_where_there_are_no_backups(house, copied, tmp_path):
    assert not keyring.rewrite(house)
    assert not keyring.rewrite(copied)
    assert not shelf(copied).exists()


@on_sqlite_alone
def test_a_keyring_that_could_not_be_rewritten_is_within_the_hour(copied, person, monkeypatch):
    back_up(copied)
    path = shelf(copied) / "keyring"
    before = path.read_bytes()
    copied.database.write(destroy_data_key, person_id=person.person.person_id)

    def fails(*_args, **_kwargs):
        raise BackupFailed("The disk is away.")

    with monkeypatch.context() as broken:
        broken.setattr(keyring, "write", fails)
        assert not keyring.rewrite(copied)

    assert path.read_bytes() == before
    assert not keyring.refresh(copied)
    os.utime(path, (time.time() - 3601,) * 2)
    assert keyring.refresh(copied)
    assert person.person.person_id.encode() not in path.read_bytes()


@on_sqlite_alone
def test_the_newest_are_kept_and_nobody_elses_files_are_touched(copied, clock, tmp_path):
    house = backing_up(copied, tmp_path / "backups", backup_keep="2")
    foreign = shelf(house) / "2020-01-01T00-00-00Z"
    made = []
    for _ in range(4):
        made.append(back_up(house).generation.path.name)
        foreign.mkdir(exist_ok=True)
        (foreign / "manifest.json").write_text("{}")
        clock.now += 3600

    assert visible(house) == [foreign.name, *made[2:], "keyring"]


@on_sqlite_alone
def test_a_damaged_backup_does_not_count_among_those_that_are_kept(copied, clock, tmp_path):
    house = backing_up(copied, tmp_path / "backups", backup_keep="1")
    first = back_up(replace_keep(house, "9")).generation
    clock.now += 1
    second = back_up(replace_keep(house, "9")).generation
    with (second.path / "wallet.db").open("ab") as file:
        file.truncate(1000)

    assert [each.path for each in folder.generations(shelf(house), house.secrets)] == [first.path]
    assert folder.rotate(shelf(house), house.secrets, keep=0) == []
    assert first.path.exists()


def replace_keep(house, keep):
    return House(replace(house.settings, backup_keep=keep), house.database, house.secrets, house.clock)


@on_sqlite_alone
def test_a_backup_that_does_not_open_is_thrown_away_and_the_old_ones_stay(copied, person, clock, monkeypatch):
    back_up(copied)
    before = visible(copied)
    spoil = update(attribute_values).values(value_sealed=b"\x01" + b"x" * 40)
    copied.database.write(lambda db: db.execute(spoil))
    clock.now += 1

    with pytest.raises(BackupDamaged, match="does not open"):
        back_up(copied)

    assert visible(copied) == before


@pytest.mark.parametrize("step", ["check", "about", "written", "digest_of"])
@on_sqlite_alone
def test_wherever_it_breaks_off_no_half_backup_is_left(copied, clock, monkeypatch, step):
    back_up(copied)
    before = visible(copied)
    clock.now += 1

    def breaks(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, step, breaks)
    with pytest.raises(BackupFailed, match="No space left on device"):
        back_up(copied)

    assert visible(copied) == before


@on_sqlite_alone
def test_drafts_of_a_run_that_was_killed_are_removed_by_the_next(copied):
    shelf(copied).mkdir()
    left = shelf(copied) / ".draft-0123"
    left.mkdir()
    (left / "whole.db").write_bytes(b"half")
    (shelf(copied) / ".draft-keyring-0123").write_bytes(b"half")

    made = back_up(copied).generation

    assert visible(copied) == [made.path.name, "keyring"]


@on_sqlite_alone
def test_two_do_not_make_one_at_the_same_time(copied):
    back_up(copied)
    with folder.alone(shelf(copied), folder.RUN_LOCK, waiting=False), pytest.raises(BackupRuns):
        back_up(copied)


@on_postgresql_alone
def test_two_hosts_with_folders_of_their_own_do_not_make_one_at_the_same_time(copied):
    with copied.database.engine.connect() as db:
        db.exec_driver_sql(f"select pg_advisory_xact_lock({postgresql.ONE_AT_A_TIME})")
        with pytest.raises(BackupRuns):
            back_up(copied)

    assert visible(copied) == []


@on_sqlite_alone
def test_a_folder_that_is_not_there_is_not_made_up(copied, tmp_path):
    for place in (tmp_path / "missing" / "folder", tmp_path / "master.key"):
        with nothing_changes(copied), pytest.raises(BackupFailed, match="can not be written"):
            making.make(copied, place)

    assert not (tmp_path / "missing").exists()


@on_sqlite_alone
def test_a_full_disk_is_said_in_one_sentence_and_leaves_nothing(copied, person, tmp_path):
    made = back_up(copied).generation
    before = visible(copied)

    def small_disk():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    done = command(copied, "backup", preexec_fn=small_disk)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip().splitlines()[-1].startswith("Error: The copy could not be written")
    assert "Traceback" not in done.stderr
    assert visible(copied) == before
    assert folder.generations(shelf(copied), copied.secrets) == [made]


def command(house, *arguments, **how):
    ours = {name: value for name, value in os.environ.items() if not name.startswith("WALLET_")}
    settings = house.settings
    environment = {
        "WALLET_HOME": str(settings.home),
        "WALLET_DATABASE_URL": settings.database_url,
        "WALLET_BACKUP_FOLDER": settings.backup_folder,
        "WALLET_POSTGRESQL_PROGRAMS": settings.postgresql_programs,
    }
    return subprocess.run(
        [sys.executable, "-m", "wallet", *arguments],
        env={**ours, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
        **how,
    )


@on_sqlite_alone
def test_the_command_makes_one_and_says_where_the_master_key_is_not(copied, person):
    done = command(copied, "backup")
    listed = command(copied, "backup", "--list")

    assert done.returncode == 0, done.stderr
    (made,) = folder.generations(shelf(copied), copied.secrets)
    assert str(made.path) in done.stdout
    assert "The master key is not in it" in done.stdout
    assert "same place" in done.stderr
    assert listed.stdout.endswith(f"restored\t{made.path}\n")


@on_sqlite_alone
def test_a_wrong_master_key_makes_no_backup(copied, tmp_path):
    copied.settings.master_key_file.write_text("bm5u" * 10 + "bm4=")

    done = command(copied, "backup")

    assert done.returncode == 1
    assert "master key" in done.stderr
    assert not shelf(copied).exists()


@on_postgresql_alone
def test_where_no_scratch_database_may_be_made_the_list_is_read_and_that_is_said(copied, person, monkeypatch):
    with copied.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("drop role if exists modest")
        db.exec_driver_sql("create role modest login password 'hunter2 and more' superuser nocreatedb")
        db.exec_driver_sql("alter role modest nosuperuser nocreatedb")
        db.exec_driver_sql("grant select on all tables in schema public to modest")
        name = db.engine.url.database
        url = make_url(copied.settings.database_url).set(username="modest", password="hunter2 and more")
        db.exec_driver_sql(f'grant connect on database "{name}" to modest')
    modest = replace(copied.settings, database_url=url.render_as_string(hide_password=False))
    database = type(copied.database)(modest.database_url)
    told = []
    real = postgresql.subprocess.run
    monkeypatch.setattr(postgresql.subprocess, "run", lambda args, **how: told.append(args) or real(args, **how))

    made = back_up(House(modest, database, copied.secrets, copied.clock)).generation

    database.close()
    assert made.manifest.checked == checking.LISTED
    assert [args for args in told if "hunter2" in str(args)] == []
    with copied.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.exec_driver_sql("drop owned by modest")
        db.exec_driver_sql("drop role modest")


def test_another_version_of_the_programs_is_said_in_one_sentence():
    said = (
        "pg_dump: error: aborting because of server version mismatch\n"
        "pg_dump: detail: server version: 17.2; pg_dump version: 15.1"
    )

    sentence = postgresql.complaint("pg_dump", said)

    assert "17.2, 15.1" in sentence
    assert "WALLET_POSTGRESQL_PROGRAMS" in sentence


@on_postgresql_alone
def test_missing_programs_are_said_so(copied, tmp_path):
    house = backing_up(copied, tmp_path / "backups", postgresql_programs=str(tmp_path))

    with pytest.raises(SetupError, match="no pg_dump"):
        back_up(house)

    assert visible(house) == []


@on_sqlite_alone
def test_a_backup_is_due_when_the_newest_good_one_is_too_old(copied, clock, tmp_path):
    house = backing_up(copied, tmp_path / "backups", backup_every="2")
    assert making.is_due(house)
    back_up(house)
    assert not making.is_due(house)
    clock.now += 7199
    assert not making.is_due(house)
    clock.now += 1
    assert making.is_due(house)
    assert not making.is_due(backing_up(copied, tmp_path / "backups", backup_every="0"))
    assert making.age_of_last(house) == 7200


@on_sqlite_alone
def test_the_copy_is_an_ordinary_sqlite_file(copied, person):
    made = back_up(copied).generation

    with sqlite3.connect(made.path / "wallet.db") as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
    shutil.rmtree(made.path)


@on_sqlite_alone
def test_the_folder_of_another_wallet_is_left_alone(copied, person, tmp_path):
    other = House(copied.settings, copied.database, HostSecrets.derive(b"o" * 32), copied.clock)
    back_up(copied)
    before = {path: path.read_bytes() for path in shelf(copied).rglob("*") if path.is_file()}

    with pytest.raises(BackupFailed, match="of another wallet"):
        back_up(other)
    assert not keyring.rewrite(other)

    assert {path: path.read_bytes() for path in shelf(copied).rglob("*") if path.is_file()} == before


@on_sqlite_alone
def test_a_keyring_is_never_older_than_a_backup_though_the_clock_is_set_back(copied, person, clock):
    back_up(copied)
    clock.now -= 86_400
    assert keyring.rewrite(copied)

    made_at = keyring.check(shelf(copied) / "keyring", copied.secrets)

    assert made_at == clock.now + 86_400


@on_sqlite_alone
def test_the_server_makes_backups_by_itself_and_metrics_tell_the_age(copied, clock, tmp_path):
    client = create_app(copied).test_client()
    assert "hausrecht_backup_age_seconds NaN" in client.get("/metrics").text

    upkeep.back_up(copied)
    upkeep.back_up(copied)
    clock.now += 90

    assert len(folder.generations(shelf(copied), copied.secrets)) == 1
    assert "hausrecht_backup_age_seconds 90.0" in client.get("/metrics").text
    clock.now += 24 * 3600
    upkeep.back_up(copied)
    assert len(folder.generations(shelf(copied), copied.secrets)) == 2


@on_sqlite_alone
def test_a_scheduled_backup_that_fails_is_told_and_tried_again_in_an_hour(copied, monkeypatch, caplog):
    waited = []
    monkeypatch.setattr(upkeep.time, "sleep", waited.append)
    shelf(copied).write_bytes(b"a file in its place")

    upkeep.back_up(copied)

    assert waited == [3600]
    assert "can not be written" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "given", [{"BACKUP_EVERY": "often"}, {"BACKUP_EVERY": "-1"}, {"BACKUP_KEEP": "0"}, {"BACKUP_KEEP": "1.5"}], ids=str
)
def test_numbers_that_are_none_stop_the_start(tmp_path, given):
    with pytest.raises(SetupError, match="must be a whole number"):
        load_settings({"WALLET_HOME": str(tmp_path), **{f"WALLET_{name}": value for name, value in given.items()}})


SECRETS = (
    "ana@example.org",
    "Lindenweg 5",
    "1990-12-24",
    "Müller",
    "wilhelmine",
    "Katze mit Halsband",
    "Nur für Freunde",
)


def test_raw_bytes_of_backups_hold_no_value_no_name_and_no_login(copied, person, moves_in, clock):
    moves_in("wilhelmine")
    at = {"person_id": person.person.person_id, "now": clock.now}
    copied.database.write(define_attribute, copied.secrets, name="pets.cat", label=SECRETS[-2], kind="text", **at)
    copied.database.write(personas.add_persona, copied.secrets, name=SECRETS[-1], **at)

    made = back_up(copied).generation

    stored = b"".join(path.read_bytes() for path in shelf(copied).rglob("*") if path.is_file())
    if not copied.database.is_sqlite:  # the dump is compressed inside
        stored += postgresql.run(copied.settings, "pg_restore", "--file=-", str(made.path / postgresql.FILE)).encode()
    assert b"pets.cat" in stored
    for secret in SECRETS:
        for spelled in (
            secret.encode(),
            secret.encode().hex().encode(),
            base64.b64encode(secret.encode()).rstrip(b"="),
        ):
            assert spelled not in stored
