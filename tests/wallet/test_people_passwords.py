"""Passwords are kept as slow hashes, and those follow the times."""

import pytest
from argon2 import PasswordHasher
from storage import on_sqlite_alone

from keys import passwords as hashing
from wallet.people import engine, entrance, passwords
from wallet.people.errors import WrongCredentials

PASSWORD = "correct horse battery"
IN_EARNEST = hashing.HASHER  # before the tests take a quick one


def stored_hash(house):
    return house.database.read(engine.find_credentials, house.secrets, login="ana", browser_digest="").password_hash


def signs_in(house, password=PASSWORD):
    return entrance.sign_in(house, login="ana", password=password, browser="browser", agent="")


def test_a_password_is_kept_as_argon2id_with_the_cost_of_rfc_9106(house, ana):
    assert stored_hash(house).startswith("$argon2id$v=19$")
    assert (IN_EARNEST.memory_cost, IN_EARNEST.time_cost, IN_EARNEST.parallelism) == (65536, 3, 4)


def test_the_same_letters_from_another_keyboard_are_the_same_password():
    password_hash = passwords.hash_password("Müßiggang ist schön")

    passwords.verify_password("Mu\u0308ßiggang ist scho\u0308n", password_hash)


@pytest.mark.parametrize("password", ["", "Correct horse battery", "correct horse battery ", "x" * 5_000_000, "\ud800"])
def test_another_password_is_refused(house, ana, password):
    with pytest.raises(WrongCredentials):
        signs_in(house, password)


def test_a_password_longer_than_any_is_not_even_hashed(monkeypatch):
    monkeypatch.setattr(hashing, "HASHER", None)

    with pytest.raises(WrongCredentials):
        passwords.verify_password("x" * 1025, "")


def test_a_damaged_hash_opens_to_nobody():
    for damaged in ("", "x", "$argon2id$", PASSWORD):
        with pytest.raises(WrongCredentials):
            passwords.verify_password(PASSWORD, damaged)


def test_nobodys_hash_is_checked_in_full_and_fits_nothing():
    with pytest.raises(WrongCredentials):
        passwords.verify_password("", passwords.nobodys_hash())

    assert not hashing.HASHER.check_needs_rehash(passwords.nobodys_hash())


@on_sqlite_alone
def test_an_outdated_hash_is_replaced_at_the_next_sign_in(house, ana):
    outdated = PasswordHasher(time_cost=2, memory_cost=32).hash(PASSWORD)
    house.database.write(engine.replace_password_hash, person_id=ana.person_id, old=stored_hash(house), new=outdated)

    signs_in(house)

    assert stored_hash(house) != outdated
    assert not hashing.HASHER.check_needs_rehash(stored_hash(house))
    signs_in(house)


def test_a_wrong_password_replaces_no_hash(house, ana):
    outdated = PasswordHasher(time_cost=2, memory_cost=32).hash(PASSWORD)
    house.database.write(engine.replace_password_hash, person_id=ana.person_id, old=stored_hash(house), new=outdated)

    with pytest.raises(WrongCredentials):
        signs_in(house, "wrong wrong wrong")

    assert stored_hash(house) == outdated


def test_a_password_changed_meanwhile_is_not_put_back(house, ana):
    current = stored_hash(house)

    house.database.write(engine.replace_password_hash, person_id=ana.person_id, old="another one", new="new")

    assert stored_hash(house) == current


def test_no_write_transaction_waits_for_a_password_hash(house, ana, monkeypatch):
    is_free = []

    class Watched:
        def __getattr__(self, name):
            is_free.append(house.database.write(lambda db: True))
            return getattr(hasher, name)

    hasher = hashing.HASHER
    monkeypatch.setattr(hashing, "HASHER", Watched())
    signs_in(house)
    entrance.sign_up(house, invitation="", login="bob", password=PASSWORD, language=None)

    assert is_free
