"""A vendor on a device without keyboard or browser (RFC 8628): it shows a code, and asks until it has its tokens."""

import json
from collections.abc import Sequence
from typing import Any

from actors import PersonActor, VendorActor
from flask import Flask
from werkzeug.test import TestResponse

from vendor_api.vendors.model import DEVICE_CODE
from wallet.house import House

GRANT_TYPES = ["authorization_code", "refresh_token", DEVICE_CODE]


class DeviceVendor(VendorActor):
    """One that registered for devices; `waiting` is what the device got last."""

    def __init__(self, app: Flask, house: House, name: str, **metadata: Any) -> None:
        super().__init__(app, house, name, **{"grant_types": GRANT_TYPES, **metadata})
        self.waiting: dict[str, Any] = {}

    def begins(self, asking: Sequence[str] = ("email",), **changed: str) -> TestResponse:
        """The device asks for these claims; parameters can be changed, or left out by an empty one."""
        form = {"scope": "openid", "claims": json.dumps({"userinfo": dict.fromkeys(asking)}), **changed}
        response = self.post("/oauth/device_authorization", {name: value for name, value in form.items() if value})
        self.waiting = response.json or {}
        return response

    @property
    def shows(self) -> str:
        """The code on the device's screen."""
        return str(self.waiting["user_code"])

    def polls(self, device_code: str | None = None, **changed: str) -> TestResponse:
        code = self.waiting["device_code"] if device_code is None else device_code
        form = {"grant_type": DEVICE_CODE, "device_code": code, **changed}
        return self.post("/oauth/token", {name: value for name, value in form.items() if value})


def types(person: PersonActor, code: str) -> TestResponse:
    """A person who is signed in types the code a device shows; ends at the consent page, or at the form again."""
    response = person.browser.post("/device", user_code=code)
    return person.browser.follow(response.location) if response.status_code == 303 else response


def allows_device(person: PersonActor, vendor: DeviceVendor, only: Sequence[str] = ("email",)) -> TestResponse:
    return person.allows(types(person, vendor.shows), only=only)
