"""Shares for people one trusts: enough of one set open the wallet, everything else opens nothing."""

import pytest
from actors import Browser
from reading import words
from recovering import chooses, draws_shares, enters, errors, hidden, makes_kit, makes_shares, sends
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.people.recovery.words import read


@pytest.fixture
def at_home(person):
    person.signs_in()
    return person


@pytest.fixture
def stranger(app):
    return Browser(app)


def test_enough_shares_in_any_order_open_the_wallet(at_home, stranger):
    shares = makes_shares(at_home, "Ben\nCleo\nDora\nEmil", 3)

    one = enters(stranger, shares[3])
    page = enters(stranger, shares[3], shares[0], shares[2])
    told = words(stranger.follow(chooses(stranger, page).location))

    assert "1 of 3 shares are there." in words(one)
    assert "with shares of people you trust" in told


def test_the_page_says_who_has_a_share_and_how_many_it_takes(at_home):
    makes_shares(at_home, "Ben\nCleo\nDora", 2)

    page = words(at_home.browser.get("/recovery"))

    assert "2 of 3 shares are needed." in page
    assert "Ben Cleo Dora" in page


def test_new_shares_make_the_old_ones_worthless_and_leave_the_kit(at_home, app):
    kit = makes_kit(at_home)
    old = makes_shares(at_home)
    makes_shares(at_home)

    assert enters(Browser(app), *old[:2]).status_code == 403
    assert "Choose a new password" in words(enters(Browser(app), kit))


@on_sqlite_alone
def test_the_names_of_shares_that_are_over_can_not_be_opened_any_more(at_home, house):
    makes_shares(at_home)
    [before] = [row for row in rows(house, "data_keys") if row["subject"] == "recovery/names"]
    makes_shares(at_home, "Emil\nFay")
    [after] = [row for row in rows(house, "data_keys") if row["subject"] == "recovery/names"]

    at_home.browser.post("/recovery/end", form_at="/recovery", kind="shares")

    assert before["key_sealed"] != after["key_sealed"]
    assert [row for row in rows(house, "data_keys") if row["subject"] == "recovery/names"] == []


@on_sqlite_alone
def test_shares_of_two_sets_open_nothing_and_nobody_is_looked_up(at_home, stranger, house):
    first, second = makes_shares(at_home), makes_shares(at_home)

    with nothing_changes(house):
        said = errors(enters(stranger, first[0], second[1]))

    assert said.endswith("Shares of two sets open nothing.")


@on_sqlite_alone
def test_one_share_counts_once(at_home, stranger, house):
    shares = makes_shares(at_home)

    with nothing_changes(house):
        page = enters(stranger, shares[0], shares[0])

    assert errors(page) == "This share is there already. Enter the next one."


@on_sqlite_alone
def test_a_share_is_no_kit_and_a_kit_no_share(at_home, stranger, house):
    kit, shares = makes_kit(at_home), makes_shares(at_home)

    assert "1 of 2 shares are there." in words(enters(stranger, shares[0]))
    assert "belongs to another set" in errors(enters(stranger, shares[0], kit))


@on_sqlite_alone
def test_shares_typed_in_one_browser_are_of_no_use_in_another(at_home, stranger, app):
    shares = makes_shares(at_home)
    held = enters(stranger, shares[0])
    other = Browser(app)
    form = other.get("/recover")

    page = sends(other, form, "/recover", login="Ana", words=shares[1], shares=hidden(held, "shares"))

    assert "1 of 2 shares are there." in words(page)


IMPOSSIBLE = (
    ("Ben", 2),
    ("\n".join(f"Friend {number}" for number in range(11)), 2),
    ("Ben\nben", 2),
    ("Ben\nCleo", 3),
    ("Ben\n" + "x" * 61, 2),
    ("Ben\nCleo\u202e", 2),
    ("Ben\nCleo", 1),
    ("Ben\nCleo", 99),
    ("", 2),
)


@on_sqlite_alone
def test_sets_that_can_not_be_are_refused(at_home, house):
    with nothing_changes(house):
        assert {draws_shares(at_home, *wanted).status_code for wanted in IMPOSSIBLE} == {422}


@on_sqlite_alone
def test_shares_count_only_when_they_were_confirmed(at_home, stranger, house):
    draws_shares(at_home, "Ben\nCleo", 2)

    assert rows(house, "ways_back") == []
    assert [row["way"] for row in rows(house, "lock_keys")] == ["password"]


@on_sqlite_alone
def test_ten_of_ten_work(at_home, stranger):
    shares = makes_shares(at_home, "\n".join(f"Friend {number}" for number in range(10)), 10)

    assert {read(share).needed for share in shares} == {10}
    assert "Choose a new password" in words(enters(stranger, *shares))
