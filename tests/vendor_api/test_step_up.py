"""Step-up (RFC 9470): a vendor's own resource server learns how long ago the person signed in, and may want it anew."""

import re
from dataclasses import dataclass

import jwt
import pytest
from actors import VendorActor
from journeys import sent_back, tokens_for
from storage import nothing_changes, on_sqlite_alone

PASSWORD = "urn:hausrecht:acr:password"
HOUR = 3600


@dataclass
class Vault:
    """The resource server of a vendor: it knows nothing of a token but what introspection says."""

    vendor: VendorActor
    max_age: int

    def opens(self, access_token):
        """The status, and the challenge if there is one (section 3)."""
        told = self.vendor.introspects(access_token)
        if not told["active"]:
            return 401, 'Bearer error="invalid_token"'
        if self.vendor.house.clock() - told.get("auth_time", 0) > self.max_age or told.get("acr") != PASSWORD:
            said = f'acr_values="{PASSWORD}", max_age="{self.max_age}"'
            return 401, f'Bearer error="insufficient_user_authentication", {said}'
        return 200, ""


def asked_for(challenge):
    """The parameters that a challenge wants in the next authorization request (section 4)."""
    found = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    assert found.pop("error") == "insufficient_user_authentication"
    return found


def test_a_vendor_steps_up_and_its_resource_server_is_content(person, vendor, clock):
    vault = Vault(vendor, max_age=300)
    old = tokens_for(person, vendor)["access_token"]
    clock.now += HOUR // 2

    status, challenge = vault.opens(old)
    assert status == 401
    back = vendor.receives(person.opens(vendor.link(["email"], **asked_for(challenge))))
    fresh = vendor.redeems(back["code"]).json["access_token"]

    assert vault.opens(fresh) == (200, "")
    assert vendor.introspects(fresh)["auth_time"] == clock.now
    assert vault.opens(old)[0] == 401
    clock.now += 301
    assert vault.opens(fresh)[0] == 401


def test_who_signed_in_a_moment_ago_is_not_asked_again(person, vendor, clock):
    signed_in_at = clock.now
    tokens_for(person, vendor)
    clock.now += 100

    answer = person.browser.get(vendor.link(["email"], max_age="300", acr_values=PASSWORD))

    fresh = vendor.redeems(sent_back(answer, vendor)["code"]).json["access_token"]
    assert vendor.introspects(fresh)["auth_time"] == signed_in_at


def test_renewing_makes_no_sign_in_fresher(person, vendor, clock):
    signed_in_at = clock.now
    tokens = tokens_for(person, vendor, max_age="300")
    clock.now += HOUR

    renewed = vendor.refreshes(tokens["refresh_token"]).json

    for token in (renewed["access_token"], renewed["refresh_token"]):
        assert vendor.introspects(token)["auth_time"] == signed_in_at
    assert Vault(vendor, max_age=300).opens(renewed["access_token"])[0] == 401


def test_signed_introspection_says_the_same(person, vendor):
    token = tokens_for(person, vendor, max_age="300", acr_values=PASSWORD)["access_token"]
    accept = {**vendor.credentials, "Accept": "application/token-introspection+jwt"}

    signed = vendor.post("/oauth/introspect", {"token": token}, headers=accept)

    told = jwt.decode(signed.text, options={"verify_signature": False})["token_introspection"]
    assert told == vendor.introspects(token)
    assert told.keys() >= {"auth_time", "acr"}


@on_sqlite_alone
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, set()),
        ({"max_age": "300"}, {"auth_time"}),
        ({"prompt": "login"}, {"auth_time"}),
        ({"acr_values": f"gold {PASSWORD}"}, {"acr"}),
        (
            {"claims": '{"userinfo": {"email": null}, "id_token": {"auth_time": null, "acr": null}}'},
            {"auth_time", "acr"},
        ),
    ],
    ids=["nothing", "max_age", "prompt", "acr_values", "claims"],
)
def test_the_time_of_a_sign_in_is_told_to_who_asked_for_it_and_nobody_else(person, vendor, asked, told):
    token = tokens_for(person, vendor, **asked)["access_token"]

    assert vendor.introspects(token).keys() & {"auth_time", "acr"} == told


@on_sqlite_alone
def test_a_consent_token_stands_for_no_sign_in(person, vendor):
    consent_token = tokens_for(person, vendor, max_age="300")["consent_token"]

    token = vendor.asserts(consent_token).json["access_token"]

    assert not vendor.introspects(token).keys() & {"auth_time", "acr"}


@on_sqlite_alone
def test_a_way_to_sign_in_that_nobody_has_here_is_refused_and_not_asked_for_round_and_round(person, vendor, house):
    person.opens(vendor.link(["email"]))

    with nothing_changes(house):
        answer = sent_back(person.browser.get(vendor.link(["email"], acr_values="gold phr")), vendor)

    assert answer["error"] == "unmet_authentication_requirements"
    assert "code" not in answer
