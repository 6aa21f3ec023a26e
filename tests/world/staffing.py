"""Somebody who works for a vendor, in a browser of their own, at the console."""

import re
from html import unescape
from typing import Any

from flask import Flask
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from keys.passwords import hashed
from vendor_api.console import staff
from vendor_api.console.model import Member
from wallet.house import House

STAFF_PASSWORD = "a quiet office at noon"


class StaffActor:
    """Keeps the console's cookie, and sends the very forms it was shown."""

    def __init__(self, app: Flask, house: House, client_id: str, login: str = "kim", role: str = "admin") -> None:
        self.house, self.client_id, self.login = house, client_id, login
        self.client = app.test_client()
        self.member: Member = house.database.write(self._added, role)

    def _added(self, db: Connection, role: str) -> Member:
        who = {"client_id": self.client_id, "login": self.login, "name": self.login.title(), "role": role}
        hash_ = hashed(STAFF_PASSWORD)
        return staff.add(db, self.house.secrets, **who, password_hash=hash_, now=self.house.clock())

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, **kwargs)

    def post(self, path: str, *, form_at: str | None = None, **fields: Any) -> TestResponse:
        page = self.get(form_at or path)
        return self.client.post(path, data={"csrf_token": form_token(page), **fields})

    def signs_in(self, password: str = STAFF_PASSWORD) -> TestResponse:
        said = {"client_id": self.client_id, "login": self.login, "password": password}
        return self.post("/console/sign-in", **said)

    def has_role(self, role: str) -> None:
        whose = {"client_id": self.client_id, "staff_id": self.member.staff_id}
        self.house.database.write(staff.change_role, **whose, role=role)


def form_token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, "the page has no form"
    return found[1]


def link_on(page: TestResponse) -> str:
    """The invitation that a page shows, as a path."""
    found = re.search(r"http://localhost(/console/invitation/[\w-]+)", unescape(page.text))
    assert found, page.text
    return found[1]
