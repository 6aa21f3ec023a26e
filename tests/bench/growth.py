"""How pages and reads grow with what one person has, and with how many people live on a host. In one process."""

from __future__ import annotations

import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "world"))

from actors import PersonActor, VendorActor
from conversing import has_talked
from crowds import grow_intents, grow_publications
from metering import reads_the_meter
from sqlalchemy import Connection, Table, insert, select

from consent import ledger
from consent.grants import find
from consent.ledger import Entry
from consent.tables import grant_items, grants, relationships
from keys.tables import person_keys
from wallet.app import create_app
from wallet.house import House
from wallet.opening import open_house
from wallet.people import engine, passwords
from wallet.people.tables import people, personas
from wallet.records import engine as data_sets
from wallet.records import rows
from wallet.records.model import Cells
from wallet.settings import Settings
from wallet.triggers import engine as triggers
from wallet.triggers import evaluation
from wallet.triggers.dates import EVERY, Every
from wallet.triggers.model import Draft, Reach

PASSWORD = "a long walk by the sea"
ROUNDS = 15
AT_ONCE = 5_000
READS_IN_A_ROUND = 100
PAGES = (
    "/data",
    "/data/email",
    "/vendors",
    "/vendors/{grant}",
    "/ledger",
    "/ledger?vendor={client}",
    "/ledger?attribute=email",
    "/records",
    "/records/{meter}",
    "/records/{meter}/rows",
    "/triggers",
    "/inbox",
    "/inbox?show=unread",
    "/inbox?vendor=vendor7",
    "/inbox/{long}",
)


@dataclass(frozen=True, slots=True)
class Scale:
    """`people` have `grants_each`; Ana has `grants`, `lines` in her ledger, `records` of her meter, `triggers` on them
    and `messages` herself."""

    people: int
    grants_each: int
    grants: int
    lines: int
    records: int
    triggers: int
    messages: int


COPIED = (people, personas, person_keys, relationships, grants, grant_items)
SMALL = Scale(10, 100, 10, 100, 1_000, 1_000, 100)
LARGE = Scale(10_000, 100, 10_000, 100_000, 1_000_000, 1_000, 100_000)


class Home:
    """One host with Ana, whom everything is measured for, and a vendor that reads her e-mail address."""

    def __init__(self, folder: Path, scale: Scale) -> None:
        self.scale, self.house = scale, home(folder)
        self.app = create_app(self.house)
        given = {"login": "ana", "password_hash": passwords.hash_password(PASSWORD), "language": None}
        ana = self.house.database.write(engine.sign_up, self.house.secrets, **given, now=self.house.clock())
        self.ana = PersonActor(self.app, self.house, ana, password=PASSWORD)
        self.ana.has({"email": "ana@example.org", "given_name": "Ana"})
        self.vendor = VendorActor(self.app, self.house, "stadtwerke", scope="openid email")
        allowed = self.ana.allows(self.ana.opens(self.vendor.link(["email"])), only=["email"])
        self.tokens = self.vendor.redeems(self.vendor.receives(allowed)["code"]).json
        self.ana.browser.get("/data")
        self.fill()

    def fill(self) -> None:
        """Everybody else, and what else Ana has: copies of what came about by itself."""
        house, ana = self.house, self.ana.person.person_id
        found = {table: the_row(house, table, ana) for table in COPIED}
        others = [f"{number:026}" for number in range(self.scale.people)]
        for table in (people, personas, person_keys):
            store(house, table, ({**found[table], **stranger(table, one)} for one in others))
        crowd = [(one, number) for one in others for number in range(self.scale.grants_each)]
        mine = [(ana, number) for number in range(1, self.scale.grants)]
        for table, copied in ((relationships, relationship), (grants, grant), (grant_items, item)):
            store(house, table, (copied(found[table], one, number) for one, number in crowd + mine))
        for numbers in batches(range(self.scale.lines)):
            house.database.write(note, house, ana, numbers)
        begun = time.monotonic()
        self.data_set_id = reads_the_meter(house, self.ana.person, self.scale.records)
        print(f"{self.scale.records:,} records in {time.monotonic() - begun:,.0f} s", file=sys.stderr, flush=True)

        self.house.database.write(self.watch)
        evaluation.look_at_all(self.house)
        begin, count = time.monotonic(), self.scale.messages
        self.long = has_talked(house, self.ana.person, count=count, vendors=1_000, longest=count // 10)
        print(f"{count:,} messages in {time.monotonic() - begin:,.0f} s", file=sys.stderr, flush=True)

    def watch(self, db: Connection) -> None:
        """Triggers on the meter, each of which looks for more than there is."""
        grant = find(db, self.tokens["grant_id"], person_id=self.ana.person.person_id)
        for number in range(self.scale.triggers):
            every = Every(EVERY[number % 5])
            asked = Reach(self.data_set_id, "kwh", "total", ">=", Decimal(10**9 + number), "", every)
            draft = Draft(f"Trigger {number}", asked, "tariff", "", 14)
            triggers.make(db, self.house.secrets, grant, draft, now=self.house.clock())

    def meters(self) -> float:
        """Milliseconds from one more reading until all triggers have been looked at."""
        person = self.ana.person
        place = {"person_id": person.person_id, "persona_id": person.persona_id}
        meter = self.house.database.read(data_sets.find, self.house.secrets, **place, data_set_id=self.data_set_id)
        cells: Cells = [int(time.time() * 1000) % 10**9, "0.25"]
        self.house.database.write(rows.add, self.house.secrets, meter, cells, now=self.house.clock())
        begun = time.perf_counter()
        evaluation.look_at_all(self.house)
        return (time.perf_counter() - begun) * 1000

    def page(self, path: str) -> float:
        """Milliseconds until the page is there."""
        path = path.format(
            grant=self.tokens["grant_id"], client=self.vendor.client_id, meter=self.data_set_id, long=self.long
        )
        begun = time.perf_counter()
        answer = self.ana.browser.get(path)
        spent = time.perf_counter() - begun
        if answer.status_code != 200:
            raise SystemExit(f"bench: {path} answered {answer.status_code}")
        return spent * 1000

    def searches(self, path: str = "/search", wanted: str = "stadtwerke") -> float:
        """Milliseconds until what is found is there."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.ana.browser.get("/wallet").text)
        fields = {"csrf_token": token[1] if token else "", "words": wanted}
        begun = time.perf_counter()
        answer = self.ana.browser.client.post(path, data=fields)
        spent = time.perf_counter() - begun
        if answer.status_code != 200 or "found-list" not in answer.text:
            raise SystemExit("bench: the search found nothing")
        return spent * 1000

    def reads(self) -> float:
        """Milliseconds for one read of the vendor."""
        begun = time.perf_counter()
        for _ in range(READS_IN_A_ROUND):
            answer = self.vendor.reads(self.tokens["access_token"])
        spent = time.perf_counter() - begun
        if answer.json.get("email") != "ana@example.org":
            raise SystemExit("bench: a read delivered something else")
        return spent * 1000 / READS_IN_A_ROUND


def home(folder: Path) -> House:
    folder.mkdir(exist_ok=True)
    settings = Settings(
        home=folder,
        database_url=f"sqlite:///{folder / 'wallet.db'}",
        master_key_file=folder / "master.key",
        issuer="http://localhost",
        sign_up="open",
    )
    return open_house(settings)


def the_row(house: House, table: Table, person_id: str) -> dict[str, Any]:
    query = select(table).where(table.c.person_id == person_id)
    return dict(house.database.read(lambda db: db.execute(query).mappings().one()))


def stranger(table: Table, person_id: str) -> dict[str, Any]:
    return {"person_id": person_id} | ({"login_digest": person_id} if table is people else {})


def relationship(row: dict[str, Any], person_id: str, number: int) -> dict[str, Any]:
    return {**row, "person_id": person_id, "sector": f"vendor{number}.example", "sub": f"{person_id}{number}"}


def grant(row: dict[str, Any], person_id: str, number: int) -> dict[str, Any]:
    ids = {"person_id": person_id, "grant_id": f"g{number}", "sector": f"vendor{number}.example"}
    party = json.loads(json.dumps(row["party"])) | {"client_id": f"vendor{number}", "name": f"Vendor {number}"}
    return {**row, **ids, "client_id": f"vendor{number}", "party": party, "consent_token_id": f"{person_id}{number}"}


def item(row: dict[str, Any], person_id: str, number: int) -> dict[str, Any]:
    return {**row, "person_id": person_id, "grant_id": f"g{number}"}


def store(house: House, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    for some in batches(rows):
        house.database.write(lambda db, some: db.execute(insert(table), some), some)


def note(db: Connection, house: House, person_id: str, numbers: Iterable[int]) -> None:
    """Lines of the ledger as vendors cause them."""
    for number in numbers:
        vendor = f"vendor{number % 1000}"
        detail = {"vendor": f"Vendor {number % 1000}", "attributes": ["given_name"], "purposes": []}
        entry = Entry("read", vendor, f"g{number % 1000}", detail)
        ledger.write(db, house.secrets.ledger, entry, person_id=person_id, now=house.clock())


def batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    coming = iter(rows)
    while some := list(islice(coming, AT_ONCE)):
        yield some


def grow(parts: Sequence[str]) -> None:
    """Measure what is small and what is large in turn, and print how much longer the large one takes."""
    for name in parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="growth-") as made:
            PARTS[name](Path(made))


def grow_home(made: Path) -> None:
    homes = []
    for name, scale in (("small", SMALL), ("large", LARGE)):
        begun = time.monotonic()
        homes.append(Home(made / name, scale))
        print(f"{name} home made in {time.monotonic() - begun:,.0f} s", file=sys.stderr, flush=True)
    jobs: dict[str, Callable[[Home], float]] = {"a read by a vendor": Home.reads}
    jobs["a search"] = Home.searches
    jobs["a look at all triggers"] = Home.meters
    jobs["a search in the inbox"] = lambda home: home.searches("/inbox/search", "matter 5")
    jobs |= {path: lambda home, path=path: home.page(path) for path in PAGES}
    print(f"| | {said(SMALL)} | {said(LARGE)} | ratio |", "|---|---|---|---|", sep="\n")
    for name, job in jobs.items():
        rounds = [[job(home) for home in homes] for _ in range(ROUNDS)]
        small, large = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratio = statistics.median(after / before for before, after in rounds)
        print(f"| {name} | {small:.2f} ms | {large:.2f} ms | {ratio:.2f} |", flush=True)


def said(scale: Scale) -> str:
    on_host = scale.people * scale.grants_each
    return f"{scale.grants:,} grants, {scale.lines:,} lines; {scale.people:,} people, {on_host:,} grants on the host"


PARTS: dict[str, Callable[[Path], None]] = {
    "home": grow_home,
    "publications": partial(grow_publications, home),
    "intents": partial(grow_intents, home),
}
