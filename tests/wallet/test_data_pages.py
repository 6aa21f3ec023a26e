"""The pages on which a person writes down their data."""

import logging
import re

import pytest
from sqlalchemy import func, select
from storage import on_sqlite_alone

from wallet.data import engine
from wallet.data.catalogue import CATALOGUE
from wallet.data.tables import attribute_values, custom_attributes


@pytest.fixture
def at_home(browser, ana):
    """Ana's browser, signed in."""
    browser.signs_in()
    return browser


def values(house, person):
    found = house.database.read(
        engine.current_values, house.secrets, person_id=person.person_id, persona_id=person.persona_id
    )
    return {name: value.value for name, value in found.items()}


def rows(house, table):
    return house.database.read(lambda db: db.execute(select(func.count()).select_from(table)).scalar_one())


def version(page):
    return re.search(r'name="version"[^>]* value="(\d+)"', page.text)[1]


def saves(browser, name, value, seen=None, **fields):
    path = f"/data/{name}"
    return browser.post(path, value=value, version=seen or version(browser.get(path)), **fields)


def test_the_list_shows_every_attribute_in_the_pages_language(at_home):
    english = at_home.get("/data").text
    at_home.post("/language", form_at="/data", language="de")
    german = at_home.get("/data").text

    for name, attribute in CATALOGUE.items():
        assert f"/data/{name}" in english
        assert attribute.label_en in english
        assert attribute.label_de in german


@on_sqlite_alone
@pytest.mark.parametrize(
    ("language", "typed", "kept", "shown"),
    [
        ("de", "2.500", 2500, "2500"),
        ("de", "2,125", 2.125, "2,125"),
        ("de", "2.5", 2.5, "2,5"),
        ("de", "1.234.567", 1234567, "1234567"),
        ("en", "2,500", 2500, "2500"),
        ("en", "2.125", 2.125, "2.125"),
    ],
)
def test_a_thousand_is_one_as_the_page_writes_it_and_saving_again_changes_nothing(
    house, at_home, ana, language, typed, kept, shown
):
    at_home.post("/language", form_at="/data", language=language)

    for each in (typed, shown):
        assert saves(at_home, "electricity.kwh_year", each).status_code == 303
        assert values(house, ana) == {"electricity.kwh_year": kept}
        assert f'value="{shown}"' in at_home.get("/data/electricity.kwh_year").text


def test_a_saved_value_is_shown_and_the_form_leads_on(house, at_home, ana):
    answer = saves(at_home, "name", "Jürgen Groß 🏡")

    assert (answer.status_code, answer.location) == (303, "/data")
    assert values(house, ana) == {"name": "Jürgen Groß 🏡"}
    assert "Jürgen Groß 🏡" in at_home.get("/data").text
    assert 'value="Jürgen Groß 🏡"' in at_home.get("/data/name").text


@pytest.mark.parametrize("value", ["<script>alert(1)</script>", "x" * 2048, "שלום עולם", '"><b>'])
def test_any_text_is_shown_as_text(at_home, value):
    saves(at_home, "nickname", value)

    for path in ("/data", "/data/nickname"):
        page = at_home.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "><b>" not in page.text


def test_saving_leads_back_to_the_consent_page_but_never_elsewhere(at_home):
    assert saves(at_home, "email", "ana@example.org", next="/consent/abc").location == "/consent/abc"
    assert saves(at_home, "email", "ana@home.example", next="//evil.example").location == "/data"


@pytest.mark.parametrize(
    ("name", "value"),
    [("email", "no address"), ("birthdate", "2023-02-29"), ("name", "a\x07b"), ("iban", "DE00"), ("name", "")],
)
def test_a_bad_value_is_shown_again_with_a_sentence_and_not_saved(house, at_home, name, value):
    answer = saves(at_home, name, value)

    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert rows(house, attribute_values) == 0


def test_who_was_overtaken_sees_both_values_and_decides(house, at_home, ana):
    saves(at_home, "email", "first@example.org")
    saves(at_home, "email", "theirs@example.org")

    conflict = saves(at_home, "email", "mine@example.org", seen="1")

    assert conflict.status_code == 409
    assert "theirs@example.org" in conflict.text
    assert 'value="mine@example.org"' in conflict.text
    assert values(house, ana) == {"email": "theirs@example.org"}
    saves(at_home, "email", "mine@example.org", seen=version(conflict))
    assert values(house, ana) == {"email": "mine@example.org"}


def test_who_was_overtaken_by_a_removal_sees_that(house, at_home, ana):
    saves(at_home, "email", "first@example.org")
    at_home.post("/data/email/unset", form_at="/data/email")

    conflict = saves(at_home, "email", "mine@example.org", seen="1")

    assert conflict.status_code == 409
    assert "The value was removed." in conflict.text
    saves(at_home, "email", "mine@example.org", seen=version(conflict))
    assert values(house, ana) == {"email": "mine@example.org"}


@pytest.mark.parametrize("seen", ["", "-1", "x", "1e9", "9" * 40, "٢"])
def test_a_tampered_version_overwrites_nothing(house, at_home, ana, seen):
    saves(at_home, "email", "first@example.org")

    answer = at_home.post("/data/email", value="mine@example.org", version=seen)

    assert answer.status_code == 409
    assert values(house, ana) == {"email": "first@example.org"}


def test_the_same_form_sent_twice_is_no_conflict(house, at_home):
    statuses = [saves(at_home, "email", "ana@example.org", seen="0").status_code for _ in range(2)]

    assert statuses == [303, 303]
    assert rows(house, attribute_values) == 1


def test_a_removed_value_is_gone_and_its_history_stays(house, at_home, ana, clock):
    saves(at_home, "email", "ana@example.org")
    clock.now += 60

    answer = at_home.post("/data/email/unset", form_at="/data/email")

    assert (answer.status_code, answer.location) == (303, "/data/email")
    assert values(house, ana) == {}
    page = at_home.get("/data/email").text
    assert "removed" in page
    assert "ana@example.org" in page


def test_an_attribute_of_ones_own_comes_with_its_first_value(house, at_home, ana):
    answer = at_home.post("/data/new", name="shoe_size", label="Schuhgröße", kind="integer", value="39")

    assert answer.status_code == 303
    assert values(house, ana) == {"shoe_size": 39}
    assert "Schuhgröße" in at_home.get("/data").text
    assert at_home.get("/data/shoe_size").status_code == 200


def test_an_attribute_of_ones_own_may_wait_for_its_value(house, at_home, ana):
    at_home.post("/data/new", name="member", label="Member?", kind="boolean", value="")
    assert values(house, ana) == {}

    saves(at_home, "member", "false")

    assert values(house, ana) == {"member": False}
    assert 'selected value="false"' in at_home.get("/data/member").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "sub"},
        {"name": "email"},
        {"name": "Shoe"},
        {"name": ""},
        {"label": ""},
        {"kind": "magic"},
        {"value": "big"},
    ],
)
def test_an_attribute_that_will_not_do_leaves_nothing_behind(house, at_home, wrong):
    good = {"name": "shoe_size", "label": "Shoe size", "kind": "integer", "value": "39"}

    answer = at_home.post("/data/new", **{**good, **wrong})

    assert answer.status_code == 422
    assert rows(house, custom_attributes) == rows(house, attribute_values) == 0


@pytest.mark.parametrize("name", ["nonsense", "sub", "EMAIL", "a%07", "x" * 300, "..%2f"])
def test_an_attribute_there_is_not_is_not_found(at_home, name):
    assert at_home.get(f"/data/{name}").status_code == 404
    assert at_home.post(f"/data/{name}", form_at="/data", value="x", version="0").status_code in {404, 405}


def test_another_persons_attribute_is_not_found(house, opens_browser, at_home, moves_in):
    at_home.post("/data/new", name="shoe_size", label="Shoe size", kind="integer", value="39")
    moves_in("bob")
    bobs = opens_browser()
    bobs.signs_in("bob")

    assert bobs.get("/data/shoe_size").status_code == 404
    assert bobs.post("/data/shoe_size/unset", form_at="/data").status_code == 404
    assert at_home.get("/data/shoe_size").status_code == 200


@pytest.mark.parametrize("path", ["/data/email", "/data/email/unset", "/data/new"])
def test_a_form_without_its_token_changes_nothing(house, at_home, ana, path):
    saves(at_home, "email", "ana@example.org")
    fields = {"value": "eve@example.org", "version": "1", "name": "shoe_size", "label": "x", "kind": "text"}

    answer = at_home.client.post(path, data=fields)

    assert answer.status_code == 400
    assert values(house, ana) == {"email": "ana@example.org"}
    assert rows(house, custom_attributes) == 0


@pytest.mark.parametrize("path", ["/data/email", "/data/email/unset", "/data/new"])
def test_who_is_not_signed_in_changes_nothing(house, browser, ana, path):
    fields = {"value": "eve@example.org", "version": "0", "name": "shoe_size", "label": "x", "kind": "text"}

    answer = browser.post(path, form_at="/sign-in", **fields)

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")
    assert rows(house, attribute_values) == rows(house, custom_attributes) == 0


def test_no_cache_keeps_personal_pages(at_home):
    for path in ("/data", "/data/email", "/data/new", "/sign-in"):
        assert at_home.get(path).headers["Cache-Control"] == "no-store"


def test_no_value_reaches_the_log(at_home, caplog):
    caplog.set_level(logging.DEBUG)
    saves(at_home, "email", "geheim@example.org")
    saves(at_home, "email", "geheim ohne Klammeraffe")
    saves(at_home, "email", "geheim2@example.org", seen="7")
    at_home.get("/data")

    assert "geheim" not in caplog.text
