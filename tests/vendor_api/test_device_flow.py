"""The device flow (RFC 8628), as a vendor sees it: it waits, it does not hurry, and it has its tokens once."""

import re
from dataclasses import replace

import jwt
import pytest
from actors import VendorActor
from asserting import AssertingVendor
from devices import GRANT_TYPES, DeviceVendor, allows_device, types
from dpop import ProvingVendor, thumbprint_of
from journeys import at_once, refused, tokens_for
from reading import words_in
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.oauth import device_codes
from vendor_api.vendors import registry
from vendor_api.vendors.model import DEVICE_CODE
from wallet.app import create_app
from wallet.upkeep import sweep

DAY = 24 * 3600


class ProvingDevice(DeviceVendor, ProvingVendor):
    """A device that holds a key."""


class AssertingDevice(DeviceVendor, AssertingVendor):
    """A device of a vendor that proves itself by assertions."""


@pytest.fixture
def vendor(app, house):
    return DeviceVendor(app, house, "fernsehen")


@pytest.fixture
def ana_here(person):
    person.signs_in()
    return person


# From the first request to the last


def test_a_device_waits_for_the_person_and_then_has_what_a_code_would_have_given(ana_here, vendor):
    begun = vendor.begins(nonce="n-1")
    waiting = vendor.polls()

    done = allows_device(ana_here, vendor)
    tokens = vendor.polls().json

    assert begun.status_code == 200
    assert refused(waiting, "authorization_pending")
    assert done.status_code == 200
    assert tokens["token_type"] == "Bearer"
    assert tokens["scope"] == "openid"
    assert vendor.reads(tokens["access_token"]).json["email"] == "ana@example.org"
    said = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (said["nonce"], said["aud"]) == ("n-1", "fernsehen")
    assert said["sub"] == vendor.introspects(tokens["access_token"])["sub"]
    assert vendor.refreshes(tokens["refresh_token"]).status_code == 200
    assert ana_here.log() == ["asked", "granted", "redeemed", "read"]


def test_the_ledger_says_that_it_was_a_device(ana_here, vendor):
    vendor.begins()
    allows_device(ana_here, vendor)
    vendor.polls()

    told = words_in(ana_here.browser.get("/ledger"), "ledger-sentence")

    assert "Fernsehen picked up the access you granted, on a device." in told
    assert ana_here.ledger()[-1].detail["via"] == "device_code"


@on_sqlite_alone
def test_the_answer_has_all_a_device_needs_and_no_cache_keeps_it(vendor):
    response = vendor.begins()

    assert response.headers["Cache-Control"] == "no-store"
    answer = response.json
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", answer["user_code"])
    assert answer["verification_uri"] == "http://localhost/device"
    assert answer["verification_uri_complete"] == f"http://localhost/device?user_code={answer['user_code']}"
    assert (answer["expires_in"], answer["interval"]) == (600, 5)
    assert answer.keys() == {
        "device_code",
        "user_code",
        "verification_uri",
        "verification_uri_complete",
        "expires_in",
        "interval",
    }


@on_sqlite_alone
def test_discovery_names_the_endpoint_and_the_grant_type(vendor):
    document = vendor.client.get("/.well-known/openid-configuration").json

    assert document["device_authorization_endpoint"] == "http://localhost/oauth/device_authorization"
    assert DEVICE_CODE in document["grant_types_supported"]


def test_only_digests_of_both_codes_are_stored(house, vendor):
    vendor.begins()

    stored = str(rows(house, "device_codes"))

    assert vendor.waiting["device_code"] not in stored
    assert vendor.shows not in stored
    assert vendor.shows.replace("-", "") not in stored


@on_sqlite_alone
def test_two_devices_show_different_codes(vendor):
    seen = set()
    for _ in range(20):
        vendor.begins()
        seen |= {vendor.shows, vendor.waiting["device_code"]}

    assert len(seen) == 40


def test_a_vendor_without_a_secret_uses_it_by_its_client_id(app, house, ana_here):
    public = DeviceVendor(app, house, "radio", token_endpoint_auth_method="none")
    public.begins()

    allows_device(ana_here, public)

    assert public.reads(public.polls().json["access_token"]).json["email"] == "ana@example.org"


@on_sqlite_alone
def test_a_vendor_proves_itself_by_an_assertion(app, house, ana_here):
    asserting = AssertingDevice(app, house, "radio")
    asserting.begins()

    allows_device(ana_here, asserting)

    assert asserting.polls().status_code == 200


# What is not begun at all


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "unheard_of"}, "invalid_scope"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": '{"id_token": {"sub": {"value": "somebody"}}}'}, "invalid_request"),
        (
            {"claims": '{"id_token": {"acr": {"essential": true, "value": "gold"}}}'},
            "unmet_authentication_requirements",
        ),
        ({"nonce": "n" * 2001}, "invalid_request"),
        ({"dpop_jkt": "short"}, "invalid_request"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
    ],
)
@on_sqlite_alone
def test_what_can_not_be_asked_is_told_at_once(house, vendor, changed, error):
    with nothing_changes(house):
        assert refused(vendor.begins(**changed), error)


@on_sqlite_alone
def test_a_vendor_that_did_not_register_for_devices_gets_none(app, house, person):
    other = VendorActor(app, house, "stadtwerke")

    with nothing_changes(house):
        assert refused(other.post("/oauth/device_authorization", {"scope": "openid"}), "unauthorized_client")
        poll = other.post("/oauth/token", {"grant_type": DEVICE_CODE, "device_code": "guess"})

    assert refused(poll, "unauthorized_client")


@on_sqlite_alone
def test_nobody_begins_in_the_name_of_a_vendor_with_a_secret(house, vendor):
    with nothing_changes(house):
        nameless = vendor.client.post("/oauth/device_authorization", data={"scope": "openid"})
        bare = vendor.client.post("/oauth/device_authorization", data={"scope": "openid", "client_id": "fernsehen"})

    assert refused(nameless, "invalid_client", status=401)
    assert refused(bare, "invalid_client", status=401)


# Waiting


@on_sqlite_alone
def test_who_asks_too_often_is_slowed_down_more_each_time(vendor, clock):
    vendor.begins()
    said = []

    for pause in (0, 5, 1, 9, 5, 15, 14):
        clock.now += pause
        said.append(vendor.polls().json["error"])

    pending, slow = "authorization_pending", "slow_down"
    assert said == [pending, pending, slow, pending, slow, pending, pending]


def test_polls_at_the_same_moment_are_all_slowed_down_but_one(app, vendor, house):
    vendor.begins()
    form = {"grant_type": DEVICE_CODE, "device_code": vendor.waiting["device_code"]}

    answers = at_once(app, 8, lambda client: client.post("/oauth/token", data=form, headers=vendor.credentials))

    errors = [answer.json["error"] for answer in answers]
    assert sorted(errors) == ["authorization_pending"] + ["slow_down"] * 7
    assert [row["pause"] for row in rows(house, "device_codes")] == [40]


def test_an_impatient_device_has_its_tokens_nevertheless(ana_here, vendor):
    vendor.begins()
    vendor.polls()
    vendor.polls()
    allows_device(ana_here, vendor)

    assert vendor.polls().status_code == 200


@on_sqlite_alone
def test_a_code_nobody_answered_expires(vendor, clock, house):
    vendor.begins()
    clock.now += 600

    with nothing_changes(house):
        assert refused(vendor.polls(), "expired_token")


def test_an_answer_nobody_fetched_in_time_expires_too(ana_here, vendor, clock, house):
    vendor.begins()
    allows_device(ana_here, vendor)
    clock.now += 600

    with nothing_changes(house):
        assert refused(vendor.polls(), "expired_token")


def test_the_device_learns_that_the_person_refused(ana_here, vendor, house):
    vendor.begins()
    done = ana_here.refuses(types(ana_here, vendor.shows))

    with nothing_changes(house):
        assert refused(vendor.polls(), "access_denied")

    assert done.status_code == 200
    assert ana_here.log() == ["asked", "refused"]


@on_sqlite_alone
def test_what_the_person_ended_before_the_device_came_gives_nothing(ana_here, vendor, house):
    vendor.begins()
    allows_device(ana_here, vendor)
    ana_here.revokes(rows(house, "grants")[0]["grant_id"])

    with nothing_changes(house):
        assert refused(vendor.polls(), "invalid_grant")


# Once, and for this vendor


def test_a_device_code_used_twice_is_refused_and_kills_what_it_gave(ana_here, vendor):
    vendor.begins()
    allows_device(ana_here, vendor)
    tokens = vendor.polls().json

    assert refused(vendor.polls(), "invalid_grant")

    assert vendor.reads(tokens["access_token"]).status_code == 401
    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")


def test_of_sixteen_polls_at_once_exactly_one_has_tokens(app, ana_here, vendor):
    vendor.begins()
    allows_device(ana_here, vendor)
    form = {"grant_type": DEVICE_CODE, "device_code": vendor.waiting["device_code"]}

    answers = at_once(app, 16, lambda client: client.post("/oauth/token", data=form, headers=vendor.credentials))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 15
    assert {answer.json["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}
    assert ana_here.log().count("redeemed") == 1


@on_sqlite_alone
def test_another_vendor_gets_nothing_for_a_code_and_spoils_nothing(app, house, ana_here, vendor):
    other = DeviceVendor(app, house, "radio")
    vendor.begins()
    code = vendor.waiting["device_code"]

    with nothing_changes(house):
        assert refused(other.polls(code), "invalid_grant")
    allows_device(ana_here, vendor)
    with nothing_changes(house):
        assert refused(other.polls(code), "invalid_grant")

    assert vendor.polls().status_code == 200


@pytest.mark.parametrize("code", ["", "guess", "x" * 5000])
@on_sqlite_alone
def test_a_code_that_is_none_is_refused(house, vendor, code):
    vendor.begins()

    with nothing_changes(house):
        assert refused(vendor.polls(code), "invalid_grant" if code else "invalid_request")
        assert refused(vendor.polls(vendor.shows), "invalid_grant")


@on_sqlite_alone
def test_a_removed_vendor_leaves_no_code_behind(house, vendor):
    vendor.begins()

    house.database.write(registry.remove, "fernsehen")

    assert rows(house, "device_codes") == []


def test_codes_are_forgotten_a_day_after_they_expired(house, vendor, clock):
    vendor.begins()
    clock.now += 600 + DAY - 1
    house.database.write(sweep, now=clock.now)
    assert len(rows(house, "device_codes")) == 1

    clock.now += 1
    house.database.write(sweep, now=clock.now)

    assert rows(house, "device_codes") == []


# Keys and subjects


@on_sqlite_alone
def test_tokens_are_bound_to_the_key_of_the_proof(app, house, ana_here):
    proving = ProvingDevice(app, house, "radio", token_endpoint_auth_method="none")
    proving.begins(dpop_jkt=thumbprint_of(proving.key))
    assert refused(proving.polls(), "authorization_pending")
    allows_device(ana_here, proving)

    with nothing_changes(house):
        assert refused(proving.sends().polls(), "invalid_grant")
    tokens = proving.polls().json

    assert tokens["token_type"] == "DPoP"
    assert proving.reads(tokens["access_token"]).json["email"] == "ana@example.org"
    assert VendorActor.reads(proving, tokens["access_token"]).status_code == 401


@on_sqlite_alone
def test_a_vendor_that_binds_its_tokens_gets_no_other_and_may_try_again(app, house, ana_here):
    proving = ProvingDevice(app, house, "radio", dpop_bound_access_tokens=True)
    proving.begins()
    allows_device(ana_here, proving)

    with nothing_changes(house):
        assert refused(proving.sends().polls(), "invalid_dpop_proof")
        wants_nonce = proving.polls()
    proving.dpop_nonce = wants_nonce.headers["DPoP-Nonce"]

    assert refused(wants_nonce, "use_dpop_nonce")
    assert proving.polls().json["token_type"] == "DPoP"


def test_a_vendor_of_devices_is_not_taken_for_another_of_the_same_host(app, house, ana_here):
    shop = VendorActor(app, house, "shop", redirect_uris=["https://bank.example/back"])
    impostor = DeviceVendor(app, house, "impostor", redirect_uris=["https://bank.example/back"])
    known_as = shop.introspects(tokens_for(ana_here, shop)["access_token"])["sub"]
    impostor.begins()
    allows_device(ana_here, impostor)

    assert impostor.introspects(impostor.polls().json["access_token"])["sub"] != known_as


def test_a_vendor_knows_a_person_by_the_same_subject_on_a_device_and_in_a_browser(ana_here, vendor):
    in_browser = vendor.introspects(tokens_for(ana_here, vendor)["access_token"])["sub"]
    vendor.begins()
    allows_device(ana_here, vendor)

    assert vendor.introspects(vendor.polls().json["access_token"])["sub"] == in_browser


@on_sqlite_alone
def test_nobody_becomes_a_vendor_of_devices_later_or_stops_being_one(app, house, settings):
    client = create_app(replace(house, settings=replace(settings, registration="open"))).test_client()
    uris = {"redirect_uris": ["https://bank.example/back"]}
    plain = client.post("/oauth/register", json=uris).json
    device = client.post("/oauth/register", json={**uris, "grant_types": GRANT_TYPES}).json

    def changes(registered, **changed):
        where = registered["registration_client_uri"].removeprefix("http://localhost")
        token = {"Authorization": f"Bearer {registered['registration_access_token']}"}
        return client.put(where, json={"client_id": registered["client_id"], **uris, **changed}, headers=token)

    with nothing_changes(house):
        assert refused(changes(plain, grant_types=GRANT_TYPES), "invalid_redirect_uri")
        assert refused(changes(device), "invalid_redirect_uri")


def test_every_letter_can_come_and_none_that_spells_words():
    assert len(device_codes.LETTERS) == len(set(device_codes.LETTERS)) == 20
    assert not set(device_codes.LETTERS) & set("AEIOUY")
