"""A vendor ends a token (RFC 7009), a person ends a grant: both show on the very next request."""

import pytest
from actors import VendorActor
from journeys import refused, tokens_for
from storage import nothing_changes, on_sqlite_alone, rows


@pytest.fixture
def other(app, house):
    return VendorActor(app, house, "other")


@pytest.fixture
def public(app, house):
    return VendorActor(app, house, "public", token_endpoint_auth_method="none")


def revokes(vendor, token, **more):
    return vendor.post("/oauth/revoke", {"token": token, **more})


def test_a_revoked_refresh_token_takes_its_family_along(person, vendor):
    tokens = tokens_for(person, vendor)
    fresh = vendor.refreshes(tokens["refresh_token"]).json

    response = revokes(vendor, fresh["refresh_token"])

    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    assert refused(vendor.refreshes(fresh["refresh_token"]), "invalid_grant")
    assert refused(vendor.reads(fresh["access_token"]), "invalid_token", status=401)
    assert refused(vendor.reads(tokens["access_token"]), "invalid_token", status=401)


def test_a_revoked_access_token_goes_alone(person, vendor):
    tokens = tokens_for(person, vendor)

    assert revokes(vendor, tokens["access_token"]).status_code == 200

    assert refused(vendor.reads(tokens["access_token"]), "invalid_token", status=401)
    assert vendor.refreshes(tokens["refresh_token"]).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "id_token", "nonsense", "ü"])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_wrong_hint_is_only_a_hint(person, vendor, kind, hint):
    tokens = tokens_for(person, vendor)

    assert revokes(vendor, tokens[kind], token_type_hint=hint).status_code == 200

    assert vendor.introspects(tokens[kind]) == {"active": False}


def test_another_vendor_revokes_nothing_and_learns_nothing(person, vendor, other, public, house):
    tokens = tokens_for(person, vendor)

    with nothing_changes(house):
        answers = [
            revokes(thief, token)
            for thief in (other, public)
            for token in (tokens["access_token"], tokens["refresh_token"], "never existed")
        ]

    assert {(answer.status_code, answer.text) for answer in answers} == {(200, "{}")}
    assert vendor.reads(tokens["access_token"]).status_code == 200
    assert vendor.refreshes(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({}, {}),
        ({"client_id": "stadtwerke"}, {}),
        ({"client_id": "stadtwerke", "client_secret": "wrong"}, {}),
        ({"client_id": "nobody"}, {}),
        ({}, {"Authorization": "Basic c3RhZHR3ZXJrZTp3cm9uZw=="}),
        ({}, {"Authorization": "Bearer x"}),
    ],
)
def test_a_confidential_vendor_that_does_not_prove_itself_revokes_nothing(person, vendor, house, form, headers):
    tokens = tokens_for(person, vendor)

    with nothing_changes(house):
        for token in (tokens["access_token"], tokens["refresh_token"]):
            response = vendor.post("/oauth/revoke", {"token": token, **form}, headers=headers)
            assert refused(response, "invalid_client", status=401)
            assert response.headers["WWW-Authenticate"].startswith("Basic ")


@on_sqlite_alone
def test_a_public_vendor_revokes_its_own_token_by_its_name(person, public):
    tokens = tokens_for(person, public)

    assert revokes(public, tokens["refresh_token"]).status_code == 200

    assert public.reads(tokens["access_token"]).status_code == 401


@on_sqlite_alone
def test_revoking_what_is_no_token_is_an_ordinary_200(person, vendor, house):
    tokens = tokens_for(person, vendor)

    with nothing_changes(house):
        for text in ("x", "ü", "a" * 5000, tokens["id_token"], tokens["consent_token"], tokens["grant_id"]):
            assert revokes(vendor, text).status_code == 200
        assert refused(revokes(vendor, ""), "invalid_request")


@on_sqlite_alone
def test_revoking_twice_is_like_revoking_once(person, vendor, house):
    tokens = tokens_for(person, vendor)
    revokes(vendor, tokens["refresh_token"])

    with nothing_changes(house):
        assert revokes(vendor, tokens["refresh_token"]).status_code == 200
        assert revokes(vendor, tokens["access_token"]).status_code == 200


def test_when_the_person_revokes_the_very_next_request_of_any_kind_fails(person, vendor, house):
    tokens = tokens_for(person, vendor)
    assert vendor.reads(tokens["access_token"]).status_code == 200

    person.revokes(tokens["grant_id"])

    with nothing_changes(house):
        assert refused(vendor.reads(tokens["access_token"]), "invalid_token", status=401)
        assert vendor.introspects(tokens["access_token"]) == {"active": False}
        assert vendor.introspects(tokens["refresh_token"]) == {"active": False}
        assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")
        assert refused(vendor.asserts(tokens["consent_token"]), "invalid_grant")
    assert person.log() == ["asked", "granted", "redeemed", "read", "revoked", *["failed"] * 3]


def test_what_the_person_revoked_does_not_come_back_with_a_new_answer(person, vendor, house):
    before = tokens_for(person, vendor)
    person.revokes(before["grant_id"])

    after = tokens_for(person, vendor)

    assert after["grant_id"] != before["grant_id"]
    with nothing_changes(house):
        assert vendor.reads(before["access_token"]).status_code == 401
        assert refused(vendor.refreshes(before["refresh_token"]), "invalid_grant")
        assert refused(vendor.asserts(before["consent_token"]), "invalid_grant")
    assert vendor.reads(after["access_token"]).status_code == 200


def test_revoking_at_one_vendor_leaves_the_other_alone(person, vendor, other):
    here, there = tokens_for(person, vendor), tokens_for(person, other)

    person.revokes(here["grant_id"])

    assert vendor.reads(here["access_token"]).status_code == 401
    assert other.reads(there["access_token"]).status_code == 200


def test_when_the_person_narrows_the_next_read_lacks_the_attribute(person, vendor):
    tokens = tokens_for(person, vendor, ["email", "birthdate"])
    assert "birthdate" in vendor.reads(tokens["access_token"]).json

    person.allows(person.opens(vendor.link(["email", "birthdate"], prompt="consent")), only=["email"])

    assert vendor.reads(tokens["access_token"]).json.keys() == {"sub", "email", "email_verified"}
    fresh = vendor.refreshes(tokens["refresh_token"]).json
    assert "birthdate" not in vendor.reads(fresh["access_token"]).json
    assert person.ledger()[-1].detail["attributes"] == ["email"]


def test_when_the_person_widens_old_tokens_read_no_more_than_they_asked_for(person, vendor):
    tokens = tokens_for(person, vendor, ["email"])

    tokens_for(person, vendor, ["email", "birthdate"])

    assert "birthdate" not in vendor.reads(tokens["access_token"]).json


def test_a_refusal_changes_nothing_about_what_was_granted_before(person, vendor, house):
    tokens = tokens_for(person, vendor)
    grants = rows(house, "grants")

    person.refuses(person.opens(vendor.link(["email", "birthdate"])))

    assert rows(house, "grants") == grants
    assert vendor.reads(tokens["access_token"]).status_code == 200
