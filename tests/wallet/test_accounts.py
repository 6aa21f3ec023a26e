"""Several people and several personas at one browser: who is at the door, and what that is good for."""

import re

import jwt
import pytest
from accounts import adds_persona, choices, goes_on
from actors import PersonActor, VendorActor, path_of
from reading import csrf_token, words
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.people.visitor import MOST_HERE

PASSWORD = "correct horse battery"


@pytest.fixture
def ben(app, house, moves_in):
    actor = PersonActor(app, house, moves_in("Ben"), password=PASSWORD)
    actor.has({"given_name": "Benedikt", "email": "ben@example.org"})
    return actor


@pytest.fixture
def both(person, ben):
    """Ana's browser, in which Ben has signed in after her."""
    person.signs_in()
    person.browser.post("/sign-in", login="Ben", password=PASSWORD)
    return person.browser


def at_the_door(browser):
    return words(browser.get("/accounts")).partition("At the door now")[0].split()[-1]


def sub_in(tokens):
    return jwt.decode(tokens["id_token"], options={"verify_signature": False})["sub"]


def signed_in(vendor, response):
    return vendor.redeems(vendor.receives(response)["code"]).json


# People


def test_who_signs_in_beside_somebody_leaves_them_signed_in(both, house):
    assert at_the_door(both) == "Ben"
    assert set(choices(both.get("/accounts"))) == {"Ana", "Ben"}
    assert [row["ended_at"] for row in rows(house, "sessions")] == [None, None]


@on_sqlite_alone
def test_the_other_person_goes_on_without_typing_and_sees_their_own_data(both):
    page = goes_on(both, "Ana")

    assert page.request.path == "/data"
    assert "ana@example.org" in words(page)
    assert "ben@example.org" not in words(page)
    assert at_the_door(both) == "Ana"


@on_sqlite_alone
def test_where_there_are_two_each_page_says_on_a_phone_too_who_is_at_the_door(person, ben):
    person.signs_in()
    alone = person.browser.get("/data").text
    person.browser.post("/sign-in", login="Ben", password=PASSWORD)

    assert "top-face" not in alone
    assert re.search(r'class="top-login top-face"[^>]*>\s*<bdi>Ben</bdi>', person.browser.get("/data").text)


@on_sqlite_alone
def test_who_signs_out_is_told_that_the_others_stay(person, ben):
    person.signs_in()
    alone = words(person.browser.follow("/oauth/end-session"))
    person.browser.post("/sign-in", login="Ben", password=PASSWORD)

    assert "stay so" not in alone
    assert "Others who are signed in at this browser stay so." in words(person.browser.follow("/oauth/end-session"))


@on_sqlite_alone
def test_a_form_of_the_one_is_worth_nothing_for_the_other(both, house):
    token = re.search(r'name="csrf_token" value="([^"]+)"', both.get("/data/email").text)[1]
    goes_on(both, "Ana")

    with nothing_changes(house):
        refused = both.client.post("/data/email", data={"csrf_token": token, "value": "x@example.org", "version": "1"})

    assert refused.status_code == 400


def test_a_person_of_another_browser_can_not_be_chosen(both, house, app, moves_in):
    cleo = PersonActor(app, house, moves_in("Cleo"), password=PASSWORD)
    cleo.signs_in()
    [session] = [row["session_digest"] for row in rows(house, "sessions") if row["person_id"] == cleo.person.person_id]

    with nothing_changes(house):
        answer = both.post("/accounts/choose", form_at="/accounts", session=session)

    assert answer.location == "/accounts"
    assert "Their sign-in has ended" in words(both.get("/accounts"))
    assert at_the_door(both) == "Ben"


def test_a_persona_of_somebody_else_can_not_be_chosen(both, house):
    shown = choices(both.get("/accounts"))
    theirs = re.findall(r'name="persona"\s+value="([^"]+)"', both.get("/accounts").text)
    mine = {row["persona_id"] for row in rows(house, "sessions") if row["session_digest"] == shown["Ben"]["session"]}
    [foreign] = set(theirs) - mine

    with nothing_changes(house):
        answer = both.post("/accounts/choose", form_at="/accounts", session=shown["Ben"]["session"], persona=foreign)

    assert answer.status_code == 404


@on_sqlite_alone
def test_choosing_needs_a_form_of_this_browser(both, house):
    session = choices(both.get("/accounts"))["Ana"]["session"]

    with nothing_changes(house):
        assert both.client.post("/accounts/choose", data={"session": session}).status_code == 400
        assert both.client.post("/accounts/leave", data={"session": session}).status_code == 400
        assert both.client.post("/accounts/personas", data={"name": "x"}).status_code == 400
        assert both.get("/accounts/choose").status_code == 405

    assert at_the_door(both) == "Ben"


@on_sqlite_alone
def test_who_signs_out_leaves_the_door_empty_and_the_others_choose(both):
    both.post("/sign-out", form_at="/data")

    page = both.follow("/data")

    assert page.request.path == "/accounts"
    assert set(choices(page)) == {"Ana"}
    assert goes_on(both, "Ana", at="/accounts?next=/data").request.path == "/data"


def test_one_person_is_signed_out_from_the_chooser_and_the_other_stays(both, house):
    session = choices(both.get("/accounts"))["Ana"]["session"]

    both.post("/accounts/leave", form_at="/accounts", session=session)

    assert set(choices(both.get("/accounts"))) == {"Ben"}
    assert at_the_door(both) == "Ben"
    assert [row["session_digest"] for row in rows(house, "sessions") if row["ended_at"]] == [session]


def test_everybody_is_signed_out_at_once(both, house):
    both.post("/accounts/leave", form_at="/accounts", session="all")

    assert both.follow("/data").request.path == "/sign-in"
    assert all(row["ended_at"] for row in rows(house, "sessions"))


def test_a_session_that_has_run_out_is_not_offered(both, clock):
    clock.now += 11 * 3600
    both.get("/data")
    clock.now += 2 * 3600

    assert set(choices(both.get("/accounts"))) == {"Ben"}


@on_sqlite_alone
def test_with_nobody_signed_in_the_chooser_leads_to_the_sign_in(opens_browser):
    answer = opens_browser().get("/accounts?next=/ledger")

    assert answer.location == "/sign-in?next=/ledger"


@on_sqlite_alone
def test_only_so_many_people_stay_signed_in_at_one_browser(browser, moves_in, house):
    for number in range(MOST_HERE + 1):
        moves_in(f"p{number}")
        browser.post("/sign-in", login=f"p{number}", password=PASSWORD)

    assert len(choices(browser.get("/accounts"))) == MOST_HERE
    assert len([row for row in rows(house, "sessions") if row["ended_at"]]) == 1


# Vendors and people


@on_sqlite_alone
def test_select_account_lets_the_person_choose_who_answers(both, vendor, person):
    link = vendor.link(asking=["email"], prompt="select_account")

    page = both.follow(path_of(link))
    asked = goes_on(both, "Ana", at=page.request.full_path)

    assert page.request.path == "/accounts"
    assert "Stadtwerke would like to know who answers" in words(page)
    assert asked.request.path.startswith("/consent/")
    assert "You are signed in as Ana" in words(asked)


@on_sqlite_alone
def test_who_chose_and_has_answered_before_goes_on_at_once(both, vendor, person):
    first = goes_on(both, "Ana", at=both.follow(path_of(vendor.link(prompt="select_account"))).request.full_path)
    known = sub_in(signed_in(vendor, person.allows(first)))

    page = both.follow(path_of(vendor.link(prompt="select_account")))
    again = goes_on(both, "Ana", at=page.request.full_path)

    assert page.request.path == "/accounts"
    assert sub_in(signed_in(vendor, again)) == known


@on_sqlite_alone
def test_a_choice_counts_for_one_ask(both, vendor, person):
    goes_on(both, "Ana", at=both.follow(path_of(vendor.link(prompt="select_account"))).request.full_path)

    assert both.follow(path_of(vendor.link(prompt="select_account"))).request.path == "/accounts"


@on_sqlite_alone
def test_who_signs_in_on_the_way_has_chosen_with_that(person, vendor):
    page = person.opens(vendor.link(prompt="select_account"))

    assert page.request.path.startswith("/consent/")


@on_sqlite_alone
def test_a_vendor_that_expects_somebody_else_leads_to_the_chooser(both, vendor, person):
    goes_on(both, "Ana")
    known = signed_in(vendor, person.allows(both.follow(path_of(vendor.link()))))
    goes_on(both, "Ben")
    person.allows(both.follow(path_of(vendor.link())))

    page = both.follow(path_of(vendor.link(id_token_hint=known["id_token"])))
    again = goes_on(both, "Ana", at=page.request.full_path)

    assert page.request.path == "/accounts"
    assert "Stadtwerke expects somebody it knows already" in words(page)
    assert sub_in(signed_in(vendor, again)) == sub_in(known)


@on_sqlite_alone
@pytest.mark.parametrize("wish", [{"prompt": "login select_account"}, {"prompt": "login"}, {"max_age": "60"}], ids=str)
def test_choosing_somebody_is_no_fresh_sign_in(both, vendor, person, house, clock, wish):
    signed_in(vendor, person.allows(goes_on_and_asks(both, vendor), only=["email"]))
    clock.now += 3600
    asked = both.get(path_of(vendor.link(["email"], **wish))).location
    session = choices(both.get("/accounts"))["Ana"]["session"]

    with nothing_changes(house):
        chosen = both.post("/accounts/choose", form_at=f"/accounts?next={asked}", session=session, next=asked)
        page = both.follow(chosen.location)
        sent = both.client.post(asked, data={"csrf_token": csrf_token(page), "answer": "allow", "until": "2028-01-01"})
        resumed = both.get(f"/oauth/resume?ask={asked.rpartition('/')[2]}")

    assert page.request.path == "/sign-in"
    assert sent.location.startswith("/sign-in")
    assert resumed.status_code == 404


def goes_on_and_asks(browser, vendor):
    goes_on(browser, "Ana")
    return browser.follow(path_of(vendor.link(["email"])))


def test_a_silent_request_never_asks_who_it_is(both, vendor, person):
    person.allows(both.follow(path_of(vendor.link())))

    answer = both.follow(path_of(vendor.link(prompt="none select_account")))

    assert vendor.receives(answer)["error"] == "invalid_request"


# Personas


def test_a_new_persona_is_shown_from_then_on_and_has_no_values_of_the_other(person):
    person.signs_in()

    adds_persona(person, "At work", {"email": "a.mueller@firma.example"})

    shown = words(person.browser.get("/data"))
    assert "Ana · At work" in shown
    assert "a.mueller@firma.example" in shown
    assert "ana@example.org" not in shown


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\u202eb", "me", "ME"])
@on_sqlite_alone
def test_a_persona_takes_a_name_of_its_own_that_one_can_read(person, house, name):
    person.signs_in()

    with nothing_changes(house):
        answer = person.browser.post("/accounts/personas", form_at="/accounts", name=name)

    assert answer.status_code == 422


def test_each_persona_is_another_person_to_a_vendor(person, vendor):
    person.signs_in()
    at_home = signed_in(vendor, person.allows(person.opens(vendor.link(asking=["email"])), only=["email"]))
    adds_persona(person, "At work", {"email": "a.mueller@firma.example"})
    page = person.opens(vendor.link(asking=["email"], prompt="select_account"))

    answered = person.allows(
        goes_on(person.browser, "Ana", persona="At work", at=page.request.full_path), only=["email"]
    )

    at_work = signed_in(vendor, answered)
    assert sub_in(at_work) != sub_in(at_home)
    assert vendor.reads(at_work["access_token"]).json["email"] == "a.mueller@firma.example"


def test_who_chose_another_persona_is_not_answered_for_by_the_one_the_vendor_knows(person, vendor):
    person.signs_in()
    person.allows(person.opens(vendor.link()))
    adds_persona(person, "At work", {})
    page = person.opens(vendor.link(prompt="select_account"))

    asked = goes_on(person.browser, "Ana", persona="At work", at=page.request.full_path)

    assert asked.request.path.startswith("/consent/")


def test_a_vendor_that_knows_both_personas_meets_the_one_shown_or_the_one_it_names(person, vendor):
    person.signs_in()
    at_home = signed_in(vendor, person.allows(person.opens(vendor.link())))
    adds_persona(person, "At work", {})
    page = person.opens(vendor.link(prompt="select_account"))
    at_work = signed_in(
        vendor, person.allows(goes_on(person.browser, "Ana", persona="At work", at=page.request.full_path))
    )

    shown = signed_in(vendor, person.opens(vendor.link(prompt="none")))
    named = signed_in(vendor, person.opens(vendor.link(prompt="none", id_token_hint=at_home["id_token"])))

    assert sub_in(shown) == sub_in(at_work)
    assert sub_in(named) == sub_in(at_home)


def test_two_personas_at_one_vendor_have_sessions_of_their_own_there(person, app, house):
    vendor = VendorActor(app, house, "shop", backchannel_logout_uri="https://shop.example/logout")
    person.signs_in()
    person.allows(person.opens(vendor.link()))
    adds_persona(person, "At work", {})
    page = person.opens(vendor.link(prompt="select_account"))
    person.allows(goes_on(person.browser, "Ana", persona="At work", at=page.request.full_path))

    found = rows(house, "sign_ins")

    assert len({row["sub"] for row in found}) == len({row["sid"] for row in found}) == 2


def test_what_is_added_on_the_way_to_an_answer_belongs_to_the_persona_that_answers(person, vendor):
    person.signs_in()
    person.allows(person.opens(vendor.link()))
    adds_persona(person, "At work", {})
    page = person.opens(vendor.link(needing=["website"], prompt="consent"))
    [add] = {*re.findall(r'href="(/data/website\?[^"]+)"', page.text)}

    add = add.replace("&amp;", "&")
    saved = person.browser.post(add, value="https://ana.example", version="0")

    assert "https://ana.example" in words(person.browser.follow(saved.location))
    assert "https://ana.example" not in words(person.browser.get("/data"))
    goes_on(person.browser, "Ana", persona="Me")
    assert "https://ana.example" in words(person.browser.get("/data"))


def test_the_persona_of_somebody_else_neither_answers_nor_is_shown(person, ben, vendor, house):
    page = person.opens(vendor.link(asking=["email"]))
    theirs = ben.person.persona_id

    with nothing_changes(house):
        shown = person.browser.get(f"{page.request.path}?persona={theirs}")
        data = person.browser.get(f"/data/email?persona={theirs}")

    assert shown.status_code == data.status_code == 404
    assert "ben@example.org" not in shown.text + data.text
