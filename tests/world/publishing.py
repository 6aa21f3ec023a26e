"""A vendor that publishes, and a house that brings it to people."""

import json
from typing import Any

from speaking import Speaker
from werkzeug.test import TestResponse

from wallet.dispatch import spreading
from wallet.house import House

DAY = 24 * 3600


def publishes(vendor: Speaker, text: str = "The power is off on Friday.", **more: Any) -> TestResponse:
    said = {"id": "p1", "topic": "outage", "title": "Works in Linden Street", "text": text}
    said |= {"valid_until": vendor.house.clock() + 7 * DAY, **more}
    return vendor.post("/contact/publications", {"publication": json.dumps(said)})


def brings(house: House) -> int:
    """What goes on in the background; how many items were brought."""
    return spreading.spread_all(house)


def published(vendor: Speaker) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = vendor.post("/contact/publications", {"client_id": vendor.client_id}).json[
        "publications"
    ]
    return found
