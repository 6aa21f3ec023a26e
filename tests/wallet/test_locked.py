"""What a person locks opens only while they are here: not for the host, nor from a copy, nor in another browser."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from actors import PersonActor
from flask import Response, g
from storage import nothing_changes, on_sqlite_alone, rows

from keys.errors import CannotOpen
from keys.persons import open_data_key, subject_key
from keys.sealing import unseal
from wallet.app import create_app
from wallet.data import engine, locks, sealed
from wallet.data.errors import LockedAway, NothingToLock
from wallet.people import locking

PASSWORD = "correct horse battery"
VALUE = "+49301234567"


def locks_it(person, name="phone_number", **fields):
    """By the button of the value's page, with the password if the page asks for it."""
    page = person.browser.get(f"/data/{name}").text
    more = {"password": PASSWORD} if 'id="lock-password"' in page else {}
    return person.browser.post(f"/data/{name}/lock", form_at=f"/data/{name}", **more, **fields)


@pytest.fixture
def locked(person):
    """Ana has locked her phone number in this browser."""
    person.signs_in()
    assert locks_it(person).status_code == 303
    return person


@pytest.fixture
def place(ana):
    return {"person_id": ana.person_id, "persona_id": ana.persona_id}


def current(house, place, lock_key=None):
    return house.database.read(engine.current_values, house.secrets, **place, lock_key=lock_key)["phone_number"]


def own_key(house, ana):
    return locking.open_lock(house, person_id=ana.person_id, password=PASSWORD)


def elsewhere(locked, app):
    """The same person in another browser, where nothing was locked yet and the password was given long ago."""
    other = PersonActor(app, locked.house, locked.person, password=PASSWORD)
    other.signs_in()
    for cookie in ("presence",):
        other.browser.client.delete_cookie(cookie)
    return other


@on_sqlite_alone
def test_what_is_locked_is_shown_to_who_is_here_and_kept_from_the_host(locked, house, ana, place):
    assert VALUE in locked.browser.get("/data/phone_number").text
    assert "only while you are here" in locked.browser.get("/data").text
    assert current(house, place).value is None
    assert current(house, place, own_key(house, ana)).value == VALUE


def test_a_full_copy_with_the_master_key_opens_no_version_of_it(person, house, ana, place):
    person.has({"phone_number": "+49309999999"})
    before = [
        bytes(row["value_sealed"]) for row in rows(house, "attribute_values") if row["attribute"] == "phone_number"
    ]
    person.signs_in()

    locks_it(person)

    data_key = house.database.read(open_data_key, house.secrets, person_id=ana.person_id)
    key = house.database.write(subject_key, data_key, **place, subject="phone_number")
    versions = [row for row in rows(house, "attribute_values") if row["attribute"] == "phone_number"]
    whole = {**place, "attribute": "phone_number"}
    for row in versions:
        assert row["locked"]
        inside = unseal(key, bytes(row["value_sealed"]), *sealed.value_aad(whole, row["version"]))
        assert b"+4930" not in inside
        for secret in (house.secrets.sealing, house.secrets.cookies, data_key, key):
            with pytest.raises(CannotOpen):
                unseal(secret, inside, *sealed.inner_aad(whole, row["version"]))
        with pytest.raises(CannotOpen):
            unseal(key, before[row["version"] - 1], "any place")
    assert len(versions) == 2
    assert house.database.read(locks.has_locked, person_id=ana.person_id)


@on_sqlite_alone
def test_the_files_keep_neither_the_old_bytes_nor_the_key_that_opened_them(person, house):
    person.signs_in()
    person.browser.get("/data")
    keys = {row["subject"]: bytes(row["key_sealed"]) for row in rows(house, "data_keys")}
    values = [
        bytes(row["value_sealed"]) for row in rows(house, "attribute_values") if row["attribute"] == "phone_number"
    ]
    files = list(Path(house.database.url.database).parent.glob("wallet.db*"))
    assert any(values[0] in path.read_bytes() for path in files)

    locks_it(person)

    stored = b"".join(path.read_bytes() for path in Path(house.database.url.database).parent.glob("wallet.db*"))
    assert keys["phone_number"] not in stored
    assert values[0] not in stored
    assert keys["email"] in stored


@on_sqlite_alone
def test_the_lock_key_is_nowhere_in_the_database_and_the_cookie_alone_or_the_session_alone_opens_nothing(
    locked, house, ana
):
    lock_key = own_key(house, ana)
    cookie = locked.browser.client.get_cookie("presence")
    presence_key = next(bytes(row["presence_key"]) for row in rows(house, "sessions"))

    assert (cookie.http_only, cookie.same_site, cookie.max_age) == (True, "Lax", None)
    assert lock_key not in repr([rows(house, table) for table in ("sessions", "lock_keys", "people")]).encode()
    for secret in (house.secrets.sealing, house.secrets.tokens, house.secrets.cookies, presence_key):
        wrapped = bytes(rows(house, "lock_keys")[0]["wrapped"])
        with pytest.raises(CannotOpen):
            unseal(secret, wrapped, "lock_key", ana.person_id, "password")


def test_it_stays_open_over_a_restart_and_in_two_tabs_and_is_closed_by_signing_out(locked, house):
    again = create_app(house).test_client()
    for cookie in ("wallet", "presence"):
        again.set_cookie(cookie, locked.browser.client.get_cookie(cookie).value)
    assert VALUE in again.get("/data/phone_number").text
    assert VALUE in locked.browser.get("/data/phone_number").text
    kept = locked.browser.client.get_cookie("presence").value

    locked.signs_out()

    assert locked.browser.client.get_cookie("presence") is None
    assert {row["presence_key"] for row in rows(house, "sessions")} == {None}
    again.set_cookie("presence", kept)
    assert again.get("/data/phone_number").status_code == 303


@on_sqlite_alone
def test_another_browser_shows_that_it_is_locked_until_the_password_is_given(locked, app, house):
    other = elsewhere(locked, app)

    page = other.browser.get("/data/phone_number").text

    assert VALUE not in page + other.browser.get("/data").text
    link = re.search(r'href="(/sign-in\?next=[^"]+)"', page)[1]
    with nothing_changes(house):
        save = other.browser.post("/data/phone_number", form_at="/data/birthdate", value="+49301111111", version="1")
    assert save.status_code == 403
    response = other.browser.post(link, login="Ana", password=PASSWORD)
    assert VALUE in other.browser.get(response.location).text


@on_sqlite_alone
def test_a_presence_of_one_session_is_none_in_another(locked, app, house):
    other = elsewhere(locked, app)

    other.browser.client.set_cookie("presence", locked.browser.client.get_cookie("presence").value)

    assert VALUE not in other.browser.get("/data/phone_number").text


@pytest.mark.parametrize("garbage", ["", "x", "AAAA", "é", "=" * 5000])
@on_sqlite_alone
def test_a_cookie_that_was_tampered_with_is_no_presence(locked, garbage):
    locked.browser.client.set_cookie("presence", garbage)

    page = locked.browser.get("/data/phone_number")

    assert page.status_code == 200
    assert VALUE not in page.text


@on_sqlite_alone
def test_a_wrong_password_locks_nothing(person, house):
    person.signs_in()
    person.browser.post("/data/phone_number/lock", form_at="/data/phone_number", password="wrong password")

    answer = person.browser.post("/data/phone_number/lock", form_at="/data/phone_number", password="wrong password")

    assert answer.status_code == 403
    assert rows(house, "lock_keys") == []
    assert not any(row["locked"] for row in rows(house, "attribute_values"))


def test_a_new_value_is_locked_like_those_before_it_and_the_history_too(locked, house, ana, place):
    page = locked.browser.get("/data/phone_number").text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)[1]

    locked.browser.post("/data/phone_number", value="+49301111111", version=version)

    assert current(house, place).value is None
    page = locked.browser.get("/data/phone_number").text
    assert "+49301111111" in page
    assert VALUE in page
    with pytest.raises(LockedAway):
        locked.has({"phone_number": "+49302222222"})


@on_sqlite_alone
def test_who_saw_an_older_version_is_told_and_nothing_is_lost(locked, house):
    locked.browser.post("/data/phone_number", value="+49301111111", version="1")

    late = locked.browser.post("/data/phone_number", value="+49302222222", version="1")

    assert late.status_code == 409
    assert "+49301111111" in late.text


def test_unlocking_takes_presence_and_brings_back_every_version(locked, app, house, place):
    locked.browser.post("/data/phone_number", value="+49301111111", version="1")
    other = elsewhere(locked, app)
    with nothing_changes(house):
        refused = other.browser.post("/data/phone_number/unlock", form_at="/data/birthdate")
    assert refused.location.startswith("/sign-in")

    locked.browser.post("/data/phone_number/unlock", form_at="/data/phone_number")

    assert current(house, place).value == "+49301111111"
    past = house.database.read(engine.history, house.secrets, **place, attribute="phone_number")
    assert [change.value for change in past] == ["+49301111111", VALUE]


def test_two_locks_at_once_lock_it_once_and_lose_nothing(person, house, ana, place):
    person.signs_in()
    lock_key = locking.make_lock(house, person_id=ana.person_id, password=PASSWORD)
    whole = {**place, "attribute": "phone_number"}

    def go(work):
        try:
            house.database.write(work, house.secrets, place=whole, lock_key=lock_key)
        except NothingToLock as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, [locks.lock, locks.lock])) == ["NothingToLock", "done"]
    assert current(house, place, lock_key).value == VALUE


@on_sqlite_alone
def test_what_is_not_locked_can_not_be_given_up(person, house):
    person.signs_in()
    with nothing_changes(house):
        person.browser.post("/data/phone_number/give-up", form_at="/data/phone_number")


@on_sqlite_alone
def test_who_locks_nothing_has_no_presence(person, house):
    person.signs_in()

    assert person.browser.client.get_cookie("presence") is None
    assert rows(house, "lock_keys") == []


@on_sqlite_alone
def test_somebody_else_at_this_browser_does_not_find_it_open(locked, app, house, moves_in):
    moves_in("Ben")

    locked.browser.post("/sign-in?another=1", login="Ben", password=PASSWORD)

    assert locked.browser.client.get_cookie("presence") is None


@on_sqlite_alone
def test_an_attribute_of_ones_own_is_locked_like_any_other(person, house, ana):
    person.signs_in()
    person.browser.post("/data/new", label="Cat", name="pets.cat", kind="text", value="Wilhelmine")

    locks_it(person, "pets.cat")

    assert "Wilhelmine" in person.browser.get("/data/pets.cat").text
    person.browser.client.delete_cookie("presence")
    assert "Wilhelmine" not in person.browser.get("/data/pets.cat").text


def test_a_value_that_is_saved_while_it_is_being_locked_is_locked_or_refused(person, house, ana, place):
    lock_key = locking.make_lock(house, person_id=ana.person_id, password=PASSWORD)
    whole = {**place, "attribute": "phone_number"}
    start = Barrier(2)

    def lock():
        start.wait()
        house.database.write(locks.lock, house.secrets, place=whole, lock_key=lock_key)

    def save():
        start.wait()
        with suppress(LockedAway):
            person.has({"phone_number": "+49301111111"})

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(lock), pool.submit(save)]:
            done.result()

    kept = [row for row in rows(house, "attribute_values") if row["attribute"] == "phone_number"]
    assert all(row["locked"] for row in kept)
    assert current(house, place, lock_key).value == (VALUE if len(kept) == 1 else "+49301111111")


@on_sqlite_alone
def test_behind_https_no_other_name_and_no_open_line_gets_the_cookie(house):
    behind = replace(house, settings=replace(house.settings, issuer="https://wallet.example"))
    app = create_app(behind)

    with app.test_request_context("/", base_url="https://wallet.example"):
        g.presence = "sealed"
        answer = app.process_response(Response())

    given = [line for line in answer.headers.getlist("Set-Cookie") if "presence" in line]
    assert given == ["__Host-presence=sealed; Secure; HttpOnly; Path=/; SameSite=Lax"]
