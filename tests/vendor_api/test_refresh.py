"""Refresh tokens rotate: each is worth one refresh, and never more than the person's answer."""

from dataclasses import replace

import pytest
from actors import VendorActor, basic
from journeys import at_once, refused, tokens_for
from storage import nothing_changes, on_sqlite_alone, rows

from keys.opaque import digest
from keys.secrets import HostSecrets
from vendor_api.vendors import registry
from wallet.app import create_app
from wallet.database import Database
from wallet.house import House

DAY = 24 * 3600


@pytest.fixture
def other(app, house):
    return VendorActor(app, house, "other")


def test_a_refresh_gives_new_tokens_for_the_same_data(person, vendor):
    tokens = tokens_for(person, vendor, ["email", "birthdate"])

    fresh = vendor.refreshes(tokens["refresh_token"]).json

    assert len({tokens["access_token"], tokens["refresh_token"], fresh["access_token"], fresh["refresh_token"]}) == 4
    assert vendor.reads(fresh["access_token"]).json == vendor.reads(tokens["access_token"]).json
    assert fresh["grant_id"] == tokens["grant_id"]


def test_a_refresh_token_used_again_kills_the_whole_family(person, vendor):
    tokens = tokens_for(person, vendor)
    second = vendor.refreshes(tokens["refresh_token"]).json
    third = vendor.refreshes(second["refresh_token"]).json

    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")

    for access in (tokens["access_token"], second["access_token"], third["access_token"]):
        assert refused(vendor.reads(access), "invalid_token", status=401)
        assert vendor.introspects(access) == {"active": False}
    assert refused(vendor.refreshes(third["refresh_token"]), "invalid_grant")


def test_the_family_of_another_code_outlives_it(person, vendor):
    other = tokens_for(person, vendor)
    tokens = tokens_for(person, vendor, prompt="consent")
    vendor.refreshes(tokens["refresh_token"])

    vendor.refreshes(tokens["refresh_token"])

    assert vendor.reads(other["access_token"]).status_code == 200
    assert vendor.refreshes(other["refresh_token"]).status_code == 200


def test_sixteen_refreshes_at_once_give_exactly_one_success_and_one_family(app, person, vendor, house):
    form = {"grant_type": "refresh_token", "refresh_token": tokens_for(person, vendor)["refresh_token"]}

    answers = at_once(app, 16, lambda client: client.post("/oauth/token", data=form, headers=vendor.credentials))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 15
    assert all(refused(answer, "invalid_grant") for answer in answers if answer.status_code == 400)
    tokens = rows(house, "tokens")
    assert sorted(token["kind"] for token in tokens) == ["access", "access", "refresh", "refresh"]
    assert len({token["family"] for token in tokens}) == 1
    assert all(token["revoked_at"] for token in tokens)  # fifteen second uses


def test_a_revoked_refresh_token_stays_dead_after_a_restart(person, vendor, settings, clock):
    tokens = tokens_for(person, vendor)
    vendor.post("/oauth/revoke", {"token": tokens["refresh_token"]})
    database = Database(settings.database_url)
    house = House(settings, database, HostSecrets.derive(b"m" * 32), clock)
    vendor.client = create_app(house).test_client()

    with nothing_changes(house):
        assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")
        assert vendor.reads(tokens["access_token"]).status_code == 401
    database.close()


def test_a_rotated_refresh_token_is_still_recognised_after_a_restart(person, vendor, settings, clock):
    tokens = tokens_for(person, vendor)
    fresh = vendor.refreshes(tokens["refresh_token"]).json
    database = Database(settings.database_url)
    vendor.client = create_app(House(settings, database, HostSecrets.derive(b"m" * 32), clock)).test_client()

    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")

    assert vendor.reads(fresh["access_token"]).status_code == 401
    database.close()


def test_a_refresh_token_of_another_vendor_is_refused_and_stays_good(person, vendor, other, house):
    tokens = tokens_for(person, vendor)

    with nothing_changes(house):
        assert refused(other.refreshes(tokens["refresh_token"]), "invalid_grant")

    assert vendor.refreshes(tokens["refresh_token"]).status_code == 200


@on_sqlite_alone
def test_a_refresh_token_of_a_vendor_without_a_secret_is_of_no_use_to_another(app, person, house):
    mine, theirs = (VendorActor(app, house, name, token_endpoint_auth_method="none") for name in ("mine", "theirs"))
    tokens = tokens_for(person, mine)

    with nothing_changes(house):
        assert refused(theirs.refreshes(tokens["refresh_token"]), "invalid_grant")

    assert mine.refreshes(tokens["refresh_token"]).status_code == 200


def test_a_secret_that_was_replaced_refreshes_nothing(app, person, vendor, house):
    tokens = tokens_for(person, vendor)
    registered = house.database.read(registry.find, "stadtwerke")
    house.database.write(registry.change, replace(registered, secret_digest=digest("another secret")))

    with nothing_changes(house):
        assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_client", status=401)

    again = {"Authorization": basic("stadtwerke", "another secret")}
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert vendor.post("/oauth/token", form, headers=again).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize("resource", ["https://elsewhere.example/", "http://localhost/oauth", "x"])
def test_a_refresh_can_not_lead_to_another_resource(person, vendor, house, resource):
    tokens = tokens_for(person, vendor)

    with nothing_changes(house):
        assert refused(vendor.refreshes(tokens["refresh_token"], resource=resource), "invalid_target")

    assert vendor.refreshes(tokens["refresh_token"]).status_code == 200


def test_another_vendor_can_not_kill_a_family_with_a_rotated_token(person, vendor, other, house):
    tokens = tokens_for(person, vendor)
    fresh = vendor.refreshes(tokens["refresh_token"]).json

    with nothing_changes(house):
        assert refused(other.refreshes(tokens["refresh_token"]), "invalid_grant")

    assert vendor.reads(fresh["access_token"]).status_code == 200


def test_tokens_are_dead_after_the_vendor_was_removed_and_do_not_return_with_its_name(app, person, vendor, house):
    tokens = tokens_for(person, vendor)
    house.database.write(registry.remove, "stadtwerke")

    with nothing_changes(house):
        assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_client", status=401)
        assert refused(vendor.reads(tokens["access_token"]), "invalid_token", status=401)
    again = VendorActor(app, house, "stadtwerke")
    with nothing_changes(house):
        assert refused(again.refreshes(tokens["refresh_token"]), "invalid_grant")
        assert refused(again.reads(tokens["access_token"]), "invalid_token", status=401)


@pytest.mark.parametrize("scope", ["openid email", "openid offline_access", "admin", "openid openid profile", "OPENID"])
def test_a_refresh_can_not_widen_the_scope(person, vendor, house, scope):
    tokens = tokens_for(person, vendor)

    with nothing_changes(house):
        assert refused(vendor.refreshes(tokens["refresh_token"], scope=scope), "invalid_scope")

    assert vendor.refreshes(tokens["refresh_token"]).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize(
    "more",
    [
        {"claims": '{"userinfo": {"birthdate": {"essential": true}}}'},
        {"audience": "other"},
        {"authorization_details": '[{"type": "everything"}]'},
        {"attributes": "birthdate"},
    ],
)
def test_a_refresh_can_not_widen_anything_else(person, vendor, more):
    person.allows(person.opens(vendor.link(["email", "birthdate"])), only=["email", "birthdate"])
    tokens = tokens_for(person, vendor, ["email"], prompt="consent")

    fresh = vendor.refreshes(tokens["refresh_token"], **more).json

    assert fresh["scope"] == tokens["scope"]
    assert vendor.reads(fresh["access_token"]).json.keys() == {"sub", "email", "email_verified"}
    assert fresh.keys() == tokens.keys()
    assert vendor.introspects(fresh["access_token"])["aud"] == "stadtwerke"


def test_a_refresh_may_narrow_the_scope_for_one_access_token(person, vendor):
    tokens = tokens_for(person, vendor, ["email", "phone_number"], scope="openid email phone", without=["claims"])

    narrow = vendor.refreshes(tokens["refresh_token"], scope="openid phone").json
    wide = vendor.refreshes(narrow["refresh_token"]).json

    assert (narrow["scope"], wide["scope"]) == ("openid phone", "openid email phone")
    assert vendor.reads(narrow["access_token"]).json.keys() == {"sub", "phone_number", "phone_number_verified"}
    assert "email" in vendor.reads(wide["access_token"]).json


def test_no_token_outlives_the_consent(person, vendor, clock, house):
    page = person.opens(vendor.link(["email"]))
    answer = vendor.receives(person.allows(page, only=["email"], until="2027-01-16"))
    tokens = vendor.redeems(answer["code"]).json
    end = rows(house, "grants")[0]["expires_at"]
    clock.now = end - 10

    fresh = vendor.refreshes(tokens["refresh_token"]).json

    assert fresh["expires_in"] == 10
    assert {vendor.introspects(fresh[name])["exp"] for name in ("access_token", "refresh_token")} == {end}
    assert vendor.reads(fresh["access_token"]).status_code == 200
    clock.now = end
    with nothing_changes(house):
        assert refused(vendor.reads(fresh["access_token"]), "invalid_token", status=401)
        assert refused(vendor.refreshes(fresh["refresh_token"]), "invalid_grant")
        assert vendor.introspects(fresh["access_token"]) == {"active": False}


def test_a_refresh_token_nobody_used_for_ninety_days_has_expired(person, vendor, clock, house):
    tokens = tokens_for(person, vendor)
    clock.now += 90 * DAY

    with nothing_changes(house):
        assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")


def test_an_access_token_lasts_an_hour(person, vendor, clock, house):
    tokens = tokens_for(person, vendor)
    clock.now += 3599
    assert vendor.reads(tokens["access_token"]).status_code == 200

    clock.now += 1
    with nothing_changes(house):
        assert refused(vendor.reads(tokens["access_token"]), "invalid_token", status=401)
        assert vendor.introspects(tokens["access_token"]) == {"active": False}


@on_sqlite_alone
def test_only_a_refresh_token_is_a_refresh_token(person, vendor, house):
    tokens = tokens_for(person, vendor)
    good = tokens["refresh_token"]
    others = [tokens[name] for name in ("access_token", "id_token", "consent_token", "grant_id")]

    with nothing_changes(house):
        for text in (*others, good[:-2], good + "A", good + "=", good.swapcase(), "x", "ü", "a" * 10_000):
            assert refused(vendor.refreshes(text), "invalid_grant")
        assert refused(vendor.refreshes(""), "invalid_request")

    assert vendor.refreshes(good).status_code == 200


@on_sqlite_alone
def test_a_vendor_not_registered_for_refreshing_gets_no_refresh_token_and_can_use_none(app, person, vendor, house):
    frugal = VendorActor(app, house, "frugal", grant_types=["authorization_code"])
    theirs = tokens_for(person, vendor)["refresh_token"]

    assert "refresh_token" not in tokens_for(person, frugal)
    with nothing_changes(house):
        assert refused(frugal.refreshes(theirs), "unauthorized_client")


def test_refresh_tokens_are_stored_only_as_digests(person, vendor, house):
    tokens = tokens_for(person, vendor)

    stored = str(rows(house, "tokens"))

    assert not any(tokens[name] in stored for name in ("access_token", "refresh_token"))
