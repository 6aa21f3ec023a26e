"""A person who tells a vendor something, and a vendor that answers at its desk by POST."""

import json
from typing import Any

from actors import PersonActor, VendorActor
from flask import Flask
from werkzeug.test import TestResponse

from wallet.house import House

PETRA = {"contact_person_id": "cp-petra", "name": "Petra Vogt"}
JOE = {"contact_person_id": "cp-joe", "name": "Joe Miller"}


class Answering(VendorActor):
    """It has a directory, and does by calls what its people would do in the console."""

    def __init__(self, app: Flask, house: House, name: str = "stadtwerke", **metadata: Any) -> None:
        super().__init__(app, house, name, **metadata)
        self.employs(PETRA)
        self.sent = 0

    def calls(self, path: str, **form: str) -> dict[str, Any]:
        response = self.post(path, form)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json
        return answer

    def employs(self, *entries: dict[str, Any]) -> None:
        self.calls("/desk/directory", entries=json.dumps(entries))

    def promises(self, **service: Any) -> None:
        self.calls("/desk/service", service=json.dumps(service))

    def threads(self, **wanted: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.calls("/desk/threads", **{"limit": "50", **wanted})["threads"]
        return found

    def opens(self, thread: dict[str, Any]) -> dict[str, Any]:
        return self.calls(f"/desk/threads/{thread['thread_id']}", read="yes")

    def answers(self, thread: dict[str, Any], text: str, **changed: str) -> dict[str, Any]:
        self.sent += 1
        given = {"author": "cp-petra", "message_id": f"a-{self.sent}", **changed}
        return self.calls("/desk/answers", thread_id=thread["thread_id"], text=text, **given)

    def decides(self, thread: dict[str, Any], outcome: str, reason: str, **more: str) -> dict[str, Any]:
        how = {"thread_id": thread["thread_id"], "outcome": outcome, "reason": reason, "ended": "yes", **more}
        return self.calls("/desk/decisions", **how)


def sends(person: PersonActor, vendor: VendorActor, text: str, **changed: Any) -> TestResponse:
    """Fill in the form for this vendor; the answer to it."""
    fields = {"vendor": vendor.client_id, "kind": "wish", "known": "me", "text": text, **changed}
    return person.browser.post("/feedback/send", form_at=f"/feedback/new?vendor={vendor.client_id}", **fields)


def tells(person: PersonActor, vendor: VendorActor, text: str, **changed: Any) -> TestResponse:
    """The page of what was told."""
    response = sends(person, vendor, text, **changed)
    assert response.status_code == 303, response.text
    return person.browser.follow(response.location)
