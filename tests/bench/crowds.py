"""How it grows with how many people and vendors there are: what is published to all, and what one looks for at many."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import orjson
from actors import PersonActor, VendorActor
from publishing import publishes
from speaking import Speaker
from sqlalchemy import Connection, insert, select, update

from consent.tables import grant_items, grants, relationships
from keys import opaque
from keys.sealing import seal
from vendor_api.desk.sealing import seal_content
from vendor_api.intents.tables import heard_intents, intent_followers
from vendor_api.model import Offer
from vendor_api.publishing import engine as publications
from vendor_api.tables import vendors
from wallet.app import create_app
from wallet.dispatch import spreading
from wallet.house import House
from wallet.intents import deciding, engine, offers, publishing, rounds
from wallet.intents.model import Condition, Draft
from wallet.intents.tables import intent_offers, intents
from wallet.people import engine as moving_in
from wallet.people import passwords

DAY = 24 * 3600
PASSWORD = "a long walk by the sea"
HASH = passwords.hash_password(PASSWORD)
ALLOWED = (relationships, grants, grant_items)
ASKED = 200  # vendors that one intent is sent to
WITHOUT_ID = {"state": "open", "version": 0, "ended_at": None, "end_sealed": None}

Took = dict[str, list[float]]


class Following:
    """A vendor that `people` allow a topic, and what it publishes to it."""

    def __init__(self, house: House, people: int) -> None:
        self.house, self.people = house, people
        app = create_app(house)
        self.ana = moves_in(house, "ana")
        self.vendor = Speaker(app, house)
        self.vendor.joins(PersonActor(app, house, self.ana, password=PASSWORD))
        house.database.write(self.join)

    def join(self, db: Connection) -> None:
        """Everybody else: copies of what the first one allowed."""
        found = {
            table: [
                dict(row) for row in db.execute(select(table).where(table.c.person_id == self.ana.person_id)).mappings()
            ]
            for table in ALLOWED
        }
        ids = {"grant_id": self.vendor.grant_id}
        for number in range(1, self.people):
            other = moving_in.sign_up(db, self.house.secrets, **account(f"p{number}"), now=self.house.clock())
            place = {"person_id": other.person_id, "persona_id": other.persona_id}
            own = {"sub": f"sub{number}", "consent_token_id": f"token{number}"}
            for table, rows in found.items():
                wanted = {**place, **{name: said for name, said in own.items() if name in table.c}}
                wanted |= ids if "grant_id" in table.c else {}
                db.execute(insert(table), [row | wanted for row in rows])

    def publish(self) -> Took:
        """One item to all of them, in milliseconds for each person: who gets it, and that they get it."""
        assert publishes(self.vendor, id=token_urlsafe(8)).status_code < 300
        took: Took = {"a copy for a person": [], "bringing it to a person": []}
        read, secrets = self.house.database.read, self.house.secrets
        while some := read(publications.to_spread, secrets, limit=1):
            took["a copy for a person"].append(timed(lambda: spreading.spread_some(self.house, *some)))
        while copies := read(spreading.due, now=self.house.clock()):
            spent = timed(lambda: [spreading.try_to_bring(self.house, copy) for copy in copies])
            took["bringing it to a person"].append(spent / len(copies))
        took["a copy for a person"] = [one / min(spreading.AT_ONCE, self.people) for one in took["a copy for a person"]]
        form = {"client_id": self.vendor.client_id}
        took["its publications, for the vendor"] = [
            timed(lambda: self.vendor.post("/contact/publications", form)) for _ in range(9)
        ]
        took["a look for what is new"] = [timed(lambda: spreading.spread_all(self.house)) for _ in range(9)]
        return took


class Looking:
    """So many vendors that each heard of so many intents; Ana has as many, each with all the offers there can be."""

    def __init__(self, house: House, count: int, each: int) -> None:
        self.house, self.count, self.each = house, count, each
        app = create_app(house)
        self.ana = PersonActor(app, house, moves_in(house, "ana"), password=PASSWORD)
        self.ana.signs_in()
        self.vendor = VendorActor(app, house, "vendor0", client_name="Vendor")
        self.place = {"person_id": self.ana.person.person_id, "persona_id": self.ana.person.persona_id}
        self.names = [f"vendor{number}" for number in range(count)]
        self.intents: list[str] = []
        house.database.write(self.join)
        for number in range(each):
            house.database.write(self.look, number)
        for name in self.names[1:]:
            house.database.write(lambda db, name: self.hear(db, name, each), name)

    def join(self, db: Connection) -> None:
        registered = db.execute(select(vendors)).mappings().one()
        first = {name: said for name, said in registered.items() if said is not None}
        db.execute(insert(vendors), [{**first, "client_id": name} for name in self.names[1:]])
        since = {"branch": "energy", "since": self.house.clock()}
        db.execute(insert(intent_followers), [{"client_id": name, **since} for name in self.names])

    def draft(self) -> Draft:
        wanted = (
            Condition("1", "Price", "<=", "number", "30", "ct/kWh"),
            Condition("2", "Green", "=", "boolean", "yes"),
        )
        until = self.house.clock() + 30 * DAY
        return Draft("energy", "A green tariff", wanted, "", "", (), (), (), everybody=True, deadline=until)

    def look(self, db: Connection, number: int) -> None:
        """An intent of Ana's with the offers of all but the first vendor, whose time is measured."""
        draft = self.draft()
        told = {"branch": draft.branch, "text": draft.text, "conditions": [one.as_told() for one in draft.conditions]}
        made = engine.make(db, self.house.secrets, draft, told, **self.place, now=self.house.clock())
        db.execute(update(intents).where(*engine.is_intent(made)).values(state="open"))
        asked = dict.fromkeys(
            [self.names[0], *(self.names[(number + n) % self.count] for n in range(min(ASKED, self.count)))]
        )
        ids = {name: opaque.mint(self.house.secrets.tokens, offers.KIND, self.ana.person.person_id) for name in asked}
        db.execute(insert(intent_offers), [self.offered(made, name, ids[name]) for name in asked])
        self.hear(db, self.names[0], 1, intent_id=ids[self.names[0]], told=told)
        self.intents.append(made.intent_id)

    def offered(self, made: Any, name: str, public_id: str) -> dict[str, Any]:
        offer = Offer(
            "Ours.", {"1": {"value": "28.5", "unit": "ct/kWh"}, "2": {"value": True}}, self.house.clock() + 9 * DAY
        )
        sealed = seal(made.key, orjson.dumps(asdict(offer)), *offers.aad(made.person_id, made.intent_id, name, 1))
        row = {**self.place, "intent_id": made.intent_id, "client_id": name, "public_id": public_id, "state": "offered"}
        offered = {"version": 1, "offered_at": self.house.clock(), "offer_sealed": sealed}
        waits = {"state": "told", "version": 0, "offered_at": None, "offer_sealed": None}
        return row | (waits if name == self.names[0] else offered)

    def hear(
        self, db: Connection, name: str, many: int, *, intent_id: str = "", told: Mapping[str, Any] | None = None
    ) -> None:
        told, now = told or {"branch": "energy", "text": "A tariff", "conditions": []}, self.house.clock()
        rows = []
        for _ in range(many):
            its = intent_id or token_urlsafe(40)
            sealed = seal_content(self.house.secrets, dict(told), "intent", its, client_id=name)
            times = {"published_at": now, "deadline": now + 30 * DAY}
            rows.append({**WITHOUT_ID, **times, "client_id": name, "intent_id": its, "content_sealed": sealed})
        db.execute(insert(heard_intents), rows)

    def round(self, number: int) -> Took:
        """Milliseconds for each of these."""
        intent_id, browser = self.intents[number], self.ana.browser
        heard = self.vendor.post("/intents/waiting", {"state": "open", "limit": "100"}).json["intents"]
        ours = [one["intent_id"] for one in heard if one["conditions"]]
        said = {"text": "Ours.", "values": {"1": {"value": f"2{number}", "unit": "ct/kWh"}, "2": {"value": True}}}
        offer = json.dumps({**said, "valid_until": self.house.clock() + 9 * DAY})
        jobs: dict[str, Callable[[], Any]] = {
            "/intents": lambda: browser.get("/intents"),
            "/intents/{intent}": lambda: browser.get(f"/intents/{intent_id}"),
            "POST /intents/waiting": lambda: self.vendor.post("/intents/waiting", {"state": "open"}),
            "POST /intents/offers": lambda: self.vendor.post(
                "/intents/offers", {"intent_id": ours[number], "offer": offer}
            ),
            "a round with nothing to send": lambda: rounds.go_round(self.house),
        }
        took: Took = {name: [timed(job)] for name, job in jobs.items()}
        sent, told = self.sends()
        took["sending one, for each vendor"] = [sent / told]
        took["withdrawing it, for each vendor"] = [self.withdraws() / told]
        return took

    def sends(self) -> tuple[float, int]:
        told = {"branch": "energy", "text": "A green tariff", "conditions": []}
        write, now = self.house.database.write, self.house.clock()
        self.latest = write(engine.make, self.house.secrets, self.draft(), told, **self.place, now=now)
        write(lambda db: engine.moved(db, self.latest, "waiting", publish_at=now))
        ids = (self.latest.person_id, self.latest.persona_id, self.latest.intent_id)
        spent = timed(lambda: write(publishing.publish, self.house.secrets, *ids, now=now))
        return spent, min(ASKED, self.count)

    def withdraws(self) -> float:
        found = self.house.database.read(engine.find, self.house.secrets, self.latest.intent_id, **self.place)
        return timed(
            lambda: self.house.database.write(deciding.withdraw, self.house.secrets, found, now=self.house.clock())
        )


def moves_in(house: House, login: str) -> Any:
    return house.database.write(moving_in.sign_up, house.secrets, **account(login), now=house.clock())


def account(login: str) -> dict[str, Any]:
    return {"login": login, "password_hash": HASH, "language": None}


def timed(job: Callable[[], Any]) -> float:
    """In milliseconds."""
    begun = time.perf_counter()
    answer = job()
    spent = time.perf_counter() - begun
    if getattr(answer, "status_code", 200) != 200:
        raise SystemExit(f"bench: it answered {answer.status_code}: {answer.text[:200]}")
    return spent * 1000


def joined(many: Iterable[Took]) -> Took:
    found: Took = {}
    for one in many:
        for name, spent in one.items():
            found.setdefault(name, []).extend(spent)
    return found


def table(title: str, small: tuple[str, Took], large: tuple[str, Took]) -> None:
    """Medians, and how they compare."""
    print(f"\n| {title} | {small[0]} | {large[0]} | ratio |", "|---|---|---|---|", sep="\n")
    for name, spent in small[1].items():
        before, after = statistics.median(spent), statistics.median(large[1][name])
        print(f"| {name} | {before:.2f} ms | {after:.2f} ms | {after / before:.2f} |", flush=True)


def grow_publications(house_in: Callable[[Path], House], folder: Path) -> None:
    few, many = (Following(house_in(folder / f"followed-by-{people}"), people) for people in (190, 10_000))
    before = [few.publish() for _ in range(5)]
    begun = time.perf_counter()
    large = many.publish()
    whole = time.perf_counter() - begun
    table("publications", ("to 190 people", joined(before)), ("to 10,000 people", large))
    print(f"\nOne item was with all 10,000 people after {whole:,.0f} s.", flush=True)


def grow_intents(house_in: Callable[[Path], House], folder: Path) -> None:
    few, many = (
        Looking(house_in(folder / f"asked-of-{count}"), count, each) for count, each in ((10, 20), (1_000, 100))
    )
    rounds_of = [(few.round(number), many.round(number)) for number in range(9)]
    small, large = (joined(column) for column in zip(*rounds_of, strict=True))
    table("intents", ("10 vendors, 20 intents each", small), ("1,000 vendors, 100 each", large))
