"""Rotation: vendors know a key before it signs, and for thirty days after."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest
from sqlalchemy import Connection, create_engine, event, select, update

from keys.errors import UnknownKey
from keys.secrets import HostSecrets
from keys.signing import ALGORITHMS, SigningKeys, ensure_signing_keys, list_keys, load_signing_keys, rotate
from keys.tables import host_keys, metadata

DAY = 24 * 3600
ROTATED = 100 * DAY


def kids(db: Connection, state: str) -> set[str]:
    return {key.kid for key in list_keys(db) if key.state == state}


def published(keys: SigningKeys) -> set[str]:
    return {jwk["kid"] for jwk in keys.jwks()["keys"]}


@pytest.fixture(autouse=True)
def keys(db: Connection, secrets: HostSecrets) -> SigningKeys:
    """The keys as they were before any rotation."""
    ensure_signing_keys(db, secrets, now=0)
    return load_signing_keys(db, secrets, now=0)


def test_the_next_keys_sign_and_new_next_keys_appear(db: Connection, secrets: HostSecrets, keys: SigningKeys) -> None:
    were_next = kids(db, "next")

    signing = rotate(db, secrets, now=ROTATED)

    assert set(signing) == were_next == kids(db, "active")
    assert {key.kid for key in load_signing_keys(db, secrets, now=ROTATED).active.values()} == were_next
    assert kids(db, "retired") == {key.kid for key in keys.active.values()}
    assert len(kids(db, "next")) == len(ALGORITHMS)
    assert not kids(db, "next") & were_next


def test_a_key_was_always_published_before_it_signs(db: Connection, secrets: HostSecrets, keys: SigningKeys) -> None:
    known = published(keys)

    for turn in range(1, 4):
        rotate(db, secrets, now=turn * ROTATED)
        after = load_signing_keys(db, secrets, now=turn * ROTATED)

        assert {key.kid for key in after.active.values()} <= known
        known = published(after)


def test_a_retired_key_stays_published_for_thirty_days_and_then_disappears(
    db: Connection, secrets: HostSecrets, keys: SigningKeys
) -> None:
    old = keys.active["ES256"]
    signed = old.sign({"sub": "s"}, typ="JWT")

    rotate(db, secrets, now=ROTATED)

    last_moment = load_signing_keys(db, secrets, now=ROTATED + 30 * DAY - 1)
    assert old.kid in published(last_moment)
    assert jwt.decode(signed, last_moment.public_key(old.kid), algorithms=["ES256"]) == {"sub": "s"}
    too_late = load_signing_keys(db, secrets, now=ROTATED + 30 * DAY)
    assert old.kid not in published(too_late)
    with pytest.raises(UnknownKey):
        too_late.public_key(old.kid)
    assert len(published(too_late)) == 2 * len(ALGORITHMS)


def test_nothing_is_signed_with_a_retired_key_ever_again(
    db: Connection, secrets: HostSecrets, keys: SigningKeys
) -> None:
    old = {key.kid for key in keys.active.values()}

    rotate(db, secrets, now=ROTATED)

    for later in (ROTATED, ROTATED + DAY, ROTATED + 31 * DAY):
        for key in load_signing_keys(db, secrets, now=later).active.values():
            assert jwt.get_unverified_header(key.sign({}, typ="JWT"))["kid"] not in old
    private = select(host_keys.c.private_sealed).where(host_keys.c.kid.in_(old))
    assert db.execute(private).scalars().all() == [None] * len(ALGORITHMS)


def test_the_list_tells_when_a_key_was_made_and_retired(
    db: Connection, secrets: HostSecrets, keys: SigningKeys
) -> None:
    old = keys.active["RS256"].kid

    rotate(db, secrets, now=ROTATED)

    [listed] = [key for key in list_keys(db) if key.kid == old]
    assert (listed.alg, listed.state, listed.created_at, listed.retired_at) == ("RS256", "retired", 0, ROTATED)
    assert {key.retired_at for key in list_keys(db) if key.state != "retired"} == {None}


def test_a_rotation_that_comes_second_promotes_nothing(db: Connection, secrets: HostSecrets) -> None:
    were_next = kids(db, "next")
    retired_by_another = update(host_keys).where(host_keys.c.state == "active")
    db.execute(retired_by_another.values(state="retired", retired_at=ROTATED, private_sealed=None))

    assert rotate(db, secrets, now=ROTATED) == []

    assert kids(db, "next") == were_next
    assert len(kids(db, "active")) == len(ALGORITHMS)


def test_an_algorithm_is_never_left_without_a_key_that_signs(db: Connection, secrets: HostSecrets) -> None:
    db.execute(host_keys.delete().where(host_keys.c.state == "next"))

    assert rotate(db, secrets, now=ROTATED) == []

    assert set(load_signing_keys(db, secrets, now=ROTATED).active) == set(ALGORITHMS)


def test_rotations_at_once_leave_one_active_and_one_next_key_per_algorithm(
    tmp_path: Path, secrets: HostSecrets
) -> None:
    house = create_engine(f"sqlite:///{tmp_path / 'wallet.db'}", connect_args={"timeout": 60})

    @event.listens_for(house, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def turn(number: int) -> list[str]:
        with house.begin() as db:
            return rotate(db, secrets, now=ROTATED + number)

    with house.begin() as db:
        metadata.create_all(db, tables=[host_keys])
        ensure_signing_keys(db, secrets, now=0)
    with ThreadPoolExecutor(4) as pool:
        promoted = [kid for signing in pool.map(turn, range(4)) for kid in signing]

    with house.begin() as db:
        assert len(promoted) == len(set(promoted)) == 4 * len(ALGORITHMS)
        assert sorted((key.alg, key.state) for key in list_keys(db) if key.state != "retired") == sorted(
            (alg, state) for alg in ALGORITHMS for state in ("active", "next")
        )
    house.dispose()
