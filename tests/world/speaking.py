"""A vendor that speaks to a person, and a person who says how they may be spoken to."""

import json
from typing import Any

from actors import PersonActor, VendorActor
from flask import Flask
from journeys import tokens_for
from werkzeug.test import TestResponse

from consent.contact import policies
from consent.contact.model import ContactPolicy
from consent.contact.policies import Scope
from keys.relationship import relationship_key
from wallet.house import House

TOPICS = {"outage": "Outages and repairs", "tariffs": "New tariffs"}


class Speaker(VendorActor):
    """It declares two topics; `grant_id` is that of the person who allowed it to speak about `allowed`."""

    def __init__(self, app: Flask, house: House, name: str = "stadtwerke", **metadata: Any) -> None:
        super().__init__(app, house, name, contact_topics=TOPICS, **metadata)
        self.grant_id = ""

    def joins(self, person: PersonActor, *, allowed: tuple[str, ...] = ("outage",), also: tuple[str, ...] = ()) -> str:
        """Ask for all its topics, and for attributes; the person allows some. The grant_id."""
        scope = " ".join(["openid", *(f"contact:{topic}" for topic in TOPICS)])
        only = [*(f"contact:{topic}" for topic in allowed), *also]
        self.tokens = tokens_for(person, self, only, scope=scope) if also else self.signs_in(person, only, scope)
        self.grant_id = self.tokens["grant_id"]
        return self.grant_id

    def signs_in(self, person: PersonActor, only: list[str], scope: str) -> dict[str, Any]:
        answer = self.receives(person.allows(person.opens(self.link(scope=scope)), only=only))
        tokens: dict[str, Any] = self.redeems(answer["code"]).json
        return tokens

    def may(self, topic: str = "outage", **about: str) -> dict[str, Any]:
        """What /contact/permission answers."""
        form = {"grant_id": self.grant_id, "topic": topic, **about}
        response = self.post("/contact/permission", form)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json
        return answer

    def says(self, text: str = "No power on Friday.", *, topic: str = "outage", **more: Any) -> TestResponse:
        """`more` are members of the message, or grant_id, channel and opening_id beside it."""
        beside = {name: more.pop(name) for name in ("grant_id", "channel", "opening_id") if name in more}
        message = {"id": f"m{len(self.seen)}", "subject": "News", "text": text, "reason": "You wanted to know.", **more}
        form = {"grant_id": self.grant_id, "topic": topic, "message": json.dumps(message), **beside}
        return self.post("/contact/messages", form)


def wants(person: PersonActor, *, client_id: str = "*", topic: str = "*", **said: Any) -> None:
    """Say how a vendor may speak to this person, of a topic or of all."""
    house = person.house
    place = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    key = relationship_key(b"r" * 32, "stadtwerke.example")
    policy, scope = ContactPolicy(**said), Scope(client_id, topic, "" if client_id == "*" else client_id.title())
    house.database.write(policies.keep, house.secrets, policy, scope, key, **place, now=house.clock())
