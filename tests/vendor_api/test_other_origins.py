"""A vendor may be an application in the browser: its endpoints answer every origin, pages answer none (CORS)."""

import pytest
from journeys import tokens_for
from storage import on_sqlite_alone

from vendor_api.endpoints import ENDPOINTS

pytestmark = on_sqlite_alone

SHOP = {"Origin": "https://shop.example"}


@pytest.mark.parametrize("path", [path.replace("<client_id>", "shop") for path in ENDPOINTS])
def test_a_browser_may_ask_first_and_is_told_what_it_may_send(app, path):
    asked = {**SHOP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,dpop"}

    answer = app.test_client().options(path, headers=asked)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "DPoP" in answer.headers["Access-Control-Allow-Headers"]
    assert "OPTIONS" in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_answers_and_refusals_can_be_read_from_every_origin(person, vendor):
    token = tokens_for(person, vendor)["access_token"]

    read = vendor.client.get("/oauth/userinfo", headers={**SHOP, "Authorization": f"Bearer {token}"})
    refused = vendor.client.get("/oauth/userinfo", headers=SHOP)

    assert (read.status_code, refused.status_code) == (200, 401)
    for answer in (read, refused):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "WWW-Authenticate" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", ["/", "/sign-in", "/data", "/vendors", "/ledger", "/oauth/authorize", "/oauth/resume"])
def test_no_page_can_be_read_from_another_origin(person, path):
    person.signs_in()

    for method in ("GET", "OPTIONS"):
        answer = person.browser.client.open(path, method=method, headers=SHOP)
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
