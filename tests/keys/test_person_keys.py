"""A person's data key: theirs alone, sealed at rest, and gone when they go."""

import base64
import sqlite3
from typing import cast

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from keys.errors import CannotOpen, UnknownKey
from keys.persons import (
    ITSELF,
    create_data_key,
    destroy_data_key,
    destroy_subject_keys,
    open_data_key,
    subject_key,
    unwrap_data_key,
    unwrap_subject_key,
)
from keys.secrets import HostSecrets
from keys.tables import data_keys, person_keys


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


HOME = {"person_id": "ana", "persona_id": "home"}


def test_what_can_be_erased_alone_has_a_key_of_its_own_that_stays_the_same(
    db: Connection, secrets: HostSecrets
) -> None:
    data_key = create_data_key(db, secrets, person_id="ana", now=1)

    email = subject_key(db, data_key, **HOME, subject="email")

    assert subject_key(db, data_key, **HOME, subject="email") == email
    others = {
        data_key,
        subject_key(db, data_key, **HOME, subject="iban"),
        subject_key(db, data_key, person_id="ana", persona_id="work", subject="email"),
    }
    assert len(others) == 3
    assert email not in others


def test_the_key_of_one_thing_does_not_open_as_that_of_another(db: Connection, secrets: HostSecrets) -> None:
    data_key = create_data_key(db, secrets, person_id="ana", now=1)
    subject_key(db, data_key, **HOME, subject="email")
    sealed = db.execute(select(data_keys.c.key_sealed)).scalar_one()

    with pytest.raises(CannotOpen):
        unwrap_subject_key(data_key, sealed, **HOME, subject="iban")


def test_what_was_erased_alone_is_gone_and_the_rest_stays(db: Connection, secrets: HostSecrets) -> None:
    data_key = create_data_key(db, secrets, person_id="ana", now=1)
    persona, email = (subject_key(db, data_key, **HOME, subject=subject) for subject in (ITSELF, "email"))

    assert destroy_subject_keys(db, **HOME, subject="email")

    assert not destroy_subject_keys(db, **HOME, subject="email")
    assert subject_key(db, data_key, **HOME, subject=ITSELF) == persona
    assert subject_key(db, data_key, **HOME, subject="email") != email


def test_an_erased_persona_takes_the_keys_of_all_it_has_along(db: Connection, secrets: HostSecrets) -> None:
    data_key = create_data_key(db, secrets, person_id="ana", now=1)
    kept = subject_key(db, data_key, person_id="ana", persona_id="work", subject="email")
    for subject in (ITSELF, "email"):
        subject_key(db, data_key, **HOME, subject=subject)

    destroy_subject_keys(db, **HOME)

    assert db.execute(select(data_keys.c.persona_id)).scalars().all() == ["work"]
    assert subject_key(db, data_key, person_id="ana", persona_id="work", subject="email") == kept


def test_an_erased_person_leaves_no_key_behind(db: Connection, secrets: HostSecrets) -> None:
    data_key = create_data_key(db, secrets, person_id="ana", now=1)
    subject_key(db, data_key, **HOME, subject="email")

    destroy_data_key(db, person_id="ana")

    assert db.execute(select(data_keys)).all() == []
