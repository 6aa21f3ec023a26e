"""A vendor's own view of its grant (Grant Management for OAuth 2.0): look up, end, merge, replace; never another's."""

import pytest
from actors import VendorActor
from dpop import ProvingVendor, ath
from journeys import refused, sent_back, tokens_for
from storage import nothing_changes, on_sqlite_alone, rows
from werkzeug.datastructures import Headers

from consent.receipts import payload_of
from consent.record import of_receipt

SCOPES = "openid grant_management_query grant_management_revoke"


@pytest.fixture
def manager(app, house):
    """A vendor that registered to manage its grants."""
    return VendorActor(app, house, "stadtwerke", scope=SCOPES)


@pytest.fixture
def tokens(person, manager):
    return tokens_for(person, manager, ["email", "given_name"], scope=SCOPES)


def calls(vendor, method, grant_id, access_token):
    headers = {"Authorization": f"Bearer {access_token}"}
    return vendor.client.open(f"/oauth/grants/{grant_id}", method=method, headers=headers)


def test_a_vendor_sees_what_was_granted_by_name_and_never_a_value(manager, tokens, clock):
    answer = calls(manager, "GET", tokens["grant_id"], tokens["access_token"])

    assert answer.status_code == 200
    assert answer.json["claims"] == ["email", "given_name"]
    assert answer.json["granted_at"] == clock()
    assert answer.json["consent_token"] == tokens["consent_token"]
    assert "ana@example.org" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_vendor_ends_its_grant_and_everything_under_it(person, manager, tokens):
    answer = calls(manager, "DELETE", tokens["grant_id"], tokens["access_token"])

    assert answer.status_code == 204
    assert manager.reads(tokens["access_token"]).status_code == 401
    assert refused(manager.refreshes(tokens["refresh_token"]), "invalid_grant")
    assert person.log()[-3:] == ["revoked", "failed", "failed"]
    assert "Stadtwerke ended its access itself." in person.browser.get(f"/vendors/{tokens['grant_id']}").text
    last = max(rows(person.house, "receipts"), key=lambda row: row["number"])
    status = of_receipt(payload_of(last["document"]))["dpv:hasConsentStatus"][-1]
    assert (status["@type"], status["dpv:isIndicatedBy"]) == (["dpv:ConsentRevoked"], "stadtwerke")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_token_without_the_scope_may_not(person, manager, house, method):
    tokens = tokens_for(person, manager)

    with nothing_changes(house):
        answer = calls(manager, method, tokens["grant_id"], tokens["access_token"])

    assert (answer.status_code, answer.json["error"]) == (403, "insufficient_scope")
    assert "grant_management" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_another_grant_is_not_there(app, house, person, manager, tokens, method):
    other = VendorActor(app, house, "nordsparkasse", redirect_uris=["https://nordsparkasse.example/back"], scope=SCOPES)
    theirs = tokens_for(person, other, scope=SCOPES)

    with nothing_changes(house):
        foreign = calls(manager, method, theirs["grant_id"], tokens["access_token"])
        guess = calls(manager, method, "guess", tokens["access_token"])
        nobody = calls(manager, method, tokens["grant_id"], "guess")

    assert [answer.status_code for answer in (foreign, guess, nobody)] == [404, 404, 401]
    assert "access token is not of that grant" in foreign.json["error_description"]
    assert foreign.json == guess.json


def test_who_did_not_register_the_scopes_does_not_get_them(person, vendor):
    assert tokens_for(person, vendor, scope=SCOPES)["scope"] == "openid"


def test_merging_keeps_what_was_granted_before(person, manager, tokens):
    link = manager.link(["birthdate"], grant_id=tokens["grant_id"], grant_management_action="merge")

    person.allows(person.opens(link), only=["birthdate"])

    seen = calls(manager, "GET", tokens["grant_id"], tokens["access_token"]).json
    assert seen["claims"] == ["birthdate", "email", "given_name"]


def test_replacing_ends_what_is_not_asked_again_and_the_person_is_told(person, manager, tokens):
    link = manager.link(["birthdate"], grant_id=tokens["grant_id"], grant_management_action="replace")
    page = person.opens(link)

    person.allows(page, only=["birthdate"])

    assert "begins anew" in page.text
    seen = calls(manager, "GET", tokens["grant_id"], tokens["access_token"]).json
    assert seen["claims"] == ["birthdate"]
    assert "email" not in manager.reads(tokens["access_token"]).json


def test_replacing_is_never_answered_without_the_person(person, manager, tokens, house):
    asked = {"grant_id": tokens["grant_id"], "grant_management_action": "replace", "prompt": "none"}

    with nothing_changes(house):
        answer = sent_back(person.browser.get(manager.link(["email"], **asked)), manager)

    assert answer["error"] == "interaction_required"


@on_sqlite_alone
@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"grant_management_action": "replace"}, "invalid_request"),
        ({"grant_id": "mine"}, "invalid_request"),
        ({"grant_id": "mine", "grant_management_action": "create"}, "invalid_request"),
        ({"grant_id": "guess", "grant_management_action": "merge"}, "invalid_grant_id"),
        ({"grant_id": "theirs", "grant_management_action": "merge"}, "invalid_grant_id"),
        ({"grant_id": "ended", "grant_management_action": "merge"}, "invalid_grant_id"),
    ],
)
def test_a_grant_that_is_not_a_living_one_of_this_vendor_can_not_be_named(
    app, house, person, manager, tokens, asked, error
):
    other = VendorActor(app, house, "nordsparkasse", redirect_uris=["https://nordsparkasse.example/back"])
    known = {"mine": tokens["grant_id"], "theirs": tokens_for(person, other)["grant_id"]}
    if asked.get("grant_id") == "ended":
        known["ended"] = tokens["grant_id"]
        person.revokes(tokens["grant_id"])
    asked = {name: known.get(value, value) for name, value in asked.items()}

    with nothing_changes(house):
        answer = sent_back(person.browser.get(manager.link(["email"], **asked)), manager)

    assert answer["error"] == error


@on_sqlite_alone
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_bound_token_manages_nothing_without_its_key(app, house, person, method):
    vendor = ProvingVendor(app, house, "stadtwerke", scope=SCOPES)
    tokens = tokens_for(person, vendor, ["email"], scope=SCOPES)
    path, token = f"/oauth/grants/{tokens['grant_id']}", tokens["access_token"]
    thief = ProvingVendor(app, house, "thief")

    def calls(scheme, *proofs):
        headers = Headers([("Authorization", f"{scheme} {token}"), *(("DPoP", proof) for proof in proofs)])
        return vendor.client.open(path, method=method, headers=headers)

    with nothing_changes(house):
        answers = [
            calls("Bearer"),
            calls("Bearer", vendor.proof(method, path, ath=ath(token))),
            calls("DPoP"),
            calls("DPoP", thief.proof(method, path, ath=ath(token))),
            calls("DPoP", vendor.proof(method, path)),
            calls("DPoP", vendor.proof(method, "/oauth/userinfo", ath=ath(token))),
            calls("DPoP", vendor.proof("POST", path, ath=ath(token))),
        ]

    assert [answer.status_code for answer in answers] == [401] * 7
    assert calls("DPoP", vendor.proof(method, path, ath=ath(token))).status_code in {200, 204}
