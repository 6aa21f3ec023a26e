"""Random steps over the engine, as many as wanted, each held against what is supposed (tests/world/sharing.py)."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "world"))

from doing import VENDORS, drawn
from sharing import Life

from keys.secrets import HostSecrets
from keys.signing import ensure_signing_keys
from vendor_api.oauth.registration import add_by_operator
from wallet.database import Database
from wallet.house import House
from wallet.migrations import migrate
from wallet.people import engine
from wallet.settings import Settings

START = 1_800_000_000
LONG = 250  # steps in a life
LIVES = 20  # in one house, before there is a new one
TOLD_EVERY = 10_000


@dataclass
class Clock:
    now: int = START

    def __call__(self) -> int:
        return self.now


@dataclass
class Walk:
    """`steps` and `seconds` end it, whichever comes first; the same `seed` takes the same steps again."""

    steps: int
    seconds: float
    seed: int
    done: int = 0

    def __post_init__(self) -> None:
        self.random, self.begun, self.seen = Random(self.seed), time.monotonic(), Counter[str]()

    @property
    def is_over(self) -> bool:
        return self.done >= self.steps or time.monotonic() - self.begun >= self.seconds

    @property
    def pace(self) -> str:
        spent = time.monotonic() - self.begun
        return f"{self.done:,} steps in {spent:,.0f} s: {self.done / spent:,.0f} a second, seed {self.seed}"


def walk(steps: int, seconds: float, seed: int | None) -> None:
    """Says what it has taken, and how quickly; what it finds wrong it raises, with the steps of that life."""
    walked = Walk(steps, seconds, Random().getrandbits(32) if seed is None else seed)
    while not walked.is_over:
        with tempfile.TemporaryDirectory(prefix="walk-") as folder:
            live(walked, Path(folder))
    print(walked.pace)
    print(", ".join(f"{name} {many:,}" for name, many in sorted(walked.seen.items())))


def live(walked: Walk, folder: Path) -> None:
    """Some lives in one house."""
    house = furnished(folder)
    houses = [house]

    def reopened() -> House:
        houses[-1].database.close()
        houses.append(opened(house.settings, house.clock))
        return houses[-1]

    for number in range(LIVES):
        given = {"login": f"ana{number}", "password_hash": "", "language": None}
        person = houses[-1].database.write(engine.sign_up, house.secrets, **given, now=house.clock())
        life, taken = Life(houses[-1], person, reopened), []
        try:
            for _ in range(LONG):
                taken.append(drawn(walked.random))
                life.happens(taken[-1])
                walked.done += 1
                if walked.done % TOLD_EVERY == 0:
                    print(walked.pace, file=sys.stderr, flush=True)
                if walked.is_over:
                    break
            life.look_at_everything()
        except BaseException:
            print(walked.pace, *taken, sep="\n", file=sys.stderr)
            raise
        walked.seen.update(told.receipt or told.action for told in life.ledger.told)
        if walked.is_over:
            break
    houses[-1].database.close()


def furnished(folder: Path) -> House:
    settings = Settings(
        home=folder,
        database_url=f"sqlite:///{folder / 'wallet.db'}",
        master_key_file=folder / "master.key",
        issuer="http://localhost",
        sign_up="open",
    )
    house = opened(settings, Clock())
    migrate(house.database)
    house.database.write(ensure_signing_keys, house.secrets, now=START)
    for vendor in VENDORS:
        given = {"client_id": vendor, "redirect_uris": [f"https://{vendor}.example/back"]}
        house.database.write(add_by_operator, house.secrets, given, now=START)
    return house


def opened(settings: Settings, clock: Clock) -> House:
    """A house that does not wait for the disk."""
    return House(settings, Database(settings.database_url, synchronous="off"), HostSecrets.derive(b"m" * 32), clock)
