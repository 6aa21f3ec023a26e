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
from datetime import date
from pathlib import Path

import pytest
from actors import PersonActor, VendorActor
from journeys import tokens_for
from metering import reads_the_meter
from moving import Elsewhere, back_up, backing_up
from storage import on_sqlite_alone

from wallet.app import create_app
from wallet.backup import folder
from wallet.backup.restoring import restore
from wallet.opening import open_house
from wallet.records.totals import totals

ROWS = int(os.environ.get("DRILL_ROWS", "2000"))
KILLS = int(os.environ.get("DRILL_KILLS", "2"))
FIVE_MINUTES = 300
ROOT = Path(__file__).parents[2]


def kwh(house, person, data_set_id):
    """What the meter comes to, over all the years there can be."""
    place = {"person_id": person.person_id, "persona_id": person.persona_id, "data_set_id": data_set_id}
    ever = {"since": date(2001, 1, 1), "until": date(2100, 1, 1)}
    return house.database.read(totals, house.secrets, **place, column="kwh", **ever)


@pytest.fixture
def drilled(house, app, person, moves_in, tmp_path):
    """Three people with two vendors each, and a meter that was read often."""
    copied = backing_up(house, tmp_path / "backups")
    people = [person, *(PersonActor(app, house, moves_in(name), password=person.password) for name in ("Bea", "Cem"))]
    vendors = [VendorActor(app, house, name) for name in ("stadtwerke", "library")]
    held = []
    for who in people:
        who.has({"email": f"{who.person.login}@example.org"})
        held += [(who, vendor, tokens_for(who, vendor)) for vendor in vendors]
    return copied, held, reads_the_meter(house, person.person, ROWS)


@on_sqlite_alone
def test_a_backup_that_is_killed_at_any_moment_is_there_whole_or_not_at_all(drilled, settings, clock, tmp_path):
    house, _held, _meter = drilled
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
    house, held, meter = drilled
    began = time.monotonic()
    made = back_up(house).generation
    backed_up = time.monotonic() - began
    mine = held[0][0].person
    used = kwh(house, mine, meter)
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
    assert kwh(new, mine, meter) == used > 0
    assert took < FIVE_MINUTES
    new.database.close()
    shutil.rmtree(made.path)
    with capsys.disabled():
        print(f"\n{ROWS} records: backed up in {backed_up:.1f} s, restored and used in {took:.1f} s")  # noqa: T201
