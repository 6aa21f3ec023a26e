"""Each consent token has a place of its own in a list of many, and no place says anything about another."""

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from storage import on_sqlite_alone, rows

from consent import statuses
from consent.tables import grants

SMALL = 32


@pytest.fixture
def crowded(monkeypatch):
    """Lists so small that everybody wants the same places."""
    monkeypatch.setattr(statuses, "SIZE", SMALL)


def take(db, number):
    return statuses.take(db, person_id=f"person {number % 3}", grant_id="g", consent_token_id=f"token {number}")


def status_of(house, grant, *, later=0):
    """What the list says about this grant's consent token; the rest of the list says nothing."""
    [found] = [row for row in rows(house, "statuses") if row["consent_token_id"] == grant.consent_token_id]
    array = house.database.read(statuses.bits, found["list_id"], now=house.clock() + later)
    return array[found["idx"] // 4] >> found["idx"] % 4 * 2 & 3


def test_no_two_tokens_share_a_place_however_many_come_at_once(house, crowded):
    with ThreadPoolExecutor(6) as pool:
        places = list(pool.map(lambda number: house.database.write(take, number), range(48)))

    assert len(set(places)) == 48
    assert all(0 <= place.idx < SMALL for place in places)
    stored = {(row["list_id"], row["idx"]) for row in rows(house, "statuses")}
    assert stored == {(place.list_id, place.idx) for place in places}


def test_a_list_that_is_half_full_is_left_alone_and_the_next_is_used_by_everybody(house, crowded):
    places = [house.database.write(take, number) for number in range(40)]

    names = list(dict.fromkeys(place.list_id for place in places))
    assert [row["number"] for row in sorted(rows(house, "status_lists"), key=lambda row: row["number"])] == list(
        range(1, len(names) + 1)
    )
    assert len(names) >= 2
    for name in names[:-1]:
        assert sum(place.list_id == name for place in places) >= SMALL // 2
    changes = sum(one.list_id != other.list_id for one, other in pairwise(places))
    assert changes == len(names) - 1


@on_sqlite_alone
def test_places_are_scattered_evenly_and_in_no_order(house):
    """The bounds are six standard deviations away."""

    def many(db):
        return [take(db, number).idx for number in range(256)]

    taken = house.database.write(many)

    quarters = [sum(idx * 4 // statuses.SIZE == quarter for idx in taken) for quarter in range(4)]
    assert all(22 < count < 106 for count in quarters), quarters
    assert 99 < sum(one < other for one, other in pairwise(taken)) < 156


@on_sqlite_alone
def test_lists_are_large_and_named_at_random(house):
    house.database.write(take, 1)

    [found] = rows(house, "status_lists")
    assert statuses.SIZE == 131_072
    assert len(found["list_id"]) >= 22


def test_a_token_is_valid_while_its_grant_lives_and_not_a_second_longer(house, ana_answers):
    grant = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    left = grant.expires_at - house.clock()

    assert status_of(house, grant) == statuses.VALID
    assert status_of(house, grant, later=left - 1) == statuses.VALID
    assert status_of(house, grant, later=left) == statuses.INVALID


def test_a_token_is_invalid_once_the_person_has_ended_its_grant(house, ana_answers):
    grant = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    other = ana_answers.grants(ana_answers.is_asked("email"), {"email"})

    ana_answers.revokes(other.grant_id)

    assert [status_of(house, one) for one in (grant, other)] == [statuses.INVALID] * 2


def test_a_newer_answer_has_a_place_of_its_own_and_ends_the_token_before(house, ana_answers, clock):
    before = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    clock.now += 7
    after = ana_answers.grants(ana_answers.is_asked("birthdate"), {"birthdate"})

    assert before.grant_id == after.grant_id
    assert len({row["idx"] for row in rows(house, "statuses")}) == 2
    assert status_of(house, before) == statuses.INVALID
    assert status_of(house, after) == statuses.VALID


def test_another_answer_to_another_vendor_changes_nothing(house, ana_answers, resident):
    ben = resident("Ben")
    grant = ana_answers.grants(ana_answers.is_asked("email"), {"email"})
    others = ben.grants(ben.is_asked("email"), {"email"})

    ben.revokes(others.grant_id)

    assert status_of(house, grant) == statuses.VALID
    assert status_of(house, others) == statuses.INVALID


@on_sqlite_alone
def test_a_token_whose_grant_is_gone_altogether_is_invalid(house, ana_answers):
    grant = ana_answers.grants(ana_answers.is_asked("email"), {"email"})

    house.database.write(lambda db: db.execute(grants.delete()))

    assert status_of(house, grant) == statuses.INVALID


def test_the_bits_are_those_of_the_standards_own_example(monkeypatch):
    values = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
    monkeypatch.setattr(statuses, "SIZE", len(values))

    shuffled = random.Random(7).sample(list(enumerate(values)), len(values))

    assert statuses.packed(shuffled).hex() == "c944f9"
