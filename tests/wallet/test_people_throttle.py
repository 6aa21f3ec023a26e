"""Guessing is slow for strangers, and never locks a person out of their own browser."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from keys import passwords as hashing
from keys.tables import sign_in_failures
from wallet.people import entrance
from wallet.people.errors import TooManyAttempts, WrongCredentials
from wallet.people.tables import sessions
from wallet.people.throttle import FORGOTTEN_AFTER, STRANGER, begin_attempt, forget_failures

PASSWORD = "correct horse battery"


def tries(house, login="ana", device=STRANGER):
    """Whether a wrong password would have been looked at."""
    try:
        house.database.write(begin_attempt, login_digest=login, device=device, now=house.clock())
    except TooManyAttempts:
        return False
    return True


def signs_in(house, login="ana", password=PASSWORD, browser="anas own browser"):
    return entrance.sign_in(house, login=login, password=password, browser=browser, agent="")


def test_five_mistakes_are_free_and_the_sixth_attempt_waits(house):
    assert [tries(house) for _ in range(7)] == [True] * 5 + [False] * 2


def test_the_wait_doubles_up_to_fifteen_minutes(house, clock):
    for _ in range(5):
        tries(house)

    waits = []
    for _ in range(8):
        waited = 0
        while not tries(house):
            clock.now += 10
            waited += 10
        waits.append(waited)

    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_knocking_while_waiting_does_not_prolong_the_wait(house, clock):
    for _ in range(5):
        tries(house)
    clock.now += 29
    assert not tries(house)

    clock.now += 1

    assert tries(house)


def test_many_attempts_at_once_count_one_by_one(house):
    with ThreadPoolExecutor(8) as pool:
        looked_at = list(pool.map(lambda _: tries(house), range(20)))

    assert sum(looked_at) == 5


def test_logins_and_devices_are_counted_apart(house):
    tries(house, login="bob")
    tries(house, device="known")

    assert [tries(house) for _ in range(7)] == [True] * 5 + [False] * 2
    assert tries(house, login="bob")
    assert tries(house, device="known")


def test_mistakes_are_forgotten_after_a_day(house, clock):
    for _ in range(6):
        tries(house)
    clock.now += FORGOTTEN_AFTER

    assert tries(house, login="bob")
    assert (
        house.database.read(lambda db: db.execute(select(func.count()).select_from(sign_in_failures)).scalar_one()) == 1
    )


def test_the_right_password_wipes_the_slate(house):
    for _ in range(4):
        tries(house)
    house.database.write(forget_failures, login_digest="ana", device=STRANGER)

    assert [tries(house) for _ in range(6)] == [True] * 5 + [False]


def test_a_stranger_waits_even_with_the_right_password(house, ana):
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            signs_in(house, password="wrong wrong wrong", browser="strange")

    with pytest.raises(TooManyAttempts):
        signs_in(house, browser="strange")

    assert house.database.read(lambda db: db.execute(select(func.count()).select_from(sessions)).scalar_one()) == 0


def test_strangers_do_not_lock_a_person_out_of_their_own_browser(house, ana):
    signs_in(house)
    for _ in range(6):
        with pytest.raises((WrongCredentials, TooManyAttempts)):
            signs_in(house, password="wrong wrong wrong", browser="strange")

    assert signs_in(house)


def test_a_browser_known_to_bob_is_a_stranger_to_ana(house, ana, moves_in):
    moves_in("bob")
    signs_in(house, login="bob", browser="bobs browser")
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            signs_in(house, password="wrong wrong wrong", browser="strange")

    with pytest.raises(TooManyAttempts):
        signs_in(house, browser="bobs browser")


def test_guessing_in_ones_own_browser_is_slow_too(house, ana):
    signs_in(house)
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            signs_in(house, password="wrong wrong wrong")

    with pytest.raises(TooManyAttempts):
        signs_in(house)


def test_an_unknown_login_waits_like_a_known_one(house, ana):
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            signs_in(house, login="nobody", browser="strange")

    with pytest.raises(TooManyAttempts):
        signs_in(house, login="nobody", browser="strange")


def test_an_unknown_login_costs_one_hash_and_gets_the_same_sentence(house, ana, monkeypatch):
    checked = []

    class Watched:
        def __getattr__(self, name):
            return getattr(passwords_hasher, name)

        def verify(self, password_hash, password):
            checked.append(password_hash)
            return passwords_hasher.verify(password_hash, password)

    passwords_hasher = hashing.HASHER
    monkeypatch.setattr(hashing, "HASHER", Watched())
    sentences = []
    for login in ("ana", "nobody"):
        with pytest.raises(WrongCredentials) as refused:
            signs_in(house, login=login, password="wrong wrong wrong", browser="strange")
        sentences.append(str(refused.value))

    assert len(checked) == 2
    assert sentences[0] == sentences[1]
    assert checked[0].split("$")[:4] == checked[1].split("$")[:4]
    assert [len(part) for part in checked[0].split("$")] == [len(part) for part in checked[1].split("$")]
