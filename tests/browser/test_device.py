"""A device shows a code, and a person lets it in from a real browser, on any screen and in either language."""

import json

import httpx
import pytest

from vendor_api.vendors.model import DEVICE_CODE
from wallet.demo.stage import ours

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHAPES = {
    "english-phone-light": {"locale": "en-GB", "phone": True},
    "english-wide-dark-without-scripts": {"locale": "en-GB", "dark": True, "scripts": False},
    "german-phone-dark": {"locale": "de-DE", "phone": True, "dark": True},
    "german-wide-light": {"locale": "de-DE"},
}
VENDOR = {
    "client_name": "Fernsehen Beispiel",
    "redirect_uris": ["https://fernsehen.example/back"],
    "token_endpoint_auth_method": "none",
    "grant_types": ["authorization_code", "refresh_token", DEVICE_CODE],
    "purposes": {"email": "To tell you what is on"},
}


@pytest.fixture
def waiting(town):
    """What a device was given to wait with."""
    client = json.loads(ours("wallet", "vendor", "add", "-", environment=town.environment, given=json.dumps(VENDOR)))
    claims = {"userinfo": {"email": {"essential": True}, "given_name": None}}
    form = {"client_id": client["client_id"], "scope": "openid", "claims": json.dumps(claims)}
    return httpx.post(f"{town.wallet}/oauth/device_authorization", data=form).raise_for_status().json()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_person_lets_a_device_in(begins, town, waiting, shape):
    walk = begins(town, f"ana-{shape}"[:30], **SHAPES[shape])
    walk.signs_up()
    walk.enters("email", "ana@example.org")

    walk.open(f"{town.wallet}/device")
    walk.at("empty")
    walk.page.fill("[name=user_code]", "bbbb bbbb")
    walk.goes("main form button")
    walk.at("wrong")
    walk.open(waiting["verification_uri_complete"])
    walk.at("filled in")
    walk.goes("main form button")
    shown = walk.at("question").inner_text(".device-code")
    walk.answers("allow")
    walk.at("answered")

    assert shown == waiting["user_code"]
    assert walk.happened() == ["asked", "granted"]
