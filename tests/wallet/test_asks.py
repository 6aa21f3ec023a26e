"""An ask, from the moment a vendor asks until its answer has left: how long it waits, and how often it is answered."""

from dataclasses import replace

import pytest
from actors import VendorActor, path_of
from storage import nothing_changes, on_sqlite_alone, rows

from consent.asks import LIFETIME
from vendor_api.vendors import registry
from wallet.upkeep import sweep


@pytest.fixture
def page(person, vendor):
    return person.opens(vendor.link(asking=["email"], needing=["given_name"]))


def resume_of(page):
    return f"/oauth/resume?ask={page.request.path.rpartition('/')[2]}"


def test_asking_keeps_the_ask_and_gives_nothing(house, person, vendor):
    person.signs_in()

    answer = person.browser.get(path_of(vendor.link(asking=["email"])))

    assert answer.status_code == 303
    assert answer.location.startswith("/consent/")
    assert "email" not in answer.location
    assert len(rows(house, "asks")) == 1
    assert rows(house, "codes") == rows(house, "grants") == rows(house, "ledger") == []


def test_somebody_who_is_not_signed_in_comes_back_to_the_ask(person, vendor):
    door = person.browser.follow(path_of(vendor.link(asking=["email"])))

    assert door.request.path == "/sign-in"
    assert "Stadtwerke</bdi> would like to ask you something" in door.text
    page = person.opens(vendor.link(asking=["email"]))
    assert page.request.path.startswith("/consent/")


def test_the_door_does_not_tell_another_browser_who_asks(opens_browser, page):
    door = opens_browser().get("/sign-in", query_string={"next": page.request.path})

    assert "Stadtwerke" not in door.text


def test_looking_twice_is_asked_once(person, page):
    person.browser.get(page.request.path)
    person.browser.get(page.request.path)

    assert person.log() == ["asked"]


def test_an_ask_waits_half_an_hour_and_not_a_second_longer(house, person, vendor, page, clock):
    clock.now += LIFETIME - 1
    assert person.browser.get(page.request.path).status_code == 200

    clock.now += 1
    with nothing_changes(house):
        shown = person.browser.get(page.request.path)
        allowed = person.allows(page, only=["email"])
        refused = person.refuses(page)
        resumed = person.browser.get(resume_of(page))

    assert [answer.status_code for answer in (shown, allowed, refused, resumed)] == [410] * 4
    assert "waited too long" in shown.text
    assert "ana@example.org" not in shown.text


def test_an_answer_that_was_not_fetched_in_time_stays_here(house, person, page, clock):
    sent = person.browser.post(page.request.path, answer="allow", attribute="email", until="2027-03-01")
    clock.now += LIFETIME
    person.browser.get("/data")

    with nothing_changes(house):
        resumed = person.browser.get(sent.location)

    assert resumed.status_code == 410


def test_an_ask_that_is_over_is_forgotten(house, person, page, clock):
    clock.now += LIFETIME

    house.database.write(sweep, now=clock.now)

    assert rows(house, "asks") == []
    assert person.browser.get(page.request.path).status_code == 404


@pytest.mark.parametrize("ask_id", ["x", "x" * 3000, "%00", "..%2f..", "%F0%9F%8F%A1", "' or 1=1 --"])
def test_an_ask_there_is_not_is_not_found(house, person, page, ask_id):
    with nothing_changes(house):
        shown = person.browser.get(f"/consent/{ask_id}")
        resumed = person.browser.get(f"/oauth/resume?ask={ask_id}")

    assert {shown.status_code, resumed.status_code} <= {400, 404}


def test_an_ask_without_an_answer_can_not_be_resumed(house, person, page):
    with nothing_changes(house):
        resumed = person.browser.get(resume_of(page))

    assert resumed.status_code == 404
    assert person.browser.get("/oauth/resume").status_code == 404


def test_an_answer_leaves_once(house, person, vendor, page):
    vendor.receives(person.allows(page, only=["email"]))

    with nothing_changes(house):
        again = person.browser.get(resume_of(page))
        back_button = person.browser.get(page.request.path)

    assert (again.status_code, back_button.status_code) == (404, 404)
    assert "Location" not in again.headers


def test_going_back_to_an_answered_page_leads_on_to_the_vendor(person, vendor, page):
    person.browser.post(page.request.path, answer="refuse")

    answer = vendor.receives(person.browser.follow(page.request.path))

    assert answer["error"] == "access_denied"


def test_two_asks_at_once_in_two_tabs_each_get_their_own_answer(app, house, person, vendor):
    other = VendorActor(app, house, "other")
    first, second = person.opens(vendor.link(asking=["email"])), person.opens(other.link(asking=["birthdate"]))

    to_other = other.receives(person.refuses(second))
    to_vendor = vendor.receives(person.allows(first, only=["email"]))

    assert to_other["error"] == "access_denied"
    assert vendor.reads(vendor.redeems(to_vendor["code"]).json["access_token"]).json["email"] == "ana@example.org"
    assert (to_vendor["state"], to_other["state"]) == (vendor.state, other.state)


def test_what_was_asked_is_kept_as_it_was_even_if_the_vendor_changes_meanwhile(house, person, vendor, page):
    registered = house.database.read(registry.find, vendor.client_id)
    metadata = {**registered.metadata, "client_name": "Your Bank", "purposes": {"email": "Spam"}}
    house.database.write(registry.change, replace(registered, metadata=metadata))

    shown = person.browser.get(page.request.path)

    assert "Your Bank" not in shown.text
    assert "To send your bill" in shown.text


def test_a_vendor_that_is_removed_meanwhile_gets_nothing_out_of_the_answer(house, person, vendor, page):
    house.database.write(registry.remove, vendor.client_id)

    response = person.allows(page, only=["email"])

    assert (response.status_code, response.location) == (400, None)
    assert rows(house, "codes") == []


@on_sqlite_alone
def test_a_thousand_letters_of_state_come_back_and_more_are_refused(house, person, vendor):
    long = "s" * 2000
    answer = vendor.receives(person.refuses(person.opens(vendor.link(asking=["email"], state=long))))
    assert answer["state"] == long

    with nothing_changes(house):
        answer = vendor.receives(person.opens(vendor.link(asking=["email"], state=long + "s")))
    assert answer["error"] == "invalid_request"
