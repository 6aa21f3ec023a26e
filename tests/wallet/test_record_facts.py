"""A fact from a data set: a vendor learns whether a sum is more or less than a number, and never the sum."""

import json
from datetime import UTC, datetime
from functools import partial

import pytest
from reading import words
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.records import engine
from wallet.records import rows as single
from wallet.records.model import Column, Shape

COLUMNS = Column("on", "date", is_key=True), Column("kwh", "number", "kWh"), Column("stand", "counter", "kWh")
FACT = {"of": "kwh", "period": "this_year", "comparison": ">=", "than": "2500", "label": "Enough", "name": "kwh_enough"}


@pytest.fixture
def at_home(person):
    person.signs_in()
    return person


@pytest.fixture
def meter(house, ana):
    return makes(house, ana.person_id, ana.persona_id)


def makes(house, person_id, persona_id):
    """Last year 1,000 kWh and the meter at 1,000; this year 1,499 kWh and the meter at 3,499."""
    made = empty(house, person_id, persona_id)
    adds = partial(house.database.write, single.add, house.secrets, made, now=house.clock())
    year = datetime.fromtimestamp(house.clock(), UTC).year
    adds([f"{year - 1}-12-31", "1000", "1000"])
    adds([f"{year}-01-02", "2499", "3499"])
    return made


def empty(house, person_id, persona_id, name="Meter readings"):
    ids = {"person_id": person_id, "persona_id": persona_id, "now": house.clock()}
    return house.database.write(engine.create, house.secrets, **ids, name=name, shape=Shape(COLUMNS, 0))


def more(house, found, kwh, stand):
    """A row of today."""
    today = datetime.fromtimestamp(house.clock(), UTC).date().isoformat()
    house.database.write(single.add, house.secrets, found, [today, kwh, stand], now=house.clock())


def defines(person, found, **changed):
    return person.browser.post(f"/records/{found.data_set_id}/fact", **FACT | changed)


def asks(person, vendor, *names):
    claims = json.dumps({"userinfo": dict.fromkeys(names)})
    page = person.opens(vendor.link(claims=claims))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=names))["code"]).json
    return page, tokens["access_token"]


def learns(vendor, token):
    return {name: value for name, value in vendor.reads(token).json.items() if name != "sub"}


def test_a_vendor_learns_yes_or_no_as_the_year_goes_on(house, at_home, vendor, meter):
    assert defines(at_home, meter).status_code == 303
    assert defines(at_home, meter, of="stand", name="stand_enough").status_code == 303
    page, token = asks(at_home, vendor, "kwh_enough", "stand_enough")
    before = learns(vendor, token)

    more(house, meter, "1", "3500")

    assert "Meter readings, kwh, this year: at least 2,500 kWh" in words(page)
    assert before == {"kwh_enough": False, "stand_enough": False}
    assert learns(vendor, token) == {"kwh_enough": True, "stand_enough": True}


def test_it_is_tried_out_before_it_is_kept(house, at_home, ana, meter):
    new = empty(house, ana.person_id, ana.persona_id, "Water")
    with nothing_changes(house):
        tried = defines(at_home, meter, preview="1")
        none = defines(at_home, new, preview="1")
    kept = defines(at_home, meter)

    assert "Meter readings, kwh, this year: at least 2,500 kWh" in words(tried)
    assert "Today the answer is: No" in words(tried)
    assert "There is no answer today" in words(none)
    assert (kept.status_code, kept.location) == (303, "/data/kwh_enough")
    shown = at_home.browser.get(kept.location)
    assert "Meter readings, kwh, this year: at least 2,500 kWh" in words(shown)
    assert meter.data_set_id not in words(shown)


@on_sqlite_alone
@pytest.mark.parametrize("period", ["this_month", "last_month", "this_quarter", "last_quarter", "this_year",
                                    "last_year", "last_12_months"])  # fmt: skip
def test_every_period_is_offered_and_has_an_answer_where_there_are_rows(house, at_home, meter, period):
    assert f'value="{period}"' in at_home.browser.get(f"/records/{meter.data_set_id}/fact").text

    assert defines(at_home, meter, period=period).status_code == 303


@on_sqlite_alone
@pytest.mark.parametrize(
    "wrong",
    [
        {"of": "on"},
        {"of": "nothing"},
        {"period": "this_week"},
        {"comparison": "!="},
        {"than": "much"},
        {"than": "12,34,5"},
        {"label": ""},
        {"name": "email"},
        {"name": "Kwh"},
    ],
    ids=str,
)
def test_a_fact_that_will_not_do_is_shown_again_and_not_kept(house, at_home, meter, wrong):
    with nothing_changes(house):
        answer = defines(at_home, meter, **wrong)

    assert answer.status_code == 422
    assert "field-error" in answer.text


def test_a_fact_whose_data_set_was_deleted_has_no_answer_and_says_so(house, at_home, vendor, meter):
    defines(at_home, meter)
    _page, token = asks(at_home, vendor, "kwh_enough")

    house.database.write(engine.forget, meter)

    assert learns(vendor, token) == {}
    shown = words(at_home.browser.get("/data/kwh_enough"))
    assert "The records it was about are gone" in shown
    assert "Today the answer is: none" in shown


@on_sqlite_alone
def test_the_name_that_a_data_set_has_now_is_shown(house, at_home, meter):
    defines(at_home, meter)
    house.database.write(engine.rename, meter, name="Electricity", expected_version=1)

    assert "Electricity, kwh, this year" in words(at_home.browser.get("/data/kwh_enough"))


@on_sqlite_alone
def test_nobody_makes_facts_of_somebody_elses_data_set(house, at_home, moves_in):
    ben = moves_in("ben")
    bens = makes(house, ben.person_id, ben.persona_id)

    with nothing_changes(house):
        assert at_home.browser.post(
            f"/records/{bens.data_set_id}/fact", form_at="/records/import", **FACT
        ).status_code in {400, 404}
        assert at_home.browser.get(f"/records/{bens.data_set_id}/fact").status_code == 404


@on_sqlite_alone
def test_neither_the_data_set_nor_the_number_stands_in_the_clear(house, at_home, meter, stored):
    defines(at_home, meter, than="471147")

    assert "471147" not in stored()
    assert "Meter readings" not in stored()
    assert meter.data_set_id not in str(rows(house, "custom_attributes"))
