"""The wallet is killed at any moment, again and again: its ledger stays whole, and no event is lost or overtaken.

`make drill` does the same for longer.
"""

import os
import random
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import jwt
import pytest
from actors import PersonActor
from journeys import tokens_for
from listening import ListeningVendor, claims, sends
from sites import serving
from storage import on_sqlite_alone, rows

from consent import ledger
from wallet.sharing.hearing import is_told

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("DRILL_KILLS", "2"))
LONGEST_LIFE = 0.8
ANSWERS = (
    *[b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"] * 6,
    b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: https://localhost/\r\nContent-Length: 0\r\n\r\n",
    b'HTTP/1.1 400 Bad\r\nContent-Length: 23\r\n\r\n{"err":"invalid_issuer"}',
    b"garbage",
    b"",
)


@pytest.fixture
def receivers(authority):
    """Two vendors' servers that answer as they like, and sometimes late."""
    chance = random.Random(5)

    def answers(wire):
        time.sleep(chance.choice((0, 0, 0, 0.02)))
        wire.write(chance.choice(ANSWERS))

    with ExitStack() as stack:
        found = [stack.enter_context(serving(authority)) for _ in range(2)]
        for site in found:
            site.speaks = answers
        yield found


def lives(database_url, authority, seed, began):
    """One life of the wallet, ended without a warning."""
    command = [sys.executable, "tests/world/drilling.py", database_url, str(authority), str(seed), str(began)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as wallet:
        assert wallet.stdout.readline() == "ready\n"
        time.sleep(random.Random(seed).random() * LONGEST_LIFE)
        wallet.kill()


def arrived(site):
    """The ids of events in the order they came, each once; what broke off in the middle did not come."""
    found = []
    for *_, body in site.seen:
        try:
            found.append(claims(body)["jti"])
        except jwt.PyJWTError:
            continue
    return list(dict.fromkeys(found))


@on_sqlite_alone
def test_killed_at_any_moment_the_ledger_holds_and_events_arrive_whole_and_in_order(
    app, house, person, moves_in, receivers, authority, database_url, clock
):
    bea = PersonActor(app, house, moves_in("Bea"), password=person.password)
    bea.has({"email": "bea@example.org"})
    grants = {}
    for number, site in enumerate(receivers):
        shop = ListeningVendor(app, house, f"shop{number}")
        shop.listens(site)
        for who in (person, bea):
            grants[tokens_for(who, shop)["grant_id"]] = (who.person.person_id, site)
    began = time.time()

    for seed in range(KILLS):
        lives(database_url, authority, seed, began)

    for site in receivers:
        site.speaks, site.status = None, 202
    clock.now += int((time.time() - began) * 1000)
    while any(row["due_at"] is not None for row in rows(house, "outbox")):
        clock.now += 6 * 3600
        sends(house, authority)
    line_of = {row["telling_id"]: row["detail"]["line"] for row in rows(house, "outbox")}
    grant_of = {row["telling_id"]: row["detail"]["said"]["grant_id"] for row in rows(house, "outbox")}
    changed = 0
    for grant_id, (person_id, site) in grants.items():
        assert house.database.read(ledger.verify, house.secrets.ledger, person_id=person_id)
        lines = house.database.read(ledger.lines, person_id=person_id, limit=100_000)
        written = [line.seq for line in reversed(lines) if line.grant_id == grant_id and is_told(line)]
        assert [line_of[jti] for jti in arrived(site) if grant_of[jti] == grant_id] == written
        changed += len(written)
    assert changed >= 2 * KILLS
