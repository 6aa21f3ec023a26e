"""Personas and vendors: which one answers, what it prefers, and a warning where a value would tell that two are one."""

import re

import pytest
from accounts import adds_persona, goes_on
from reading import words
from storage import nothing_changes, on_sqlite_alone, rows


@pytest.fixture
def two(person):
    """Ana, signed in, showing the first of her two personas."""
    person.signs_in()
    person.work = adds_persona(person, "At work", {"given_name": "A. M."})
    goes_on(person.browser, "Ana", persona="Me")
    return person


def takes(person, attribute="email", *, persona_id=None, source=None):
    where = f"/personas/{persona_id or person.work}"
    fields = {"source": source or person.person.persona_id, "attribute": f"{attribute}:0"}
    return person.browser.post(f"{where}/take", form_at=where, **fields)


def answers_as(page):
    return re.search(r'aria-current="true"><bdi>([^<]+)', page.text)[1]


def keeps(person, grant_id, persona_id):
    where = f"/vendors/{grant_id}"
    return person.browser.post(f"{where}/persona", form_at=where, persona=persona_id)


def tokens(vendor, response):
    return vendor.redeems(vendor.receives(response)["code"]).json


def shared(person, vendor, *, only=("email",)):
    return tokens(vendor, person.allows(person.opens(vendor.link(list(only))), only=only))


def prefers(person, persona_id, **said):
    where = f"/personas/{persona_id}"
    return person.browser.post(f"{where}/preferences", form_at=where, **said)


# The warning


def warning(page):
    return "would know that both are you" in words(page)


def test_the_page_warns_where_a_value_taken_from_another_persona_would_tell_that_both_are_one(two, vendor):
    takes(two)
    shared(two, vendor)

    page = two.opens(vendor.link(["email"], prompt="consent"))
    at_work = two.browser.get(f"{page.request.path}?persona={two.work}")

    assert not warning(page)
    assert "Stadtwerke reads this from your persona Me too, and would know that both are you: E-mail address" in words(
        at_work
    )


def test_it_warns_the_other_way_round_and_between_two_that_take_the_same(two, vendor):
    club = adds_persona(two, "At the club", {})
    takes(two)
    takes(two, persona_id=club)
    goes_on(two.browser, "Ana", persona="At work")
    shared(two, vendor)
    page = two.opens(vendor.link(["email"], prompt="consent"))

    warned = [
        warning(two.browser.get(f"{page.request.path}?persona={one}"))
        for one in (two.person.persona_id, two.work, club)
    ]

    assert warned == [True, False, True]


@on_sqlite_alone
def test_it_does_not_warn_of_what_tells_nothing(two, vendor):
    takes(two, "birthdate")
    granted = shared(two, vendor, only=("email", "birthdate"))
    page = two.opens(vendor.link(["birthdate", "email"], prompt="consent"))
    only_common = two.browser.get(f"{page.request.path}?persona={two.work}")
    takes(two)
    warned = two.browser.get(f"{page.request.path}?persona={two.work}")
    two.revokes(granted["grant_id"])
    after_the_end = two.browser.get(f"{page.request.path}?persona={two.work}")

    assert [warning(only_common), warning(warned), warning(after_the_end)] == [False, True, False]


@on_sqlite_alone
def test_where_nothing_is_taken_the_warning_costs_one_statement_and_with_one_persona_none(
    person, vendor, statements, house
):
    person.signs_in()
    page = person.opens(vendor.link(["email"])).request.path

    def asked_of(table):
        statements.clear()
        person.browser.get(page)
        return len([one for one in statements if f"FROM {table}" in one and "UNION" not in one])

    alone = asked_of("inherited_values")
    adds_persona(person, "At work", {})
    goes_on(person.browser, "Ana", persona="Me")

    assert (alone, asked_of("inherited_values")) == (0, 1)


# Which persona


def test_the_vendors_page_says_which_persona_it_knows(two, vendor):
    granted = shared(two, vendor)

    assert "It knows you as Me" in words(two.browser.get(f"/vendors/{granted['grant_id']}"))


def test_the_persona_kept_for_a_vendor_opens_what_it_asks_anew_and_what_was_granted_stays(two, vendor):
    granted = shared(two, vendor)
    keeps(two, granted["grant_id"], two.work)

    silent = tokens(vendor, two.opens(vendor.link(["email"])))
    asked = two.opens(vendor.link(["email", "given_name"]))
    changed = two.browser.get(f"{asked.request.path}?persona={two.person.persona_id}")
    keeps(two, granted["grant_id"], "")
    as_before = two.opens(vendor.link(["email", "given_name"]))

    assert silent["grant_id"] == granted["grant_id"]
    assert answers_as(asked) == "At work"
    assert "A. M." in words(asked)
    assert answers_as(changed) == "Me"
    assert "A. M." not in words(changed)
    assert answers_as(as_before) == "Me"


def test_who_signs_in_on_the_way_answers_as_the_persona_kept_for_that_vendor(two, vendor):
    keeps(two, shared(two, vendor)["grant_id"], two.work)
    two.signs_out()

    assert answers_as(two.opens(vendor.link(["given_name"]))) == "At work"


def test_a_tick_on_the_page_keeps_the_persona_for_that_vendor(two, vendor):
    page = two.opens(vendor.link(["given_name"]))
    at_work = two.browser.get(f"{page.request.path}?persona={two.work}")
    form = dict(re.findall(r'name="(csrf_token|until|persona)"\s(?:[^>]*?\s)?value="([^"]*)"', at_work.text))

    two.browser.client.post(page.request.path, data={**form, "answer": "allow", "keep_persona": "yes"})

    assert "Answer Stadtwerke as At work from now on" in words(at_work)
    assert [(row["client_id"], row["persona_id"]) for row in rows(two.house, "vendor_personas")] == [
        ("stadtwerke", two.work)
    ]


def test_a_persona_of_somebody_else_is_kept_for_no_vendor(two, vendor, moves_in, house):
    granted, ben = shared(two, vendor), moves_in("Ben")

    with nothing_changes(house):
        refused = keeps(two, granted["grant_id"], ben.persona_id)

    assert refused.status_code == 404


# Preferences


def test_the_pages_speak_the_language_of_the_persona_that_is_shown(two):
    prefers(two, two.work, language="de")
    english = two.browser.get("/data").text
    goes_on(two.browser, "Ana", persona="At work")
    german = two.browser.get("/data").text
    goes_on(two.browser, "Ana", persona="Ich")

    assert '<html lang="en"' in english
    assert '<html lang="de"' in german
    assert '<html lang="en"' in two.browser.get("/data").text


@on_sqlite_alone
def test_a_language_chosen_on_a_page_counts_until_another_persona_is_shown(two):
    prefers(two, two.work, language="de")
    two.browser.post(f"/personas/{two.work}/default", form_at=f"/personas/{two.work}")
    two.signs_out()
    two.signs_in()
    german = two.browser.get("/data").text
    two.browser.post("/language", form_at="/data", language="en")

    assert '<html lang="de"' in german
    assert '<html lang="en"' in two.browser.get("/data").text


def test_a_persona_that_prefers_to_be_asked_is_asked_each_time_by_new_vendors_alone(two, vendor):
    known = shared(two, vendor)
    prefers(two, two.person.persona_id, asks_each_time="yes")
    two.allows(two.opens(vendor.link(["email", "given_name"])), only=["email"])
    [before] = [row["asks_each_time"] for row in rows(two.house, "grants") if row["grant_id"] == known["grant_id"]]
    two.revokes(known["grant_id"])

    shared(two, vendor)

    assert not before
    assert two.opens(vendor.link(["email"])).request.path.startswith("/consent/")
    assert "changed" in two.log()


@on_sqlite_alone
def test_what_is_no_choice_is_not_kept(two, house):
    with nothing_changes(house):
        prefers(two, two.work, language="xx", asks_each_time="perhaps", other="x")
