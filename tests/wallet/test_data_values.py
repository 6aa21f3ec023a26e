"""A person's values: kept sealed, with their history, and never overwritten unseen."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update
from storage import on_sqlite_alone

from keys.errors import CannotOpen, UnknownKey
from keys.persons import destroy_data_key, open_data_key, subject_key
from wallet.data import engine
from wallet.data.errors import BadValue, ChangedMeanwhile, UnknownAttribute
from wallet.data.model import SELF, Origin
from wallet.data.tables import attribute_values


@pytest.fixture
def place(ana):
    return {"person_id": ana.person_id, "persona_id": ana.persona_id}


def sets(house, place, value, *, attribute="email", expected=None, origin=SELF):
    return house.database.write(
        engine.set_value,
        house.secrets,
        **place,
        attribute=attribute,
        value=value,
        expected_version=expected,
        origin=origin,
        now=house.clock(),
    )


def unsets(house, place, *, attribute="email", expected=None):
    return house.database.write(
        engine.unset_value, **place, attribute=attribute, expected_version=expected, now=house.clock()
    )


def reads(house, place, attributes=None):
    found = house.database.read(engine.current_values, house.secrets, **place, attributes=attributes)
    return {name: value.value for name, value in found.items()}


def past(house, place, attribute="email"):
    changes = house.database.read(engine.history, house.secrets, **place, attribute=attribute)
    return [(change.value, change.at, change.origin.source) for change in changes]


def rows(house):
    return house.database.read(lambda db: db.execute(select(func.count()).select_from(attribute_values)).scalar_one())


def test_a_value_is_read_as_it_was_set(house, clock, place):
    first = sets(house, place, "ana@example.org", expected=0)
    second = sets(house, place, "ana@home.example", expected=1)

    assert (first.version, second.version) == (1, 2)
    assert reads(house, place) == {"email": "ana@home.example"}
    assert second.set_at == clock.now


@pytest.mark.parametrize(
    ("attribute", "typed", "value"),
    [
        ("name", "Jürgen Groß 🏡", "Jürgen Groß 🏡"),
        ("name", "x" * 2048, "x" * 2048),
        ("name", "محمد", "محمد"),
        ("household.size", "3", 3),
        ("electricity.kwh_year", "2500,5", 2500.5),
        ("address.formatted", "Lindenweg 5\n10115 Berlin", "Lindenweg 5\n10115 Berlin"),
    ],
)
def test_every_value_survives_being_sealed(house, place, attribute, typed, value):
    sets(house, place, typed, attribute=attribute)

    assert reads(house, place) == {attribute: value}


def test_only_the_attributes_asked_for_are_read(house, place):
    sets(house, place, "ana@example.org")
    sets(house, place, "Ana", attribute="given_name")

    assert reads(house, place, {"given_name", "birthdate"}) == {"given_name": "Ana"}
    assert reads(house, place, []) == {}


@on_sqlite_alone
def test_reading_many_values_costs_one_statement(house, place, statements):
    for name in ("given_name", "family_name", "nickname"):
        sets(house, place, "Ana", attribute=name)
    statements.clear()

    reads(house, place)

    assert [statement.split()[0] for statement in statements] == ["SELECT"]


def test_another_persona_has_values_of_its_own(house, place):
    sets(house, place, "ana@example.org")
    at_work = place | {"persona_id": "at work"}

    sets(house, at_work, "ana@work.example", expected=0)

    assert reads(house, place) == {"email": "ana@example.org"}
    assert reads(house, at_work) == {"email": "ana@work.example"}


def test_another_person_reads_and_changes_nothing(house, place, moves_in):
    sets(house, place, "ana@example.org")
    foreign = place | {"person_id": moves_in("bob").person_id}

    assert reads(house, foreign) == {}
    assert not unsets(house, foreign)
    assert past(house, foreign) == []
    assert reads(house, place) == {"email": "ana@example.org"}


@pytest.mark.parametrize("value", ["", "not an address", "a\x00@example.org"])
def test_a_bad_value_changes_nothing(house, place, value):
    sets(house, place, "ana@example.org")

    with pytest.raises(BadValue):
        sets(house, place, value)

    assert reads(house, place) == {"email": "ana@example.org"}
    assert rows(house) == 1


@pytest.mark.parametrize(
    "attribute", ["shoe_size", "sub", "email_verified", "", "a\x00", "EMAIL", "x" * 500, "email'--"]
)
def test_an_attribute_nobody_defined_holds_nothing(house, place, attribute):
    with pytest.raises(UnknownAttribute):
        sets(house, place, "x", attribute=attribute)

    assert rows(house) == 0


@pytest.mark.parametrize("expected", [0, 1, 3, 999])
def test_who_saw_another_version_does_not_overwrite(house, place, expected):
    sets(house, place, "first@example.org")
    sets(house, place, "second@example.org")

    with pytest.raises(ChangedMeanwhile):
        sets(house, place, "mine@example.org", expected=expected)

    assert reads(house, place) == {"email": "second@example.org"}
    assert rows(house) == 2


def test_who_saw_a_value_does_not_bring_it_back_after_it_was_removed(house, place):
    sets(house, place, "ana@example.org")
    unsets(house, place)

    with pytest.raises(ChangedMeanwhile):
        sets(house, place, "mine@example.org", expected=1)

    assert reads(house, place) == {}


def test_the_same_form_sent_twice_is_saved_once(house, place):
    sets(house, place, "ana@example.org", expected=0)

    again = sets(house, place, "ana@example.org", expected=0)

    assert again.version == 1
    assert rows(house) == 1


def test_of_many_who_save_at_once_one_wins(house, place):
    def try_to_save(number):
        try:
            return sets(house, place, f"ana{number}@example.org", expected=0)
        except ChangedMeanwhile:
            return None

    with ThreadPoolExecutor(4) as pool:
        saved = [value for value in pool.map(try_to_save, range(8)) if value]

    assert len(saved) == 1
    assert reads(house, place) == {"email": saved[0].value}


def test_there_is_at_most_one_current_value_even_for_those_who_insist(house, place):
    def insist(number):
        try:
            return sets(house, place, f"ana{number}@example.org")
        except ChangedMeanwhile:
            return None

    with ThreadPoolExecutor(4) as pool:
        saved = [value for value in pool.map(insist, range(8)) if value]

    current = select(func.count()).where(attribute_values.c.replaced_at.is_(None))
    assert house.database.read(lambda db: db.execute(current).scalar_one()) == 1
    assert sorted(value.version for value in saved) == list(range(1, rows(house) + 1))


def test_a_removed_value_is_gone_for_readers_and_removed_once(house, place):
    sets(house, place, "ana@example.org")

    assert [unsets(house, place), unsets(house, place)] == [True, False]
    assert reads(house, place) == {}


def test_who_saw_another_version_does_not_remove(house, place):
    sets(house, place, "ana@example.org")

    assert not unsets(house, place, expected=2)
    assert reads(house, place) == {"email": "ana@example.org"}


def test_the_history_tells_every_change_latest_first(house, clock, place):
    start = clock.now
    sets(house, place, "one@example.org", origin=Origin("command"))
    clock.now += 10
    sets(house, place, "two@example.org")
    clock.now += 10
    unsets(house, place)
    clock.now += 10
    sets(house, place, "three@example.org", expected=0)

    assert past(house, place) == [
        ("three@example.org", start + 30, "self"),
        (None, start + 20, "self"),
        ("two@example.org", start + 10, "self"),
        ("one@example.org", start, "command"),
    ]


def test_the_history_of_a_removed_value_begins_with_its_removal(house, clock, place):
    sets(house, place, "one@example.org")
    clock.now += 10
    unsets(house, place)

    assert past(house, place)[0] == (None, clock.now, "self")


def test_a_long_history_is_cut_off(house, place):
    for number in range(engine.LONGEST_HISTORY + 5):
        sets(house, place, f"ana{number}@example.org")

    assert len(past(house, place)) == engine.LONGEST_HISTORY
    assert past(house, place)[0][0] == f"ana{engine.LONGEST_HISTORY + 4}@example.org"


def test_the_database_tells_no_value(house, place, stored):
    sets(house, place, "Geheimnisvoller Wert", attribute="name")

    assert "Geheimnisvoller" not in stored()


def has_a_key(db, secrets, person_id, there):
    data_key = open_data_key(db, secrets, person_id=person_id)
    subject_key(db, data_key, person_id=person_id, persona_id=there["persona_id"], subject=there["attribute"])


@pytest.mark.parametrize("moved", [{"attribute": "nickname"}, {"version": 7}, {"persona_id": "at work"}])
def test_a_sealed_value_moved_to_another_place_does_not_open(house, place, moved):
    sets(house, place, "Ana", attribute="name")
    there = {"persona_id": place["persona_id"], "attribute": "name"} | moved
    house.database.write(has_a_key, house.secrets, place["person_id"], there)
    house.database.write(lambda db: db.execute(update(attribute_values).values(moved)))

    with pytest.raises(CannotOpen):
        reads(house, {name: moved.get(name, kept) for name, kept in place.items()})


def test_without_the_data_key_all_values_are_gone(house, place):
    sets(house, place, "ana@example.org")
    house.database.write(destroy_data_key, person_id=place["person_id"])

    assert reads(house, place) == {}
    with pytest.raises(UnknownKey):
        past(house, place)
    with pytest.raises(UnknownKey):
        sets(house, place, "ana@home.example")


def test_no_value_shows_in_a_repr_a_log_or_an_error(house, place, caplog):
    caplog.set_level(logging.DEBUG)
    value = sets(house, place, "geheim@example.org")
    with pytest.raises(ChangedMeanwhile) as refused:
        sets(house, place, "geheim2@example.org", expected=5)
    changes = house.database.read(engine.history, house.secrets, **place, attribute="email")

    assert "geheim" not in repr((value, changes, refused.value, refused.value.args)) + str(refused.value) + caplog.text
