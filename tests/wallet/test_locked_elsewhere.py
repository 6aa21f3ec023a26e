"""What is locked stays so wherever else its value goes: to another persona, into facts, deposits and backups."""

import re

import pytest
from actors import PersonActor, VendorActor
from asserting import key, public
from depositing import hands_over
from journeys import tokens_for
from reading import words
from storage import nothing_changes, on_sqlite_alone, rows

from keys.persons import destroy_subject_keys
from wallet.backup import settling
from wallet.data import engine, inheritance, locks
from wallet.data.model import Origin
from wallet.people import locking
from wallet.people.personas import add_persona

PASSWORD = "correct horse battery"
VALUE = "+49301234567"


def locks_it(person, name):
    page = person.browser.get(f"/data/{name}").text
    more = {"password": PASSWORD} if 'id="lock-password"' in page else {}
    return person.browser.post(f"/data/{name}/lock", form_at=f"/data/{name}", **more)


def leaves(person):
    person.browser.client.delete_cookie("presence")


@pytest.fixture
def locked(person):
    person.signs_in()
    locks_it(person, "phone_number")
    return person


@pytest.fixture
def place(ana):
    return {"person_id": ana.person_id, "persona_id": ana.persona_id}


@pytest.fixture
def shop(app, house):
    return VendorActor(app, house, "shop", jwks=public(key("ES256", "first")), scope="openid email deposit")


@pytest.fixture
def tokens(locked, shop):
    return tokens_for(locked, shop, ["email", "deposit"], scope="openid deposit")


def own_key(house, ana):
    return locking.open_lock(house, person_id=ana.person_id, password=PASSWORD)


def test_a_persona_that_takes_a_locked_value_has_it_locked_and_open_while_its_person_is_here(locked, house, ana, place):
    now = {"now": house.clock()}
    work = house.database.write(add_persona, house.secrets, person_id=ana.person_id, name="At work", **now)
    there = {"person_id": ana.person_id, "persona_id": work.persona_id}
    house.database.write(inheritance.inherit, **there, attribute="phone_number", source=ana.persona_id, **now)

    closed = house.database.read(engine.current_values, house.secrets, **there)["phone_number"]
    found = house.database.read(engine.current_values, house.secrets, **there, lock_key=own_key(house, ana))

    assert (closed.value, closed.taken_from, bool(closed.lock)) == (None, ana.persona_id, True)
    assert (found["phone_number"].value, found["phone_number"].lock) == (VALUE, closed.lock)
    page = f"/data/phone_number?persona={work.persona_id}"
    assert VALUE in locked.browser.get(page).text
    leaves(locked)
    shut = locked.browser.get(page).text
    assert VALUE not in shut
    assert "Enter password" in shut


@on_sqlite_alone
def test_locking_keeps_where_each_version_came_from(person, house, ana, place):
    whole = {**place, "attribute": "phone_number"}
    came, now = Origin("vendor", "shop"), house.clock()
    what = {**whole, "value": "+49301111111", "expected_version": None, "origin": came, "now": now}
    house.database.write(engine.set_value, house.secrets, **what)
    lock_key = locking.make_lock(house, person_id=ana.person_id, password=PASSWORD)

    house.database.write(locks.lock, house.secrets, place=whole, lock_key=lock_key)

    past = house.database.read(engine.history, house.secrets, **whole)
    assert (past[0].value, past[0].locked, past[0].origin) == (None, True, came)
    house.database.write(locks.unlock, house.secrets, place=whole, lock_key=lock_key)
    past = house.database.read(engine.history, house.secrets, **whole)
    assert (past[0].value, past[0].origin) == ("+49301111111", came)


def test_a_fact_about_a_locked_value_leaves_after_the_person_was_here_and_is_withheld_else(person, vendor, clock):
    person.has({"birthdate": "1990-01-01"})
    person.signs_in()
    locks_it(person, "birthdate")

    given = tokens_for(person, vendor, ["age_over_18", "email"])

    assert vendor.reads(given["access_token"]).json["age_over_18"] is True
    again = vendor.refreshes(given["refresh_token"]).json["access_token"]
    assert vendor.reads(again).json["withheld"] == {"age_over_18": {"error": "interaction_required"}}
    clock.now += 600
    late = vendor.reads(given["access_token"])
    assert "age_over_18" not in late.json
    assert late.json["email"] == "ana@example.org"
    assert "Yes" in words(person.browser.get("/data/age_over_18"))
    leaves(person)
    assert "Today the answer is: locked" in words(person.browser.get("/data/age_over_18"))


@on_sqlite_alone
def test_a_fact_that_was_opened_counts_no_longer_once_its_value_is_another(person, vendor):
    person.has({"birthdate": "1990-01-01"})
    person.signs_in()
    locks_it(person, "birthdate")
    token = tokens_for(person, vendor, ["age_over_18", "email"])["access_token"]

    version = re.search(r'name="version"[^>]*value="(\d+)"', person.browser.get("/data/birthdate").text)[1]
    person.browser.post("/data/birthdate", form_at="/data/birthdate", value="2020-01-01", version=version)

    assert vendor.reads(token).json["withheld"] == {"age_over_18": {"error": "interaction_required"}}


@on_sqlite_alone
def test_who_is_away_from_a_closed_time_zone_lives_by_utc(person, vendor):
    person.has({"birthdate": "1990-01-01", "zoneinfo": "Europe/Berlin"})
    person.signs_in()
    locks_it(person, "zoneinfo")

    given = tokens_for(person, vendor, ["age_over_18"])

    assert vendor.reads(given["access_token"]).json["age_over_18"] is True


@on_sqlite_alone
def test_a_deposit_for_a_locked_value_waits_until_the_person_is_here_and_is_locked_then(
    locked, shop, tokens, house, ana, place
):
    handed = hands_over(shop, tokens, values={"nickname": "Annika", "phone_number": "+49309999999"})
    path = f"/deposits/{handed.json['deposit_id']}"
    chosen = {"answer": "keep", "part": ["nickname", "phone_number"]}
    leaves(locked)
    assert "replaces what you have: locked" in words(locked.browser.get("/deposits"))

    with nothing_changes(house):
        locked.browser.post(path, form_at="/deposits", **chosen)
    assert "Nothing was kept: This value is locked. Enter your password" in words(locked.browser.get("/deposits"))

    locked.signs_in()
    locked.browser.post(path, form_at="/deposits", **chosen)
    assert rows(house, "deposits")[0]["state"] == "kept"
    found = house.database.read(engine.current_values, house.secrets, **place)
    assert (found["phone_number"].value, found["nickname"].value) == (None, "Annika")
    found = house.database.read(engine.current_values, house.secrets, **place, lock_key=own_key(house, ana))
    assert found["phone_number"].value == "+49309999999"


@pytest.mark.parametrize("there", ["a value", "its past"])
@on_sqlite_alone
def test_what_a_trusted_vendor_hands_over_for_a_locked_value_waits_too(locked, shop, tokens, house, there):
    locked.browser.post("/deposits/trust", form_at="/deposits", grant_id=tokens["grant_id"], trust="yes")
    if there == "its past":
        locked.browser.post("/data/phone_number/unset", form_at="/data/phone_number")
    values = rows(house, "attribute_values")

    handed = hands_over(shop, tokens, values={"phone_number": "+49309999999", "nickname": "Annika"})

    assert handed.status_code == 201
    assert [row["state"] for row in rows(house, "deposits")] == ["waiting"]
    assert rows(house, "attribute_values") == values


@on_sqlite_alone
def test_a_lock_that_was_given_up_ends_every_presence(locked, app, house, ana):
    other = PersonActor(app, house, ana, password=PASSWORD)
    other.signs_in()
    assert VALUE in other.browser.get("/data/phone_number").text
    locked.browser.post("/data/phone_number/give-up", form_at="/data/phone_number")
    locked.has({"phone_number": VALUE})
    locked.signs_in()
    locks_it(locked, "phone_number")

    page = other.browser.get("/data/phone_number")

    assert page.status_code == 200
    assert VALUE not in page.text


def test_a_copy_from_before_the_lock_gives_nothing_of_it_back(locked, house, place):
    """As where a backup is restored: rows of then, and the keyring of now."""
    whole = {**place, "subject": "email"}
    house.database.write(destroy_subject_keys, **whole)
    house.database.write(
        engine.set_value,
        house.secrets,
        **place,
        attribute="email",
        value="ana@new.example",
        expected_version=None,
        now=1,
    )

    assert house.database.write(settling.leave_out_sealed_anew, house.secrets) == 1

    found = house.database.read(engine.current_values, house.secrets, **place)
    assert found["email"].value == "ana@new.example"
    assert found["phone_number"].lock
