"""How a person changes what a vendor may do: pause it, take single values back, choose another last day."""

import pytest
from actors import PersonActor
from journeys import tokens_for
from reading import controls, words, words_in
from storage import nothing_changes, on_sqlite_alone

from consent.purposes import UNCLASSIFIED
from wallet.people.personas import add_persona
from wallet.people.sessions import open_session

CHANGES = {
    "pause": {},
    "resume": {},
    "narrow": {"attribute": "email"},
    "prolong": {"until": "2027-02-01"},
    "tighten": {"attribute": "email", "often": "once"},
}


@pytest.fixture
def grant_id(person, vendor):
    return tokens_for(person, vendor, ["email", "birthdate"])["grant_id"]


@pytest.fixture
def page(grant_id):
    return f"/vendors/{grant_id}"


@pytest.fixture
def ben(app, house, moves_in):
    return PersonActor(app, house, moves_in("Ben"), password="correct horse battery")


def changes(person, page, what, **fields):
    """Send one form of the page, and look at the page that follows."""
    answer = person.browser.post(f"{page}/{what}", form_at=page, **fields)
    assert (answer.status_code, answer.location) == (303, page), answer.text
    return person.browser.get(page)


def told(person):
    return words_in(person.browser.get("/ledger"), "ledger-sentence")


def test_a_vendor_is_paused_and_let_go_on(person, page):
    paused = changes(person, page, "pause")
    assert "Stadtwerke reads nothing until you let it go on." in words(paused)
    assert "Paused" in words(person.browser.get("/vendors"))

    resumed = changes(person, page, "resume")
    assert "Stadtwerke reads nothing until" not in words(resumed)
    assert "Paused" not in words(person.browser.get("/vendors"))
    assert told(person)[:2] == ["You let Stadtwerke go on.", "You paused Stadtwerke until you let it go on."]


def test_a_pause_has_its_last_day_where_the_person_names_one(person, page, clock):
    paused = changes(person, page, "pause", until="2027-01-20")

    assert "Stadtwerke reads nothing until 20 January 2027. After that day it goes on by itself." in words(paused)
    assert told(person)[0] == "You paused Stadtwerke until 20 January 2027."
    clock.now += 6 * 24 * 3600
    assert "Stadtwerke reads nothing until" not in words(person.browser.get(page))


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        ("2027-01-14", "Choose a day from today on"),
        ("2028-06-01", "Choose a day from today on"),
        ("tomorrow", "Write the day as year-month-day"),
        ("9999-12-31", "Choose a day from today on"),
    ],
)
@on_sqlite_alone
def test_a_day_that_can_not_be_is_refused_in_words(person, house, page, until, sentence):
    with nothing_changes(house):
        assert sentence in words(changes(person, page, "pause", until=until))


def test_single_values_are_taken_back(person, vendor, page):
    shown = person.browser.get(page)
    assert {box["value"] for box in controls(shown, name="attribute")} == {"email", "birthdate"}
    assert not [box for box in controls(shown, name="attribute") if "checked" in box]

    after = changes(person, page, "narrow", attribute=["email"])

    assert "Taken back." in words(after)
    assert {box["value"] for box in controls(after, name="attribute")} == {"birthdate"}
    assert "You refused: E-mail address" in words(after)
    assert told(person)[0] == "You took back from Stadtwerke: E-mail address."


@pytest.mark.parametrize(
    ("attribute", "sentence"),
    [
        (["email"], "this had been taken back already"),
        (["email", "birthdate"], "this had been taken back already"),
        (["nickname"], "this had been taken back already"),
        ([], "Tick what you want to take back."),
    ],
)
@on_sqlite_alone
def test_what_is_no_longer_there_is_not_taken_back_and_the_page_says_so(person, house, page, attribute, sentence):
    changes(person, page, "narrow", attribute=["email"])

    with nothing_changes(house):
        assert sentence in words(changes(person, page, "narrow", attribute=attribute))


def offered(page):
    """The choices of limits; those of standing answers come after them."""
    values = [choice["value"] for choice in controls(page, tag="option")]
    return values[: values.index(UNCLASSIFIED)]


def test_the_limits_of_one_value_become_stricter_and_are_offered_no_looser(person, page):
    shown = person.browser.get(page)
    copies = ["", "year", "month", "week", "day", "none"]
    assert offered(shown) == ["", "day", "week", "month", "once", *copies] * 2

    after = changes(person, page, "tighten", attribute="email", often="week", until="2027-03-01")

    assert "at most once a week until 1 March 2027" in words(after)
    assert offered(after) == ["", "once", *copies, "", "day", "week", "month", "once", *copies]
    assert told(person)[0] == "You set Stadtwerke stricter limits for: E-mail address."


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"often": "day"}, "the limits are as strict already"),
        ({"until": "2027-04-01"}, "the limits are as strict already"),
        ({}, "Choose what shall be stricter."),
        ({"often": "sometimes"}, "Choose what shall be stricter."),
        ({"until": "2027-01-14"}, "Choose a day from today on"),
        ({"until": "soon"}, "Write the day as year-month-day"),
        ({"often": "once", "attribute": "nickname"}, "this had been taken back already"),
    ],
)
@on_sqlite_alone
def test_limits_that_can_not_be_set_are_refused_in_words(person, house, page, fields, sentence):
    changes(person, page, "tighten", attribute="email", often="week", until="2027-03-01")

    with nothing_changes(house):
        assert sentence in words(changes(person, page, "tighten", **{"attribute": "email", **fields}))


def test_the_consent_page_shows_limits_that_were_tightened_before(person, vendor, page):
    changes(person, page, "tighten", attribute="email", often="once")

    shown = words(person.opens(vendor.link(["email", "nickname"])))

    assert "reads it once" in shown


def test_a_grant_is_prolonged_and_shortened(person, page):
    (field,) = controls(person.browser.get(page), id="last-day")
    assert (field["min"], field["max"]) == ("2027-01-15", "2028-01-15")

    later = changes(person, page, "prolong", until="2027-03-01")
    sooner = changes(person, page, "prolong", until="2027-02-01")
    longest = changes(person, page, "prolong", until="2028-01-15")

    assert "Until 1 March 2027" in words(later)
    assert "Until 1 February 2027" in words(sooner)
    assert "Until 15 January 2028" in words(longest)
    assert told(person)[:3] == [
        "You prolonged what Stadtwerke may do, until 15 January 2028.",
        "You let what Stadtwerke may do end sooner, on 1 February 2027.",
        "You let what Stadtwerke may do end sooner, on 1 March 2027.",
    ]


@on_sqlite_alone
@pytest.mark.parametrize("until", ["2027-01-14", "2028-01-16", "", "soon", "2027-13-01"])
def test_a_last_day_that_can_not_be_is_refused_in_words(person, house, page, until):
    with nothing_changes(house):
        shown = words(changes(person, page, "prolong", until=until))

    assert "Choose a day from today on" in shown or "Write the day as year-month-day" in shown


def test_a_page_that_has_grown_old_says_so(person, house, grant_id, page):
    person.revokes(grant_id)

    with nothing_changes(house):
        for what, fields in CHANGES.items():
            answer = person.browser.post(f"{page}/{what}", form_at="/data", **fields)
            assert answer.location == page
            assert "This had ended already, so nothing was changed." in words(person.browser.get(page))


def test_sending_a_form_twice_changes_nothing_more(person, house, page):
    changes(person, page, "pause")

    with nothing_changes(house):
        changes(person, page, "pause")


def test_one_persona_does_not_change_what_another_allowed(house, person, page):
    at = {"person_id": person.person.person_id, "now": house.clock()}
    persona = house.database.write(add_persona, house.secrets, name="At work", **at)
    token = house.database.write(
        open_session, house.secrets, persona_id=persona.persona_id, browser_digest="0" * 64, **at
    )
    with person.browser.client.session_transaction() as session:
        session["session"] = token

    with nothing_changes(house):
        for what, fields in CHANGES.items():
            assert person.browser.post(f"{page}/{what}", form_at="/data", **fields).status_code == 404


@pytest.mark.parametrize("what", CHANGES)
@on_sqlite_alone
def test_nobody_changes_it_for_somebody_else_or_without_a_form(person, ben, house, opens_browser, page, what):
    ben.signs_in()

    with nothing_changes(house):
        assert ben.browser.post(f"{page}/{what}", form_at="/data", **CHANGES[what]).status_code == 404
        assert person.browser.post(f"/vendors/made-up/{what}", form_at=page, **CHANGES[what]).status_code == 404
        assert person.browser.get(f"{page}/{what}").status_code == 405
        for browser in (person.browser, opens_browser()):
            assert browser.client.post(f"{page}/{what}", data=CHANGES[what]).status_code == 400
