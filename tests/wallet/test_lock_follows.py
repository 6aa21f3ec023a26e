"""What is locked stays open to its person whatever becomes of their password, and to nobody else."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from actors import Browser, PersonActor
from reading import words
from recovering import NEW, chooses, confirms, draws_kit, enters, errors, hidden, makes_kit, makes_shares, sends
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.people import locking
from wallet.people.errors import ChangedPasswordMeanwhile, WrongCredentials
from wallet.people.passwords import hash_password
from wallet.people.recovery.secret import wrapping_key
from wallet.people.recovery.words import combine, read
from wallet.people.tables import lock_keys

PASSWORD = "correct horse battery"
VALUE = "+49301234567"
PAGE = "/data/phone_number"


def locks_it(person, name="phone_number", password=PASSWORD):
    page = person.browser.get(f"/data/{name}").text
    more = {"password": password} if 'id="lock-password"' in page else {}
    return person.browser.post(f"/data/{name}/lock", form_at=f"/data/{name}", **more)


@pytest.fixture
def at_home(person):
    person.signs_in()
    return person


@pytest.fixture
def locked(at_home):
    assert locks_it(at_home).status_code == 303
    return at_home


@pytest.fixture
def stranger(app):
    """A browser in which nobody has signed in yet."""
    return Browser(app)


def changes(person, old=PASSWORD, new=NEW, **more):
    return person.browser.post("/wallet/password", old=old, password=new, password_again=new, **more)


def opened(house, ana, password):
    return locking.open_lock(house, person_id=ana.person_id, password=password)


def sees(browser):
    return VALUE in browser.get(PAGE).text


def signs_in(app, password):
    browser = Browser(app)
    browser.post("/sign-in", login="Ana", password=password)
    return browser


def recovers(browser, *papers, **fields):
    return chooses(browser, enters(browser, *papers), **fields)


def forgets_this_way(house, way):
    house.database.write(lambda db: db.execute(lock_keys.delete().where(lock_keys.c.way == way)))


def test_a_changed_password_takes_the_lock_along_and_the_old_one_opens_it_no_more(locked, app, house, ana):
    lock_key = opened(house, ana, PASSWORD)
    copy = house.database.read(locking.find_ways, person_id=ana.person_id)

    changes(locked)

    assert sees(locked.browser)
    assert sees(signs_in(app, NEW))
    assert (opened(house, ana, PASSWORD), opened(house, ana, NEW)) == (None, lock_key)
    kept = house.database.read(locking.find_ways, person_id=ana.person_id)
    assert list(kept) == list(copy) == ["password"]
    assert kept["password"].wrapped != copy["password"].wrapped
    assert kept["password"].salt != copy["password"].salt
    by_old = locking.by_password(PASSWORD)
    assert locking.opened(kept, person_id=ana.person_id, way="password", key_of_way=by_old) is None


@on_sqlite_alone
def test_other_browsers_are_signed_out_and_the_lock_is_closed_there(locked, app):
    phone = signs_in(app, PASSWORD)
    presence = phone.client.get_cookie("presence").value

    changes(locked)

    phone.client.set_cookie("presence", presence)
    assert phone.get(PAGE).status_code == 303


@on_sqlite_alone
def test_a_refused_change_leaves_the_lock_as_it_is(locked, house, ana):
    before = rows(house, "lock_keys")

    assert changes(locked, old="wrong wrong wrong").status_code == 403
    assert changes(locked, new="short").status_code == 422

    assert rows(house, "lock_keys") == before
    assert sees(locked.browser)


def test_two_browsers_change_the_password_at_once_and_the_lock_opens_with_the_one_that_counts(locked, app, house, ana):
    lock_key = opened(house, ana, PASSWORD)
    phone = PersonActor(app, house, ana, password=PASSWORD)
    phone.signs_in()
    start, wanted = Barrier(2), ("a sentence of the laptop", "a sentence of the phone")
    forms = [who.browser.get("/wallet/password") for who in (locked, phone)]

    def change(number):
        start.wait()
        fields = {"old": PASSWORD, "password": wanted[number], "password_again": wanted[number], "stay": "y"}
        return sends((locked, phone)[number].browser, forms[number], "/wallet/password", **fields).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(change, range(2)))

    assert sorted(answers) in ([303, 403], [303, 409], [303, 429])  # too late, meanwhile, or one try at a time
    counts, other = (wanted[number] for number in (answers.index(303), 1 - answers.index(303)))
    assert (opened(house, ana, counts), opened(house, ana, other)) == (lock_key, None)
    assert sees(signs_in(app, counts))


def test_a_lock_that_is_made_while_the_password_changes_opens_with_the_new_one_or_is_not_made(
    at_home, house, ana, monkeypatch
):
    made = []
    slow = locking.wrapping_key_of

    def meanwhile(password):
        if password == NEW and not made:
            made.append(locking.make_lock(house, person_id=ana.person_id, password=PASSWORD))
        return slow(password)

    monkeypatch.setattr(locking, "wrapping_key_of", meanwhile)
    changes(at_home)

    assert opened(house, ana, NEW) == made[0]
    assert opened(house, ana, PASSWORD) is None


def test_no_lock_is_made_for_a_password_that_is_over(at_home, house, ana, monkeypatch):
    slow = locking.wrapping_key_of

    def meanwhile(password):
        if password == PASSWORD:
            other = hash_password(NEW)
            before = rows(house, "people")[0]["password_hash"]
            change = {"person_id": ana.person_id, "old": before, "new": other}
            assert house.database.write(locking.replace_password_hash, **change)
        return slow(password)

    monkeypatch.setattr(locking, "wrapping_key_of", meanwhile)

    with pytest.raises(ChangedPasswordMeanwhile):
        locking.make_lock(house, person_id=ana.person_id, password=PASSWORD)
    assert rows(house, "lock_keys") == []
    with pytest.raises(WrongCredentials):
        locking.make_lock(house, person_id=ana.person_id, password=PASSWORD)


def test_many_locks_made_at_once_are_one(at_home, house, ana):
    def make(_number):
        return locking.make_lock(house, person_id=ana.person_id, password=PASSWORD)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(make, range(4)))) == 1


def test_a_kit_opens_what_was_locked_after_it_was_made(at_home, app, house, ana, stranger):
    kit = makes_kit(at_home)
    locks_it(at_home)

    answer = recovers(stranger, kit)

    told = words(stranger.follow(answer.location))
    assert "stay locked" not in told
    assert sees(stranger)
    assert sees(signs_in(app, NEW))
    assert opened(house, ana, PASSWORD) is None
    assert {row["way"] for row in rows(house, "lock_keys")} == {"password"}  # the kit is spent


def test_a_kit_opens_what_was_locked_before_it_was_made_and_again_if_it_stays_good(locked, app, stranger):
    kit = makes_kit(locked)

    recovers(stranger, kit, keep="y")
    again = Browser(app)
    recovers(again, kit, password="yet another sentence")

    assert sees(again)
    assert not sees(signs_in(app, NEW))


def test_shares_open_what_was_locked(locked, app, stranger):
    shares = makes_shares(locked)

    recovers(stranger, shares[2], shares[0])

    assert sees(stranger)
    assert sees(signs_in(app, NEW))


@on_sqlite_alone
def test_a_changed_password_leaves_the_kit_able_to_open(locked, stranger):
    kit = makes_kit(locked)
    changes(locked)

    recovers(stranger, kit, password="yet another sentence")

    assert sees(stranger)


@on_sqlite_alone
def test_the_lock_key_of_a_kit_opens_with_its_words_and_with_no_others(locked, house, ana):
    secret = combine([read(makes_kit(locked))])
    ways = house.database.read(locking.find_ways, person_id=ana.person_id)

    def by(secret, person_id=ana.person_id, way="kit"):
        return locking.opened(ways, person_id=person_id, way=way, key_of_way=lambda _wrapped: wrapping_key(secret))

    assert by(secret) == opened(house, ana, PASSWORD)
    assert by(b"f" * 16) is by(secret, person_id="somebody else") is by(secret, way="password") is None


@on_sqlite_alone
@pytest.mark.parametrize("path", ["/recovery/kit", "/recovery/shares"])
def test_who_is_not_present_gives_the_password_before_a_way_back_is_made(at_home, house, path):
    page = at_home.browser.get("/recovery")
    assert 'id="kit-proof"' in page.text
    fields = {"names": "Ben\nCleo", "needed": "2"} if path.endswith("shares") else {}

    none = sends(at_home.browser, page, path, **fields)
    wrong = sends(at_home.browser, page, path, **fields, proof="wrong password")

    assert [none.status_code, wrong.status_code] == [403, 403]
    assert errors(wrong) == "This is not your password."
    assert rows(house, "lock_keys") == []
    right = sends(at_home.browser, page, path, **fields, proof=PASSWORD)
    assert right.status_code == 200
    assert 'id="kit-proof"' not in at_home.browser.get("/recovery").text


@on_sqlite_alone
def test_after_signing_up_the_password_is_not_asked_for_again(app, house):
    browser = Browser(app)
    answer = browser.post("/sign-up", login="mia", password=PASSWORD, password_again=PASSWORD)

    assert 'id="kit-proof"' not in browser.follow(answer.location).text
    assert browser.post("/recovery/kit", form_at="/recovery").status_code == 200
    assert [row["way"] for row in rows(house, "lock_keys")] == ["password"]


@on_sqlite_alone
def test_a_kit_that_is_confirmed_where_nobody_is_present_any_more_does_not_count(locked, house):
    page = draws_kit(locked)
    locked.browser.client.delete_cookie("presence")

    with nothing_changes(house):
        assert confirms(locked, page).status_code == 410


def test_a_kit_drawn_before_the_lock_was_given_up_does_not_count(locked, house):
    page = draws_kit(locked)
    locked.browser.post(f"{PAGE}/give-up", form_at=PAGE)

    with nothing_changes(house):
        assert confirms(locked, page).status_code == 410


def test_an_older_kit_lets_in_and_the_page_says_what_stays_locked(locked, app, house, ana, stranger):
    lock_key, kit = opened(house, ana, PASSWORD), makes_kit(locked)
    forgets_this_way(house, "kit")
    assert "what you locked stays locked" in words(locked.browser.get("/recovery"))

    answer = recovers(stranger, kit)

    told = words(stranger.follow(answer.location))
    assert "They open only with your old password, or you give them up" in told
    assert not sees(stranger)
    assert opened(house, ana, NEW) is None
    assert opened(house, ana, PASSWORD) == lock_key


@pytest.fixture
def shut(locked, house, stranger):
    """Ana came in again by a kit that did not open the lock."""
    kit = makes_kit(locked)
    forgets_this_way(house, "kit")
    recovers(stranger, kit)
    locked.browser, locked.password = stranger, NEW
    return locked


def test_who_remembers_the_earlier_password_opens_it_with_that(shut, app, house, ana):
    page = "/wallet/password/earlier"
    before = rows(house, "lock_keys")
    for fields in ({"password": NEW, "earlier": "not this one"}, {"password": "not this one", "earlier": PASSWORD}):
        assert shut.browser.post(page, **fields).status_code in {403, 409}
    assert rows(house, "lock_keys") == before

    shut.browser.post(page, password=NEW, earlier=PASSWORD)

    assert sees(shut.browser)
    assert sees(signs_in(app, NEW))
    assert opened(house, ana, PASSWORD) is None


@on_sqlite_alone
def test_guessing_the_earlier_password_is_slow(shut):
    wrong = {"password": NEW, "earlier": "not this one"}
    assert [shut.browser.post("/wallet/password/earlier", **wrong).status_code for _ in range(6)] == [409] * 5 + [429]


@on_sqlite_alone
def test_a_new_kit_says_that_it_does_not_open_what_stays_shut(shut):
    page = draws_kit(shut)

    assert "open nothing that is locked" in words(page)
    assert confirms(shut, page).status_code == 303
    assert "what you locked stays locked" in words(shut.browser.get("/recovery"))


def test_who_has_no_way_back_gives_it_up_keeps_the_rest_and_can_lock_anew(shut, house, ana):
    refused = locks_it(shut, "email", NEW)
    assert (refused.status_code, "earlier password" in refused.text) == (409, True)

    shut.browser.post(f"{PAGE}/give-up", form_at=PAGE)

    assert rows(house, "lock_keys") == []
    assert "ana@example.org" in shut.browser.get("/data/email").text
    shut.has({"phone_number": VALUE})
    assert locks_it(shut, password=NEW).status_code == 303
    assert sees(shut.browser)


def test_a_lock_under_which_nothing_lies_and_that_stays_shut_makes_room_for_a_new_one(at_home, house, stranger):
    kit = makes_kit(at_home)
    forgets_this_way(house, "kit")
    recovers(stranger, kit)
    at_home.browser = stranger

    assert locks_it(at_home, password=NEW).status_code == 303

    assert sees(stranger)


@on_sqlite_alone
def test_a_device_that_came_in_without_the_password_shows_nothing_locked_until_it_is_given(locked, stranger):
    shown = locked.browser.post("/wallet/device/begin", form_at="/wallet/device")
    token = hidden(shown, "token")
    waits = sends(stranger, stranger.get(f"/pair/{token}"), f"/pair/{token}")
    number = waits.text.split('pair-number">')[1][:2]
    asked = sends(locked.browser, shown, "/wallet/device/check", token=token)
    sends(locked.browser, asked, "/wallet/device/allow", token=token, number=number)
    sends(stranger, waits, "/pair/check", guest=hidden(waits, "guest"))

    page = stranger.get(PAGE)
    assert (page.status_code, VALUE in page.text) == (200, False)
    assert "This value is locked" in words(page)
    assert 'id="kit-proof"' in stranger.get("/recovery").text
    refused = stranger.post(f"{PAGE}/unlock", form_at="/data/email")
    assert refused.location.startswith("/sign-in")
    stranger.post(refused.location, login="Ana", password=PASSWORD)
    assert sees(stranger)


def test_who_had_no_lock_has_one_after_coming_in_again(at_home, house, ana, stranger):
    kit = makes_kit(at_home)
    house.database.write(lambda db: db.execute(lock_keys.delete()))

    recovers(stranger, kit)
    at_home.browser = stranger

    assert locks_it(at_home, password=NEW).status_code == 303
    assert opened(house, ana, NEW) is not None
