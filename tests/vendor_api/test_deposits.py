"""A vendor hands data back: only where the person allowed it, signed, once, and without learning what becomes of it."""

import pytest
from accounts import adds_persona
from actors import VendorActor
from asserting import key, public
from depositing import hands_over, signed
from journeys import refused, tokens_for
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.oauth import deposits
from wallet.deposits import engine

DAY = 24 * 3600
ROWS = {"name": "Meter readings", "columns": ["at", "kwh"], "rows": [["2026-01-01", 12.5], ["2026-01-02", None]]}


@pytest.fixture
def vendor(app, house):
    return VendorActor(
        app, house, "stadtwerke", jwks=public(key("ES256", "first")), scope="openid email deposit offline_access"
    )


@pytest.fixture
def tokens(person, vendor):
    return tokens_for(person, vendor, ["email", "deposit"], scope="openid deposit")


def test_what_a_vendor_hands_over_waits_for_the_person(person, vendor, tokens, house):
    response = hands_over(vendor, tokens, values={"meter.number": "1EMH0012345678"}, records=ROWS)

    assert response.status_code == 201
    assert response.json["received_at"] == house.clock()
    [row] = rows(house, "deposits")
    assert (row["deposit_id"], row["state"]) == (response.json["deposit_id"], "waiting")
    assert person.log()[-1] == "deposited"


def test_the_same_document_is_taken_in_once(person, vendor, tokens, house):
    document = signed(vendor, vendor.introspects(tokens["access_token"])["sub"], values={"nickname": "Anni"})

    first, second = (hands_over(vendor, tokens, document) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert len(rows(house, "deposits")) == 1
    assert person.log().count("deposited") == 1


def test_the_same_said_again_under_a_new_signature_is_the_same(person, vendor, tokens, house):
    given = {"values": {"nickname": "Anni"}, "jti": "1", "iat": house.clock()}

    assert [hands_over(vendor, tokens, **given).status_code for _ in range(2)] == [201, 200]


def test_another_document_under_the_same_id_is_refused(vendor, tokens, house):
    hands_over(vendor, tokens, values={"nickname": "Anni"}, jti="1")

    with nothing_changes(house):
        assert refused(hands_over(vendor, tokens, values={"nickname": "Ben"}, jti="1"), "deposit_conflict", status=409)


def test_who_was_not_allowed_to_hands_nothing_over(person, vendor, house):
    tokens = tokens_for(person, vendor, ["email"], scope="openid deposit")
    assert "deposit" not in tokens["scope"].split()

    with nothing_changes(house):
        response = hands_over(vendor, tokens, values={"nickname": "Anni"})
    assert (response.status_code, response.json["error"]) == (403, "insufficient_scope")


@on_sqlite_alone
def test_who_has_it_taken_back_hands_nothing_over_with_the_old_token(person, vendor, tokens, house):
    grant_id = tokens["grant_id"]
    person.browser.post(f"/vendors/{grant_id}/narrow", form_at=f"/vendors/{grant_id}", attribute="deposit")

    with nothing_changes(house):
        response = hands_over(vendor, tokens, values={"nickname": "Anni"})
    assert (response.status_code, response.json["error"]) == (403, "insufficient_scope")


@on_sqlite_alone
@pytest.mark.parametrize("what", ["pause", "revoke"])
def test_a_grant_that_is_paused_or_over_takes_nothing_in(person, vendor, tokens, house, what):
    grant_id, sub = tokens["grant_id"], vendor.introspects(tokens["access_token"])["sub"]
    person.browser.post(f"/vendors/{grant_id}/{what}", form_at=f"/vendors/{grant_id}")

    response = hands_over(vendor, tokens, signed(vendor, sub, values={"nickname": "Anni"}))

    assert (response.status_code, response.json["error"]) == (401, "invalid_token")
    assert rows(house, "deposits") == []


@on_sqlite_alone
@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({}, "neither values nor records"),
        ({"values": {"nickname": "x"}, "iss": "another"}, "iss"),
        ({"values": {"nickname": "x"}, "aud": "https://other.example"}, "aud"),
        ({"values": {"nickname": "x"}, "sub": "somebody else"}, "sub"),
        ({"values": {"nickname": "x"}, "jti": None}, "jti"),
        ({"values": {"nickname": "x"}, "jti": "x" * 65}, "jti"),
        ({"values": {"nickname": "x"}, "iat": 1}, "iat"),
        ({"values": {"nickname": "x"}, "iat": True}, "iat"),
        ({"values": {"nickname": "x"}, "typ": "JWT"}, "typ"),
        ({"values": {"nickname": "x"}, "name": "second"}, "keys"),
        ({"values": {"sub": "x"}}, "values"),
        ({"values": {"nickname": ["x"]}}, "value"),
        ({"values": {"nickname": "x" * 2001}}, "value"),
        ({"values": {"nickname": "a\x00b"}}, "value"),
        ({"values": {"email": "no address"}}, "email"),
        ({"values": {"birthdate": "tomorrow"}}, "birthdate"),
        ({"values": ["nickname"]}, "values"),
        ({"values": {f"a{number}": "x" for number in range(51)}}, "values"),
        ({"records": []}, "records"),
        ({"records": {**ROWS, "columns": ["at", "at"]}}, "columns"),
        ({"records": {**ROWS, "columns": ["at"]}}, "rows"),
        ({"records": {**ROWS, "rows": []}}, "rows"),
        ({"records": {**ROWS, "rows": [["2026-01-01", {"kwh": 1}]]}}, "rows"),
        ({"records": {**ROWS, "rows": [["2026-01-01", 1]] * 1001}}, "rows"),
    ],
)
def test_what_is_not_a_good_deposit_is_refused_with_the_reason(vendor, tokens, house, claims, said):
    known = {"sub": vendor.introspects(tokens["access_token"])["sub"]}
    document = signed(vendor, **{**known, **claims})

    with nothing_changes(house):
        response = hands_over(vendor, tokens, document)
    assert refused(response, "invalid_deposit")
    assert said in response.json["error_description"]


@on_sqlite_alone
def test_a_vendor_finds_out_nothing_about_attributes_of_the_persons_own(person, vendor, tokens):
    person.browser.post("/data/new", name="shoe_size", label="Shoes", kind="integer", value="")

    answers = {hands_over(vendor, tokens, values={name: "huge"}).status_code for name in ("shoe_size", "hat_size")}

    assert answers == {201}


@on_sqlite_alone
def test_a_vendor_that_hands_over_too_much_has_to_wait(vendor, tokens, house, monkeypatch):
    monkeypatch.setattr(engine, "MOST_WAITING", 2)
    for number in range(2):
        assert hands_over(vendor, tokens, values={"nickname": f"Anni{number}"}).status_code == 201

    with nothing_changes(house):
        assert refused(hands_over(vendor, tokens, values={"nickname": "Ben"}), "too_many_deposits", status=429)


def test_neither_an_id_nor_a_limit_tells_that_two_personas_are_one_person(person, vendor, tokens, house, monkeypatch):
    monkeypatch.setattr(engine, "MOST_WAITING", 2)
    for number in range(2):
        assert hands_over(vendor, tokens, values={"nickname": f"Anni{number}"}, jti=f"{number}").status_code == 201
    at_work = adds_persona(person, "At work", {"email": "a.m@example.com"})
    page = person.opens(vendor.link(["email", "deposit"], scope="openid deposit", prompt="consent"))
    page = person.browser.get(f"{page.request.path}?persona={at_work}")
    others = vendor.redeems(vendor.receives(person.allows(page, only=["email", "deposit"]))["code"]).json

    response = hands_over(vendor, others, values={"nickname": "Dr. M."}, jti="0")

    assert response.status_code == 201
    assert [row["persona_id"] for row in rows(house, "deposits") if row["jti"] == "0"].count(at_work) == 1


@on_sqlite_alone
def test_a_document_that_is_too_long_is_refused(vendor, tokens, house, monkeypatch):
    monkeypatch.setattr(deposits, "LONGEST", 100)

    with nothing_changes(house):
        assert refused(hands_over(vendor, tokens, values={"nickname": "Anni"}), "invalid_deposit")


@on_sqlite_alone
def test_without_a_document_nothing_happens(vendor, tokens, house):
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    with nothing_changes(house):
        assert refused(vendor.client.post("/oauth/deposits", data={}, headers=headers), "invalid_request")


@on_sqlite_alone
def test_where_deposits_go_stands_in_the_metadata_of_the_resource(vendor, house):
    found = vendor.client.get("/.well-known/oauth-protected-resource").json

    assert found["deposit_endpoint"] == f"{house.settings.issuer}/oauth/deposits"
    assert "deposit" in found["scopes_supported"]
