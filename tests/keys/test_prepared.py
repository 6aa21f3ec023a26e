"""Prepared statements give what SQLAlchemy gives, on the driver, in the same transaction."""

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError

from keys.prepared import Prepared

things = Table(
    "things",
    MetaData(),
    Column("name", String, primary_key=True),
    Column("size", Integer),
    Column("more", JSON, nullable=False),
    Column("kept", Boolean, nullable=False),
)
ADD = Prepared(insert(things))
FIND = Prepared(select(things).where(things.c.name == bindparam("wanted"), things.c.kept.is_(True)))
GROW = Prepared(
    update(things)
    .where(things.c.name == bindparam("wanted"))
    .values(size=things.c.size + bindparam("by"))
    .returning(things.c.size)
)
CUP = {"name": "cup", "size": 1, "more": {"für": ["Tee", None, 1]}, "kept": True}
LAMP = {"name": "lamp", "size": None, "more": {}, "kept": False}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'things.db'}" if request.param == "sqlite" else request.getfixturevalue("postgresql")
    engine = create_engine(url)
    things.create(engine)
    yield engine
    things.drop(engine)
    engine.dispose()


@pytest.fixture
def db(engine):
    with engine.begin() as connection:
        yield connection


def test_rows_come_back_with_the_types_of_the_table(db):
    ADD.run(db, CUP)

    assert FIND.first(db, {"wanted": "cup"})._asdict() == CUP
    assert FIND.first(db, {"wanted": "cup"})._asdict() == db.execute(select(things)).one()._asdict()


def test_many_rows_are_one_statement_and_are_counted(db):
    assert ADD.run(db, CUP, LAMP) == 2
    assert [row.name for row in FIND.all(db, {"wanted": "cup"})] == ["cup"]
    assert FIND.all(db, {"wanted": "lamp"}) == []
    assert FIND.first(db, {"wanted": "spoon"}) is None


def test_a_guarded_write_returns_what_it_wrote(db):
    ADD.run(db, CUP)

    assert GROW.first(db, {"wanted": "cup", "by": 2}).size == 3
    assert GROW.first(db, {"wanted": "spoon", "by": 2}) is None


def test_what_it_did_is_rolled_back_with_the_transaction(engine):
    with engine.connect() as db, db.begin() as transaction:
        ADD.run(db, CUP)
        transaction.rollback()

    with engine.begin() as db:
        assert FIND.first(db, {"wanted": "cup"}) is None


def test_the_driver_s_errors_are_sqlalchemy_s_and_do_not_tell_values(engine):
    with engine.begin() as db:
        ADD.run(db, CUP)

    with pytest.raises(IntegrityError) as refused, engine.begin() as db:
        ADD.run(db, {**CUP, "more": {"secret": "a cup of tea"}})

    assert "a cup of tea" not in str(refused.value)


def test_a_missing_table_is_an_operational_or_programming_error():
    with create_engine("sqlite://").connect() as db, pytest.raises(OperationalError):
        FIND.first(db, {"wanted": "cup"})
