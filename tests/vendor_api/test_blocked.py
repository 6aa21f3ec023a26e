"""A blocked vendor is answered, letter by letter, as it is where there is nobody; unblocked, it may only ask again."""

import json
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from actors import PersonActor, VendorActor
from journeys import refused, sent_back, tokens_for
from listening import ListeningVendor
from reading import words
from signatory import Signatory
from sqlalchemy import event
from storage import on_sqlite_alone, rows

from keys import opaque

CIBA = "urn:openid:params:grant-type:ciba"
DETAILS = {"scope": "openid offline_access email"}


@pytest.fixture
def shop(app, house):
    grant_types = ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer", CIBA]
    return VendorActor(
        app,
        house,
        "shop",
        grant_types=grant_types,
        scope="openid email offline_access",
        backchannel_token_delivery_mode="poll",
        backchannel_logout_uri="https://shop.example/out",
    )


def blocks(person, grant_id):
    return person.browser.post(f"/vendors/{grant_id}/block", form_at=f"/vendors/{grant_id}")


def said(response):
    headers = {name: value for name, value in response.headers if name not in {"Date", "Content-Length"}}
    return response.status_code, headers, response.data


def sub_in(tokens):
    return jwt.decode(tokens["id_token"], options={"verify_signature": False})["sub"]


def of_nobody(house, kind):
    """A token, code or id that this host could have given, to a person who is not there."""
    return opaque.mint(house.secrets.tokens, kind, "01ARZ3NDEKTSV4RRFFQ69G5FAV")


def test_what_it_holds_is_answered_as_if_nobody_had_ever_been_there(person, shop, house):
    first = tokens_for(person, shop, **DETAILS)
    tokens = shop.refreshes(first["refresh_token"]).json
    code = sent_back(person.browser.get(shop.link(["email"], **DETAILS)), shop)["code"]
    sub = sub_in(tokens)
    asked = shop.post("/oauth/backchannel", {"scope": "openid", "login_hint": sub}).json["auth_req_id"]

    blocks(person, tokens["grant_id"])

    poll = {"grant_type": CIBA}
    for one, nobody in (
        (shop.refreshes(tokens["refresh_token"]), shop.refreshes(of_nobody(house, "refresh"))),
        (shop.refreshes(first["refresh_token"]), shop.refreshes(of_nobody(house, "refresh"))),
        (shop.refreshes(tokens["refresh_token"]), shop.refreshes("never given")),
        (shop.redeems(code), shop.redeems(of_nobody(house, "code"))),
        (shop.reads(tokens["access_token"]), shop.reads(of_nobody(house, "access"))),
        (
            shop.post("/oauth/introspect", {"token": tokens["access_token"]}),
            shop.post("/oauth/introspect", {"token": of_nobody(house, "access")}),
        ),
        (
            shop.post("/oauth/revoke", {"token": tokens["refresh_token"]}),
            shop.post("/oauth/revoke", {"token": of_nobody(house, "refresh")}),
        ),
        (
            shop.post("/oauth/token", {**poll, "auth_req_id": asked}),
            shop.post("/oauth/token", {**poll, "auth_req_id": of_nobody(house, "auth_req_id")}),
        ),
        (
            shop.post("/oauth/backchannel", {"scope": "openid", "login_hint": sub}),
            shop.post("/oauth/backchannel", {"scope": "openid", "login_hint": "A" * 43}),
        ),
    ):
        assert said(one) == said(nobody)
    for table in ("tokens", "codes", "backchannel_requests", "sign_ins", "outbox"):
        assert rows(house, table) == []


@on_sqlite_alone
def test_its_receipts_are_answered_as_those_of_a_grant_that_never_was(person, app, house):
    signatory = Signatory(app, house, "stadtwerke")
    grant_id = signatory.joins(person)
    statements = []
    event.listen(house.database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))

    def asked(path, grant_id, **form):
        answer = signatory.client.post(path, data={"grant_id": grant_id, **form}, headers=signatory.credentials)
        seen = statements[:]
        statements.clear()
        return said(answer), seen

    [receipt] = signatory.lists().json["receipts"]
    statements.clear()
    assert asked("/oauth/receipts", grant_id)[0][0] == 200
    blocks(person, grant_id)
    statements.clear()

    signature = signatory.countersignature(receipt["document"])
    for path, form in (
        ("/oauth/receipts", {}),
        ("/oauth/receipts/check", {"digest": receipt["digest"]}),
        (f"/oauth/receipts/{receipt['receipt_id']}", {"countersignature": signature}),
    ):
        assert asked(path, grant_id, **form) == asked(path, of_nobody(house, "grant"), **form)


def test_no_event_tells_it_of_the_end(person, app, house):
    listening = ListeningVendor(app, house, "listening")
    listening.listens()
    tokens = tokens_for(person, listening)
    at = f"/vendors/{tokens['grant_id']}"
    person.browser.post(f"{at}/pause", form_at=at)

    blocks(person, tokens["grant_id"])

    assert listening.polls() == {"sets": {}, "moreAvailable": False}
    assert rows(house, "outbox") == []


def test_prompt_none_is_answered_as_if_nobody_was_signed_in(person, shop, app, house):
    tokens = tokens_for(person, shop)
    blocks(person, tokens["grant_id"])
    link = shop.link(prompt="none", id_token_hint=tokens["id_token"])

    here, nowhere = person.browser.get(link), app.test_client().get(link)

    assert sent_back(here, shop)["error"] == "login_required"
    assert (here.status_code, here.location, here.data) == (nowhere.status_code, nowhere.location, nowhere.data)


@on_sqlite_alone
def test_a_grant_id_is_answered_as_one_that_never_was(person, shop, house):
    tokens = tokens_for(person, shop)
    blocks(person, tokens["grant_id"])
    named = {"grant_management_action": "merge"}

    one = person.browser.get(shop.link(**named, grant_id=tokens["grant_id"]))
    nobody = person.browser.get(shop.link(**named, grant_id=of_nobody(house, "grant")))

    assert sent_back(one, shop)["error"] == sent_back(nobody, shop)["error"] == "invalid_grant_id"
    first, second = (dict(parse_qsl(urlsplit(answer.location).query)) for answer in (one, nobody))
    assert {**first, "state": ""} == {**second, "state": ""}


@on_sqlite_alone
def test_asking_costs_as_many_statements_as_asking_nobody(person, shop, house):
    tokens = tokens_for(person, shop)
    sub = sub_in(tokens)
    blocks(person, tokens["grant_id"])
    seen = []
    event.listen(house.database.engine, "before_cursor_execute", lambda *said: seen.append(said[2]))

    counts = []
    for hint in (sub, "A" * 43):
        shop.post("/oauth/backchannel", {"scope": "openid", "login_hint": hint})
        counts.append(seen[:])
        seen.clear()

    assert counts[0] == counts[1]


def test_the_person_sees_who_is_blocked_and_the_vendor_hears_nothing(person, shop, app, house):
    tokens = tokens_for(person, shop)
    blocks(person, tokens["grant_id"])

    page = person.opens(shop.link(["email"]))

    assert "You have blocked Shop" in words(page)
    assert person.log()[-2:] == ["revoked", "changed"]
    assert "You blocked Shop." in words(person.browser.get("/ledger"))
    stranger = app.test_client().get(shop.link(["email"]), follow_redirects=True)
    assert "/sign-in" in stranger.request.path


def test_unblocking_gives_nothing_back_but_the_question(person, shop):
    tokens = tokens_for(person, shop)
    blocks(person, tokens["grant_id"])
    page = person.opens(shop.link(["email"]))

    back = person.browser.post("/rules/unblock", form_at=page.request.path, client_id="shop", next=page.request.path)

    assert refused(shop.refreshes(tokens["refresh_token"]), "invalid_grant")
    asked = person.browser.follow(back.location)
    assert "Shop asks for your data" in words(asked)
    assert "code" in shop.receives(person.allows(asked, only=["email"]))


@on_sqlite_alone
def test_a_vendor_can_be_blocked_while_it_asks_and_an_older_page_allows_nothing(person, shop):
    page = person.opens(shop.link(["email"]))

    person.browser.post(f"{page.request.path}/block", form_at=page.request.path)
    answer = person.allows(page, only=["email"])

    assert "You have blocked Shop" in words(answer)
    assert "granted" not in person.log()


@on_sqlite_alone
def test_what_was_allowed_a_moment_before_the_block_does_not_leave(person, shop):
    page = person.opens(shop.link(["email"]))
    form = {"answer": "allow", "attribute": ["email"], "until": "2027-02-01"}
    person.browser.post(page.request.path, **form)
    grant_id = rows(person.house, "grants")[0]["grant_id"]

    blocks(person, grant_id)
    resumed = person.browser.get(f"/oauth/resume?ask={page.request.path.rpartition('/')[2]}")

    assert resumed.status_code == 400 or "code=" not in resumed.headers.get("Location", "")
    assert rows(person.house, "codes") == []


@on_sqlite_alone
def test_another_vendor_and_another_person_are_left_alone(person, shop, app, house, moves_in):
    other, bea = VendorActor(app, house, "other"), PersonActor(app, house, moves_in("Bea"), password=person.password)
    bea.has({"email": "bea@example.org"})
    hers, elsewhere = tokens_for(bea, shop), tokens_for(person, other)

    blocks(person, tokens_for(person, shop)["grant_id"])

    assert shop.reads(hers["access_token"]).json["email"] == "bea@example.org"
    assert other.reads(elsewhere["access_token"]).json["email"] == "ana@example.org"
    assert json.loads(shop.reads(hers["access_token"]).text)
