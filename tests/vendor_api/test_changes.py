"""What a person changes on a vendor's page counts at the vendor's very next request, whatever it is."""

import pytest
from actors import VendorActor
from journeys import code_for, refused, sent_back, tokens_for
from reading import words
from storage import nothing_changes

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
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


def test_pausing_one_vendor_leaves_the_others_alone(app, house, person, tokens, changes):
    other = VendorActor(app, house, "other")
    theirs = tokens_for(person, other)

    changes("pause")

    assert other.reads(theirs["access_token"]).status_code == 200
    assert code_for(person, other, ["nickname"])
