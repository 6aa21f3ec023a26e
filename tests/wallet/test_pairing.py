"""A second device comes in without the password: one link, one browser that opens it, one number."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from actors import Browser, PersonActor
from reading import words
from recovering import hidden, sends
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.people import pairing
from wallet.people.pairing import LIFETIME
from wallet.upkeep import sweep

FIREFOX = "Mozilla/5.0 (Linux; Android 15; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def at_home(person):
    person.signs_in()
    return person


@pytest.fixture
def phone(app):
    phone = Browser(app)
    phone.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    return phone


@pytest.fixture
def shown(at_home):
    """The page with the code."""
    return at_home.browser.post("/wallet/device/begin", form_at="/wallet/device")


def link(shown):
    return f"/pair/{hidden(shown, 'token')}"


def opens(browser, shown):
    return sends(browser, browser.get(link(shown)), link(shown))


def number_on(page):
    return re.search(r"pair-number\">(\d\d)<", page.text)[1]


def checks(browser, page):
    return sends(browser, page, "/pair/check", guest=hidden(page, "guest"))


def allows(person, shown, number):
    page = sends(person.browser, shown, "/wallet/device/check", token=hidden(shown, "token"))
    return sends(person.browser, page, "/wallet/device/allow", token=hidden(shown, "token"), number=number)


def is_in(browser):
    return browser.get("/data").status_code == 200


def test_the_second_device_comes_in_when_the_first_has_typed_its_number(at_home, phone, shown, house, clock):
    clock.now += 60
    page = opens(phone, shown)
    asked = sends(at_home.browser, shown, "/wallet/device/check", token=hidden(shown, "token"))
    assert "Firefox, Android would like to be let in." in words(asked)
    assert not is_in(phone)

    allows(at_home, shown, number_on(page))
    answer = checks(phone, page)

    assert answer.location == "/data"
    assert is_in(phone)
    assert "Firefox, Android" in words(at_home.browser.get("/sessions"))
    assert max(row["auth_time"] for row in rows(house, "sessions")) == clock.now


def test_the_link_says_whose_wallet_it_is_and_a_look_changes_nothing(at_home, phone, shown, house):
    with nothing_changes(house):
        page = phone.get(link(shown))

    assert "You will be signed in to the wallet of Ana" in words(page)
    assert "Whatever you enter in somebody else's wallet is theirs." in words(page)


def test_login_and_code_stand_for_the_link(at_home, phone, shown):
    code = re.search(r"pair-code[^>]*>([A-Z-]+)<", shown.text)[1]

    page = phone.post("/pair", login="ana", code=code.lower().replace("-", " "))
    allows(at_home, shown, number_on(page))

    assert checks(phone, page).status_code == 303
    assert is_in(phone)


@on_sqlite_alone
def test_codes_are_guessed_slowly_and_only_with_the_right_login(at_home, phone, shown, moves_in, app):
    code = re.search(r"pair-code[^>]*>([A-Z-]+)<", shown.text)[1]
    moves_in("bob")

    assert phone.post("/pair", login="bob", code=code).status_code == 422
    assert [Browser(app).post("/pair", login="ana", code="BBBB-BBBB").status_code for _ in range(6)] == [422] * 5 + [
        429
    ]


def test_the_first_browser_that_opens_a_link_has_it(at_home, phone, shown, app):
    stranger = Browser(app)
    page = opens(stranger, shown)

    late = phone.get(link(shown))

    assert late.status_code == 410
    assert "opened by another browser first" in words(late)
    assert sends(phone, phone.get("/sign-in"), link(shown)).status_code == 410
    assert allows(at_home, shown, "00").status_code == 422
    assert checks(stranger, page).status_code == 410
    assert not is_in(stranger)


def test_a_wrong_number_ends_it(at_home, phone, shown):
    page = opens(phone, shown)
    wrong = "10" if number_on(page) != "10" else "11"

    answer = allows(at_home, shown, wrong)

    assert answer.status_code == 422
    assert "That was not the number." in words(answer)
    assert allows(at_home, shown, number_on(page)).status_code == 422
    assert checks(phone, page).status_code == 410
    assert not is_in(phone)


def test_nobody_comes_in_before_the_number_or_twice_or_with_anothers_ticket(at_home, phone, shown, app, house):
    page = opens(phone, shown)
    assert "Type this number" in words(checks(phone, page))
    thief = Browser(app)
    allows(at_home, shown, number_on(page))

    assert sends(thief, thief.get("/pair"), "/pair/check", guest=hidden(page, "guest")).status_code == 410
    assert checks(phone, page).status_code == 303
    again = sends(phone, phone.get("/data"), "/pair/check", guest=hidden(page, "guest"))

    assert again.status_code == 410
    assert len(rows(house, "sessions")) == 2


def test_of_many_checks_at_once_one_gets_a_session(at_home, phone, shown, house, clock):
    page = opens(phone, shown)
    allows(at_home, shown, number_on(page))
    found = house.database.read(pairing.find, house.secrets, hidden(shown, "token"), now=clock.now)
    here = {"browser_digest": found.opened_by, "browser": None, "now": clock.now}

    with ThreadPoolExecutor(6) as pool:
        tokens = list(pool.map(lambda _: house.database.write(pairing.enter, house.secrets, found, **here), range(6)))

    assert sum(token is not None for token in tokens) == 1
    assert len(rows(house, "sessions")) == 2


def test_what_was_seen_a_moment_ago_is_looked_at_again_when_it_counts(at_home, shown, house, clock):
    write, secrets = house.database.write, house.secrets
    found = house.database.read(pairing.find, secrets, hidden(shown, "token"), now=clock.now)
    mine, other = ({"browser_digest": name, "browser": None} for name in ("mine", "another"))

    assert write(pairing.open_it, secrets, found, **mine, now=clock.now)
    assert write(pairing.open_it, secrets, found, **other, now=clock.now) is None
    allows(at_home, shown, str(found.number))

    assert write(pairing.enter, secrets, found, **other, now=clock.now) is None
    assert write(pairing.enter, secrets, found, **mine, now=clock.now + LIFETIME) is None
    at_home.signs_out()
    assert write(pairing.enter, secrets, found, **mine, now=clock.now) is None


@on_sqlite_alone
@pytest.mark.parametrize("moment", ["open", "allow", "check"])
def test_five_minutes_are_for_all_of_it(at_home, phone, shown, clock, house, moment):
    page = opens(phone, shown) if moment != "open" else None
    if moment == "check":
        allows(at_home, shown, number_on(page))
    clock.now += LIFETIME

    if moment == "open":
        assert phone.get(link(shown)).status_code == 410
    if moment == "allow":
        assert allows(at_home, shown, number_on(page)).status_code == 422
    if page:
        assert checks(phone, page).status_code == 410
    assert not is_in(phone)
    house.database.write(sweep, now=clock.now)
    assert rows(house, "pairings") == []


@on_sqlite_alone
def test_a_link_dies_with_the_session_that_showed_it_and_with_the_next_link(at_home, phone, shown):
    at_home.browser.post("/wallet/device/begin", form_at="/wallet/device")
    assert phone.get(link(shown)).status_code == 410

    newest = at_home.browser.post("/wallet/device/begin", form_at="/wallet/device")
    page = opens(phone, newest)
    allows(at_home, newest, number_on(page))
    at_home.signs_out()

    assert checks(phone, page).status_code == 410
    assert not is_in(phone)


@on_sqlite_alone
def test_stopped_is_over(at_home, phone, shown):
    page = opens(phone, shown)

    sends(at_home.browser, shown, "/wallet/device/stop", token=hidden(shown, "token"))

    assert checks(phone, page).status_code == 410


@on_sqlite_alone
def test_nobody_lets_a_device_into_anothers_wallet(app, at_home, phone, shown, house, moves_in):
    page = opens(phone, shown)
    ben = PersonActor(app, house, moves_in("Ben"), password=at_home.password)
    ben.signs_in()
    form = ben.browser.get("/wallet/device")

    with nothing_changes(house):
        token = {"token": hidden(shown, "token")}
        sends(ben.browser, form, "/wallet/device/allow", **token, number=number_on(page))
        sends(ben.browser, form, "/wallet/device/stop", **token)
        assert "Firefox" not in words(sends(ben.browser, form, "/wallet/device/check", **token))

    assert checks(phone, page).status_code == 200


@on_sqlite_alone
def test_forged_forms_open_and_let_in_nobody(at_home, phone, shown, house):
    phone.get(link(shown))
    with nothing_changes(house):
        assert phone.client.post(link(shown)).status_code == 400
        for path in ("begin", "check", "allow", "stop"):
            assert at_home.browser.client.post(f"/wallet/device/{path}").status_code == 400


@on_sqlite_alone
def test_only_digests_of_link_and_code_are_kept(at_home, phone, shown, stored):
    code = re.search(r"pair-code[^>]*>([A-Z-]+)<", shown.text)[1]
    opens(phone, shown)

    kept = stored()

    assert hidden(shown, "token") not in kept
    assert code not in kept
    assert code.replace("-", "") not in kept
    assert "Firefox" not in kept
