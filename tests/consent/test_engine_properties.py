"""Whatever a person, vendors and time do, in whatever order: no value leaves but under a live grant, with its line."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from doing import ALL, STEPS, VENDORS
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sharing import Life
from storage import on_postgresql_alone, on_sqlite_alone

from vendor_api.oauth.registration import add_by_operator
from wallet.database import Database
from wallet.house import House
from wallet.people.model import Person

DAY = 24 * 3600
LONG = 100  # steps in one life
SHARES = 5
NAMES = count()
STEP = st.sampled_from(STEPS).flatmap(
    lambda step: st.tuples(st.just(step[0]), *(st.sampled_from(choices) for choices in step[1:]))
)
# So that every life has something to change, read and end from its beginning.
BEGINNING: tuple[tuple[Any, ...], ...] = (
    ("ask", VENDORS[0], ALL, frozenset(), None, None, ALL),
    ("allow", 0, ALL - {"birthdate"}, 30 * DAY, None, None),
    ("redeem", 0, ALL, None),
    ("pause", 0, None),
    ("read", 0),
    ("resume", 0),
)


@dataclass
class World:
    house: House
    reopen: Callable[[], House]
    moves_in: Callable[[str], Person]
    seen: Counter[str] = field(default_factory=Counter)


class PersonAndVendors(RuleBasedStateMachine):
    """One rule for all steps, so that every run is a lively mixture. The steps and what they suppose: tests/world."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        world = self.world
        self.life = Life(world.house, world.moves_in(f"ana{next(NAMES)}"), world.reopen)
        for step in BEGINNING:
            self.life.happens(step)

    @rule(step=STEP)
    def happens(self, step: tuple[Any, ...]) -> None:
        self.life.happens(step)

    def teardown(self) -> None:
        self.life.look_at_everything()
        self.world.seen.update(["steps"] * self.life.steps)
        self.world.seen.update(told.receipt or told.action for told in self.life.ledger.told)


@pytest.fixture
def world(house: House, moves_in: Callable[[str], Person]) -> Iterator[World]:
    """A house that does not wait for the disk."""
    url = house.settings.database_url

    def reopen() -> House:
        world.house.database.close()
        world.house = House(house.settings, Database(url, synchronous="off"), house.secrets, house.clock)
        return world.house

    for vendor in VENDORS:
        given = {"client_id": vendor, "redirect_uris": [f"https://{vendor}.example/back"]}
        house.database.write(add_by_operator, house.secrets, given, now=house.clock())
    world = World(house, reopen, moves_in)
    reopen()
    yield world
    world.house.database.close()


def lives(world: World, *, many: int, long: int) -> Counter[str]:
    """Let so many people live so long; gives back how often what has happened."""

    class Machine(PersonAndVendors):
        pass

    Machine.world = world
    unhurried = {"deadline": None, "suppress_health_check": list(HealthCheck), "phases": set(Phase) - {Phase.explain}}
    while world.seen["steps"] < many * long:  # some lives are shorter
        run_state_machine_as_test(Machine, settings=settings(max_examples=many, stateful_step_count=long, **unhurried))
    return world.seen


@pytest.mark.slow
@on_sqlite_alone
@pytest.mark.parametrize("share", range(SHARES))
def test_no_order_of_events_lets_a_value_out_unanswered_or_unseen(world, share):
    """In all shares together 10,000 steps; `make bench ARGS="--steps 1000000"` takes more."""
    seen = lives(world, many=10_000 // SHARES // LONG, long=LONG)

    assert seen["steps"] >= 10_000 / SHARES
    assert {"granted", "read", "failed", "paused", "revoked"} <= seen.keys()


@pytest.mark.slow
@on_postgresql_alone
def test_nor_does_it_on_postgresql(world):
    seen = lives(world, many=4, long=LONG)

    assert seen["read"]
