"""A kit on paper: shown until it is confirmed, asked for once, and kept by nobody but its person."""

from pathlib import Path

import pytest
from actors import Browser, PersonActor
from reading import controls, words
from recovering import (
    asks,
    chooses,
    confirms,
    draws_kit,
    draws_shares,
    enters,
    errors,
    hidden,
    makes_kit,
    makes_shares,
    paper,
    sends,
)
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.people.recovery.carried import DRAFT_LIFETIME
from wallet.people.recovery.secret import SECRET_BYTES, check_of, new_secret, wrapping_key

PASSWORD = "correct horse battery"
LONG_AGO = 16 * 60


@pytest.fixture
def at_home(person):
    person.signs_in()
    return person


@pytest.fixture
def second(app, house, ana, at_home):
    """The same person in another browser."""
    second = PersonActor(app, house, ana, password=at_home.password)
    second.signs_in()
    return second


def kit_of(house):
    return [row for row in rows(house, "ways_back") if row["kind"] == "kit"]


@on_sqlite_alone
def test_signing_up_leads_to_the_kit_which_can_be_put_off(app, house, clock):
    browser = Browser(app)
    answer = browser.post("/sign-up", login="mia", password=PASSWORD, password_again=PASSWORD)
    assert answer.location == "/recovery?welcome=1"

    assert "no way back in yet" in words(browser.get("/data"))
    browser.post("/recovery/later", form_at=answer.location)
    put_off = words(browser.get("/data"))
    clock.now += 30 * 24 * 3600
    browser.post("/sign-in", login="mia", password=PASSWORD)

    assert "no way back in yet" not in put_off
    assert "no way back in yet" in words(browser.get("/data"))


def test_a_kit_counts_when_three_of_its_words_were_right(at_home, house):
    page = draws_kit(at_home)
    assert len(paper(page)) == 20
    assert kit_of(house) == []

    confirms(at_home, page)

    assert len(kit_of(house)) == 1
    assert "Make a new kit" in words(at_home.browser.get("/recovery"))
    assert "no way back in yet" not in words(at_home.browser.get("/data"))


def test_a_wrong_word_is_named_and_nothing_counts(at_home, house):
    page = draws_kit(at_home)
    name = controls(asks(at_home, page), maxlength="40")[0]["name"]

    with nothing_changes(house):
        wrong = confirms(at_home, page, **{name: "academic-not"})

    assert wrong.status_code == 422
    assert errors(wrong) == f"This is not word {name[5:]} of the kit. Look at the paper once more."
    assert confirms(at_home, page).status_code == 303


@on_sqlite_alone
def test_words_are_taken_with_capital_letters_and_spaces(at_home):
    page = draws_kit(at_home)
    name = controls(asks(at_home, page), maxlength="40")[0]["name"]

    right = f"  {paper(page)[int(name[5:]) - 1].upper()} "

    assert confirms(at_home, page, **{name: right}).status_code == 303


@on_sqlite_alone
def test_the_kit_is_shown_again_until_it_counts(at_home, house):
    page = draws_kit(at_home)

    again = sends(at_home.browser, page, "/recovery/kit/show", drawn=hidden(page, "drawn"))

    assert paper(again) == paper(page)


@on_sqlite_alone
def test_words_that_waited_an_hour_are_shown_no_more_and_count_for_nothing(at_home, house, clock):
    page = draws_kit(at_home)
    clock.now += DRAFT_LIFETIME
    at_home.browser.get("/data")

    with nothing_changes(house):
        for path in ("/recovery/kit/show", "/recovery/kit/ask", "/recovery/kit/confirm"):
            assert sends(at_home.browser, page, path, drawn=hidden(page, "drawn")).status_code == 410


@on_sqlite_alone
def test_nobody_opens_the_words_of_another_session_or_another_person(app, at_home, second, house, moves_in):
    page = draws_kit(at_home)
    ben = PersonActor(app, house, moves_in("Ben"), password=at_home.password)
    ben.signs_in()

    for thief in (second, ben):
        own = thief.browser.get("/recovery")
        for path in (
            "/recovery/kit/show",
            "/recovery/kit/confirm",
            "/recovery/shares/show",
            "/recovery/shares/confirm",
        ):
            with nothing_changes(house):
                assert sends(thief.browser, own, path, drawn=hidden(page, "drawn")).status_code == 410


@on_sqlite_alone
def test_what_no_page_of_ours_carries_is_refused(at_home, house):
    page = at_home.browser.get("/recovery")

    with nothing_changes(house):
        for drawn in ("", "x", "é", "A" * 200, "A" * 20_000, "AQ=="):
            assert sends(at_home.browser, page, "/recovery/kit/show", drawn=drawn).status_code == 410


@on_sqlite_alone
def test_words_come_by_no_get_and_are_kept_by_no_cache(at_home):
    page = draws_kit(at_home)

    assert page.headers["Cache-Control"] == "no-store"
    for path in ("/recovery/kit", "/recovery/kit/show", "/recovery/shares/show", "/recover/password"):
        assert at_home.browser.get(path).status_code == 405


def test_a_new_kit_replaces_the_old_one_only_when_it_is_confirmed(at_home, app):
    old = makes_kit(at_home)
    page = draws_kit(at_home)
    assert "Choose a new password" in words(enters(Browser(app), old))

    confirms(at_home, page)

    assert enters(Browser(app), old).status_code == 403
    assert "Choose a new password" in words(enters(Browser(app), " ".join(paper(page))))


def test_of_two_kits_drawn_in_two_browsers_the_second_to_be_confirmed_is_told(at_home, second, house):
    first, other = draws_kit(at_home), draws_kit(second)
    confirms(at_home, first)

    with nothing_changes(house):
        refused = confirms(second, other)

    assert refused.status_code == 409
    assert "Throw this one away" in words(refused)


@pytest.mark.parametrize("had_one", [True, False])
def test_a_page_sent_once_more_brings_no_older_kit_back(at_home, house, had_one):
    if had_one:
        makes_kit(at_home)
    old = draws_kit(at_home)
    confirms(at_home, old)
    makes_kit(at_home)

    with nothing_changes(house):
        assert confirms(at_home, old).status_code == 409


@on_sqlite_alone
def test_an_open_browser_is_not_enough_to_make_oneself_a_key(at_home, house, clock):
    makes_kit(at_home)
    clock.now += LONG_AGO
    at_home.browser.get("/data")

    with nothing_changes(house):
        for path in ("/recovery/kit", "/recovery/shares", "/wallet/device/begin"):
            answer = at_home.browser.post(path, form_at="/recovery", names="Ben\nCleo", needed="2")
            assert answer.location.startswith("/sign-in?next=")
    at_home.browser.client.delete_cookie("presence")
    for path, more in (("/recovery/kit", {}), ("/recovery/shares", {"names": "Ben\nCleo", "needed": "2"})):
        before = rows(house, "ways_back"), rows(house, "lock_keys")
        refused = at_home.browser.post(path, form_at="/recovery", proof="not the password", **more)
        assert (refused.status_code, errors(refused)) == (403, "This is not your password.")
        assert (rows(house, "ways_back"), rows(house, "lock_keys")) == before


def test_a_lost_kit_is_made_worthless(at_home, app, house):
    kit = makes_kit(at_home)

    at_home.browser.post("/recovery/end", form_at="/recovery", kind="kit")

    assert kit_of(house) == []
    assert enters(Browser(app), kit).status_code == 403


@on_sqlite_alone
def test_a_forged_form_makes_and_ends_nothing(at_home, house):
    makes_kit(at_home)

    with nothing_changes(house):
        for path in ("end", "kit", "later", "seen", "shares"):
            assert at_home.browser.client.post(f"/recovery/{path}", data={"kind": "kit"}).status_code == 400


def test_neither_words_nor_secret_nor_names_lie_in_database_or_log(at_home, app, house, stored, caplog):
    kit = makes_kit(at_home)
    shares = makes_shares(at_home, "Wilhelmine\nOttokar", 2)
    papers = [paper(draws_kit(at_home)), paper(draws_shares(at_home, "Kunigunde\nOttokar", 2))]
    browser = Browser(app)
    chooses(browser, enters(browser, *shares), keep="y")
    enters(Browser(app), kit, login="nobody")

    kept = stored() + caplog.text
    if house.database.is_sqlite:
        files = sorted(Path(house.database.url.database).parent.glob("wallet.db*"))
        kept += "".join(file.read_bytes().decode("latin-1") for file in files)

    for text in [kit, *shares, *map(" ".join, papers)]:
        assert text not in kept
        assert not any(" ".join(text.split()[at : at + 2]) in kept for at in range(4, 19))
    assert "Wilhelmine" not in kept
    assert "Kunigunde" not in kept


def test_what_checks_a_secret_opens_nothing():
    secret = new_secret()

    assert len(secret) == SECRET_BYTES
    assert check_of(secret) == check_of(secret) != check_of(new_secret())
    assert secret.hex() not in check_of(secret)
    assert wrapping_key(secret).hex() != check_of(secret)


@on_sqlite_alone
def test_the_pages_speak_german(at_home):
    page = at_home.browser.get("/recovery", headers={"Accept-Language": "de"})

    assert "Wege zurück" in words(page)
