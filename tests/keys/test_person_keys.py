"""A person's data key: theirs alone, sealed at rest, and gone when they go."""

import base64
import sqlite3
from typing import cast

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from keys.errors import CannotOpen, UnknownKey
from keys.persons import create_data_key, destroy_data_key, open_data_key, unwrap_data_key
from keys.secrets import HostSecrets
from keys.tables import person_keys


def sealed_of(db: Connection, person_id: str) -> bytes:
    found = select(person_keys.c.data_key_sealed).where(person_keys.c.person_id == person_id)
    return cast(bytes, db.execute(found).scalar_one())


def test_a_data_key_opens_as_it_was_made(db: Connection, secrets: HostSecrets) -> None:
    made = create_data_key(db, secrets, person_id="ana", now=1)

    assert len(made) == 32
    assert open_data_key(db, secrets, person_id="ana") == made
    assert unwrap_data_key(secrets, sealed_of(db, "ana"), person_id="ana") == made


def test_every_person_has_a_key_of_their_own(db: Connection, secrets: HostSecrets) -> None:
    ana = create_data_key(db, secrets, person_id="ana", now=1)

    assert create_data_key(db, secrets, person_id="ben", now=1) != ana


def test_a_second_data_key_is_refused_and_the_first_one_stays(db: Connection, secrets: HostSecrets) -> None:
    first = create_data_key(db, secrets, person_id="ana", now=1)

    with pytest.raises(IntegrityError), db.begin_nested():
        create_data_key(db, secrets, person_id="ana", now=2)

    assert open_data_key(db, secrets, person_id="ana") == first


def test_a_data_key_put_into_another_persons_row_does_not_open(db: Connection, secrets: HostSecrets) -> None:
    create_data_key(db, secrets, person_id="ana", now=1)
    create_data_key(db, secrets, person_id="ben", now=1)
    db.execute(update(person_keys).where(person_keys.c.person_id == "ben").values(data_key_sealed=sealed_of(db, "ana")))

    with pytest.raises(CannotOpen):
        open_data_key(db, secrets, person_id="ben")


def test_a_data_key_does_not_open_under_another_master_key(db: Connection, secrets: HostSecrets) -> None:
    create_data_key(db, secrets, person_id="ana", now=1)

    with pytest.raises(CannotOpen):
        open_data_key(db, HostSecrets.derive(b"n" * 32), person_id="ana")


def test_a_person_who_was_erased_can_not_be_opened_again(db: Connection, secrets: HostSecrets) -> None:
    create_data_key(db, secrets, person_id="ana", now=1)
    ben = create_data_key(db, secrets, person_id="ben", now=1)

    destroy_data_key(db, person_id="ana")

    with pytest.raises(UnknownKey):
        open_data_key(db, secrets, person_id="ana")
    assert open_data_key(db, secrets, person_id="ben") == ben


def test_erasing_somebody_who_is_not_there_is_said_so(db: Connection) -> None:
    with pytest.raises(UnknownKey):
        destroy_data_key(db, person_id="nobody")


def test_the_data_key_is_not_in_the_database_file(db: Connection, secrets: HostSecrets) -> None:
    made = create_data_key(db, secrets, person_id="ana", now=1)

    stored = cast(sqlite3.Connection, db.connection.driver_connection).serialize()

    for spelling in (made, made.hex().encode(), base64.b64encode(made), base64.urlsafe_b64encode(made)):
        assert spelling not in stored
    assert b"ana" in stored
