"""What a person changes on a vendor's page counts at the vendor's very next request, whatever it is."""

import json

import jwt
import pytest
from actors import VendorActor
from journeys import code_for, refused, sent_back, tokens_for
from reading import words
from storage import nothing_changes

from vendor_api.vendors.metadata import CONSENT_DETAIL

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"

DAY = 24 * 3600
GRANT_TYPES = ["authorization_code", "refresh_token", EXCHANGE, "urn:ietf:params:oauth:grant-type:jwt-bearer"]
SCOPES = "openid grant_management_query grant_management_revoke"


@pytest.fixture
def vendor(app, house):
    """One that registered for all there is."""
    return VendorActor(app, house, "stadtwerke", grant_types=GRANT_TYPES, scope=f"{SCOPES} email")


@pytest.fixture
def tokens(person, vendor):
    return tokens_for(person, vendor, ["email", "birthdate"], scope=SCOPES)


@pytest.fixture
def changes(person, tokens):
    """Sends one of the forms of the vendor's page."""

    def changes(what, **fields):
        page = f"/vendors/{tokens['grant_id']}"
        return person.browser.post(f"{page}/{what}", form_at=page, **fields)

    return changes


def exchanges(vendor, token):
    form = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN}
    return vendor.post("/oauth/token", form)


def contents_of(id_token):
    return jwt.decode(id_token, options={"verify_signature": False})


def manages(vendor, method, tokens):
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return vendor.client.open(f"/oauth/grants/{tokens['grant_id']}", method=method, headers=headers)


def test_while_paused_the_next_request_of_any_kind_is_refused_and_says_why(person, vendor, tokens, changes, house):
    code = sent_back(person.browser.get(vendor.link(["email"])), vendor)["code"]

    changes("pause")

    with nothing_changes(house):
        read = vendor.reads(tokens["access_token"])
        assert refused(read, "invalid_token", status=401)
        assert 'error="invalid_token"' in read.headers["WWW-Authenticate"]
        for answer in (
            vendor.redeems(code),
            vendor.refreshes(tokens["refresh_token"]),
            vendor.asserts(tokens["consent_token"]),
            exchanges(vendor, tokens["access_token"]),
        ):
            assert refused(answer, "invalid_grant")
            assert "paused" in answer.json["error_description"]
        for kind in ("access_token", "refresh_token"):
            assert vendor.introspects(tokens[kind]) == {"active": False}
    assert "paused" in read.json["error_description"]


def test_what_was_refused_while_paused_works_again_afterwards(person, vendor, tokens, changes):
    code = sent_back(person.browser.get(vendor.link(["email"])), vendor)["code"]
    changes("pause")
    vendor.redeems(code)
    vendor.refreshes(tokens["refresh_token"])

    changes("resume")

    assert vendor.reads(tokens["access_token"]).json["email"] == "ana@example.org"
    assert vendor.introspects(tokens["access_token"])["active"]
    assert vendor.redeems(code).status_code == 200
    assert vendor.refreshes(tokens["refresh_token"]).status_code == 200
    assert vendor.asserts(tokens["consent_token"]).status_code == 200


def test_a_pause_with_a_last_day_goes_on_by_itself(vendor, tokens, changes, clock):
    changes("pause", until="2027-01-15")
    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")

    clock.now += 24 * 3600

    assert vendor.refreshes(tokens["refresh_token"]).status_code == 200


def test_while_paused_nobody_is_signed_in_without_the_page(person, vendor, tokens, changes, house):
    changes("pause")

    with nothing_changes(house):
        answer = sent_back(person.browser.get(vendor.link(["email"], prompt="none")), vendor)
    page = person.opens(vendor.link(["email"]))

    assert answer["error"] == "consent_required"
    assert "You have paused Stadtwerke" in words(page)


def test_allowing_on_the_page_lets_it_go_on_and_refusing_does_not(person, vendor, tokens, changes):
    changes("pause")

    assert vendor.receives(person.refuses(person.opens(vendor.link(["email"]))))["error"] == "access_denied"
    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")

    code = vendor.receives(person.allows(person.opens(vendor.link(["email"])), only=["email"]))["code"]
    assert vendor.redeems(code).status_code == 200
    assert vendor.reads(tokens["access_token"]).json.keys() >= {"email", "birthdate"}
    assert "reads nothing until" not in words(person.browser.get(f"/vendors/{tokens['grant_id']}"))


def test_an_answer_that_was_paused_before_it_left_gives_no_code(person, vendor, tokens, changes, house):
    page = person.opens(vendor.link(["email", "nickname"]))
    person.answers(page, "none")
    answered = person.browser.post(page.request.path, answer="allow", until="2027-02-01")
    changes("pause")

    with nothing_changes(house):
        late = person.browser.get(answered.location)

    assert late.status_code == 409
    assert "You have paused this vendor meanwhile" in words(late)


def test_a_vendor_may_look_a_paused_grant_up_and_end_it(vendor, tokens, changes):
    assert "paused" not in manages(vendor, "GET", tokens).json

    changes("pause")

    seen = manages(vendor, "GET", tokens)
    assert (seen.status_code, seen.json["paused"], seen.json["claims"]) == (200, True, ["birthdate", "email"])
    assert manages(vendor, "DELETE", tokens).status_code == 204
    assert manages(vendor, "GET", tokens).status_code == 401


def test_a_vendor_may_revoke_its_tokens_while_paused(vendor, tokens, changes):
    changes("pause")
    vendor.post("/oauth/revoke", {"token": tokens["refresh_token"]})

    changes("resume")

    assert refused(vendor.reads(tokens["access_token"]), "invalid_token", status=401)


def test_what_is_taken_back_is_missing_at_the_next_request_of_any_kind(vendor, tokens, changes):
    changes("narrow", attribute="email")

    assert vendor.reads(tokens["access_token"]).json.keys() == {"birthdate", "sub"}
    seen = manages(vendor, "GET", tokens).json
    assert (seen["claims"], seen["refused"]) == (["birthdate"], ["email"])
    fresh = vendor.refreshes(tokens["refresh_token"]).json
    assert fresh["consent_token"] == seen["consent_token"] != tokens["consent_token"]
    assert vendor.reads(fresh["access_token"]).json.keys() == {"birthdate", "sub"}
    assert refused(vendor.asserts(tokens["consent_token"]), "invalid_grant")
    renewed = vendor.asserts(fresh["consent_token"]).json
    assert vendor.reads(renewed["access_token"]).json.keys() == {"birthdate", "sub"}


def test_what_is_taken_back_is_missing_in_id_tokens_and_details(person, vendor, clock):
    details = json.dumps([{"type": CONSENT_DETAIL, "attributes": ["email", "nickname"]}])
    claims = json.dumps({"id_token": {"birthdate": None, "given_name": None}})
    person.has({"nickname": "Anni"})
    wanted = {"authorization_details": details, "claims": claims}
    page = person.opens(vendor.link([], **wanted))
    asked = ["email", "nickname", "birthdate", "given_name"]
    made = vendor.redeems(vendor.receives(person.allows(page, only=asked))["code"]).json
    assert contents_of(made["id_token"]).keys() >= {"birthdate", "given_name"}

    at = f"/vendors/{made['grant_id']}"
    person.browser.post(f"{at}/narrow", form_at=at, attribute=["email", "birthdate"])

    fresh = vendor.refreshes(made["refresh_token"]).json
    assert fresh["authorization_details"][0]["attributes"] == ["nickname"]
    told = vendor.introspects(fresh["access_token"])
    assert told["authorization_details"][0]["attributes"] == ["nickname"]
    again = vendor.redeems(sent_back(person.browser.get(vendor.link([], **wanted)), vendor)["code"]).json
    assert "given_name" in contents_of(again["id_token"])
    assert "birthdate" not in contents_of(again["id_token"])


def test_the_same_ask_brings_no_page_after_narrowing_unless_it_is_needed(person, vendor, tokens, changes):
    changes("narrow", attribute="email")

    assert "code" in sent_back(person.browser.get(vendor.link(["email", "birthdate"])), vendor)
    assert "asks for your data" in words(person.opens(vendor.link(["birthdate"], needing=["email"])))


def test_taking_back_access_while_away_ends_what_had_it(person, vendor, app, house):
    shop = VendorActor(app, house, "shop", scope="openid offline_access email")
    page = person.opens(shop.link([], scope="openid offline_access email", without=["claims"]))
    code = shop.receives(person.allows(page, only=["offline_access", "email"]))["code"]
    made = shop.redeems(code).json
    waiting = sent_back(
        person.browser.get(shop.link([], scope="openid offline_access email", without=["claims"])), shop
    )["code"]

    at = f"/vendors/{made['grant_id']}"
    person.browser.post(f"{at}/narrow", form_at=at, attribute="offline_access")

    assert refused(shop.refreshes(made["refresh_token"]), "invalid_grant")
    assert refused(shop.reads(made["access_token"]), "invalid_token", status=401)
    later = shop.redeems(waiting).json
    assert later["scope"] == "openid email"
    person.signs_out()
    assert refused(shop.reads(later["access_token"]), "invalid_token", status=401)


def test_tightened_limits_hold_at_the_next_read_and_stand_in_the_details(person, vendor, clock):
    often = {"frequency": {"value": 4, "unit": "month"}}
    asked = [{"type": CONSENT_DETAIL, "attributes": ["email", "birthdate"], "limits": often}]
    link = vendor.link([], authorization_details=json.dumps(asked))
    page = person.opens(link)
    made = vendor.redeems(vendor.receives(person.allows(page, only=["email", "birthdate"]))["code"]).json
    assert vendor.reads(made["access_token"]).json["email"]
    end = made["authorization_details"][0]["until"]

    at = f"/vendors/{made['grant_id']}"
    person.browser.post(f"{at}/tighten", form_at=at, attribute="email", often="month")

    answer = vendor.reads(made["access_token"]).json
    assert answer.keys() == {"birthdate", "sub", "withheld"}
    assert answer["withheld"]["email"]["error"] == "frequency_exceeded"
    plain, tight = vendor.refreshes(made["refresh_token"]).json["authorization_details"]
    assert plain == {**asked[0], "attributes": ["birthdate"], "until": end}
    assert (tight["attributes"], tight["until"]) == (["email"], end)
    assert tight["limits"] == {"mode": "view", "fetch": "periodic", "frequency": {"value": 1, "unit": "month"}}
    assert vendor.introspects(made["access_token"])["authorization_details"] == [plain, tight]
    assert "code" in sent_back(person.browser.get(link), vendor)


def test_a_vendor_that_replaces_the_grant_does_not_shake_tightened_limits_off(person, vendor, tokens, changes, clock):
    changes("tighten", attribute="email", often="once")
    assert vendor.reads(tokens["access_token"]).json["email"]

    clock.now += 60
    again = {"grant_management_action": "replace", "grant_id": tokens["grant_id"]}
    page = person.opens(vendor.link(["email"], **again))
    assert "reads it once" in words(page)
    made = vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json

    assert "email" in vendor.reads(made["access_token"]).json
    assert refused(vendor.reads(made["access_token"]), "already_fetched", status=403)


def test_another_last_day_counts_for_all_there_is(vendor, tokens, changes, clock):
    changes("prolong", until="2027-01-15")
    end = clock.now - clock.now % DAY + DAY

    seen = manages(vendor, "GET", tokens).json
    assert seen["expires_at"] == end
    assert vendor.introspects(tokens["refresh_token"])["exp"] == end
    fresh = vendor.refreshes(tokens["refresh_token"]).json
    assert fresh["consent_token"] == seen["consent_token"]
    clock.now = end
    assert refused(vendor.reads(fresh["access_token"]), "invalid_token", status=401)
    assert refused(vendor.refreshes(fresh["refresh_token"]), "invalid_grant")


def test_a_prolonged_grant_is_read_beyond_its_former_end(person, vendor, clock):
    page = person.opens(vendor.link(["email"]))
    made = vendor.redeems(vendor.receives(person.allows(page, only=["email"], until="2027-01-16"))["code"]).json
    at = f"/vendors/{made['grant_id']}"
    person.browser.post(f"{at}/prolong", form_at=at, until="2027-03-01")
    renewed = vendor.refreshes(made["refresh_token"]).json

    clock.now += 10 * DAY

    again = vendor.refreshes(renewed["refresh_token"]).json
    assert vendor.reads(again["access_token"]).json["email"] == "ana@example.org"


def test_pausing_one_vendor_leaves_the_others_alone(app, house, person, tokens, changes):
    other = VendorActor(app, house, "other")
    theirs = tokens_for(person, other)

    changes("pause")

    assert other.reads(theirs["access_token"]).status_code == 200
    assert code_for(person, other, ["nickname"])
