"""The usual ways to a code and to tokens, for tests that begin after them; and what every refusal looks like."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from actors import PersonActor, VendorActor
from flask import Flask
from werkzeug.test import TestResponse

# RFC 6749 section 5.2: what may stand in an error_description
SAYABLE = re.compile(r"[ !#-\[\]-~]+")


def code_for(person: PersonActor, vendor: VendorActor, attributes: Sequence[str] = ("email",), **changed: Any) -> str:
    """The code of a vendor to which this person allowed everything it asked for."""
    answer = vendor.receives(person.allows(person.opens(vendor.link(attributes, **changed)), only=attributes))
    return answer["code"]


def tokens_for(
    person: PersonActor, vendor: VendorActor, attributes: Sequence[str] = ("email",), **changed: Any
) -> dict[str, Any]:
    """The token response to such a code."""
    response = vendor.redeems(code_for(person, vendor, attributes, **changed))
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json
    return answer


def refused(response: TestResponse, error: str, *, status: int = 400) -> bool:
    """Whether this is a clean refusal by RFC 6749 section 5.2, and this one; fails with what it is instead."""
    assert (response.status_code, (response.json or {}).get("error")) == (status, error), response.text
    assert response.json.keys() == {"error", "error_description"}
    assert SAYABLE.fullmatch(response.json["error_description"]), response.text
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    return True


def sent_back(response: TestResponse, vendor: VendorActor) -> dict[str, str]:
    """What a vendor's address got from /oauth/authorize itself; fails where the person was led on or shown a page."""
    assert response.status_code == 303, response.text
    assert response.location.startswith(f"{vendor.redirect_uri}?"), response.location
    return dict(parse_qsl(urlsplit(response.location).query))


def at_once(app: Flask, times: int, send: Callable[[Any], TestResponse]) -> list[TestResponse]:
    """The answers to the same request sent by as many threads, each with a client of its own, at the same moment."""
    start = Barrier(times)

    def go(_: int) -> TestResponse:
        client = app.test_client()
        start.wait()
        return send(client)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(go, range(times)))
