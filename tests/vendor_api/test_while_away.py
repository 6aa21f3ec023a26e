"""Signing out ends what vendors got through it, unless the person gave them access while away (offline_access)."""

import json

import jwt
import pytest
from actors import VendorActor
from journeys import refused, sent_back
from reading import words

SCOPE = "openid offline_access"


@pytest.fixture
def vendor(app, house):
    return VendorActor(app, house, "stadtwerke", scope="openid email offline_access")


def redeemed(person, vendor, only, **changed):
    page = person.opens(vendor.link(["email"], **{"scope": SCOPE, **changed}))
    return vendor.redeems(vendor.receives(person.allows(page, only=only))["code"]).json


def test_what_was_not_given_for_while_away_ends_when_the_person_signs_out(person, vendor):
    tokens = redeemed(person, vendor, ["email"], scope="openid")
    renewed = vendor.refreshes(tokens["refresh_token"]).json

    person.signs_out()

    assert vendor.reads(renewed["access_token"]).status_code == 401
    assert refused(vendor.refreshes(renewed["refresh_token"]), "invalid_grant")


def test_what_was_given_for_while_away_goes_on(person, vendor):
    tokens = redeemed(person, vendor, ["email", "offline_access"])

    person.signs_out()

    assert tokens["scope"] == SCOPE
    assert vendor.reads(tokens["access_token"]).json["email"] == "ana@example.org"
    assert "access_token" in vendor.refreshes(tokens["refresh_token"]).json


def test_it_is_for_the_person_to_give(person, vendor):
    page = person.opens(vendor.link(["email"], scope=SCOPE))

    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json

    assert "Access while you are away" in words(page)
    assert tokens["scope"] == "openid"
    person.signs_out()
    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")


def test_it_is_no_datum_and_stands_in_the_consent_token_as_what_it_is(person, vendor):
    tokens = redeemed(person, vendor, ["email", "offline_access"])

    said = jwt.decode(tokens["consent_token"], options={"verify_signature": False})

    assert said["w:access"]["whileAway"] is True
    assert "offline_access" not in json.dumps(said["consent"])
    assert vendor.reads(tokens["access_token"]).json.keys() == {"email", "email_verified", "sub"}


def test_another_browser_of_the_same_person_keeps_what_it_gave(app, house, person, vendor, moves_in):
    first = redeemed(person, vendor, ["email"], scope="openid")
    elsewhere = type(person)(app, house, person.person, password=person.password)
    elsewhere.opens(vendor.link(["email"]))
    second = vendor.redeems(sent_back(elsewhere.browser.get(vendor.link(["email"])), vendor)["code"]).json

    person.signs_out()

    assert vendor.reads(first["access_token"]).status_code == 401
    assert vendor.reads(second["access_token"]).status_code == 200


def test_who_proves_again_who_they_are_loses_nothing_and_signs_out_as_before(person, vendor, clock):
    tokens = redeemed(person, vendor, ["email"], scope="openid")
    clock.now += 60
    person.signs_in()

    assert vendor.reads(tokens["access_token"]).status_code == 200
    person.signs_out()
    assert vendor.reads(tokens["access_token"]).status_code == 401


def test_a_code_on_its_way_ends_too(person, vendor, house):
    page = person.opens(vendor.link(["email"]))
    code = vendor.receives(person.allows(page, only=["email"]))["code"]

    person.signs_out()

    assert refused(vendor.redeems(code), "invalid_grant")


def test_the_consent_token_still_stands_for_what_was_granted(person, vendor):
    tokens = redeemed(person, vendor, ["email"], scope="openid")

    person.signs_out()

    assert vendor.asserts(tokens["consent_token"]).status_code == 200
