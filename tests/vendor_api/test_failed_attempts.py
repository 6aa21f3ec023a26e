"""Whatever a vendor tries with what a person gave it, or somebody gave away, and is refused, stands in the ledger."""

import json

import pytest
from actors import VendorActor
from dpop import ProvingVendor, new_key
from journeys import code_for, refused, tokens_for
from reading import words_in
from storage import on_sqlite_alone, rows

from consent import failures
from wallet.upkeep import settle

HOUR = 3600
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
GRANT_TYPES = ["authorization_code", "refresh_token", EXCHANGE, "urn:ietf:params:oauth:grant-type:jwt-bearer"]


@pytest.fixture
def vendor(app, house):
    return VendorActor(app, house, "stadtwerke", grant_types=GRANT_TYPES, recipients=["Printer Ltd"])


@pytest.fixture
def other(app, house):
    return VendorActor(app, house, "bookshop", grant_types=GRANT_TYPES)


@pytest.fixture
def tokens(person, vendor):
    return tokens_for(person, vendor)


def failed(person):
    return [line for line in person.ledger() if line.action == "failed"]


def said(person):
    return [(line.detail["tried"], line.detail["reason"]) for line in failed(person)]


def told(person):
    return words_in(person.browser.get("/ledger"), "ledger-sentence")


def exchanges(vendor, token, **more):
    form = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN, **more}
    return vendor.post("/oauth/token", form)


def tries_everything(vendor, tokens):
    """Read, renew, assert and exchange."""
    return [
        vendor.reads(tokens["access_token"]),
        vendor.refreshes(tokens["refresh_token"]),
        vendor.asserts(tokens["consent_token"]),
        exchanges(vendor, tokens["access_token"]),
    ]


def test_what_is_tried_while_paused_or_afterwards_has_a_line_each_and_no_value(person, vendor, tokens):
    page = f"/vendors/{tokens['grant_id']}"
    person.browser.post(f"{page}/pause", form_at=page)
    paused = tries_everything(vendor, tokens)
    person.revokes(tokens["grant_id"])
    ended = tries_everything(vendor, tokens)

    assert {answer.status_code for answer in (*paused, *ended)} == {400, 401}
    all_four = ("read", "refresh_token", "consent_token", "token_exchange")
    assert said(person) == [(tried, "paused") for tried in all_four] + [(tried, "ended") for tried in all_four]
    assert all(line.grant_id == tokens["grant_id"] and line.client_id == "stadtwerke" for line in failed(person))
    assert "ana@example.org" not in str([line.detail for line in failed(person)])
    assert told(person)[:2] == [
        "Stadtwerke wanted to pass its access on. Refused, because this has ended.",
        "Stadtwerke wanted to use the consent token. Refused, because this has ended.",
    ]


def test_a_code_or_refresh_token_that_comes_twice_is_told_as_theft(person, vendor):
    code = code_for(person, vendor)
    tokens = vendor.redeems(code).json
    assert refused(vendor.redeems(code), "invalid_grant")

    assert said(person) == [("code", "replayed")]
    assert told(person)[0] == (
        "Stadtwerke wanted to pick up the access you granted. Refused, because it had been used already: somebody may "
        "have a copy. All it gave was withdrawn."
    )
    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")
    assert refused(vendor.reads(tokens["access_token"]), "invalid_token", status=401)
    assert said(person)[1:] == [("refresh_token", "revoked"), ("read", "revoked")]


def test_a_rotated_refresh_token_that_comes_again_is_told_as_theft(person, vendor, tokens):
    vendor.refreshes(tokens["refresh_token"])
    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")

    assert said(person) == [("refresh_token", "replayed")]


def test_what_another_vendor_brings_is_told_with_its_name(person, vendor, other):
    code = code_for(person, vendor)
    assert refused(other.redeems(code), "invalid_grant")
    tokens = vendor.redeems(code).json
    assert refused(other.refreshes(tokens["refresh_token"]), "invalid_grant")
    assert refused(other.asserts(tokens["consent_token"]), "invalid_grant")
    assert refused(exchanges(other, tokens["access_token"]), "invalid_grant")

    tried = ("code", "refresh_token", "consent_token", "token_exchange")
    assert said(person) == [(each, "other_vendor") for each in tried]
    assert {line.detail["by"] for line in failed(person)} == {"Bookshop"}
    assert {line.client_id for line in failed(person)} == {"stadtwerke"}
    assert told(person)[0] == (
        "Bookshop came with something that you gave Stadtwerke. Refused: somebody may have got hold of it."
    )


def test_a_code_without_its_verifier_is_told(person, vendor):
    code = code_for(person, vendor)

    assert refused(vendor.redeems(code, code_verifier="w" * 43), "invalid_grant")
    assert refused(vendor.redeems(code, code_verifier=""), "invalid_request")

    assert said(person) == [("code", "unproven")]
    assert vendor.redeems(code).status_code == 200


def test_a_token_without_its_key_is_told(person, app, house):
    vendor = ProvingVendor(app, house, "shop", grant_types=GRANT_TYPES)
    tokens = tokens_for(person, vendor)
    own, vendor.key = vendor.key, new_key()

    assert vendor.reads(tokens["access_token"]).status_code == 401
    assert vendor.sends().reads(tokens["access_token"], scheme="Bearer").status_code == 401

    assert said(person) == [("read", "unproven")]
    assert "Refused, because it did not prove that this is its own: somebody may have a copy." in told(person)[0]
    vendor.key = own
    assert vendor.sends(None).reads(tokens["access_token"]).status_code in {200, 401}


def test_a_consent_token_that_was_replaced_and_a_recipient_nobody_named_are_told(person, vendor, tokens):
    page = f"/vendors/{tokens['grant_id']}"
    person.browser.post(f"{page}/prolong", form_at=page, until="2027-03-01")

    assert refused(vendor.asserts(tokens["consent_token"]), "invalid_grant")
    assert refused(exchanges(vendor, tokens["access_token"], audience="Somebody"), "invalid_target")

    assert said(person) == [("consent_token", "replaced"), ("token_exchange", "wrong_recipient")]


@on_sqlite_alone
def test_what_is_only_late_or_about_nobody_leaves_no_line(person, vendor, tokens, house, clock):
    before = rows(house, "ledger")
    vendor.reads("made-up")
    vendor.redeems("made-up")
    vendor.asserts("a.b.c")
    vendor.post("/oauth/token", {"grant_type": "refresh_token"})
    exchanges(vendor, tokens["access_token"], scope="address")
    vendor.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}, headers={})
    clock.now += 3600
    assert refused(vendor.reads(tokens["access_token"]), "invalid_token", status=401)

    assert rows(house, "ledger") == before
    assert rows(house, "failures") == []


# A flood


def test_of_a_flood_the_ledger_keeps_two_lines_an_hour(person, vendor, tokens, house, clock):
    person.revokes(tokens["grant_id"])
    for _ in range(30):
        vendor.reads(tokens["access_token"])
    assert said(person) == [("read", "ended")]

    clock.now += HOUR - 1
    assert settle(house) == 0
    clock.now += 1
    assert settle(house) == 1
    assert settle(house) == 0

    first, rest = failed(person)
    assert rest.detail["times"] == 29
    assert rest.detail["since"] == first.at
    assert told(person)[0] == (
        "Stadtwerke wanted to read. For the same reason as before it was refused 29 more times within an hour."
    )
    assert rows(house, "failures") == []


def test_who_comes_again_in_the_next_hour_is_told_again_and_the_hour_before_is_closed(person, vendor, tokens, clock):
    page = f"/vendors/{tokens['grant_id']}"
    person.browser.post(f"{page}/pause", form_at=page)
    for wait in (0, 1, HOUR - 1, 0):
        clock.now += wait
        vendor.refreshes(tokens["refresh_token"])

    assert [line.detail.get("times") for line in failed(person)] == [None, 1, None]
    assert len(rows_of_failures(person)) == 1


def rows_of_failures(person):
    return rows(person.house, "failures")


@on_sqlite_alone
def test_one_refusal_alone_is_not_told_twice(person, vendor, tokens, house, clock):
    person.revokes(tokens["grant_id"])
    vendor.reads(tokens["access_token"])
    clock.now += HOUR

    settle(house)

    assert len(failed(person)) == 1
    assert rows(house, "failures") == []


def test_reads_that_limits_hold_back_are_counted_like_that_too(app, house, person):
    kind = "urn:hausrecht:consent"
    vendor = VendorActor(app, house, "shop", authorization_details_types=[kind])
    detail = {"type": kind, "attributes": ["email"], "essential": True, "limits": {"fetch": "once"}}
    link = vendor.link(authorization_details=json.dumps([detail]))
    token = vendor.redeems(vendor.receives(person.allows(person.opens(link)))["code"]).json["access_token"]
    for _ in range(10):
        vendor.reads(token)

    assert person.log()[-2:] == ["read", "failed"]
    assert failed(person)[0].detail["withheld"] == {"email": "already_fetched"}
    page = person.browser.get("/ledger?attribute=email")
    assert "wanted to read E-mail address; your limits did not allow it." in words_in(page, "ledger-sentence")[0]


def test_the_chain_holds_and_an_export_has_them(person, vendor, tokens, house):
    person.revokes(tokens["grant_id"])
    tries_everything(vendor, tokens)

    lines = [json.loads(line) for line in person.browser.get("/ledger/export?as=jsonl").text.splitlines()][:-1]
    assert [line["action"] for line in lines][-4:] == ["failed"] * 4
    assert "Refused, because this has ended." in person.browser.get("/ledger/export?as=csv").text
    assert "Checked just now" in person.browser.get("/ledger").text
    assert len(told(person)) == len(words_in(person.browser.get("/ledger?vendor=stadtwerke"), "ledger-sentence"))


@on_sqlite_alone
def test_a_refusal_stays_one_where_it_can_not_be_noted(person, vendor, tokens, monkeypatch):
    from sqlalchemy.exc import OperationalError

    person.revokes(tokens["grant_id"])

    def breaks(*_args, **_kwargs):
        raise OperationalError("insert", None, Exception("the disk is full"))

    monkeypatch.setattr(failures, "note", breaks)

    assert refused(vendor.reads(tokens["access_token"]), "invalid_token", status=401)
    assert failed(person) == []
