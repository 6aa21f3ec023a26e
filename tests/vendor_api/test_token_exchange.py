"""Token exchange (RFC 8693): a vendor hands a narrower token to a processor; it never gets wider, older or freer."""

import json
from dataclasses import replace

import pytest
from actors import PersonActor, VendorActor
from carrying import CarryingVendor
from dpop import ProvingVendor, new_key
from journeys import refused, tokens_for
from reading import words_in
from storage import nothing_changes, on_sqlite_alone

from wallet.app import create_app

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
GRANT_TYPES = ["authorization_code", "refresh_token", EXCHANGE]
SCOPE = "openid email profile"


@pytest.fixture
def vendor(app, house):
    """One that registered to exchange tokens, and names its processors."""
    recipients = ["Printer Ltd", "Call Centre"]
    return VendorActor(app, house, "stadtwerke", grant_types=GRANT_TYPES, recipients=recipients)


@pytest.fixture
def tokens(person, vendor):
    return tokens_for(person, vendor, ["email", "given_name"], without=["claims"], scope=SCOPE)


def exchanges(vendor, token, **changed):
    form = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN, **changed}
    return vendor.post("/oauth/token", {name: value for name, value in form.items() if value})


def test_a_processor_reads_less_and_the_person_sees_who_it_was(person, vendor, tokens):
    narrow = exchanges(vendor, tokens["access_token"], scope="openid email", audience="Printer Ltd").json

    assert narrow["issued_token_type"] == ACCESS_TOKEN
    assert narrow["scope"] == "openid email"
    assert "refresh_token" not in narrow
    assert vendor.reads(narrow["access_token"]).json.keys() == {"email", "email_verified", "sub"}
    assert vendor.introspects(narrow["access_token"])["aud"] == "Printer Ltd"
    told = words_in(person.browser.get("/ledger"), "ledger-sentence")
    assert any("Printer Ltd read" in sentence and "Stadtwerke" in sentence for sentence in told)
    assert "Stadtwerke passed a narrower access on to Printer Ltd." in told


def test_claims_narrow_attribute_by_attribute(vendor, tokens):
    claims = json.dumps({"userinfo": {"given_name": None}})

    narrow = exchanges(vendor, tokens["access_token"], claims=claims).json

    assert vendor.reads(narrow["access_token"]).json.keys() == {"given_name", "sub"}


def test_the_new_token_ends_with_the_old_one(vendor, tokens, clock):
    clock.now += 3000

    narrow = exchanges(vendor, tokens["access_token"]).json

    assert narrow["expires_in"] == 600
    clock.now += 600
    assert vendor.reads(narrow["access_token"]).status_code == 401


def test_revoking_the_family_ends_it_too(vendor, tokens):
    first = exchanges(vendor, tokens["access_token"]).json["access_token"]
    vendor.post("/oauth/revoke", {"token": tokens["refresh_token"]})

    assert vendor.reads(first).status_code == 401
    assert refused(exchanges(vendor, tokens["access_token"]), "invalid_grant")


def test_when_the_person_revokes_nothing_is_read_or_exchanged_any_more(person, vendor, tokens, house):
    narrow = exchanges(vendor, tokens["access_token"]).json["access_token"]

    person.revokes(tokens["grant_id"])

    with nothing_changes(house):
        for token in (tokens["access_token"], narrow):
            assert refused(vendor.reads(token), "invalid_token", status=401)
            assert refused(exchanges(vendor, token), "invalid_grant")
            assert vendor.introspects(token) == {"active": False}
            grant = vendor.client.get(
                f"/oauth/grants/{tokens['grant_id']}", headers={"Authorization": f"Bearer {token}"}
            )
            assert refused(grant, "invalid_token", status=401)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"scope": "openid email address"}, "invalid_scope"),
        ({"scope": "offline_access"}, "invalid_scope"),
        ({"claims": '{"userinfo": {"birthdate": null}}'}, "invalid_scope"),
        ({"claims": "{"}, "invalid_request"),
        ({"audience": "Somebody Else"}, "invalid_target"),
        ({"audience": "stadtwerke"}, "invalid_target"),
        ({"subject_token": ""}, "invalid_request"),
        ({"subject_token": "guess"}, "invalid_grant"),
        ({"subject_token_type": ""}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x", "actor_token_type": ACCESS_TOKEN}, "invalid_request"),
    ],
)
@on_sqlite_alone
def test_nothing_gets_wider_and_nothing_is_half_done(vendor, tokens, house, changed, error):
    with nothing_changes(house):
        assert refused(exchanges(vendor, tokens["access_token"], **changed), error)


def test_what_was_narrowed_stays_narrow_and_with_its_processor(vendor, tokens, house):
    narrow = exchanges(vendor, tokens["access_token"], scope="openid email", audience="Printer Ltd").json[
        "access_token"
    ]

    again = exchanges(vendor, narrow).json
    with nothing_changes(house):
        wider = exchanges(vendor, narrow, scope=SCOPE)
        elsewhere = exchanges(vendor, narrow, audience="Call Centre")

    assert vendor.introspects(again["access_token"])["aud"] == "Printer Ltd"
    assert refused(wider, "invalid_scope")
    assert refused(elsewhere, "invalid_target")


@on_sqlite_alone
def test_a_refresh_token_or_another_vendors_token_can_not_be_exchanged(app, house, person, vendor, tokens):
    other = VendorActor(app, house, "other", grant_types=GRANT_TYPES)

    with nothing_changes(house):
        assert refused(exchanges(vendor, tokens["refresh_token"]), "invalid_grant")
        assert refused(exchanges(other, tokens["access_token"]), "invalid_grant")


@on_sqlite_alone
def test_who_did_not_register_for_it_may_not(app, house, person):
    other = VendorActor(app, house, "other")
    token = tokens_for(person, other)["access_token"]

    with nothing_changes(house):
        assert refused(exchanges(other, token), "unauthorized_client")


@on_sqlite_alone
def test_a_vendor_without_a_secret_may_not(app, house, person):
    public = VendorActor(app, house, "other", grant_types=GRANT_TYPES, token_endpoint_auth_method="none")
    token = tokens_for(person, public)["access_token"]

    with nothing_changes(house):
        assert refused(exchanges(public, token), "invalid_client", status=401)


@on_sqlite_alone
def test_a_bound_token_is_exchanged_with_its_key_alone_and_stays_bound(app, house, person):
    vendor = ProvingVendor(app, house, "shop", grant_types=GRANT_TYPES)
    token = tokens_for(person, vendor)["access_token"]
    own, thiefs = vendor.key, new_key()

    with nothing_changes(house):
        vendor.key = thiefs
        assert refused(exchanges(vendor, token), "invalid_grant")
        assert refused(exchanges(vendor.sends(), token), "invalid_grant")
    vendor.key = own
    exchanged = exchanges(vendor, token).json

    assert exchanged["token_type"] == "DPoP"
    with nothing_changes(house):
        assert vendor.sends().reads(exchanged["access_token"], scheme="Bearer").status_code == 401
        vendor.key = thiefs
        assert vendor.reads(exchanged["access_token"]).status_code == 401


@on_sqlite_alone
def test_a_token_through_the_browser_is_not_made_to_last_longer(app, house, person, clock):
    house = replace(house, settings=replace(house.settings, front_channel_tokens="on"))
    app = create_app(house)
    vendor = CarryingVendor(app, house, "code token", grant_types=[*GRANT_TYPES, "implicit"])
    actor = PersonActor(app, house, person.person, password=person.password)
    token = vendor.finds(actor.allows(actor.opens(vendor.link(["email"])), only=["email"]))["access_token"]
    clock.now += 300

    exchanged = exchanges(vendor, token).json

    assert exchanged["expires_in"] == 300
    clock.now += 300
    with nothing_changes(house):
        assert vendor.reads(exchanged["access_token"]).status_code == 401
