"""The personas' pages: one makes them, names them, says which is shown first, and what they take from each other."""

import re

import pytest
from accounts import adds_persona, goes_on
from actors import PersonActor
from reading import words
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.people.engine import own_ledger_key

PASSWORD = "correct horse battery"


@pytest.fixture
def at_home(person):
    """Ana, signed in, with a second persona that has nothing; she shows the first."""
    person.signs_in()
    person.work = adds_persona(person, "At work", {})
    goes_on(person.browser, "Ana", persona="Me")
    return person


@pytest.fixture
def ben(app, house, moves_in):
    actor = PersonActor(app, house, moves_in("Ben"), password=PASSWORD)
    actor.signs_in()
    return actor


def sends(person, persona_id, what, **fields):
    page = f"/personas/{persona_id}"
    return person.browser.post(f"{page}/{what}", form_at=page, **fields)


def vouches(person):
    house, person_id = person.house, person.person.person_id
    return house.database.read(own_ledger_key, house.secrets, person_id=person_id).sub


def names(person):
    return re.findall(r"<h2><a href=\"/personas/[^\"]+\"><bdi>([^<]+)", person.browser.get("/personas").text)


def test_the_wallets_page_leads_to_the_personas_and_each_says_what_it_has(at_home, vendor):
    at_home.allows(at_home.opens(vendor.link(["email"])), only=["email"])

    page = words(at_home.browser.get("/personas"))

    assert 'href="/personas"' in at_home.browser.get("/wallet").text
    assert "Me 9 values one vendor shown now shown first At work 0 values 0 vendors" in page


def test_a_persona_is_made_without_being_shown(at_home):
    answer = at_home.browser.post("/personas/new", form_at="/personas", name="  At the   club ")

    page = words(at_home.browser.follow(answer.location))
    assert names(at_home) == ["Me", "At work", "At the club"]
    assert "Ana · Me" in page
    assert "Created." in page


@pytest.mark.parametrize("name", ["", "me", "AT WORK", "x" * 41, "a\u202eb"])
@on_sqlite_alone
def test_two_personas_do_not_have_one_name(at_home, house, name):
    with nothing_changes(house):
        made = at_home.browser.post("/personas/new", form_at="/personas", name=name)
        renamed = sends(at_home, at_home.person.persona_id, "name", name=name if name != "me" else "At Work", seen="Me")

    assert made.status_code == renamed.status_code == 422


def test_a_persona_is_renamed_and_the_second_browser_is_told(at_home, house):
    sends(at_home, at_home.work, "name", name="In the office", seen="At work")

    with nothing_changes(house):
        late = sends(at_home, at_home.work, "name", name="Clerk", seen="At work")

    assert late.status_code == 409
    assert "Meanwhile this persona was renamed" in words(late)
    assert 'value="In the office"' in late.text
    assert names(at_home) == ["Me", "In the office"]


def test_another_spelling_of_its_own_name_is_no_clash(at_home):
    sends(at_home, at_home.work, "name", name="AT WORK", seen="At work")

    assert names(at_home) == ["Me", "AT WORK"]


def test_another_persona_is_shown_first_after_the_next_sign_in_and_the_ledger_stays_vouched_for(at_home):
    before = vouches(at_home)
    sends(at_home, at_home.work, "default")
    shown_still = words(at_home.browser.get("/data"))
    at_home.signs_out()
    at_home.signs_in()

    assert "Ana · Me" in shown_still
    assert "Ana · At work" in words(at_home.browser.get("/data"))
    assert vouches(at_home) == before
    assert sum(row["is_default"] for row in rows(at_home.house, "personas")) == 1


def test_ticked_values_are_taken_from_another_persona_and_no_others(at_home):
    page = at_home.browser.get(f"/personas/{at_home.work}").text
    offered = re.findall(r'name="attribute" value="([^"]+)"', page)

    sends(at_home, at_home.work, "take", source=at_home.person.persona_id, attribute=["email:0", "given_name:0"])

    goes_on(at_home.browser, "Ana", persona="At work")
    data = words(at_home.browser.get("/data"))
    assert {"email:0", "birthdate:0"} <= set(offered)
    assert "ana@example.org as at Me" in data
    assert "Lindenweg" not in data


def test_what_is_ticked_is_taken_no_longer(at_home):
    sends(at_home, at_home.work, "take", source=at_home.person.persona_id, attribute=["email:0", "given_name:0"])

    sends(at_home, at_home.work, "stop-taking", attribute="email:1")

    left = [row["attribute"] for row in rows(at_home.house, "inherited_values") if row["replaced_at"] is None]
    assert left == ["given_name"]


def test_a_page_that_has_grown_old_takes_nothing(at_home, house):
    at_home.has({"email": "am@firma.example"}, persona_id=at_home.work)

    with nothing_changes(house):
        answer = sends(at_home, at_home.work, "take", source=at_home.person.persona_id, attribute=["email:0", "iban:0"])

    assert "Meanwhile somebody changed this value" in words(at_home.browser.follow(answer.location))


def test_a_values_page_says_from_where_it_is_taken_who_takes_it_and_who_reads_it_there(at_home, vendor):
    where = f"/data/email?persona={at_home.work}"
    at_home.browser.post(
        f"/data/email/inherit?persona={at_home.work}", form_at=where, source=at_home.person.persona_id, version="0"
    )
    goes_on(at_home.browser, "Ana", persona="At work")
    at_home.allows(at_home.opens(vendor.link(["email"])), only=["email"])

    there = words(at_home.browser.get(where))
    here = words(at_home.browser.get(f"/data/email?persona={at_home.person.persona_id}"))

    assert "As at Me ana@example.org" in there
    assert "as at Me" in there.partition("History")[2]
    assert "Your persona At work takes it from here. There it is read by: Stadtwerke" in here


def test_a_vendor_reads_what_is_taken_and_its_change(at_home, vendor):
    sends(at_home, at_home.work, "take", source=at_home.person.persona_id, attribute="email:0")
    goes_on(at_home.browser, "Ana", persona="At work")
    code = vendor.receives(at_home.allows(at_home.opens(vendor.link(["email"])), only=["email"]))["code"]
    token = vendor.redeems(code).json["access_token"]

    first = vendor.reads(token).json["email"]
    at_home.has({"email": "ana@home.example"})

    assert (first, vendor.reads(token).json["email"]) == ("ana@example.org", "ana@home.example")


@on_sqlite_alone
def test_nobody_touches_somebody_elses_persona_or_without_a_form(at_home, ben, house):
    mine, theirs = at_home.person.persona_id, ben.person.persona_id
    with nothing_changes(house):
        seen = ben.browser.get(f"/personas/{mine}")
        for what, fields in (
            ("name", {"name": "x", "seen": "Me"}),
            ("default", {}),
            ("take", {"source": theirs, "attribute": "email:0"}),
        ):
            answer = ben.browser.post(f"/personas/{mine}/{what}", form_at=f"/personas/{theirs}", **fields)
            assert answer.status_code == 404
            assert ben.browser.client.post(f"/personas/{theirs}/{what}", data=fields).status_code == 400
        taken = sends(ben, theirs, "take", source=mine, attribute="email:0")

    assert seen.status_code == 404
    assert "nothing to take" in words(ben.browser.follow(taken.location))
