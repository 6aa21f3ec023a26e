"""Attributes and purposes as one list of details (RFC 9396): understood wholly or refused, and answered in kind."""

import json

import pytest
from actors import VendorActor
from journeys import refused, sent_back
from reading import words
from storage import nothing_changes, on_sqlite_alone

TYPE = "urn:hausrecht:consent"
DETAILS = [
    {"type": TYPE, "attributes": ["email"], "purpose": "To send your bill", "essential": True},
    {"type": TYPE, "attributes": ["birthdate", "given_name"], "purpose": "To find a tariff"},
    {"type": TYPE, "attributes": ["family_name"]},
]
DIGEST = "sha-256:" + 64 * "a"
WRONG_LIMITS = [
    {},
    [],
    "once",
    {"actions": "read"},
    {"mode": "STORE"},
    {"mode": ["view"]},
    {"fetch": "often"},
    {"fetch": "once", "frequency": {"value": 1, "unit": "day"}},
    {"frequency": 4},
    {"frequency": {"value": 4}},
    {"frequency": {"value": 4, "unit": "fortnight"}},
    {"frequency": {"value": 4, "unit": ["day"]}},
    {"frequency": {"value": 0, "unit": "day"}},
    {"frequency": {"value": -1, "unit": "day"}},
    {"frequency": {"value": True, "unit": "day"}},
    {"frequency": {"value": 1.5, "unit": "day"}},
    {"frequency": {"value": 10**20, "unit": "day"}},
    {"frequency": {"value": 1, "unit": "day", "more": 1}},
    {"data_life": {"value": 30, "unit": "day"}},
    {"mode": "store", "data_life": {"value": 1001, "unit": "year"}},
    {"until": "2027-01-01"},
    {"until": 10**15},
    {"until": -1},
]
WRONG_TERMS = [
    {},
    "https://shop.example/terms",
    {"uri": "https://shop.example/terms"},
    {"uri": "http://shop.example/terms", "digest": DIGEST},
    {"uri": "javascript:alert(1)", "digest": DIGEST},
    {"uri": "https://shop.example/terms", "digest": "a" * 64},
    {"uri": "https://shop.example/terms", "digest": DIGEST.upper()},
    {"uri": "https://shop.example/terms", "digest": DIGEST, "version": 2},
]


@pytest.fixture
def vendor(app, house):
    return VendorActor(app, house, "stadtwerke", authorization_details_types=[TYPE])


def test_the_person_is_asked_with_each_purpose_and_the_vendor_told_what_was_granted(person, vendor):
    page = person.opens(vendor.link(authorization_details=json.dumps(DETAILS)))

    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["given_name"]))["code"]).json

    said = words(page)
    assert "To send your bill" in said
    assert "To find a tariff" in said
    assert "no reason given" in said
    first, second = tokens["authorization_details"]
    assert first == {**DETAILS[0], "until": first["until"]}
    assert second == {**DETAILS[1], "attributes": ["given_name"], "until": first["until"]}
    assert vendor.introspects(tokens["access_token"])["authorization_details"] == [first, second]
    assert vendor.reads(tokens["access_token"]).json.keys() == {"email", "email_verified", "given_name", "sub"}


def test_refusing_what_is_essential_is_a_refusal(person, vendor):
    page = person.opens(vendor.link(authorization_details=json.dumps(DETAILS)))

    assert vendor.receives(person.refuses(page))["error"] == "access_denied"


def test_what_was_answered_by_details_need_not_be_asked_again(person, vendor):
    link = {"authorization_details": json.dumps(DETAILS)}
    person.allows(person.opens(vendor.link(**link)), only=["given_name"])

    assert "code" in sent_back(person.browser.get(vendor.link(**link, prompt="none")), vendor)


def test_another_purpose_is_asked_anew(person, vendor, house):
    person.allows(person.opens(vendor.link(authorization_details=json.dumps(DETAILS[:1]))))
    other = json.dumps([{**DETAILS[0], "purpose": "To advertise"}])

    with nothing_changes(house):
        answer = sent_back(person.browser.get(vendor.link(authorization_details=other, prompt="none")), vendor)

    assert answer["error"] == "consent_required"


def test_what_was_narrowed_on_the_way_is_not_promised(person, vendor):
    page = person.opens(vendor.link(authorization_details=json.dumps(DETAILS)))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["given_name"]))["code"]).json

    person.revokes(tokens["grant_id"])

    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")
    assert vendor.introspects(tokens["access_token"]) == {"active": False}


@on_sqlite_alone
@pytest.mark.parametrize(
    "wrong",
    [
        "x",
        "{}",
        "[]",
        "[7]",
        "null",
        json.dumps(DETAILS[:1] * 21),
        json.dumps([{"attributes": ["email"]}]),
        json.dumps([{"type": "payment", "attributes": ["email"]}]),
        json.dumps([{"type": TYPE}]),
        json.dumps([{"type": TYPE, "attributes": []}]),
        json.dumps([{"type": TYPE, "attributes": "email"}]),
        json.dumps([{"type": TYPE, "attributes": ["sub"]}]),
        json.dumps([{"type": TYPE, "attributes": [7]}]),
        json.dumps([{"type": TYPE, "attributes": ["e mail"]}]),
        json.dumps([{"type": TYPE, "attributes": ["email"], "purpose": ""}]),
        json.dumps([{"type": TYPE, "attributes": ["email"], "purpose": 7}]),
        json.dumps([{"type": TYPE, "attributes": ["email"], "essential": "yes"}]),
        json.dumps([{"type": TYPE, "attributes": ["email"], "actions": ["read"]}]),
        json.dumps([DETAILS[0], {"type": TYPE}]),
        *(json.dumps([{"type": TYPE, "attributes": ["email"], "limits": limits}]) for limits in WRONG_LIMITS),
        *(json.dumps([{"type": TYPE, "attributes": ["email"], "terms": terms}]) for terms in WRONG_TERMS),
    ],
)
def test_what_is_not_understood_wholly_is_refused(person, vendor, house, wrong):
    with nothing_changes(house):
        answer = sent_back(person.browser.get(vendor.link(authorization_details=wrong)), vendor)

    assert answer["error"] == "invalid_authorization_details"
