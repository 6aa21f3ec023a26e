"""A vendor that writes to a person who said how they want to be reached."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from actors import PersonActor, VendorActor
from journeys import tokens_for
from werkzeug.test import TestResponse

from consent.contact import policies
from consent.contact.model import ContactPolicy
from consent.contact.policies import Scope
from keys.relationship import relationship_key
from wallet.app import create_app
from wallet.house import House

SETTINGS = {"mail_from": "wallet@wallet.example", "mail_domain": "in.wallet.example", "outbound_allow": "127.0.0.0/8"}


def with_mail(house: House, **settings: str) -> House:
    """The same house, which sends and takes mail."""
    changed = replace(house.settings, **SETTINGS, **settings)
    return House(changed, house.database, house.secrets, house.clock, house.totals, house.called)


def writing_vendor(house: House, person: PersonActor) -> VendorActor:
    """It may write about outages."""
    topics = {"contact_topics": {"outage": "Outages"}, "contact_topics#de": {"outage": "Störungen"}}
    more: dict[str, Any] = {**topics, "contacts": ["stadtwerke@mail.example"], "scope": "openid contact:outage"}
    vendor = VendorActor(create_app(house), house, "stadtwerke", **more)
    vendor.tokens = tokens_for(person, vendor, ["contact:outage"], scope="openid contact:outage")
    return vendor


def wants(house: House, ids: Mapping[str, str], **said: Any) -> None:
    key, how = relationship_key(b"r" * 32, "stadtwerke.example"), {**ids, "now": house.clock()}
    house.database.write(policies.keep, house.secrets, ContactPolicy(**said), Scope(), key, **how)


def writes(vendor: VendorActor, **changed: str) -> TestResponse:
    message = {
        "id": "m1",
        "subject": "Kein Strom",
        "text": "Morgen von 8 bis 10 Uhr.",
        "reason": "Wir bauen.",
        **changed,
    }
    form = {"grant_id": vendor.tokens["grant_id"], "topic": "outage", "message": json.dumps(message)}
    return vendor.post("/contact/messages", form)
