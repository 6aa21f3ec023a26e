"""The page on which a person answers a vendor: what it shows, and what no form can make it do."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from threading import Barrier
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
from actors import PersonActor, VendorActor
from calling import CallingVendor
from journeys import tokens_for
from reading import controls, csrf_token, words, words_in
from sites import allowed, serving
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.app import create_app
from wallet.people.personas import add_persona
from wallet.people.sessions import open_session

ONE_DAY = 24 * 3600
MARKUP = '<img src=x onerror="alert(1)">'


@pytest.fixture
def ben(app, house, moves_in):
    actor = PersonActor(app, house, moves_in("Ben"), password="correct horse battery")
    actor.has({"given_name": "Benedikt", "email": "ben@example.org"})
    return actor


@pytest.fixture
def page(person, vendor):
    """Ana looks at the ask of a vendor that needs her first name and would like two more."""
    return person.opens(vendor.link(asking=["email", "birthdate"], needing=["given_name"]))


def fields(page):
    """What the form brings along when it is sent."""
    return {"csrf_token": csrf_token(page), "until": controls(page, name="until")[0]["value"]}


def sub_in(tokens):
    return jwt.decode(tokens["id_token"], options={"verify_signature": False})["sub"]


def date_after(clock, days):
    return datetime.fromtimestamp(clock.now + days * ONE_DAY, UTC).date().isoformat()


def boxes(page):
    return [box["value"] for box in controls(page, type="checkbox", name="attribute")]


# What is shown


@on_sqlite_alone
def test_the_page_shows_the_very_values_the_reasons_and_the_host(person, vendor, page):
    shown = words(page)

    assert page.status_code == 200
    assert "Stadtwerke asks for your data" in shown
    assert "stadtwerke.example address verified" in shown
    assert "You are signed in as Ana" in shown
    for part in ("Ana", "ana@example.org", "24 December 1990", "To send your bill", "To greet you", "no reason given"):
        assert part in shown
    assert "Lindenweg" not in shown


@on_sqlite_alone
def test_nothing_is_ticked_beforehand_and_what_is_needed_has_no_box(page):
    assert boxes(page) == ["email", "birthdate"]
    assert not any("checked" in box for box in controls(page, name="attribute"))
    assert "Without this, Stadtwerke does not sign you in." in words(page)


@on_sqlite_alone
def test_refusing_is_as_easy_as_allowing(page):
    refuse, allow = controls(page, tag="button", name="answer")

    assert (refuse["value"], allow["value"]) == ("refuse", "allow")
    assert refuse["class"] == allow["class"]
    assert words_in(page, "button")[-2:] == ["Refuse", "Allow"]


def test_a_vendor_that_asks_for_nothing_but_a_sign_in_gets_no_value(person, vendor):
    page = person.opens(vendor.link())

    assert "Stadtwerke asks you to sign in" in words(page)
    assert boxes(page) == []
    tokens = vendor.redeems(vendor.receives(person.allows(page))["code"]).json
    assert vendor.reads(tokens["access_token"]).json.keys() == {"sub"}


@on_sqlite_alone
def test_a_value_that_is_missing_is_linked_and_leads_back(person, vendor):
    page = person.opens(vendor.link(asking=["website"], needing=["iban"]))

    assert controls(page, value="allow") == []
    assert "so you can not allow this yet" in words(page)
    for name in ("iban", "website"):
        [link] = {*re.findall(rf'href="(/data/{name}\?[^"]+)"', page.text)}
        assert f'href="{page.request.path}?persona=' in person.browser.get(unescape(link)).text
    assert boxes(page) == []


@on_sqlite_alone
def test_a_vendor_on_plain_http_is_called_unverified(app, house, person):
    app_on_this_machine = VendorActor(
        app,
        house,
        "reader",
        redirect_uris=["http://127.0.0.1:9999/back"],
        application_type="native",
        token_endpoint_auth_method="none",
    )

    page = person.opens(app_on_this_machine.link(asking=["email"]))

    assert "127.0.0.1:9999 not verified: anybody can use this name" in words(page)
    assert "address verified" not in words(page)


@on_sqlite_alone
def test_the_host_of_the_answer_is_shown_whatever_the_vendor_calls_itself(app, house, person):
    liar = VendorActor(app, house, "evil", client_name="bank.example", redirect_uris=["https://evil.example/back"])

    page = person.opens(liar.link(asking=["email"]))

    assert words_in(page, "host") == ["evil.example"]
    assert words_in(page, "plate-name") == ["bank.example"]


def test_markup_in_anything_a_vendor_says_stays_text(app, house, person):
    vendor = VendorActor(
        app,
        house,
        "shop",
        client_name=MARKUP,
        purposes={"email": MARKUP},
        policy_uri="https://shop.example/%22onmouseover=alert(1)",
    )

    page = person.opens(vendor.link(asking=["email"], state=MARKUP, nonce=MARKUP))
    answer = vendor.receives(person.allows(page, only=["email"]))
    grant_id = vendor.redeems(answer["code"]).json["grant_id"]

    assert answer["state"] == MARKUP
    assert MARKUP in words(page)
    for path in ("/vendors", f"/vendors/{grant_id}", "/ledger"):
        assert "<img src=x" not in person.browser.get(path).text
    assert "<img src=x" not in page.text


@on_sqlite_alone
def test_markup_in_the_persons_own_values_stays_text(person, vendor):
    person.has({"nickname": MARKUP})

    page = person.opens(vendor.link(asking=["nickname"]))

    assert "<img src=x" not in page.text
    assert MARKUP in words(page)


# What a form can not do


@pytest.mark.parametrize("answer", ["allow", "refuse"])
def test_an_answer_without_the_forms_token_changes_nothing(house, person, page, answer):
    with nothing_changes(house):
        sent = person.browser.client.post(page.request.path, data={"until": "2027-03-01", "answer": answer})

    assert sent.status_code == 400


@pytest.mark.parametrize("answer", ["allow", "refuse"])
def test_an_answer_with_the_token_of_an_earlier_session_changes_nothing(house, person, page, answer):
    person.signs_out()
    person.signs_in()
    with nothing_changes(house):
        sent = person.browser.client.post(page.request.path, data={**fields(page), "answer": answer})

    assert sent.status_code == 400


@pytest.mark.parametrize("answer", ["allow", "refuse"])
def test_an_answer_with_the_token_of_another_browser_changes_nothing(house, person, ben, page, answer):
    ben.signs_in()
    foreign = csrf_token(ben.browser.get("/data"))
    with nothing_changes(house):
        sent = person.browser.client.post(
            page.request.path, data={**fields(page), "csrf_token": foreign, "answer": answer}
        )

    assert sent.status_code == 400


def test_an_answer_sent_after_signing_out_changes_nothing(house, person, page):
    person.signs_out()
    with nothing_changes(house):
        sent = person.browser.client.post(page.request.path, data={**fields(page), "answer": "allow"})

    assert sent.status_code in {303, 400}
    assert "code=" not in sent.headers.get("Location", "")


@on_sqlite_alone
def test_an_address_alone_never_answers(house, person, page):
    with nothing_changes(house):
        query = {**fields(page), "answer": "allow", "attribute": "email"}

        shown = person.browser.get(page.request.path, query_string=query)
        asked_for_headers = person.browser.client.head(page.request.path, query_string=query)
        others = [person.browser.client.open(page.request.path, method=name, data=query) for name in ("PUT", "DELETE")]

    assert (shown.status_code, asked_for_headers.status_code) == (200, 200)
    assert [answer.status_code for answer in others] == [405, 405]


def test_looking_at_any_page_changes_nothing(app, house, person, vendor):
    """Also with everything in the address that a form would send."""
    caller = CallingVendor(app, house, "caller")
    caller.meets(person)
    caller.calls()
    grant_id = tokens_for(person, vendor)["grant_id"]
    ask_id = person.opens(vendor.link(asking=["birthdate"])).request.path.rpartition("/")[2]
    [digest] = [row["request_digest"] for row in rows(house, "backchannel_requests")]
    [session] = [row["session_digest"] for row in rows(house, "sessions")]
    known = {"grant_id": grant_id, "ask_id": ask_id, "name": "email", "client_id": vendor.client_id, "filename": "x"}
    [receipt_id] = [row["receipt_id"] for row in rows(house, "receipts") if row["grant_id"] == grant_id]
    known |= {"day": "2027-01-15", "receipt_id": receipt_id, "kind": "jwt", "request_id": "x"}
    known |= {"persona_id": person.person.persona_id, "token": "x", "deposit_id": "x", "import_id": "x"}
    known |= {"data_set_id": "x", "block_id": "x", "position": 1, "staff_id": "x", "invitation": "x"}
    sent = {"answer": "allow", "attribute": "email", "until": "2027-06-01", "where": "everywhere", "what": "all"}
    sent |= {"session": session, "each_time": "yes", "reachable": "no", "value": "x@example.org", "version": "1"}
    sent |= {"language": "de", "user_code": "x", "label": "X", "kind": "text"}
    rules = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/oauth/authorize")]
    with nothing_changes(house):
        for rule in rules:
            arguments = {name: {**known, "request_digest": digest}.get(name, "1") for name in rule.arguments}
            path = app.url_map.bind("localhost").build(rule.endpoint, arguments)
            for address in (path, f"{path}?{urlencode(sent)}"):
                assert person.browser.get(address).status_code < 500, address
    assert person.browser.get("/data").status_code == 200


def test_an_attribute_that_was_not_asked_can_not_be_slipped_in(house, person, page):
    with nothing_changes(house):
        for slipped in ("phone_number", "address.locality", "sub", "made.up", "", "e" * 5000):
            answer = person.allows(page, only=["email", slipped])
            assert answer.status_code == 400
            assert "not asked for" in words(answer)


@on_sqlite_alone
@pytest.mark.parametrize("days", [-1, 366, 367, 400, 3650])
def test_an_answer_can_not_last_longer_than_offered_or_be_over_already(house, person, page, clock, days):
    with nothing_changes(house):
        until = date_after(clock, days)

        answer = person.allows(page, until=until)

    assert answer.status_code == 400
    assert "not later than the one offered" in words(answer)


@on_sqlite_alone
@pytest.mark.parametrize(
    "until", ["", "soon", "2027-13-01", "2027-02-30", "9999-99-99", "-1", "31.12.2027", "\0", "0" * 9999]
)
def test_a_day_that_is_no_day_is_asked_for_again(house, person, page, until):
    with nothing_changes(house):
        answer = person.allows(page, until=until)

    assert answer.status_code == 400


@pytest.mark.parametrize("days", [0, 1, 365])
def test_every_offered_day_can_be_chosen_and_counts_to_its_end(person, vendor, page, clock, days):
    end = clock.now - clock.now % ONE_DAY + (days + 1) * ONE_DAY

    tokens = vendor.redeems(vendor.receives(person.allows(page, until=date_after(clock, days)))["code"]).json

    assert jwt.decode(tokens["consent_token"], options={"verify_signature": False})["exp"] == end
    clock.now = min(end, clock.now + 89 * ONE_DAY) - 1
    assert vendor.introspects(tokens["refresh_token"])["active"]
    clock.now = end
    assert not vendor.introspects(tokens["refresh_token"])["active"]
    assert vendor.refreshes(tokens["refresh_token"]).status_code == 400


@on_sqlite_alone
@pytest.mark.parametrize("answer", ["", "yes", "ALLOW", "allow refuse"])
def test_an_unclear_answer_is_asked_for_again(house, person, page, answer):
    with nothing_changes(house):
        assert person.answers(page, answer).status_code == 400


def test_what_is_needed_needs_no_box(person, vendor, page):
    tokens = vendor.redeems(vendor.receives(person.allows(page))["code"]).json

    assert vendor.reads(tokens["access_token"]).json.keys() == {"sub", "given_name"}


def test_what_is_needed_and_has_no_value_can_not_be_allowed_by_a_hand_made_form(house, person, vendor):
    page = person.opens(vendor.link(needing=["iban"]))
    with nothing_changes(house):
        answer = person.allows(page, only=["iban"])

    assert answer.status_code == 400


def test_a_form_can_not_change_who_gets_the_answer(app, house, person, vendor, page):
    other = VendorActor(app, house, "other")
    stuffed = {"client_id": "other", "redirect_uri": other.redirect_uri, "scope": "openid phone", "state": "mine"}

    sent = person.browser.client.post(
        page.request.path, data={**fields(page), **stuffed, "answer": "allow", "attribute": "email"}
    )
    answer = vendor.receives(person.browser.follow(sent.location))

    assert answer["state"] == vendor.state
    assert other.redeems(answer["code"]).json["error"] == "invalid_grant"
    assert vendor.redeems(answer["code"]).json["scope"] == "openid"
    assert [grant["destinations"] for grant in rows(house, "grants")] == [[vendor.redirect_uri]]


def test_the_form_of_one_vendor_sent_to_the_ask_of_another_gives_only_what_that_one_asked(
    app, house, person, vendor, page
):
    other = VendorActor(app, house, "other")
    elsewhere = person.opens(other.link(asking=["website"]))
    with nothing_changes(house):
        sent = person.browser.client.post(
            elsewhere.request.path, data={**fields(page), "answer": "allow", "attribute": ["email", "birthdate"]}
        )

    assert sent.status_code == 400


def test_a_vendor_can_not_post_the_ask_and_the_answer_in_one(house, person, vendor):
    person.signs_in()
    parameters = dict(parse_qsl(urlsplit(vendor.link(asking=["email"])).query))

    sent = person.browser.client.post("/oauth/authorize", data={**parameters, "answer": "allow", "attribute": "email"})

    assert (sent.status_code, sent.location.partition("/consent/")[0]) == (303, "")
    assert rows(house, "grants") == rows(house, "codes") == []


# Two browsers, two people


def test_an_ask_begun_in_one_browser_can_not_be_finished_in_another(house, app, person, page):
    elsewhere = PersonActor(app, house, person.person, password=person.password)
    elsewhere.signs_in()
    token = csrf_token(elsewhere.browser.get("/data"))
    with nothing_changes(house):
        form = {**fields(page), "csrf_token": token, "answer": "allow", "attribute": "email"}

        shown = elsewhere.browser.get(page.request.path)
        sent = elsewhere.browser.client.post(page.request.path, data=form)
        resumed = elsewhere.browser.get(resume_of(page))

    assert [answer.status_code for answer in (shown, sent, resumed)] == [403, 403, 403]
    assert "began in another browser" in words(shown)
    assert "ana@example.org" not in shown.text


def test_a_link_to_an_ask_of_somebody_else_shows_and_answers_nothing(house, ben, page):
    ben.signs_in()
    with nothing_changes(house):
        assert ben.browser.get(page.request.path).status_code == 403
        assert ben.browser.get(resume_of(page)).status_code == 403


def test_an_answer_given_here_can_not_be_fetched_from_another_browser(house, app, person, vendor, page):
    person.browser.client.post(page.request.path, data={**fields(page), "answer": "allow"})
    elsewhere = PersonActor(app, house, person.person, password=person.password)
    elsewhere.signs_in()
    with nothing_changes(house):
        assert elsewhere.browser.get(resume_of(page)).status_code == 403
    assert "code" in vendor.receives(person.browser.get(resume_of(page)))


def test_the_next_person_at_this_browser_can_not_carry_out_an_answer_of_the_one_before(house, person, ben, page):
    person.browser.client.post(page.request.path, data={**fields(page), "answer": "allow", "attribute": "email"})
    ben.browser = person.browser
    person.signs_out()
    ben.signs_in()
    with nothing_changes(house):
        resumed = ben.browser.get(resume_of(page))

    assert resumed.status_code == 404


def test_the_next_person_at_this_browser_answers_an_open_ask_with_their_own_values(person, ben, vendor, page):
    person.signs_out()
    ben.browser = person.browser
    ben.signs_in()

    shown = ben.browser.get(page.request.path)
    assert "ana@example.org" not in shown.text
    tokens = vendor.redeems(vendor.receives(ben.allows(shown, only=["email"]))["code"]).json

    assert vendor.reads(tokens["access_token"]).json["email"] == "ben@example.org"
    assert person.log() == ["asked"]
    assert ben.log() == ["asked", "granted", "redeemed", "read"]


def test_after_signing_out_the_vendor_is_told_to_ask_again(house, person, vendor, page):
    person.browser.client.post(page.request.path, data={**fields(page), "answer": "allow"})
    person.signs_out()

    answer = vendor.receives(person.browser.get(resume_of(page)))

    assert answer["error"] == "login_required"
    assert rows(house, "codes") == []


# Twice


def test_sending_the_form_twice_gives_one_grant_and_one_code(house, person, vendor, page):
    form = {**fields(page), "answer": "allow", "attribute": "email"}

    first, second = (person.browser.client.post(page.request.path, data=form) for _ in range(2))
    vendor.receives(person.browser.get(first.location))
    again = person.browser.get(second.location)

    assert first.location == second.location
    assert again.status_code == 404
    assert len(rows(house, "grants")) == len(rows(house, "codes")) == 1
    assert person.log() == ["asked", "granted"]


def test_a_second_thought_after_the_answer_changes_nothing(house, person, page):
    form = fields(page)
    person.browser.client.post(page.request.path, data={**form, "answer": "refuse"})
    with nothing_changes(house):
        person.browser.client.post(page.request.path, data={**form, "answer": "allow", "attribute": "email"})
    assert person.log() == ["asked", "refused"]


def test_the_form_sent_twice_at_once_gives_one_grant_and_one_code(app, house, person, vendor, page):
    form = {**fields(page), "answer": "allow", "attribute": "email"}

    sent = at_once(app, person, lambda client: client.post(page.request.path, data=form))
    resumed = at_once(app, person, lambda client: client.get(resume_of(page)))

    assert {answer.status_code for answer in sent} <= {303, 409}
    assert sorted(answer.status_code for answer in resumed) in ([303, 404], [303, 409])
    assert len(rows(house, "grants")) == len(rows(house, "codes")) == 1
    assert person.log() == ["asked", "granted"]


def test_two_asks_of_one_vendor_answered_at_once_give_one_grant(app, house, person, vendor):
    pages = [person.opens(vendor.link(asking=[name])) for name in ("email", "birthdate")]
    wishes = iter(zip(pages, ("email", "birthdate"), strict=True))

    def answer(client):
        page, name = next(wishes)
        return client.post(page.request.path, data={**fields(page), "answer": "allow", "attribute": name})

    sent = at_once(app, person, answer)

    assert [answer.status_code for answer in sent] == [303, 303]
    assert len(rows(house, "grants")) == 1
    assert sorted(person.log()) == ["asked", "asked", "granted", "granted"]


# Yes and no


def test_refusing_tells_the_vendor_that_alone(house, person, vendor, page):
    answer = vendor.receives(person.refuses(page))

    assert answer == {
        "error": "access_denied",
        "error_description": "the person refused",
        "state": vendor.state,
        "iss": "http://localhost",
    }
    assert rows(house, "grants") == rows(house, "codes") == []
    assert person.log() == ["asked", "refused"]


def test_refusing_a_later_ask_leaves_the_earlier_answer_as_it_was(house, person, vendor, page):
    vendor.receives(person.allows(page, only=["email"]))
    before = rows(house, "grants")

    vendor.receives(person.refuses(person.opens(vendor.link(asking=["phone_number"]))))

    assert rows(house, "grants") == before


def test_a_later_answer_takes_back_what_is_not_ticked_again(person, vendor, page):
    first = vendor.redeems(vendor.receives(person.allows(page, only=["email", "birthdate"]))["code"]).json

    later = person.opens(vendor.link(asking=["email"], prompt="consent"))
    vendor.receives(person.allows(later))

    assert vendor.reads(first["access_token"]).json.keys() == {"sub", "given_name", "birthdate"}


def test_a_persona_gives_only_its_own_values(house, person, vendor):
    at_work = as_persona(house, person, "At work", {"email": "a.mueller@firma.example"})

    page = person.opens(vendor.link(asking=["email", "birthdate"]))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json

    assert "ana@example.org" not in page.text
    assert "24 December 1990" not in page.text
    assert vendor.reads(tokens["access_token"]).json["email"] == "a.mueller@firma.example"
    assert [grant["persona_id"] for grant in rows(house, "grants")] == [at_work]


def test_a_vendor_goes_on_meeting_the_persona_it_knows(house, person, vendor, page):
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json
    as_persona(house, person, "At work", {"email": "a.mueller@firma.example", "given_name": "A."})

    again = vendor.redeems(vendor.receives(person.opens(vendor.link(asking=["email"], prompt="none")))["code"]).json

    assert sub_in(again) == sub_in(tokens)
    assert vendor.reads(again["access_token"]).json["email"] == "ana@example.org"


def test_what_one_persona_granted_answers_nothing_for_another(house, person, vendor, page):
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["email"]))["code"]).json
    persona_id = as_persona(house, person, "At work", {"email": "a.mueller@firma.example", "given_name": "A."})
    asked_again = person.opens(vendor.link(asking=["email"], needing=["given_name"], prompt="consent"))

    at_work = person.browser.get(f"{asked_again.request.path}?persona={persona_id}")
    other = vendor.redeems(vendor.receives(person.allows(at_work, only=["email"]))["code"]).json

    assert "a.mueller@firma.example" in words(at_work)
    assert "ana@example.org" not in words(at_work)
    assert sub_in(other) != sub_in(tokens)
    assert vendor.reads(other["access_token"]).json["email"] == "a.mueller@firma.example"
    assert vendor.reads(tokens["access_token"]).json["email"] == "ana@example.org"


def resume_of(page):
    return f"/oauth/resume?ask={page.request.path.rpartition('/')[2]}"


def at_once(app, person, work):
    """Two requests of the same browser that begin at the same moment."""
    gate = Barrier(2)
    cookies = [person.browser.client.get_cookie("wallet").value] * 2

    def run(cookie):
        client = app.test_client()
        client.set_cookie("wallet", cookie)
        gate.wait(10)
        return work(client)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, cookies))


def as_persona(house, person, name, values):
    """Go on in this browser as a new persona of the same person."""
    person.signs_in()
    at = {"person_id": person.person.person_id, "now": house.clock()}
    persona = house.database.write(add_persona, house.secrets, name=name, **at)
    person.has(values, persona_id=persona.persona_id)
    token = house.database.write(
        open_session, house.secrets, persona_id=persona.persona_id, browser_digest="0" * 64, **at
    )
    with person.browser.client.session_transaction() as session:
        session["session"] = token
    return persona.persona_id


@on_sqlite_alone
def test_what_was_ticked_stays_ticked_where_the_day_was_wrong(person, page):
    again = person.allows(page, only=["birthdate"], until="2001-01-01")

    assert again.status_code == 400
    assert [box["value"] for box in controls(again, name="attribute") if "checked" in box] == ["birthdate"]


@on_sqlite_alone
def test_nothing_a_vendor_says_of_itself_is_fetched_or_loaded_to_show_it(house, ana, authority):
    """Or it would learn who looks at which question, and when."""
    open_house = replace(house, settings=replace(house.settings, **allowed(authority)))
    app = create_app(open_house)
    person = PersonActor(app, open_house, ana, password="correct horse battery")
    person.has({"email": "ana@example.org"})
    with serving(authority) as site:
        links = dict.fromkeys(("logo_uri", "client_uri", "policy_uri", "tos_uri"), site.url)
        vendor = VendorActor(app, open_house, "shop", **links)
        pages = [person.opens(vendor.link(asking=["email"]))]
        tokens_for(person, vendor)
        pages += [person.browser.get(path) for path in ("/vendors", "/ledger", "/sessions", "/accounts")]

    assert site.seen == []
    assert not any(f'src="{site.url}' in page.text for page in pages)
