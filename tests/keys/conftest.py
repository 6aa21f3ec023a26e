"""A house with nothing in it yet but its secrets and the tables of keys."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, create_engine

from keys.secrets import HostSecrets
from keys.tables import data_keys, host_keys, host_roots, metadata, person_keys


@pytest.fixture
def secrets() -> HostSecrets:
    return HostSecrets.derive(b"m" * 32)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://")
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        metadata.create_all(connection, tables=[host_roots, host_keys, person_keys, data_keys])
        yield connection
