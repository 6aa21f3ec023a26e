"""The pages on which a person makes a trigger, tries it on the past, and sees what became of it."""

import pytest
from actors import VendorActor
from reading import words
from storage import nothing_changes, on_sqlite_alone, rows
from triggering import TOPICS, at, has_meter, looks, may_speak, used

pytestmark = on_sqlite_alone


@pytest.fixture
def grant_id(app, house, person, clock):
    clock.now = at(2027, 6, 1)
    return may_speak(person, VendorActor(app, house, "stadtwerke", **TOPICS))["grant_id"]


@pytest.fixture
def meter(house, person, grant_id):
    found = has_meter(house, person)
    for day, amount in (("2025-03-01", "1000"), ("2026-03-01", "2000"), ("2026-09-01", "700"), ("2027-03-01", "2400")):
        used(house, found, day, amount)
    return found


def fields(grant_id, meter, **changed):
    said = {"grant": grant_id, "kind": "reach", "of": f"{meter.data_set_id}/1", "measure": "total"}
    said |= {"comparison": ">=", "amount": "2,5", "unit": "MWh", "every": "year", "topic": "tariff", "channel": ""}
    return said | {"days": "14", "mode": "own", "name": "Too much"} | changed


def makes(person, grant_id, meter, **changed):
    form_at = f"/triggers/new?grant={grant_id}&kind=reach"
    return person.browser.post("/triggers/new", form_at=form_at, **fields(grant_id, meter, **changed))


def test_a_trigger_is_made_in_two_steps_and_says_what_it_will_do(person, grant_id, meter):
    assert "No triggers yet" in words(person.browser.get("/triggers"))
    assert "Stadtwerke" in words(person.browser.get("/triggers/new"))

    made = makes(person, grant_id, meter, released="email")

    assert made.status_code == 303
    page = words(person.browser.get(made.location))
    said = "Tell Stadtwerke when used in Meter comes to at least 2.5 MWh in all in a calendar year"
    assert said in page
    assert "Besides: E-mail address." in page
    assert said in words(person.browser.get("/triggers"))


def test_who_tries_it_on_the_past_sees_when_it_would_have_fired_and_nothing_is_kept(house, person, grant_id, meter):
    form_at = f"/triggers/new?grant={grant_id}&kind=reach"
    person.browser.get(form_at)
    with nothing_changes(house):
        page = makes(person, grant_id, meter, **{"try": "1"})

    assert "It would have fired once." in words(page)
    assert "1 September 2026" in words(page)
    assert 'class="plot-mark"' in page.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amount": "much"}, "Write the number in digits"),
        ({"unit": "EUR"}, "This unit can not be turned"),
        ({"topic": "outage"}, "Choose one of the topics"),
        ({"released": "birthdate"}, "Release only what this vendor may read"),
        ({"mode": "delegated"}, "Tick that the vendor is told your condition"),
        ({"days": "0"}, "Enter a whole number from 1 to 365"),
        ({"every": "own", "begins": "31 March"}, "Say from which day"),
        ({"of": "elsewhere/0"}, "Choose what it looks at"),
        ({"name": " "}, "Give the trigger a name"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence_and_nothing_is_kept(
    house, person, grant_id, meter, changed, said
):
    person.browser.get("/triggers")
    with nothing_changes(house):
        page = makes(person, grant_id, meter, **changed)

    assert page.status_code == 422
    assert said in words(page)


def test_the_person_sees_that_it_fired_what_was_released_and_that_the_time_passed(
    house, person, grant_id, meter, clock
):
    page = makes(person, grant_id, meter, released="email").location
    used(house, meter, "2027-05-30", "100")
    assert looks(house) == 1

    shown = words(person.browser.get(page))
    assert "It came to 2,500 kWh." in shown
    assert "Stadtwerke was told." in shown
    assert "ana@example.org" in shown
    assert "It may answer until 16 June 2027" in shown
    clock.now += 20 * 24 * 3600
    person.signs_in()
    assert "The time to answer passed" in words(person.browser.get(page))


def test_a_paused_one_does_not_fire_and_a_deleted_one_is_gone(house, person, grant_id, meter):
    page = makes(person, grant_id, meter).location
    person.browser.post(f"{page}/pause", form_at=page)
    used(house, meter, "2027-05-30", "100")
    assert looks(house) == 0

    person.browser.post(f"{page}/resume", form_at=page)
    assert looks(house) == 1

    assert "Delete for good" in person.browser.post(f"{page}/delete", form_at=page).text
    assert len(rows(house, "triggers")) == 1
    person.browser.post(f"{page}/delete", form_at=page, sure="yes")
    assert rows(house, "triggers") == rows(house, "firings") == []
    assert person.browser.get(page).status_code == 404


@pytest.mark.parametrize(
    ("page_in", "amount", "said", "again"),
    [
        ("de", "1.000", "mindestens 1.000 MWh", "1000"),
        ("de", "1,250", "mindestens 1,25 MWh", "1,25"),
        ("de", "1,255", "mindestens 1,255 MWh", "1,255"),
        ("en", "1,000", "at least 1,000 MWh", "1000"),
        ("en", "1.255", "at least 1.255 MWh", "1.255"),
    ],
)
def test_a_thousand_is_typed_as_the_page_writes_it(person, grant_id, meter, page_in, amount, said, again):
    person.browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = page_in

    page = makes(person, grant_id, meter, amount=amount).location

    assert said in words(person.browser.get(page))
    assert f'value="{again}"' in person.browser.get(f"{page}/change").text
    person.browser.post(f"{page}/change", **fields(grant_id, meter, amount=again, version="1"))
    assert said in words(person.browser.get(page))


def test_of_two_who_change_it_the_second_is_told(person, grant_id, meter):
    page = makes(person, grant_id, meter).location
    change = f"{page}/change"
    assert 'value="2.5"' in person.browser.get(change).text

    first = person.browser.post(change, **fields(grant_id, meter, amount="3", version="1"))
    second = person.browser.post(change, **fields(grant_id, meter, amount="4", version="1"))

    assert (first.status_code, second.status_code) == (303, 409)
    assert "at least 3 MWh" in words(person.browser.get(page))


def test_nobody_sees_or_changes_the_trigger_of_somebody_else(app, house, person, grant_id, meter, moves_in):
    page = makes(person, grant_id, meter).location
    person.signs_out()
    ben = moves_in("Ben")
    person.browser.post("/sign-in", login=ben.login, password=person.password)
    token_page = "/triggers"
    with nothing_changes(house):
        assert person.browser.get(page).status_code == 404
        assert person.browser.get(f"{page}/change").status_code == 404
        assert person.browser.post(f"{page}/pause", form_at="/wallet").status_code in {404, 400}
        assert "Too much" not in person.browser.get(token_page).text
