"""The machine is lost; a backup, its keyring and the master key make the same wallet on another one, soon enough.

`make drill` does the same with many more rows.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from actors import PersonActor, VendorActor
from journeys import tokens_for
from moving import Elsewhere, back_up, backing_up
from sqlalchemy import insert
from storage import on_sqlite_alone, rows

from keys.persons import open_data_key, subject_key
from keys.sealing import seal
from wallet.app import create_app
from wallet.backup import folder
from wallet.backup.restoring import restore
from wallet.data.tables import attribute_values
from wallet.opening import open_house

ROWS = int(os.environ.get("DRILL_ROWS", "2000"))
KILLS = int(os.environ.get("DRILL_KILLS", "2"))
AT_ONCE = 10_000
FIVE_MINUTES = 300
ROOT = Path(__file__).parents[2]


def fill(house, person, count):
    """A long history, each version of it sealed."""
    place = {"person_id": person.person_id, "persona_id": person.persona_id}

    def work(db, first, last):
        data_key = open_data_key(db, house.secrets, person_id=person.person_id)
        key = subject_key(db, data_key, **place, subject="nickname")
        made = [
            {
                **place,
                "attribute": "nickname",
                "version": version,
                "value_sealed": seal(key, b'"Ana"', "value", *place.values(), "nickname", str(version)),
                "set_at": house.clock(),
                "source": "self",
                "replaced_at": house.clock(),
            }
            for version in range(first, last)
        ]
        db.execute(insert(attribute_values), made)

    for first in range(1, count + 1, AT_ONCE):
        house.database.write(work, first, min(first + AT_ONCE, count + 1))


@pytest.fixture
def drilled(house, app, person, moves_in, tmp_path):
    """Three people with two vendors each, and many rows."""
    copied = backing_up(house, tmp_path / "backups")
    people = [person, *(PersonActor(app, house, moves_in(name), password=person.password) for name in ("Bea", "Cem"))]
    vendors = [VendorActor(app, house, name) for name in ("stadtwerke", "library")]
    held = []
    for who in people:
        who.has({"email": f"{who.person.login}@example.org"})
        held += [(who, vendor, tokens_for(who, vendor)) for vendor in vendors]
    fill(house, person.person, ROWS)
    return copied, held


@on_sqlite_alone
def test_a_backup_that_is_killed_at_any_moment_is_there_whole_or_not_at_all(drilled, settings, clock, tmp_path):
    house, _held = drilled
    place = Path(house.settings.backup_folder)
    chance = random.Random(5)
    first = back_up(house).generation
    command = [sys.executable, "-m", "wallet", "backup", "--to", str(place)]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("WALLET_")}
    environment = {**ours, "PYTHONPATH": str(ROOT), "WALLET_HOME": str(house.settings.home)}

    for _ in range(KILLS):
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            time.sleep(0.4 + chance.random() / 2)
            run.kill()
    clock.now += 1

    last = back_up(house).generation
    listed = folder.generations(place, house.secrets)
    assert {each.path for each in listed} >= {first.path, last.path}
    assert {path.name for path in place.iterdir() if path.is_dir()} == {each.path.name for each in listed}
    assert list(place.glob(".draft-*")) == []
    for number, each in enumerate(listed):
        machine = Elsewhere(settings, tmp_path / f"machine{number}")
        assert restore(machine.settings, each.path, clock=clock).settled.people == 3


@on_sqlite_alone
def test_a_lost_machine_is_replaced_in_under_five_minutes(drilled, settings, clock, tmp_path, capsys):
    house, held = drilled
    began = time.monotonic()
    made = back_up(house).generation
    backed_up = time.monotonic() - began
    count = len(rows(house, "attribute_values"))
    house.database.close()
    for path in tmp_path.glob("wallet.db*"):
        path.unlink()
    place = Elsewhere(replace(settings), tmp_path / "new machine")
    (tmp_path / "master.key").unlink()

    began = time.monotonic()
    command = [sys.executable, "-m", "wallet", "restore", str(made.path), "--home", str(place.settings.home)]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("WALLET_")}
    done = subprocess.run(
        command,
        env={**ours, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=FIVE_MINUTES,
    )
    assert done.returncode == 0, done.stderr
    new = open_house(place.settings, clock=clock)
    app = create_app(new)

    for who, vendor, tokens in held:
        vendor.client = app.test_client()
        email = {"email": f"{who.person.login}@example.org"}
        assert vendor.reads(tokens["access_token"]).status_code == 401
        for renewed in (vendor.refreshes(tokens["refresh_token"]), vendor.asserts(tokens["consent_token"])):
            assert vendor.reads(renewed.json["access_token"]).json.items() >= email.items()
        assert PersonActor(app, new, who.person, password=who.password).signs_in().status_code == 303
    took = time.monotonic() - began
    assert len(rows(new, "attribute_values")) == count >= ROWS
    assert took < FIVE_MINUTES
    new.database.close()
    shutil.rmtree(made.path)
    with capsys.disabled():
        print(f"\n{count} values: backed up in {backed_up:.1f} s, restored and used in {took:.1f} s")  # noqa: T201
