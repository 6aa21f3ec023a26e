"""A person who looks for something, and vendors that hear of it and make offers."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from actors import PersonActor, VendorActor
from flask import Flask
from storage import rows
from werkzeug.test import TestResponse

from wallet.house import House
from wallet.intents import rounds

GREEN = {"label_1": "Price", "comparison_1": "<=", "value_1": "30", "unit_1": "ct/kWh"}
GREEN |= {"label_2": "Green", "comparison_2": "=", "value_2": "yes", "unit_2": ""}


class Merchant(VendorActor):
    """It follows branches, and offers."""

    def __init__(self, app: Flask, house: House, name: str, branches: str = "energy", **metadata: Any) -> None:
        super().__init__(app, house, name, **metadata)
        if branches:
            self.follows(branches)

    def follows(self, branches: str) -> TestResponse:
        return self.post("/intents/followed", {"branches": branches})

    def waiting(self, **form: str) -> list[dict[str, Any]]:
        answer = self.post("/intents/waiting", {"state": "open", **form})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json["intents"]
        return found

    def offers(self, price: str = "28.5", unit: str = "ct/kWh", *, green: bool = True, **more: Any) -> TestResponse:
        """To the first it hears of, unless `intent_id` is another."""
        intent_id = more.pop("intent_id", None) or self.waiting()[0]["intent_id"]
        values = {"1": {"value": price, "unit": unit}, "2": {"value": green}}
        until = self.house.clock() + 30 * 24 * 3600
        said = {"text": "Our green tariff.", "values": values, "valid_until": until, **more}
        return self.post("/intents/offers", {"intent_id": intent_id, "offer": json.dumps(said)})


def day_in(house: House, days: int) -> str:
    return (datetime.fromtimestamp(house.clock(), UTC).date() + timedelta(days=days)).isoformat()


def seeks(person: PersonActor, **changed: Any) -> str:
    """Fill in the form and look at what would leave; the page of it."""
    said: dict[str, Any] = {"text": "A green tariff", "branch": "energy", "region": "", "everybody": "yes", **GREEN}
    said |= {"until": day_in(person.house, 5), **changed}
    answer = person.browser.post("/intents/new", **said)
    assert answer.status_code == 303, re.findall(r"<p>([^<]+)</p>", answer.text)
    return str(answer.location)


def act(person: PersonActor, page: str, what: str, **fields: str) -> TestResponse:
    """Press a button of the page with what it was shown with."""
    shown = person.browser.get(page).text
    version = re.search(r'name="version" value="(\d+)"', shown)
    given = {"version": version[1] if version else "", **fields}
    return person.browser.follow(person.browser.post(f"{page}/{what}", form_at="/intents/new", **given).location)


def sends(person: PersonActor, clock: Any, **changed: Any) -> str:
    """Look for something, send it, and let its quarter hour come."""
    page = seeks(person, **changed)
    act(person, page, "send")
    clock.now += 900
    rounds.go_round(person.house)
    return page


def state_of(house: House) -> list[str]:
    return [row["state"] for row in rows(house, "intents")]
