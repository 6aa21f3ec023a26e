"""Transactions: all or nothing, on connections that stay open and may break while nobody uses them."""

import threading

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from storage import on_postgresql_alone

from wallet.people.tables import people

ROW = {
    "person_id": "x",
    "login_digest": "x",
    "login_sealed": b"x",
    "ledger_root_sealed": b"x",
    "password_hash": "x",
    "created_at": 1,
}


def add(db):
    db.execute(insert(people).values({name: value for name, value in ROW.items() if name in people.c}))


def logins(house):
    return house.database.read(lambda db: db.execute(select(people.c.person_id)).scalars().all())


def test_nothing_is_kept_of_work_that_raises(house):
    before = logins(house)

    def add_and_stumble(db):
        add(db)
        raise KeyError("x")

    with pytest.raises(KeyError):
        house.database.write(add_and_stumble)

    assert logins(house) == before


def test_a_statement_the_database_refuses_leaves_no_transaction_behind(house):
    with pytest.raises(DBAPIError):
        house.database.write(lambda db: db.execute(text("select * from nowhere")))

    house.database.write(add)

    assert "x" in logins(house)


def test_a_read_may_stand_inside_a_write(house):
    assert house.database.write(lambda _db: logins(house)) == logins(house)


def test_more_threads_than_connections_wait_for_each_other_and_all_finish(house):
    done = []
    at_once = [threading.Thread(target=lambda: done.append(logins(house))) for _ in range(40)]
    for thread in at_once:
        thread.start()
    for thread in at_once:
        thread.join()

    assert len(done) == 40


@on_postgresql_alone
def test_a_connection_that_broke_while_idle_is_replaced_unnoticed(house):
    pids = {house.database.read(lambda db: db.execute(text("select pg_backend_pid()")).scalar_one())}
    other = house.database.engine.connect()
    for pid in pids:
        other.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
    other.close()

    assert house.database.read(lambda db: db.execute(text("select pg_backend_pid()")).scalar_one()) not in pids
