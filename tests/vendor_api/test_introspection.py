"""What a token is worth (RFC 7662): told to the vendor it was given to, and to nobody else."""

import pytest
from actors import VendorActor, basic
from journeys import refused, tokens_for
from storage import nothing_changes, on_sqlite_alone


def test_a_vendor_learns_what_its_tokens_are_worth_and_no_data(person, vendor, house):
    tokens = tokens_for(person, vendor)

    access, refresh = vendor.introspects(tokens["access_token"]), vendor.introspects(tokens["refresh_token"])

    assert access == {
        "active": True,
        "iss": "http://localhost",
        "client_id": "stadtwerke",
        "sub": vendor.reads(tokens["access_token"]).json["sub"],
        "aud": "stadtwerke",
        "scope": "openid",
        "token_type": "Bearer",
        "iat": house.clock(),
        "exp": house.clock() + 3600,
        "grant_id": tokens["grant_id"],
    }
    assert (refresh["active"], refresh["token_type"]) == (True, "refresh_token")
    assert "ana@example.org" not in str((access, refresh))


def test_looking_leaves_no_trace_in_the_ledger(person, vendor, house):
    tokens = tokens_for(person, vendor)

    with nothing_changes(house):
        vendor.introspects(tokens["access_token"])


def test_the_token_of_another_vendor_is_inactive(app, person, vendor, house):
    tokens, other = tokens_for(person, vendor), VendorActor(app, house, "other")

    with nothing_changes(house):
        assert other.introspects(tokens["access_token"]) == {"active": False}
        assert other.introspects(tokens["refresh_token"]) == {"active": False}


def test_a_rotated_token_is_inactive_and_looking_at_it_kills_nothing(person, vendor, house):
    tokens = tokens_for(person, vendor)
    fresh = vendor.refreshes(tokens["refresh_token"]).json

    with nothing_changes(house):
        assert vendor.introspects(tokens["refresh_token"]) == {"active": False}

    assert vendor.introspects(fresh["access_token"])["active"] is True


@on_sqlite_alone
def test_what_is_no_token_is_inactive(person, vendor, house):
    tokens = tokens_for(person, vendor)

    with nothing_changes(house):
        for text in ("x", "ü", "a" * 5000, tokens["id_token"], tokens["consent_token"], tokens["grant_id"]):
            assert vendor.introspects(text) == {"active": False}
        assert refused(vendor.post("/oauth/introspect", {"token": ""}), "invalid_request")


@on_sqlite_alone
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense"])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_wrong_hint_is_only_a_hint(person, vendor, kind, hint):
    token = tokens_for(person, vendor)[kind]

    assert vendor.post("/oauth/introspect", {"token": token, "token_type_hint": hint}).json["active"] is True


@on_sqlite_alone
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": basic("stadtwerke", "wrong")}, {"Authorization": basic("nobody", "x")}]
)
def test_nobody_is_told_anything_without_proof(person, vendor, house, headers):
    token = tokens_for(person, vendor)["access_token"]

    with nothing_changes(house):
        response = vendor.post("/oauth/introspect", {"token": token, "client_id": "stadtwerke"}, headers=headers)

    assert (response.status_code, "active" in response.text) in {(401, False), (400, False)}


@on_sqlite_alone
def test_a_public_vendor_proves_nothing_and_is_told_nothing(app, person, house):
    public = VendorActor(app, house, "public", token_endpoint_auth_method="none")
    token = tokens_for(person, public)["access_token"]

    assert refused(public.post("/oauth/introspect", {"token": token}), "invalid_client", status=401)
