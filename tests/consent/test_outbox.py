"""The outbox: whatever fails in between, each lane arrives in order, at least once, and nothing of it is lost."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from consent import outbox
from keys.tables import metadata

NOW = 1_800_000_000
LANES = ("one", "two", None)
HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(LANES)),
        st.tuples(st.just("round"), st.lists(st.sampled_from(("confirmed", "lost", "refused", "died")), max_size=4)),
        st.tuples(st.just("wait"), st.sampled_from((1, 10, 100, 20_000))),
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def engine():
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    return engine


def put(db, lane, number, *, person_id="p", now=NOW):
    outbox.put(db, person_id=person_id, client_id="shop", event="event", detail={"n": number}, lane=lane, now=now)


class Sender:
    """Sends what is due, as told: it arrives and is confirmed, or not (`lost` arrives, its answer does not)."""

    def __init__(self, db):
        self.db, self.arrived = db, []

    def goes(self, fates, now):
        fates = iter(fates)
        for telling in outbox.due(self.db, event="event", now=now):
            fate = next(fates, "confirmed")
            assert outbox.claim(self.db, telling, now=now)
            assert not outbox.claim(self.db, telling, now=now)
            if fate in {"confirmed", "lost"}:
                self.arrived.append((telling.lane, telling.detail["n"]))
            if fate == "confirmed":
                outbox.confirm(self.db, telling, now=now)
            elif fate == "refused":
                outbox.fail(self.db, telling, "http_500")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HAPPENINGS)
def test_whatever_fails_in_between_each_lane_arrives_in_order_and_whole(engine, happenings):
    with engine.connect() as db:
        sender, now, sent = Sender(db), NOW, []
        for number, (what, how) in enumerate(happenings):
            if what == "put":
                put(db, how, number, now=now)
                sent.append((how, number))
            elif what == "wait":
                now += how
            else:
                sender.goes(how, now)
        for _ in range(len(sent) + 1):
            now += outbox.LONGEST_WAIT
            sender.goes((), now)
        db.rollback()

    first_time = list(dict.fromkeys(sender.arrived))
    for lane in LANES[:2]:
        assert [n for where, n in first_time if where == lane] == [n for where, n in sent if where == lane]
    assert sorted(map(str, first_time)) == sorted(map(str, sent))


def test_a_lane_that_waits_holds_up_no_other(engine):
    with engine.connect() as db:
        for lane, person_id in (("one", "p"), ("one", "p"), ("two", "p"), ("one", "q")):
            put(db, lane, lane, person_id=person_id)
        due = outbox.due(db, event="event", now=NOW)
        assert sorted((telling.person_id, telling.lane, telling.position) for telling in due) == [
            ("p", "one", 1),
            ("p", "two", 1),
            ("q", "one", 1),
        ]
        db.rollback()


def test_the_longer_it_is_not_confirmed_the_less_often_it_is_tried():
    assert [outbox.wait(tries) for tries in (1, 2, 3, 4)] == [10, 40, 160, 640]
    assert outbox.wait(200) == outbox.LONGEST_WAIT == 6 * 3600


def test_giving_up_is_for_what_waited_thirty_days_and_changes_no_order(engine):
    with engine.connect() as db:
        put(db, "one", 1)
        put(db, "one", 2, now=NOW + 1)
        outbox.sweep(db, now=NOW + outbox.WAITED_FOR)
        [left] = outbox.due(db, event="event", now=NOW + outbox.WAITED_FOR)
        assert left.detail == {"n": 2}
        db.rollback()
