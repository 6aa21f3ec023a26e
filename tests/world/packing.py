"""A person whose wallet has something of everything, and what is looked at when they take it along."""

import json
import sqlite3
from copy import copy
from io import BytesIO
from pathlib import Path
from typing import Any

from actors import PersonActor, VendorActor
from asserting import key, public
from delivering import reached, sends
from depositing import hands_over
from feedback import tells
from flask import Flask
from journeys import tokens_for
from PIL import Image
from seeking import Merchant
from seeking import sends as seeks
from signatory import Signatory
from speaking import Speaker, wants
from storage import rows as table_rows
from triggering import fired, looks, makes

from consent import grants, standing
from consent.caps import ANY
from consent.contact import openings
from consent.model import Span
from consent.moving import homes
from consent.standing import NEVER, Rule, Whose
from consent.terms import standing as terms
from vendor_api.vendors.metadata import CONSENT_DETAIL
from wallet.channels import aliases, codes
from wallet.data import inheritance
from wallet.data.attributes import define_attribute
from wallet.data.locks import lock
from wallet.feeds import following
from wallet.figures import statistics
from wallet.house import House
from wallet.people import locking, personas, preferences
from wallet.people.model import Person
from wallet.people.personas import add_persona
from wallet.people.recovery import carried
from wallet.people.recovery import engine as recovery
from wallet.personas import kept_for, pictures
from wallet.records import engine as records
from wallet.records import importing, imports, rows
from wallet.records.model import Column, DataSet, Plan, Reading, Shape
from wallet.sharing.stamping import stamp_all
from wallet.triggers.model import Change
from wallet.vault import file

PASSPHRASE = "a sentence that nobody guesses"


def lives_fully(app: Flask, house: House, person: PersonActor, clock: Any) -> tuple[Signatory, Signatory]:
    """A story with two vendors, after which something stands in every table there is; gives back the vendors."""
    vendor = Signatory(app, house, "stadtwerke", client_name="Stadtwerke", myterms=["SD-BASE"])
    shop = Signatory(app, house, "bookshop", client_name="Bookshop", authorization_details_types=[CONSENT_DETAIL])
    prepares(house, person)
    page = f"/vendors/{vendor.joins(person, ['email', 'birthdate', 'pets.cat'])}"
    detail = {"type": CONSENT_DETAIL, "attributes": ["phone_number"], "essential": True}
    limits = {"limits": {"frequency": {"value": 2, "unit": "day"}}}
    asked = person.opens(shop.link(scope="openid", authorization_details=json.dumps([detail | limits])))
    shop.tokens = shop.redeems(shop.receives(person.allows(asked))["code"]).json or {}
    assert "phone_number" in shop.reads(shop.tokens["access_token"]).text
    vendor.countersigns(vendor.lists().json["receipts"][0])
    assert vendor.signs_agreement().status_code == 200
    person.browser.post(f"{page}/rights", form_at=page, right="erasure")
    assert vendor.answers_request("declined", reason="We must keep bills.").status_code == 200
    vendor.reads(vendor.tokens["access_token"])
    clock.now += 60
    person.browser.post(f"{page}/narrow", form_at=page, attribute="birthdate")
    person.browser.post(f"{page}/pause", form_at=page)
    assert [vendor.reads(vendor.tokens["access_token"]).status_code for _ in range(2)] == [401, 401]
    person.browser.post(f"{page}/resume", form_at=page)
    is_handed_back(app, house, person)
    is_spoken_to(app, house, person)
    looks_for(app, house, person, clock)
    stamp_all(house)
    vendor.tokens["consent_token"] = vendor.refreshes(vendor.tokens["refresh_token"]).json["consent_token"]
    return vendor, shop


REMEMBERED: list[tuple[bytes, int, Person, tuple[Signatory, Signatory]]] = []


def has_lived(app: Flask, house: House, person: PersonActor, clock: Any) -> tuple[Signatory, Signatory]:
    """The end of that story. On SQLite it is told once, and put in the place of what is there later on."""
    path = house.database.url.database
    if not house.database.is_sqlite or path is None:
        return lives_fully(app, house, person, clock)
    if not REMEMBERED:
        vendors = lives_fully(app, house, person, clock)
        house.database.close()  # the last one out takes the WAL along into the file
        REMEMBERED.append((Path(path).read_bytes(), clock.now, person.person, vendors))
    content, clock.now, person.person, (vendor, shop) = REMEMBERED[0]
    house.database.close()
    Path(path).write_bytes(content)
    return as_it_was(vendor, app, house), as_it_was(shop, app, house)


def as_it_was(vendor: Signatory, app: Flask, house: House) -> Signatory:
    again = copy(vendor)
    again.client, again.house, again.tokens = app.test_client(), house, dict(vendor.tokens)
    return again


def prepares(house: House, person: PersonActor) -> None:
    """What a person does without any vendor."""
    ids = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    mine, now = {"person_id": ids["person_id"]}, {"now": house.clock()}
    house.database.write(define_attribute, house.secrets, name="pets.cat", label="Katze", kind="text", **mine, **now)
    house.database.write(add_persona, house.secrets, name="At work", **mine, **now)
    house.database.write(terms.put, "every", **ids, applies="conditionally", agreements=["SD-BASE", "SD-BASE-A"])
    never = Rule(ANY, "Marketing", NEVER)
    house.database.write(standing.give, house.secrets, never, whose=Whose(**ids), **now)
    house.database.write(homes.leave, "https://before.example", **mine, **now)
    person.has({"pets.cat": "Möhrchen", "electricity.kwh_year": "2718.28182", "email": "old@example.org"})
    person.has({"email": "ana@example.org"})
    locks(house, ids)
    has_two_faces(house, ids)
    keeps_records(house, ids)
    makes_ways_back(house, mine)
    is_reached(house, ids)


def is_reached(house: House, ids: dict[str, str]) -> None:
    """An address that counts, a code that was sent, something on its way."""
    address_id = reached(house, ids, "email", email="ana@example.org")
    mine, now = {"person_id": ids["person_id"]}, house.clock()
    code = {"address_id": address_id, "target": "ana@example.org", "now": now}
    house.database.write(codes.make, house.secrets, **mine, **code)
    house.database.write(aliases.alias_of, house.secrets, **ids, client_id="stadtwerke", grant_id="g", now=now)
    sends(house, ids, "email")


def locks(house: House, ids: dict[str, str]) -> None:
    """A value that opens only with the person's password."""
    place = {**ids, "attribute": "electricity.kwh_year"}
    lock_key = locking.make_lock(house, person_id=ids["person_id"], password="correct horse battery")
    house.database.write(lock, house.secrets, place=place, lock_key=lock_key)


def has_two_faces(house: House, ids: dict[str, str]) -> None:
    """What one persona has that the other has not, or takes from it."""
    mine, now = {"person_id": ids["person_id"]}, {"now": house.clock()}
    faces = house.database.read(personas.of_person, house.secrets, **mine)
    other = next(face.persona_id for face in faces if face.persona_id != ids["persona_id"])
    taken = {**mine, "persona_id": other, "attribute": "email", "source": ids["persona_id"]}
    house.database.write(inheritance.inherit, **taken, **now)
    house.database.write(pictures.keep, house.secrets, drawn(), **ids, seen=0, **now)
    house.database.write(preferences.prefer, {"language": "de"}, **mine, persona_id=other)
    house.database.write(kept_for.keep, client_id="elsewhere", **mine, persona_id=other)


def drawn() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), (200, 30, 40)).save(out, "PNG")
    return pictures.encoded(out.getvalue())


def keeps_records(house: House, ids: dict[str, str]) -> DataSet:
    """Two files, the second of which replaces a row of the first, and a row by hand."""
    columns = (Column("at", "moment", is_key=True), Column("kWh", "number"), Column("note", "text"))
    now = {"now": house.clock()}
    shape = Shape(columns, 0, "Europe/Berlin")
    found = house.database.write(records.create, house.secrets, **ids, name="Stromzähler", shape=shape, **now)
    for lines in ("2026-01-01 10:00,1.5,=warm\n2026-01-02 10:00,2.5,\n", "2026-01-02 10:00,3.25,Heizung\n"):
        brings_in(house, found, f"at,kWh,note\n{lines}".encode())
    house.database.write(rows.add, house.secrets, found, [house.clock(), "7", "by hand"], **now)
    return found


def brings_in(house: House, found: DataSet, content: bytes) -> None:
    ids, now = {"person_id": found.person_id}, {"now": house.clock()}
    begun = house.database.write(
        imports.begin, house.secrets, **ids, persona_id=found.persona_id, file_name="zähler.csv", **now
    )
    house.database.write(imports.arrived, begun, **ids, size=len(content), utf8=True, **now)
    plan = Plan(Reading("csv"), tuple(range(len(found.shape.columns))), "take")
    running = house.database.write(imports.start, begun, found, plan=plan, **now)
    outcome = importing.run(house.database, found, running, source=lambda: BytesIO(content), clock=house.clock)
    assert not outcome.failed


def makes_ways_back(house: House, mine: dict[str, str]) -> None:
    """A kit and shares for three, which open what is locked, too."""
    now = {"now": house.clock()}
    lock_key = locking.open_lock(house, **mine, password="correct horse battery")
    for kind, names in (("kit", ("",)), ("shares", ("Emil", "Cleo", "Dora"))):
        needed = 1 if kind == "kit" else 2
        draft = house.database.read(
            carried.draw, **mine, kind=kind, needed=needed, names=names, opens_lock=lock_key is not None, **now
        )
        house.database.write(recovery.make, house.secrets, draft, **mine, lock_key=lock_key, **now)


def is_handed_back(app: Flask, house: House, person: PersonActor) -> VendorActor:
    """A vendor hands something back and is trusted to, and something else waits."""
    keys = public(key("ES256", "first"))
    vendor = VendorActor(app, house, "meterworks", jwks=keys, scope="openid email deposit")
    tokens = tokens_for(person, vendor, ["email", "deposit"], scope="openid deposit")
    kept = hands_over(vendor, tokens, values={"meter.number": "1EMH0012345678"})
    path = f"/deposits/{kept.json['deposit_id']}"
    person.browser.post(path, form_at="/deposits", answer="keep", part=["meter.number"])
    person.browser.post("/deposits/trust", form_at="/deposits", grant_id=tokens["grant_id"], trust="yes")
    table = {"name": "Meter", "columns": ["day", "kWh"], "rows": [["2026-01-01", 7.5]]}
    assert hands_over(vendor, tokens, values={"email": "other@example.org"}, records=table).status_code == 201
    return vendor


def is_spoken_to(app: Flask, house: House, person: PersonActor) -> None:
    """A vendor writes of what it may, on an occasion that the person made."""
    vendor = Speaker(app, house, "waterworks")
    vendor.joins(person)
    wants(person, client_id="waterworks", frequency=Span(3, "week"), channels=("inbox", "phone"))
    grant = house.database.read(grants.find, vendor.grant_id, person_id=person.person.person_id)
    made = {"kind": "trigger", "topic": "outage", "until": house.clock() + 3600, "now": house.clock()}
    opening_id = house.database.write(openings.open_, grant, **made)
    plan = {"name": "plan.txt", "media_type": "text/plain", "content": "S3Jvbmxldcc="[:8]}
    changes = makes(house, person, Change("email"), vendor.grant_id, topic="outage", name="Neue Adresse")
    assert looks(house) == 0
    person.has({"email": "newer@example.org"})
    assert looks(house) == 1
    assert fired(house, changes)[0].state == "told"
    person.has({"email": "ana@example.org"})
    assert vendor.says("Kein Wasser am Freitag", opening_id=opening_id, attachments=[plan]).status_code == 201
    asks_to_call(vendor, house)
    said = {"stars": "4", "title": "Selten trocken", "text": "", "language": "de", "name": "", "key": "review"}
    assert person.browser.post("/reviews/new", form_at="/data", vendor="waterworks", **said).status_code == 303
    plan = [(BytesIO(b"%PDF-1.7 a plan"), "plan.pdf")]
    tells(person, vendor, "Bitte früher ankündigen.", known="nobody", files=plan)
    assert vendor.says("Wasser sparen!", id="erased").status_code == 201
    erased = f"/inbox/{max(row['thread_id'] for row in table_rows(house, 'threads'))}"
    assert person.browser.post(f"{erased}/erase", form_at=erased, sure="yes").status_code == 303
    whose = Whose(person.person.person_id, person.person.persona_id)
    house.database.write(following.follow, whose, client_id="waterworks", topic="outage", now=house.clock())
    house.database.write(statistics.contribute, whose, now=house.clock())


def asks_to_call(vendor: Speaker, house: House) -> None:
    start = house.clock() + 86400
    message = {"id": "call", "subject": "Zählertausch", "text": "Wann passt es Ihnen?", "reason": "Er ist alt."}
    form = {"grant_id": vendor.grant_id, "topic": "outage", "channel": "phone", "message": json.dumps(message)}
    about = {"slots": [{"start": start, "end": start + 1800}]}
    asked = vendor.post("/contact/appointments", form | {"appointment": json.dumps(about)})
    assert asked.status_code == 201, asked.text


def looks_for(app: Flask, house: House, person: PersonActor, clock: Any) -> None:
    """A green tariff, which one vendor offers."""
    merchant = Merchant(app, house, "greenworks")
    seeks(person, clock, text="Ökostrom für Möhrchen")
    assert merchant.offers(text="Windstrom vom Deich").status_code == 200


def exported(house: House, person: PersonActor) -> sqlite3.Connection:
    vault = sqlite3.connect(":memory:")
    what = {"person_id": person.person.person_id, "issuer": house.settings.issuer, "now": house.clock()}
    house.database.read(file.export, house.secrets, vault, **what)
    return vault


def content_of(vault: sqlite3.Connection) -> str:
    return "\n".join(vault.iterdump())
