"""A person whose wallet has something of everything, and what is looked at when they take it along."""

import json
import sqlite3
from typing import Any

from actors import PersonActor
from flask import Flask
from signatory import Signatory

from consent import standing
from consent.caps import ANY
from consent.moving import homes
from consent.standing import NEVER, Rule, Whose
from consent.terms import standing as terms
from vendor_api.vendors.metadata import CONSENT_DETAIL
from wallet.data.attributes import define_attribute
from wallet.house import House
from wallet.people.personas import add_persona
from wallet.sharing.stamping import stamp_all
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
    stamp_all(house)
    vendor.tokens["consent_token"] = vendor.refreshes(vendor.tokens["refresh_token"]).json["consent_token"]
    return vendor, shop


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


def exported(house: House, person: PersonActor) -> sqlite3.Connection:
    vault = sqlite3.connect(":memory:")
    what = {"person_id": person.person.person_id, "issuer": house.settings.issuer, "now": house.clock()}
    house.database.read(file.export, house.secrets, vault, **what)
    return vault


def content_of(vault: sqlite3.Connection) -> str:
    return "\n".join(vault.iterdump())
