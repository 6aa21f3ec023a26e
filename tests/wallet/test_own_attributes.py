"""Attributes a person thinks of: with a unit and limits, changed without losing anything, and removed for good."""

import re

import pytest
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.data import engine
from wallet.data.definitions import Details
from wallet.data.model import Origin
from wallet.data.redefining import change_attribute, definition_of
from wallet.people.personas import add_persona

NEW = {"name": "pool.volume", "label": "Pool", "kind": "number", "unit": "m³", "least": "1", "most": "2500"}


@pytest.fixture
def at_home(person):
    person.signs_in()
    return person.browser


def seen(page):
    return re.search(r'name="seen"[^>]*value="([0-9a-f]+)"', page.text)[1]


def version(page):
    return re.search(r'name="version"[^>]* value="(\d+)"', page.text)[1]


def changes(browser, name="pool.volume", mark=None, **fields):
    path = f"/data/{name}/change"
    typed = {"label": "Pool", "unit": "m³", "least": "1", "most": "2500", **fields}
    return browser.post(path, seen=mark or seen(browser.get(path)), **typed)


def test_a_number_has_its_unit_wherever_it_is_shown(at_home, person, vendor):
    assert at_home.post("/data/new", **NEW, value="2500").status_code == 303

    assert "2,500 m³" in at_home.get("/data").text
    assert "2,500 m³" in at_home.get("/data/pool.volume").text
    assert "2,500 m³" in person.opens(vendor.link(["pool.volume"])).text
    at_home.post("/language", form_at="/data", language="de")
    assert "2.500 m³" in at_home.get("/data").text


@pytest.mark.parametrize("typed", ["0.5", "2500.5", "much"])
@on_sqlite_alone
def test_a_value_beyond_the_limits_is_refused(house, at_home, typed):
    at_home.post("/data/new", **NEW)

    with nothing_changes(house):
        answer = at_home.post("/data/pool.volume", value=typed, version="0")

    assert answer.status_code == 422
    assert "field-error" in answer.text


@on_sqlite_alone
def test_one_of_a_few_is_chosen_and_nothing_else(house, at_home):
    colour = {"name": "colour", "label": "Colour", "kind": "choice", "choices": "red, green\r\nblue"}
    assert at_home.post("/data/new", **colour).status_code == 303
    assert '<option value="green">green</option>' in at_home.get("/data/colour").text

    with nothing_changes(house):
        assert at_home.post("/data/colour", value="pink", version="0").status_code == 422
    assert at_home.post("/data/colour", value="green", version="0").status_code == 303


@pytest.mark.parametrize(
    "wrong",
    [
        {"least": "5000"},
        {"least": "x"},
        {"unit": "x" * 21},
        {"description": "x" * 201},
        {"kind": "choice"},
        {"kind": "choice", "choices": "one"},
        {"kind": "choice", "choices": ",".join(map(str, range(51)))},
    ],
)
@on_sqlite_alone
def test_a_definition_that_will_not_do_leaves_nothing_behind(house, at_home, wrong):
    with nothing_changes(house):
        assert at_home.post("/data/new", **{**NEW, **wrong}).status_code == 422


def test_what_it_is_called_and_its_limits_can_change_later(at_home):
    at_home.post("/data/new", **NEW, value="2000")

    assert changes(at_home, label="Swimming pool", most="1500", description="Measured full").status_code == 303

    page = at_home.get("/data/pool.volume").text
    assert "Swimming pool" in page
    assert "Measured full" in page
    assert "2,000 m³" in page
    assert at_home.post("/data/pool.volume", value="2000.5", version="1").status_code == 422


def test_the_second_of_two_browsers_is_told_what_the_first_one_changed(house, at_home):
    at_home.post("/data/new", **NEW)
    mark = seen(at_home.get("/data/pool.volume/change"))
    changes(at_home, label="Swimming pool")

    with nothing_changes(house):
        answer = changes(at_home, label="Paddling pool", mark=mark)

    assert answer.status_code == 409
    assert "Swimming pool" in answer.text
    assert 'value="Paddling pool"' in answer.text
    assert changes(at_home, label="Paddling pool", mark=seen(answer)).status_code == 303


@on_sqlite_alone
def test_a_made_up_mark_changes_nothing(house, at_home):
    at_home.post("/data/new", **NEW)

    with nothing_changes(house):
        assert changes(at_home, label="Other", mark="0" * 32).status_code == 409


@on_sqlite_alone
def test_everybodys_attributes_can_not_be_changed_or_removed(house, at_home):
    with nothing_changes(house):
        assert at_home.get("/data/email/change").status_code == 404
        assert at_home.post("/data/email/remove", form_at="/data/email").status_code == 404


def test_a_removed_attribute_is_gone_with_its_history_and_its_keys(house, at_home, ana):
    at_home.post("/data/new", **NEW, value="2000")
    at_work = house.database.write(
        add_persona, house.secrets, person_id=ana.person_id, name="At work", now=house.clock()
    )
    house.database.write(
        engine.set_value,
        house.secrets,
        person_id=ana.person_id,
        persona_id=at_work.persona_id,
        attribute="pool.volume",
        value="7",
        expected_version=0,
        now=house.clock(),
    )

    answer = at_home.post("/data/pool.volume/remove", form_at="/data/pool.volume")

    assert (answer.status_code, answer.location) == (303, "/data")
    assert rows(house, "custom_attributes") == []
    assert [row for row in rows(house, "attribute_values") if row["attribute"] == "pool.volume"] == []
    assert [row for row in rows(house, "data_keys") if row["subject"] == "pool.volume"] == []
    assert at_home.get("/data/pool.volume").status_code == 404


def test_what_a_vendor_may_read_is_not_removed(house, at_home, person, vendor):
    at_home.post("/data/new", **NEW, value="2000")
    page = person.opens(vendor.link(["pool.volume"]))
    tokens = vendor.redeems(vendor.receives(person.allows(page, only=["pool.volume"]))["code"]).json

    with nothing_changes(house):
        answer = at_home.post("/data/pool.volume/remove", form_at="/data/pool.volume")

    assert "in use by: Stadtwerke." in at_home.get(answer.location).text
    assert vendor.reads(tokens["access_token"]).json["pool"] == {"volume": 2000}
    person.revokes(tokens["grant_id"])
    at_home.post("/data/pool.volume/remove", form_at="/data/pool.volume")
    assert at_home.get("/data/pool.volume").status_code == 404


@on_sqlite_alone
def test_what_a_fact_follows_from_is_not_removed(house, at_home):
    at_home.post("/data/new", **NEW, value="2000")
    fact = {"of": "pool.volume", "comparison": ">=", "than": "50", "label": "Big pool", "name": "big_pool"}
    assert at_home.post("/data/new-fact", **fact).status_code == 303

    with nothing_changes(house):
        answer = at_home.post("/data/pool.volume/remove", form_at="/data/pool.volume")

    assert "in use by: Big pool." in at_home.get(answer.location).text


@on_sqlite_alone
def test_the_condition_of_a_fact_stays_what_vendors_were_granted(house, at_home, ana):
    fact = {"of": "household.size", "comparison": ">", "than": "3", "label": "Many", "name": "many"}
    at_home.post("/data/new-fact", **fact)
    before, mark = house.database.read(definition_of, house.secrets, person_id=ana.person_id, name="many")

    changed = house.database.write(
        change_attribute,
        house.secrets,
        person_id=ana.person_id,
        name="many",
        seen=mark,
        label="A lot",
        details=Details(),
    )

    assert changed.label_en == "A lot"
    assert changed.fact == before.fact


@on_sqlite_alone
def test_another_person_can_not_change_or_remove_it(house, at_home, app, moves_in):
    at_home.post("/data/new", **NEW, value="2000")
    moves_in("bob")
    bobs = type(at_home)(app)
    bobs.post("/sign-in", login="bob", password="correct horse battery")

    with nothing_changes(house):
        assert bobs.get("/data/pool.volume/change").status_code == 404
        assert bobs.post("/data/pool.volume/remove", form_at="/data").status_code == 404


# Where a value came from


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (Origin("vendor", "stadtwerke"), ("left here by Stadtwerke", "the vendor’s word")),
        (Origin("vendor", "gone"), ("left here by gone",)),
        (Origin("import", "01J"), ("from what you imported", "your own word")),
        (
            Origin("credential", "https://city.example"),
            ("from a proof by https://city.example", "signed by who issued"),
        ),
    ],
)
@on_sqlite_alone
def test_the_page_says_where_a_value_came_from(house, at_home, vendor, ana, stored, origin, words):
    house.database.write(
        engine.set_value,
        house.secrets,
        person_id=ana.person_id,
        persona_id=ana.persona_id,
        attribute="customer.number",
        value="K-1",
        expected_version=0,
        origin=origin,
        now=house.clock(),
    )

    page = at_home.get("/data/customer.number").text

    assert all(said in page for said in words)
    kept = [row for row in rows(house, "attribute_values") if row["attribute"] == "customer.number"]
    assert origin.reference not in repr(kept)


def test_a_value_comes_from_somewhere_that_is_known():
    with pytest.raises(ValueError, match="sources"):
        Origin("somewhere")


# The page of all values


@on_sqlite_alone
def test_the_page_finds_by_what_things_are_called_and_not_by_values(at_home):
    found = at_home.get("/data?q=FAMILY").text

    assert "/data/family_name" in found
    assert "/data/email" not in found
    assert ">Nothing here matches.<" in at_home.get("/data?q=lindenweg").text


@on_sqlite_alone
def test_who_has_very_many_attributes_is_told_to_tidy_up(house, at_home, monkeypatch):
    monkeypatch.setattr("wallet.data.attributes.MOST_OWN", 1)
    at_home.post("/data/new", **NEW)

    with nothing_changes(house):
        answer = at_home.post("/data/new", **{**NEW, "name": "pond"})

    assert answer.status_code == 422
