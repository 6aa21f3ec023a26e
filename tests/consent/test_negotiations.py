"""The one round of negotiation: whatever comes in whatever order, states go on and never back."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storage import on_sqlite_alone, rows

from consent.terms import negotiations
from consent.terms.errors import TooLate
from consent.terms.negotiations import (
    ACCEPTED,
    COUNTER_OFFER,
    DPV,
    EXPIRED,
    LIFETIME,
    NEXT,
    PENDING,
    REFUSED,
    REQUESTED,
)

ORDER = {REQUESTED: 0, PENDING: 1, COUNTER_OFFER: 2, ACCEPTED: 3, REFUSED: 3, EXPIRED: 3}


def begun(resident, proposed=("SD-BASE",), grant_id="g"):
    ids = {"person_id": resident.person_id, "persona_id": resident.persona_id, "client_id": "stadtwerke"}
    return resident.house.database.write(
        negotiations.begin, proposed, **ids, grant_id=grant_id, now=resident.house.clock()
    )


def stored(resident, negotiation):
    [row] = [row for row in rows(resident.house, "negotiations") if row["negotiation_id"] == negotiation.negotiation_id]
    return row["state"]


@on_sqlite_alone
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(sorted(NEXT)), st.sampled_from([0, 1, LIFETIME // 2, LIFETIME - 1, LIFETIME])),
        max_size=12,
    )
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_states_go_on_and_never_back_and_nothing_happens_after_the_end(ana_answers, steps):
    negotiation, now, seen = begun(ana_answers), ana_answers.now, [REQUESTED]

    for to, pause in steps:
        now += pause
        allowed = to in NEXT[seen[-1]] and now < negotiation.expires_at
        try:
            ana_answers.house.database.write(negotiations.move, negotiation, to=to, now=now)
            assert allowed
            seen.append(to)
        except TooLate:
            assert not allowed
        assert stored(ana_answers, negotiation) == seen[-1]

    assert [ORDER[state] for state in seen] == sorted(ORDER[state] for state in seen)
    assert len(set(seen)) == len(seen)
    assert not set(seen[:-1]) & {ACCEPTED, REFUSED, EXPIRED}


def test_of_two_steps_at_once_one_is_too_late(ana_answers):
    negotiation = begun(ana_answers)
    move = ana_answers.house.database.write
    move(negotiations.move, negotiation, to=PENDING, now=ana_answers.now)
    move(negotiations.move, negotiation, to=ACCEPTED, now=ana_answers.now)

    for late in (REFUSED, COUNTER_OFFER, ACCEPTED, PENDING, EXPIRED):
        try:
            move(negotiations.move, negotiation, to=late, now=ana_answers.now)
        except TooLate:
            continue
        raise AssertionError(late)

    assert stored(ana_answers, negotiation) == ACCEPTED


def test_a_new_round_ends_the_one_that_was_open_and_none_that_was_over(ana_answers):
    open_one = begun(ana_answers)
    over = begun(ana_answers)
    ana_answers.house.database.write(negotiations.move, over, to=REFUSED, now=ana_answers.now)

    begun(ana_answers)

    assert stored(ana_answers, open_one) == EXPIRED
    assert stored(ana_answers, over) == REFUSED


@on_sqlite_alone
def test_another_persons_round_is_not_moved(ana_answers, resident):
    negotiation = replace(begun(ana_answers), person_id=resident("Ben").person_id)

    try:
        ana_answers.house.database.write(negotiations.move, negotiation, to=ACCEPTED, now=ana_answers.now)
    except TooLate:
        assert [row["state"] for row in rows(ana_answers.house, "negotiations")] == [REQUESTED]
    else:
        raise AssertionError


def test_each_state_has_a_name_in_the_vocabulary():
    assert DPV.keys() == NEXT.keys()


def test_of_rounds_that_began_in_one_second_the_open_one_counts(ana_answers):
    for _ in range(6):
        newest = begun(ana_answers)

        found = ana_answers.house.database.read(negotiations.latest, person_id=ana_answers.person_id, grant_id="g")

        assert found.negotiation_id == newest.negotiation_id
