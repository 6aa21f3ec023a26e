"""The root of a host: made once, opened by its master keys alone, and the same under each of them."""

import hashlib
import hmac

import pytest
from sqlalchemy import Connection, select, update

from keys import roots
from keys.errors import CannotOpen
from keys.tables import host_roots

MASTER, OTHER = b"m" * 32, b"n" * 32


def test_a_root_is_made_once_and_opens_with_its_master_key_alone(db: Connection) -> None:
    assert not roots.has_root(db)
    roots.make_root(db, MASTER, now=1000)
    root = roots.open_root(db, MASTER)

    roots.make_root(db, OTHER, now=1001)

    assert roots.open_root(db, MASTER) == root
    assert len(root) == 32
    assert root != MASTER
    with pytest.raises(CannotOpen):
        roots.open_root(db, OTHER)


def test_two_houses_with_the_same_master_key_have_nothing_in_common(db: Connection) -> None:
    roots.make_root(db, MASTER, now=1000)
    first = roots.open_root(db, MASTER)
    db.execute(host_roots.delete())

    roots.make_root(db, MASTER, now=1000)

    assert roots.open_root(db, MASTER) != first


def test_a_second_master_key_opens_the_same_root_until_the_first_is_shut_out(db: Connection) -> None:
    roots.make_root(db, MASTER, now=1000)
    root = roots.open_root(db, MASTER)
    roots.wrap_root(db, OTHER, root, now=1001)
    roots.wrap_root(db, OTHER, root, now=1002)
    assert roots.open_root(db, OTHER) == roots.open_root(db, MASTER) == root

    assert roots.shut_out_others(db, OTHER) == 1

    assert roots.open_root(db, OTHER) == root
    with pytest.raises(CannotOpen):
        roots.open_root(db, MASTER)


def test_a_key_that_opens_nothing_shuts_nobody_out(db: Connection) -> None:
    roots.make_root(db, MASTER, now=1000)

    with pytest.raises(CannotOpen):
        roots.shut_out_others(db, OTHER)

    assert roots.open_root(db, MASTER)


def test_a_seal_that_was_changed_or_moved_to_another_key_does_not_open(db: Connection) -> None:
    roots.make_root(db, MASTER, now=1000)
    sealed = db.execute(select(host_roots.c.root_sealed)).scalar_one()
    for spoiled in (sealed[:-1] + bytes([sealed[-1] ^ 1]), roots.seal_root(OTHER, b"r" * 32), b""):
        db.execute(update(host_roots).values(root_sealed=spoiled))

        with pytest.raises(CannotOpen):
            roots.open_root(db, MASTER)


def test_the_id_of_a_master_key_is_a_hash_of_a_branch_as_written_down() -> None:
    extracted = hmac.digest(bytes(32), MASTER, "sha256")
    branch = hmac.digest(extracted, b"hausrecht/master/v1/id\x01", "sha256")

    assert roots.key_id(MASTER) == hashlib.sha256(branch).hexdigest()[:16]
    assert roots.key_id(MASTER) != roots.key_id(OTHER)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        roots.key_id(b"m" * length)
