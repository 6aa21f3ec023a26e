"""Whatever vendors try and persons change, in whatever order and at whatever time: nothing gets in that is not wanted.

Beside the wallet runs a small model of its own, which knows no code of the engine: weeks are painted minute by minute,
and what was said is looked up in a plain table.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import make_msgid
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from publishing import publishes
from speaking import Speaker, wants
from storage import on_sqlite_alone, rows

from consent import changes, grants, standing
from consent.changes import Signs
from consent.contact import openings, topics
from consent.contact.errors import NotPermitted
from consent.contact.model import ContactPolicy, Window
from consent.contact.permission import Wish
from consent.model import Span
from consent.standing import Rule
from vendor_api.contact import authors
from vendor_api.desk import directory
from vendor_api.desk import engine as desk
from vendor_api.desk.directory import ContactPerson
from vendor_api.errors import VendorApiError
from wallet.channels import sending
from wallet.contact.withdrawing import ONE_CLICK, withdraw_link
from wallet.dialogue import engine, erased, saying
from wallet.dispatch import mail_in, spreading
from wallet.dispatch.mail_reading import Incoming
from wallet.dispatch.parcels import sender_of
from wallet.host import WalletHost
from wallet.people.personas import face
from wallet.sharing.rules import whose

DAY = 24 * 3600
SPANS = {"day": DAY, "week": 7 * DAY, "month": 30 * DAY}
TOPICS = ("outage", "tariffs")
PEOPLE = ("kim", "lou")
PUBLISHED = "published"
number = count(1)

minutes = st.sampled_from([0, 60, 121, 480, 540, 720, 1080, 1320, 1439])
days = st.sampled_from([(1, 2, 3, 4, 5), (6, 7), (5,), (7,), (1, 2, 3, 4, 5, 6, 7)])
windows = st.builds(Window, days, minutes, minutes).filter(lambda one: one.since != one.until)
some = st.lists(windows, max_size=2).map(tuple)
zones = st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"])
by = st.integers(-3 * DAY, 20 * DAY)
SAID: dict[str, Any] = {
    "channels": st.sampled_from([("inbox",), ("email", "inbox", "phone"), ("sms", "email"), ("inbox", "phone")]),
    "windows": some,
    "quiet": some,
    "time_zone": zones,
    "holidays": st.sampled_from(["", "DE-BY"]),
    "frequency": st.builds(Span, st.integers(0, 2), st.sampled_from(sorted(SPANS))),
    "relevant_only": st.booleans(),
    "contact_person": st.sampled_from(["", "kim"]),
    "fallback": st.sampled_from(["anybody", "nobody", "nobody"]),
    **dict.fromkeys(("not_before", "not_after", "paused_until"), by),
}
BOUNDS = ("not_before", "not_after", "paused_until")


@st.composite
def policies(draw: Any) -> dict[str, Any]:
    """It says one or two things, so that much still gets in."""
    names = draw(
        st.one_of(st.lists(st.sampled_from(sorted(SAID)), max_size=2), st.just(["contact_person", "fallback"]))
    )
    return {name: draw(SAID[name]) for name in names}


SCOPES = st.sampled_from([("*", "*"), ("mine", "*"), ("mine", "outage"), ("*", "tariffs"), ("mine", "tariffs")])
USUAL: dict[str, Any] = {
    "channels": ("inbox",),
    "windows": (),
    "quiet": (),
    "time_zone": "UTC",
    "holidays": "",
    "not_before": 0,
    "not_after": 0,
    "frequency": Span(0, "day"),
    "contact_person": "",
    "fallback": "anybody",
    "relevant_only": False,
    "paused_until": 0,
}
HOLIDAYS = {date(2027, 1, 1), date(2027, 1, 6), date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 1)}


class Model:
    """What a person said, and what has come in: enough to know what may come next."""

    def __init__(self) -> None:
        self.said: dict[tuple[str, str], dict[str, Any]] = {}
        self.allowed: set[str] = set()
        self.stands, self.paused, self.blocked = True, False, False
        self.openings: dict[str, tuple[str, int, str | None]] = {}
        self.came: list[tuple[str, int]] = []

    def counts(self, name: str, topic: str) -> tuple[Any, bool]:
        """What holds, and whether it was said of all topics."""
        for place in (("mine", topic), ("mine", "*"), ("*", topic), ("*", "*")):
            if name in self.said.get(place, {}):
                return self.said[place][name], place[1] == "*"
        return USUAL[name], True

    def wants(self, topic: str, now: int, *, channel: Any = None, opening: Any = None, author: Any = None) -> bool:
        of = {name: self.counts(name, topic)[0] for name in USUAL}
        occasion = self.openings.get(opening) if opening else None
        is_occasion = occasion is not None and occasion[0] == topic and now < occasion[1]
        return (
            self.may_hear(topic, now)
            and (is_occasion or not (opening or of["relevant_only"]))
            and self.is_channel(of["channels"], channel, occasion)
            and self.is_author(of, author)
            and self.is_time(of, now)
            and self.is_seldom(topic, now)
        )

    def is_author(self, of: dict[str, Any], author: Any) -> bool:
        """Kim is always there; what is published has no author, and comes from whoever may stand in."""
        wanted = of["contact_person"]
        return not wanted or author == wanted or (author == PUBLISHED and of["fallback"] != "nobody")

    def may_hear(self, topic: str, now: int) -> bool:
        pauses = [said.get("paused_until", 0) for place, said in self.said.items() if place[1] in {"*", topic}]
        is_over = not self.stands or self.blocked or self.paused
        return not is_over and topic in self.allowed and now >= max([0, *pauses])

    def is_channel(self, liked: tuple[str, ...], named: str | None, occasion: Any) -> bool:
        """The first, the one of the occasion, or a call; and nothing that is not liked at all."""
        chosen = occasion[2] if occasion else None
        return named is None or (named in liked and named in {liked[0], chosen, "phone"})

    def is_time(self, of: dict[str, Any], now: int) -> bool:
        local = datetime.fromtimestamp(now, ZoneInfo(of["time_zone"]))
        minute = local.weekday() * 1440 + local.hour * 60 + local.minute
        if now < of["not_before"] or (of["not_after"] and now >= of["not_after"]):
            return False
        if of["holidays"] and local.date() in HOLIDAYS:
            return False
        return (not of["windows"] or covers(of["windows"], minute)) and not covers(of["quiet"], minute)

    def is_seldom(self, topic: str, now: int) -> bool:
        """No span of that length, wherever it begins, holds more than so many."""
        frequency, of_all = self.counts("frequency", topic)
        times = [at for one, at in self.came if of_all or one == topic]
        return not frequency.value or sum(at > now - SPANS[frequency.unit] for at in times) < frequency.value


def covers(found: tuple[Window, ...], minute: int) -> bool:
    for one in found:
        length = one.until - one.since if one.until > one.since else one.until + 1440 - one.since
        if any((minute - (day - 1) * 1440 - one.since) % 10_080 < length for day in one.days):
            return True
    return False


def is_permitted(db: Any, secrets: Any, grant: Any, wish: Wish, *, now: int) -> bool:
    with suppress(NotPermitted):
        return bool(authors.permit(db, secrets, grant, wish, now=now))
    return False


@dataclass(frozen=True)
class Anywhere:
    """A channel that needs no address, and delivers."""

    kind: str
    needs: tuple[str, ...] = ()

    def deliver(self, _parcel: Any, _address: Any, means: Any) -> None:
        means.handing_over()


class Speaking(RuleBasedStateMachine):
    """One person, a vendor, and another that would like to be it."""

    app: Any
    house: Any
    person: Any

    @initialize()
    def begin(self) -> None:
        self.clock = self.house.clock
        self.clock.now = int(datetime(2027, 3, 1, 9, tzinfo=UTC).timestamp())
        self.person.signs_in()
        self.model, self.name = Model(), f"vendor{next(number)}"
        usual = {"windows": (Window((1, 2, 3, 4, 5), 540, 1200),), "frequency": Span(2, "day")}
        self.model.said["*", "*"] = usual
        wants(self.person, **usual)
        wants(self.person, topic="tariffs")
        self.vendor, self.rival = (Speaker(self.app, self.house, name) for name in (self.name, f"{self.name}x"))
        for one in (self.vendor, self.rival):
            people = [ContactPerson(name, name.title()) for name in PEOPLE]
            self.write(directory.replace, self.house.secrets, people, client_id=one.client_id, now=self.now)
            one.joins(self.person, allowed=TOPICS)
        self.model.allowed = set(TOPICS)
        self.kept, self.questions, self.threads = len(rows(self.house, "messages")), [], []
        self.sent: list[dict[str, Any]] = []
        self.waiting: list[str] = []
        self.arrived: set[str] = set()

    @property
    def now(self) -> int:
        return int(self.clock.now)

    @property
    def ids(self) -> dict[str, str]:
        return {"person_id": self.person.person.person_id, "persona_id": self.person.person.persona_id}

    @property
    def grant(self) -> Any:
        return self.house.database.read(grants.find, self.vendor.grant_id, person_id=self.ids["person_id"])

    def write(self, work: Any, *args: Any, **how: Any) -> Any:
        return self.house.database.write(work, *args, **how)

    def changes(self, work: Any, *args: Any, **how: Any) -> None:
        signs = Signs(self.house.database.read(face, self.house.secrets, **self.ids), self.house.settings.issuer)
        mine = {"person_id": self.ids["person_id"], "signs": signs, "now": self.now}
        self.write(work, self.house.secrets, self.vendor.grant_id, *args, **mine, **how)

    # What the person does

    @rule(place=SCOPES, said=policies())
    def says_how(self, place, said, moved=False):
        said = {name: value + self.now if name in BOUNDS and not moved else value for name, value in said.items()}
        self.model.said[place] = said
        wants(self.person, client_id=self.name if place[0] == "mine" else "*", topic=place[1], **said)

    @rule(topic=st.sampled_from(TOPICS))
    def allows_or_takes_back(self, topic):
        if not self.model.stands:
            return
        if topic in self.model.allowed:
            self.changes(changes.narrow, taken=(f"contact:{topic}",))
        else:
            self.changes(topics.allow_again, topic)
        self.model.allowed ^= {topic}

    @rule(topic=st.sampled_from(TOPICS))
    def presses_the_link_in_a_mail(self, topic):
        ids = {"person_id": self.ids["person_id"], "grant_id": self.vendor.grant_id}
        link = withdraw_link(self.house, **ids, topic=topic, message_id="m")
        self.app.test_client().post(link.removeprefix(self.house.settings.issuer), data=dict([ONE_CLICK]))
        if self.model.stands:
            self.model.allowed -= {topic}

    @rule()
    def pauses_or_goes_on(self):
        if self.model.stands:
            self.changes(changes.resume if self.model.paused else changes.pause)
            self.model.paused = not self.model.paused

    @precondition(lambda self: self.model.stands and len(self.model.came) > 4)
    @rule()
    def stops(self):
        self.changes(changes.revoke)
        self.model.stands = False

    @precondition(lambda self: self.model.came)
    @rule()
    def blocks_or_not(self):
        self.model.blocked = not self.model.blocked
        rule_ = Rule("*", "*", None)
        kept = standing.BLOCKED if self.model.blocked else None
        self.write(
            standing.give,
            self.house.secrets,
            replace(rule_, client_id=self.name, purpose=standing.ANY, answer=kept, vendor=self.name),
            whose=whose(self.person.person),
            now=self.now,
        )

    @rule(topic=st.sampled_from(TOPICS), length=st.integers(1, 10 * DAY), channel=st.sampled_from([None, "inbox"]))
    def makes_an_occasion(self, topic, length, channel):
        made = {"kind": "trigger", "topic": topic, "until": self.now + length, "now": self.now, "channel": channel}
        self.model.openings[self.write(openings.open_, self.grant, **made)] = (topic, self.now + length, channel)

    @precondition(lambda self: self.model.openings)
    @rule(data=st.data())
    def ends_an_occasion(self, data):
        one = data.draw(st.sampled_from(sorted(self.model.openings)))
        self.write(openings.close, one, person_id=self.ids["person_id"], now=self.now)
        self.model.openings[one] = (self.model.openings[one][0], 0, None)

    @rule(zone=zones)
    def moves_to_another_time_zone(self, zone):
        for place in (("*", "*"), ("mine", "*")):
            self.says_how(place, {**self.model.said.get(place, {}), "time_zone": zone}, moved=True)

    @precondition(lambda self: self.threads)
    @rule(data=st.data())
    def erases_a_conversation(self, data):
        public_id = data.draw(st.sampled_from(self.threads))

        def erase(db):
            whose = {"person_id": self.ids["person_id"], "client_id": self.name}
            erased.erase(db, engine.find_public(db, self.house.secrets, public_id, **whose))

        self.write(erase)
        self.threads = [one for one in self.threads if one != public_id]
        self.kept = len(rows(self.house, "messages"))

    @rule()
    def asks_something(self):
        def ask(db):
            about = {"client_id": self.name, "grant_id": self.vendor.grant_id, "vendor": self.name, "subject": "Bill"}
            how = {"kind": "question", "topic": None, "opened_by": "person", "now": self.now}
            thread = engine.open_thread(db, self.house.secrets, **self.ids, **about, **how)
            saying.say(db, self.house.secrets, thread, "When?", language="en", now=self.now)
            return thread.public_id

        self.questions.append(self.write(ask))
        self.kept += 1

    @rule(seconds=st.one_of(st.integers(60, 3 * DAY), st.integers(DAY, 40 * DAY), st.integers(-2 * DAY, -1)))
    def time_passes_or_the_clock_is_put_back(self, seconds):
        self.clock.now = min(self.now + seconds, int(datetime(2027, 6, 1, tzinfo=UTC).timestamp()))

    # What vendors do

    @rule(data=st.data(), topic=st.sampled_from([*TOPICS, "outage", "outage", "lottery"]))
    def writes(self, data, topic):
        beside: dict[str, Any] = {"id": f"m{len(self.sent)}"}
        if data.draw(st.integers(0, 3)) == 0:
            beside["channel"] = data.draw(st.sampled_from(["inbox", "email", "sms", "letter"]))
        if data.draw(st.booleans()):
            beside["opening_id"] = data.draw(st.sampled_from([*self.model.openings, "none"]))
        if data.draw(st.integers(0, 3)) == 0:
            beside["contact_person_id"] = data.draw(st.sampled_from(PEOPLE))
        if self.threads and data.draw(st.integers(0, 3)) == 0:
            beside["thread_id"] = data.draw(st.sampled_from(self.threads))
        about = {"channel": beside.get("channel"), "opening": beside.get("opening_id")}
        is_wanted = self.model.wants(topic, self.now, author=beside.get("contact_person_id"), **about)
        asked = {name: beside[name] for name in ("channel", "opening_id", "contact_person_id") if name in beside}

        may = self.vendor.post("/contact/permission", {"grant_id": self.vendor.grant_id, "topic": topic, **asked})
        answer = self.vendor.says(topic=topic, **beside)

        if may.status_code == 200:
            assert may.json["allowed"] == is_wanted, (may.json, self.model.said)
        assert answer.status_code == (201 if is_wanted else 403), answer.text
        self.sent.append({"topic": topic, **beside})
        if is_wanted:
            self.came_in(topic)
            self.arrived.add(beside["id"])
            if answer.json["thread_id"] not in self.threads:
                self.threads.append(answer.json["thread_id"])

    def came_in(self, topic):
        self.model.came.append((topic, self.now))
        self.kept += 1

    @rule(topic=st.sampled_from(TOPICS), hours=st.integers(1, 48), minutes=st.sampled_from([5, 60, 240]))
    def asks_for_a_call(self, topic, hours, minutes):
        begin = self.now + hours * 1800
        slots = {"slots": [{"start": begin, "end": begin + minutes * 60}]}
        said = {"id": f"c{next(number)}", "subject": "Meter", "text": "May we call?", "reason": "It is old."}
        form = {"grant_id": self.vendor.grant_id, "topic": topic, "channel": "phone", "message": json.dumps(said)}
        of = {name: self.model.counts(name, topic)[0] for name in USUAL}
        is_wanted = self.model.wants(topic, self.now, channel="phone") and all(
            self.model.is_time(of, at) for at in range(begin, begin + minutes * 60, 60)
        )
        answer = self.vendor.post("/contact/appointments", form | {"appointment": json.dumps(slots)})
        assert answer.status_code == (201 if is_wanted else 403), answer.text
        if is_wanted:
            self.came_in(topic)

    @rule(topic=st.sampled_from(TOPICS))
    def publishes(self, topic):
        assert publishes(self.vendor, id=f"p{next(number)}", topic=topic).status_code in {201, 429}
        self.waiting.append(topic)

    @precondition(lambda self: self.waiting)
    @rule()
    def what_is_published_is_brought(self):
        """Each at most once, and only while it is wanted."""
        before = {row["message_id"] for row in rows(self.house, "messages")}
        spreading.spread_all(self.house)
        after = rows(self.house, "messages")
        self.kept += sum(row["message_id"] not in before and row["client_id"] != self.name for row in after)
        for row in after:
            if row["message_id"] not in before and row["client_id"] == self.name:
                assert self.model.wants(row["topic"], self.now, author=PUBLISHED), self.model.said
                self.waiting.remove(row["topic"])
                self.came_in(row["topic"])

    @rule()
    def what_waits_is_delivered(self):
        """Nothing leaves at a time, to a topic or by a channel that is not wanted at that moment."""
        before = {row["delivery_id"] for row in rows(self.house, "deliveries") if row["state"] == "delivered"}
        mine = {"state": "delivered", "client_id": self.name}
        sending.work_off(sender_of(self.house), {kind: Anywhere(kind) for kind in ("email", "sms")})
        for row in rows(self.house, "deliveries"):
            if row["delivery_id"] not in before and row.items() >= mine.items():
                of = {name: self.model.counts(name, row["topic"])[0] for name in USUAL}
                assert self.model.may_hear(row["topic"], self.now), self.model.said
                assert row["channel"] in of["channels"]
                assert self.model.is_time(of, self.now)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def sends_the_same_again(self, data):
        again = data.draw(st.sampled_from(self.sent))
        before = len(rows(self.house, "messages"))
        answer = self.vendor.says(**again)
        if answer.status_code == 201:
            assert again["id"] not in self.arrived
            self.arrived.add(again["id"])
            assert self.model.wants(
                again["topic"],
                self.now,
                channel=again.get("channel"),
                opening=again.get("opening_id"),
                author=again.get("contact_person_id"),
            )
            self.came_in(again["topic"])
        else:
            assert len(rows(self.house, "messages")) == before

    @rule(topic=st.sampled_from(TOPICS), data=st.data())
    def somebody_else_writes(self, topic, data):
        """By the vendor's grant, or into its thread, or on its occasion."""
        self.rival.says(topic=topic, grant_id=self.vendor.grant_id)
        if self.threads:
            self.rival.says(topic="tariffs", thread_id=data.draw(st.sampled_from(self.threads)))
        if self.model.openings:
            self.rival.says(topic=topic, opening_id=data.draw(st.sampled_from(sorted(self.model.openings))))

    @rule(data=st.data())
    def the_desk_answers(self, data):
        """What was asked, once; nothing else, and nothing in a thread that the vendor began."""
        thread_id = data.draw(st.sampled_from([*self.questions, *self.threads, "none"]))
        by_rival = data.draw(st.integers(0, 3)) == 0
        said = {"client_id": self.rival.client_id if by_rival else self.name, "thread_id": thread_id, "author": "kim"}
        said |= {"text": "On Monday.", "message_id": f"a{next(number)}", "now": self.now}
        with suppress(VendorApiError):
            self.write(desk.answer, WalletHost(self.house, peek=lambda _cookies: {}), **said)
            assert thread_id in self.questions
            assert not by_rival
            assert not self.model.blocked
            self.questions.remove(thread_id)
            self.kept += 1

    @rule(topic=st.sampled_from(TOPICS))
    def a_mail_comes_to_the_alias(self, topic):
        mail = Incoming("a@b.example", True, make_msgid(), "News", f"News {next(number)}", (), ())
        is_wanted = self.model.wants(topic, self.now)
        why = self.write(mail_in.message, self.house, self.grant, mail, topic, now=self.now)
        assert (why is None) == is_wanted, why
        if is_wanted:
            self.came_in(topic)

    @invariant()
    def the_wallet_and_the_model_agree(self):
        if not hasattr(self, "kept"):
            return
        occasion = next(reversed(self.model.openings), None)
        more = ((None, None, None), ("email", occasion, "kim"), (None, occasion, "kim"))
        wishes = [Wish(topic, *one) for topic in TOPICS for one in more]
        expected = [
            self.model.wants(
                one.topic, self.now, channel=one.channel, opening=one.opening_id, author=one.contact_person
            )
            for one in wishes
        ]
        assert self.house.database.read(self.may, wishes) == expected, (wishes, expected)

    def may(self, db, wishes):
        grant = grants.find(db, self.vendor.grant_id, person_id=self.ids["person_id"])
        return [is_permitted(db, self.house.secrets, grant, one, now=self.now) for one in wishes]

    @invariant()
    def nothing_else_came_in(self):
        if hasattr(self, "kept"):
            assert len(rows(self.house, "messages")) == self.kept


@on_sqlite_alone
def test_no_order_of_events_lets_a_message_in_that_is_not_wanted(app, house, person):
    machine = type("Here", (Speaking,), {"app": app, "house": house, "person": person})
    few = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))

    run(machine, settings=few)


@on_sqlite_alone
@pytest.mark.parametrize("value", [1, 3])
def test_however_the_clock_jumps_no_span_holds_more_than_is_wanted(app, house, person, clock, value):
    vendor = Speaker(app, house)
    vendor.joins(person)
    wants(person, frequency=Span(value, "day"))
    begin, came = clock.now, []
    jumps = (0, 50_000, 40_000, -70_000, 100, 86_399, 1, -172_800, 86_400, 86_400, 43_200, -43_200, 86_400, 1)

    for number_, by_ in enumerate(jumps * 2):
        clock.now = max(begin, clock.now + by_)
        if vendor.says(id=f"m{number_}").status_code == 201:
            came.append(clock.now)

    assert len(came) > value
    for at in came:
        assert sum(at - DAY < other <= at for other in came) <= value


@on_sqlite_alone
def test_what_is_said_of_one_vendor_does_not_end_a_pause_said_for_all(app, house, person, clock):
    vendor = Speaker(app, house)
    vendor.joins(person)
    wants(person, paused_until=clock.now + DAY)
    wants(person, client_id="stadtwerke", paused_until=0)

    assert vendor.may()["reason"] == "paused"
    clock.now += DAY
    assert vendor.may()["allowed"]


def test_the_model_knows_a_week() -> None:
    night = (Window((7,), 1320, 60),)
    assert [covers(night, minute) for minute in (6 * 1440 + 1319, 6 * 1440 + 1320, 59, 60)] == [
        False,
        True,
        True,
        False,
    ]
    assert ContactPolicy().says_nothing
