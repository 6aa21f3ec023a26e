"""Facts that leave instead of the values they follow from: worked out at each read, kept nowhere."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from actors import PersonActor, VendorActor
from storage import nothing_changes, on_sqlite_alone

from wallet.app import create_app
from wallet.data.attributes import define_attribute
from wallet.data.catalogue import AGE
from wallet.data.definitions import Details
from wallet.data.errors import BadValue
from wallet.data.model import Fact, Total, Value
from wallet.data.predicates import Sources, answer, period

PASSWORD = "correct horse battery"


def at(day, hour=12):
    return int(datetime(*map(int, day.split("-")), hour, tzinfo=UTC).timestamp())


def said(fact, day="2027-06-15", hour=12, total=None, **values):
    held = {name: Value(name, value, 1, 1_000) for name, value in values.items()}
    found = answer("fact", fact, Sources(held.get, lambda *_: total), now=at(day, hour))
    return found and found.value


@pytest.mark.parametrize(
    ("born", "day", "years", "old_enough"),
    [
        ("2009-06-15", "2027-06-15", 18, True),
        ("2009-06-16", "2027-06-15", 18, False),
        ("2008-02-29", "2026-02-28", 18, False),
        ("2008-02-29", "2026-03-01", 18, True),
        ("2008-02-29", "2028-02-29", 20, True),
        ("2027-06-15", "2027-06-15", 0, True),
        ("2030-01-01", "2027-06-15", 0, False),
        ("2008", "2027-06-15", 18, True),
        ("2009", "2027-06-15", 18, None),
        ("2010", "2027-06-15", 18, False),
        ("0000-06-15", "2027-06-15", 18, None),
    ],
)
def test_an_age_is_reached_on_the_birthday_and_not_before(born, day, years, old_enough):
    assert said(Fact("birthdate", AGE, years), day, birthdate=born) is old_enough


@pytest.mark.parametrize(
    ("zone", "old_enough"), [("Pacific/Auckland", True), ("Europe/Berlin", True), ("America/New_York", False)]
)
def test_the_birthday_begins_where_the_person_lives(zone, old_enough):
    eighteen = Fact("birthdate", AGE, 18)

    assert said(eighteen, "2027-06-14", 23, birthdate="2009-06-15", zoneinfo=zone) is old_enough
    assert said(eighteen, "2027-06-14", 23, birthdate="2009-06-15") is False


@pytest.mark.parametrize(
    ("fact", "value", "yes"),
    [
        (Fact("n", ">", 3), 3, False),
        (Fact("n", ">", 3), 3.5, True),
        (Fact("n", ">=", 2500.1), 2500.1, True),
        (Fact("n", "<", 3), 2, True),
        (Fact("n", "<=", 3), 4, False),
        (Fact("n", "=", 0.3), 0.3, True),
        (Fact("n", "<", "2027-12-31"), "2027-12-30", True),
        (Fact("n", "=", "gas"), "gas", True),
        (Fact("n", "=", "gas"), "oil", False),
        (Fact("n", ">", 3), "4", None),
        (Fact("n", "=", 1), True, None),
    ],
)
def test_a_value_is_compared_as_it_is_written(fact, value, yes):
    assert said(fact, n=value) is yes
    assert said(fact) is None


@pytest.mark.parametrize(
    ("name", "since", "until"),
    [
        ("this_month", "2027-02-01", "2027-02-16"),
        ("last_month", "2027-01-01", "2027-02-01"),
        ("this_quarter", "2027-01-01", "2027-02-16"),
        ("last_quarter", "2026-10-01", "2027-01-01"),
        ("this_year", "2027-01-01", "2027-02-16"),
        ("last_year", "2026-01-01", "2027-01-01"),
        ("last_12_months", "2026-02-01", "2027-02-01"),
    ],
)
def test_a_period_is_days_of_the_calendar(name, since, until):
    assert [day.isoformat() for day in period(name, date(2027, 2, 15))] == [since, until]


@pytest.mark.parametrize(("total", "yes"), [(Decimal("2500"), True), (Decimal("2499.999"), False), (None, None)])
def test_a_total_of_records_is_compared_to_the_unit(total, yes):
    assert said(Fact(Total("d", "kwh", "this_year"), ">=", 2500), total=total) is yes


# With a vendor


def granted(person, vendor, names):
    page = person.opens(vendor.link(names))
    code = vendor.receives(person.allows(page, only=names))["code"]
    return page.text, vendor.redeems(code).json["access_token"]


def claims(vendor, token):
    return {name: value for name, value in vendor.reads(token).json.items() if name != "sub"}


def keeps(house, person, name, fact):
    what = {
        "name": name,
        "label": f"Fact {name}",
        "kind": "boolean",
        "details": Details(fact=fact),
        "now": house.clock(),
    }
    return house.database.write(define_attribute, house.secrets, person_id=person.person.person_id, **what)


def test_a_vendor_learns_the_answer_and_not_the_birthdate(house, person, vendor):
    page, token = granted(person, vendor, ["age_over_18", "age_over_60", "age_over_37"])

    assert claims(vendor, token) == {"age_over_18": True, "age_over_60": False, "age_over_37": False}
    assert "Date of birth: at least 18 years ago" in page
    assert "1990" not in page
    person.has({"birthdate": "1950-01-01"})
    assert claims(vendor, token) == {"age_over_18": True, "age_over_60": True, "age_over_37": True}


@on_sqlite_alone
def test_whoever_asks_for_no_predicate_pays_nothing_for_them(person, vendor, statements):
    _, token = granted(person, vendor, ["email"])
    _, asks = granted(person, vendor, ["email", "age_over_18"])
    counts = []
    for one in (token, asks):
        statements.clear()
        vendor.reads(one)
        counts.append(len(statements))

    assert counts[0] == counts[1] == 3


def test_a_fact_of_ones_own_leaves_instead_of_the_value(house, person, vendor):
    person.has({"household.size": "4"})
    keeps(house, person, "big_household", Fact("household.size", ">", 3))

    page, token = granted(person, vendor, ["big_household"])

    assert claims(vendor, token) == {"big_household": True}
    assert "People in the household: more than 3" in page
    person.has({"household.size": "3"})
    assert claims(vendor, token) == {"big_household": False}
    person.browser.post("/data/household.size/unset", form_at="/data/household.size")
    assert claims(vendor, token) == {}


@on_sqlite_alone
def test_a_fact_about_records_comes_from_where_records_are_kept(house, ana):
    asked = []

    def totals(_db, _secrets, **of):
        asked.append(of)
        return Decimal("2500.1")

    with_records = replace(house, totals=totals)
    app = create_app(with_records)
    person, vendor = PersonActor(app, with_records, ana, password=PASSWORD), VendorActor(app, house, "stadtwerke")
    keeps(house, person, "much", Fact(Total("d1", "kwh", "last_year"), ">", 2500))

    _, token = granted(person, vendor, ["much"])

    assert claims(vendor, token) == {"much": True}
    assert asked[-1] == {
        "person_id": ana.person_id,
        "persona_id": ana.persona_id,
        "data_set_id": "d1",
        "column": "kwh",
        "since": date(2026, 1, 1),
        "until": date(2027, 1, 1),
    }


@on_sqlite_alone
def test_an_answer_that_is_missing_is_asked_for_where_it_comes_from(person, vendor):
    person.signs_in()
    person.browser.post("/data/birthdate/unset", form_at="/data/birthdate")

    page = person.opens(vendor.link(["age_over_18"])).text

    assert "/data/birthdate?next=" in page


@on_sqlite_alone
def test_a_vendor_can_not_tell_what_is_missing_from_what_was_refused(house, person, vendor):
    keeps(house, person, "big_household", Fact("household.size", ">", 3))
    person.has({"household.size": "4"})
    person.signs_in()
    person.browser.post("/data/new", name="ticket", label="Ticket", kind="text", value="A 7")
    answers = []
    for names in (["email", "big_household"], ["email", "ticket"], ["email", "no_such_thing"], ["email", "age_over_x"]):
        page = person.opens(vendor.link(names))
        code = vendor.receives(person.allows(page, only=["email"]))["code"]
        tokens = vendor.redeems(code).json
        answers.append((sorted(tokens), tokens["scope"], claims(vendor, tokens["access_token"])))

    assert all(one == answers[0] for one in answers)


# Thought of by the person


@pytest.mark.parametrize(
    "fact",
    [
        Fact("email", "=", "a@b.example"),
        Fact("household.size", "!=", 3),
        Fact("home.heating", ">", "gas"),
        Fact("age_over_18", "=", "true"),
        Fact("nonsense", "=", 1),
        Fact(Total("d", "kwh", "this_week"), ">", 3),
        Fact(Total("d", "kwh", "this_year"), ">", "3"),
    ],
)
@on_sqlite_alone
def test_what_can_not_be_compared_makes_no_fact(house, person, fact):
    with nothing_changes(house), pytest.raises(BadValue):
        keeps(house, person, "fact", fact)


FORM = {"of": "home.heating", "comparison": "=", "than": "Gas", "label": "Heats with gas", "name": "heats_with_gas"}


def test_a_fact_is_tried_out_before_it_is_kept(house, person):
    person.signs_in()
    person.has({"home.heating": "oil"})

    with nothing_changes(house):
        tried = person.browser.post("/data/new-fact", **FORM, preview="1")
    kept = person.browser.post("/data/new-fact", **FORM)

    assert "Heating: equal to Gas" in tried.text
    assert '<span class="value"><bdi>No</bdi></span>' in tried.text
    assert (kept.status_code, kept.location) == (303, "/data/heats_with_gas")
    page = person.browser.get(kept.location).text
    assert "Heating: equal to Gas" in page
    assert "heats_with_gas" in page


@pytest.mark.parametrize(
    "wrong",
    [{"than": "lava"}, {"of": "email"}, {"of": "sub"}, {"comparison": ">"}, {"name": "age_over_18"}, {"label": ""}],
)
@on_sqlite_alone
def test_a_fact_that_will_not_do_is_shown_again_and_not_kept(house, person, wrong):
    person.signs_in()

    with nothing_changes(house):
        answer = person.browser.post("/data/new-fact", **{**FORM, **wrong})

    assert answer.status_code == 422
    assert "field-error" in answer.text


@on_sqlite_alone
@pytest.mark.parametrize("name", ["age_over_18", "heats_with_gas"])
def test_nobody_can_enter_an_answer(house, person, name):
    person.signs_in()
    person.browser.post("/data/new-fact", **FORM)

    with nothing_changes(house):
        person.browser.post(f"/data/{name}", form_at="/data", value="true", version="0")
        with pytest.raises(BadValue):
            person.has({name: "true"})


@on_sqlite_alone
def test_the_database_tells_no_condition(house, person, stored):
    keeps(house, person, "rich", Fact("income.net_month", ">", 4711))

    assert "4711" not in stored()
    assert "income.net" not in stored()


@on_sqlite_alone
def test_what_follows_from_something_sensitive_is_shown_as_such(house, person, vendor):
    person.has({"health.disability": "50"})
    keeps(house, person, "card", Fact("health.disability", ">=", 50))

    page = person.opens(vendor.link(["card"])).text

    assert '<span class="tag">sensitive</span>' in page


def test_discovery_names_the_usual_ages(vendor):
    supported = json.loads(vendor.client.get("/.well-known/openid-configuration").data)["claims_supported"]

    assert {"age_over_18", "place_of_birth", "nationalities", "msisdn"} <= set(supported)
