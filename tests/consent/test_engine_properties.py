"""Whatever a person, a vendor and time do, in whatever order: no value leaves but under a live grant, with its line."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from consent import asks, changes, engine, grants, ledger
from consent.engine import Answer, Face
from consent.errors import AskAnswered, BadUntil, GrantEnded, GrantPaused, NotAsked, NotGranted, RequiredRefused
from consent.model import Item, NewAsk, Party
from vendor_api.errors import InvalidToken
from vendor_api.oauth import tokens, userinfo
from vendor_api.oauth.access import Presented
from vendor_api.oauth.registration import add_by_operator
from wallet.data.engine import set_value
from wallet.database import Database
from wallet.host import WalletHost
from wallet.house import House
from wallet.people.model import Person
from wallet.people.personas import persona_root

DAY = 24 * 3600
VENDORS = ("stadtwerke", "bookshop")
VALUES = {"email": "ana@example.org", "nickname": "Ana", "birthdate": "1990-12-24"}
LACKING = "gender"  # asked for and granted, but the person has no value for it
ATTRIBUTES = (*VALUES, LACKING)
SOME = st.frozensets(st.sampled_from(ATTRIBUTES))
SPANS = st.sampled_from((1, 59, 60, 61, asks.LIFETIME // 2, asks.LIFETIME, tokens.ACCESS_LIFETIME, DAY))
LENGTHS = st.sampled_from((30 * DAY, DAY, engine.LONGEST_GRANT, tokens.ACCESS_LIFETIME, 60, 1))
BAD_LENGTHS = st.sampled_from((-DAY, -1, 0, engine.LONGEST_GRANT + 1))
WHICH = st.sampled_from((0, 0, 0, 1, 2, 3))
NAMES = count()


@dataclass
class Agreed:
    """What the model knows of one grant."""

    vendor: str
    attributes: frozenset[str]
    until: int
    ended: bool = False
    paused_until: int = 0

    def is_paused(self, now: int) -> bool:
        return now < self.paused_until

    def is_live(self, now: int) -> bool:
        return not self.ended and now < self.until


@dataclass
class Asked:
    vendor: str
    ask: Any
    required: frozenset[str]
    answered: bool = False

    @property
    def attributes(self) -> frozenset[str]:
        return self.ask.attributes

    def is_over(self, now: int) -> bool:
        return self.answered or now >= self.ask.expires_at


@dataclass
class Held:
    """An access token in a vendor's hands."""

    token: str
    grant_id: str
    wanted: frozenset[str]
    until: int


@dataclass
class World:
    house: House
    reopen: Callable[[], House]
    moves_in: Callable[[str], Person]
    seen: Counter[str] = field(default_factory=Counter)


STEPS = st.one_of(
    st.tuples(st.just("read"), WHICH),
    st.tuples(st.just("redeem"), WHICH, SOME),
    st.tuples(st.just("allow"), WHICH, st.just(frozenset(ATTRIBUTES)), LENGTHS),
    st.tuples(st.just("ask"), st.sampled_from(VENDORS), SOME, SOME),
    st.tuples(st.just("allow"), WHICH, SOME, LENGTHS),
    st.tuples(st.just("read"), WHICH),
    st.tuples(st.just("pass_time"), SPANS),
    st.tuples(st.just("revoke"), WHICH),
    st.tuples(st.just("pause"), WHICH, st.none() | LENGTHS | BAD_LENGTHS),
    st.tuples(st.just("resume"), WHICH),
    st.tuples(st.just("narrow"), WHICH, SOME),
    st.tuples(st.just("prolong"), WHICH, LENGTHS | BAD_LENGTHS),
    st.tuples(st.just("refuse"), WHICH),
    st.tuples(st.just("tamper"), WHICH, SOME, LENGTHS | BAD_LENGTHS),
    st.tuples(st.just("reopen")),
)


class PersonAndVendors(RuleBasedStateMachine):
    """One person and two vendors over the real engine; beside it a model of sets, numbers and a list of actions.

    What happens has to do with the newest ask, grant or token, or with one `which` places before it.
    """

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.house = self.world.house
        self.person = self.world.moves_in(f"ana{next(NAMES)}")
        self.ids = {"person_id": self.person.person_id, "persona_id": self.person.persona_id}
        root = self.house.database.read(persona_root, self.house.secrets, **self.ids)
        self.face = Face(**self.ids, root=root)
        self.signs = changes.Signs(self.face, "https://wallet.example")
        for attribute, value in VALUES.items():
            given = {"attribute": attribute, "value": value, "expected_version": None}
            self.write(set_value, **self.ids, **given)
        self.asked: list[Asked] = []
        self.agreed: dict[str, Agreed] = {}
        self.current: dict[str, str] = {}
        self.held: list[Held] = []
        self.log: list[str] = []

    @initialize(until=LENGTHS)
    def start_with_a_vendor_that_may_read(self, until: int) -> None:
        self.ask(VENDORS[0], frozenset(ATTRIBUTES), frozenset())
        self.allow(0, frozenset(ATTRIBUTES) - {"birthdate"}, until)
        self.redeem(0, frozenset(ATTRIBUTES))
        self.pause(0, None)
        self.read(0)
        self.resume(0)

    @rule(step=STEPS)
    def happens(self, step: tuple[Any, ...]) -> None:
        """One rule for all, so that every run is a lively mixture."""
        name, *given = step
        getattr(self, name)(*given)

    def ask(self, vendor: str, attributes: frozenset[str], required: frozenset[str]) -> None:
        items = tuple(Item(name, f"For {name}", name in required) for name in sorted(attributes | required))
        new = NewAsk(party(vendor), items, f"https://{vendor}.example/back", {})
        ask = self.house.database.write(asks.keep, new, browser="b", now=self.now)
        self.write(engine.present, ask, person_id=self.person.person_id)
        self.asked.append(Asked(vendor, ask, required))
        self.log.append("asked")

    def allow(self, which: int, ticked: frozenset[str], length: int) -> None:
        """As the form offers it."""
        asked = pick(self.asked, which)
        self.send(asked, asked.required | (ticked & asked.attributes), length)

    def tamper(self, which: int, chosen: frozenset[str], length: int) -> None:
        """As no form offers it."""
        self.send(pick(self.asked, which), chosen, length)

    def send(self, asked: Asked, chosen: frozenset[str], length: int) -> None:
        answer, ids = Answer(chosen, self.now + length), {"face": self.face, "issuer": "https://wallet.example"}
        refusal = self.expected_refusal(asked, answer)
        if refusal:
            with pytest.raises(refusal):
                self.write(engine.grant, asked.ask, answer, **ids)
            return
        made = self.write(engine.grant, asked.ask, answer, **ids)
        before = self.agreed.get(self.current.get(asked.vendor, ""))
        kept = before.attributes - asked.attributes if before and before.is_live(self.now) else frozenset()
        self.agreed[made.grant_id] = Agreed(asked.vendor, kept | chosen, answer.until)
        self.current[asked.vendor] = made.grant_id
        asked.answered = True
        self.log.append("granted")

    def expected_refusal(self, asked: Asked, answer: Answer) -> type[Exception] | None:
        if not answer.chosen <= asked.attributes:
            return NotAsked
        if not asked.required <= answer.chosen:
            return RequiredRefused
        if not self.now < answer.until <= self.now + engine.LONGEST_GRANT:
            return BadUntil
        return AskAnswered if asked.is_over(self.now) else None

    def refuse(self, which: int) -> None:
        asked = pick(self.asked, which)
        if asked.is_over(self.now):
            with pytest.raises(AskAnswered):
                self.write(engine.refuse, asked.ask, person_id=self.person.person_id)
            return
        self.write(engine.refuse, asked.ask, person_id=self.person.person_id)
        asked.answered = True
        self.log.append("refused")

    def redeem(self, which: int, wanted: frozenset[str]) -> None:
        """A vendor may keep what it can redeem for ever, and try."""
        grant_id = pick(list(self.agreed), which)
        agreed = self.agreed[grant_id]
        if not agreed.is_live(self.now) or agreed.is_paused(self.now):
            with pytest.raises(GrantPaused if agreed.is_live(self.now) else GrantEnded):
                self.write(redeem, grant_id, wanted, person_id=self.person.person_id)
            return
        token = self.write(redeem, grant_id, wanted, person_id=self.person.person_id)
        self.held.append(Held(token, grant_id, wanted, min(self.now + tokens.ACCESS_LIFETIME, agreed.until)))
        self.log.append("redeemed")

    def read(self, which: int) -> None:
        """Through the door that vendors read at: exactly what is granted and wanted and there, or nothing."""
        held, host = pick(self.held, which), WalletHost(self.house, lambda _cookies: {})
        agreed = self.agreed[held.grant_id]
        if not agreed.is_live(self.now) or agreed.is_paused(self.now) or self.now >= held.until:
            with pytest.raises(InvalidToken):
                self.house.database.write(userinfo.read, host, Presented(held.token, None, None), now=self.now)
            return
        answer = json.loads(
            self.house.database.write(userinfo.read, host, Presented(held.token, None, None), now=self.now).body
        )
        found = {name: value for name, value in answer.items() if name in ATTRIBUTES}
        assert found == {name: VALUES[name] for name in held.wanted & agreed.attributes if name in VALUES}
        self.log.append("read")
        last = self.house.database.read(ledger.lines, person_id=self.person.person_id, limit=1)[0]
        assert (last.grant_id, last.detail["attributes"]) == (held.grant_id, sorted(found))

    def revoke(self, which: int) -> None:
        grant_id = pick(list(self.agreed), which)
        self.write(changes.revoke, grant_id, person_id=self.person.person_id, signs=self.signs)
        if not self.agreed[grant_id].ended:
            self.log.append("revoked")
        self.agreed[grant_id].ended = True

    def pause(self, which: int, length: int | None) -> None:
        until = None if length is None else self.now + length
        refusal = BadUntil if until and not self.now < until <= self.now + engine.LONGEST_GRANT else None
        agreed = self.change(changes.pause, which, refusal, until=until)
        paused_until = until or changes.UNTIL_RESUMED
        if agreed and agreed.paused_until != paused_until:
            agreed.paused_until = paused_until
            self.log.append("changed")

    def resume(self, which: int) -> None:
        agreed = self.change(changes.resume, which)
        if agreed and agreed.is_paused(self.now):
            agreed.paused_until = 0
            self.log.append("changed")

    def narrow(self, which: int, taken: frozenset[str]) -> None:
        granted = self.agreed[pick(list(self.agreed), which)].attributes
        refusal = None if taken and taken <= granted else NotGranted
        agreed = self.change(changes.narrow, which, refusal, taken=taken)
        if agreed:
            agreed.attributes -= taken
            self.log.append("changed")

    def prolong(self, which: int, length: int) -> None:
        until = self.now + length
        refusal = None if self.now < until <= self.now + engine.LONGEST_GRANT else BadUntil
        agreed = self.change(changes.prolong, which, refusal, until=until)
        if agreed and agreed.until != until:
            agreed.until = until
            self.log.append("changed")

    def change(
        self, work: Callable[..., Any], which: int, refusal: type[Exception] | None = None, **what: Any
    ) -> Agreed | None:
        """What the change is about, or None where it was refused as it has to be."""
        grant_id = pick(list(self.agreed), which)
        agreed = self.agreed[grant_id]
        if not agreed.is_live(self.now) and refusal is not BadUntil:
            refusal = GrantEnded
        if refusal is None:
            self.write(work, grant_id, person_id=self.person.person_id, signs=self.signs, **what)
            return agreed
        with pytest.raises(refusal):
            self.write(work, grant_id, person_id=self.person.person_id, signs=self.signs, **what)
        return None

    def pass_time(self, span: int) -> None:
        self.house.clock.now += span

    def reopen(self) -> None:
        self.house = self.world.reopen()

    @invariant()
    def ledger_tells_everything_and_verifies(self) -> None:
        count = self.house.database.read(ledger.verify, self.house.secrets.ledger, person_id=self.person.person_id)
        found = self.house.database.read(ledger.lines, person_id=self.person.person_id)
        assert [line.action for line in reversed(found)] == self.log
        assert count == len(self.log)

    @invariant()
    def grants_are_what_was_agreed_and_ended_ones_stay_ended(self) -> None:
        found = self.house.database.read(grants.of_person, person_id=self.person.person_id)
        assert {
            each.grant_id: (each.attributes, each.is_live(self.now), each.is_paused(self.now)) for each in found
        } == {
            grant_id: (agreed.attributes, agreed.is_live(self.now), agreed.is_paused(self.now))
            for grant_id, agreed in self.agreed.items()
        }

    def teardown(self) -> None:
        self.world.seen.update(self.log)

    @property
    def now(self) -> int:
        return self.house.clock()

    def write(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.house.database.write(work, self.house.secrets, *args, **kwargs, now=self.now)


def pick(found: list[Any], which: int) -> Any:
    """The newest, or one `which` places before it."""
    return found[-1 - which % len(found)]


def redeem(db: Any, secrets: Any, grant_id: str, wanted: frozenset[str], *, person_id: str, now: int) -> str:
    """An access token for the consent token, as the token endpoint does it."""
    grant = grants.find(db, grant_id, person_id=person_id)
    engine.redeem(db, secrets, grant, via="consent_token", now=now)
    request = {"scope": "openid", "userinfo": sorted(wanted), "id_token": []}
    return tokens.issue(db, secrets, grant, access=request, refresh=None, family=None, now=now).access


def party(vendor: str) -> Party:
    unsaid = dict.fromkeys(("policy_uri", "contact", "address", "jurisdiction", "storage_location", "retention"))
    host = f"{vendor}.example"
    ids = {"client_id": vendor, "name": vendor.title(), "host": host, "sector": host}
    return Party(**ids, **unsaid, verified=True, recipients=(), language="en", notice="0" * 64)


@pytest.fixture
def world(house, settings_of, moves_in):
    opened = [house]

    def reopen() -> House:
        opened[-1].database.close()
        opened.append(House(house.settings, Database(house.settings.database_url), house.secrets, house.clock))
        return opened[-1]

    for vendor in VENDORS:
        given = {"client_id": vendor, "redirect_uris": [f"https://{vendor}.example/back"]}
        house.database.write(add_by_operator, house.secrets, given, now=house.clock())
    yield World(house, reopen, moves_in)
    opened[-1].database.close()


@pytest.fixture
def settings_of(house):
    """Enough to find what is wrong; PostgreSQL answers the same questions more slowly."""
    examples, steps = (15, 30) if house.database.is_sqlite else (3, 20)
    unhurried = {"deadline": None, "suppress_health_check": list(HealthCheck)}
    return settings(max_examples=examples, stateful_step_count=steps, **unhurried)


@pytest.mark.slow
def test_no_order_of_events_lets_a_value_out_unanswered_or_unseen(world, settings_of):
    class Machine(PersonAndVendors):
        pass

    Machine.world = world
    run_state_machine_as_test(Machine, settings=settings_of)

    assert world.seen["granted"]
    assert world.seen["read"]
    assert world.seen["changed"]
