"""A persona that takes single values from another one: what it gets, what is refused, and what the past says of it."""

from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from storage import nothing_changes, on_sqlite_alone, rows

from wallet.data import engine, inheritance
from wallet.data.errors import ChangedMeanwhile, NothingToTake, TakenByAnother, TakesItself
from wallet.errors import WalletError
from wallet.people.personas import add_persona

NAMES = ("email", "phone_number")


class Faces:
    """Three personas of one person, and what one does with their values."""

    def __init__(self, house, person):
        self.house, self.person_id = house, person.person_id
        added = [
            house.database.write(
                add_persona, house.secrets, person_id=person.person_id, name=name, now=house.clock()
            ).persona_id
            for name in ("At work", "At the club")
        ]
        self.ids = (person.persona_id, *added)

    def at(self, face, attribute="email"):
        return {"person_id": self.person_id, "persona_id": self.ids[face], "attribute": attribute}

    def sets(self, face, value, *, attribute="email", expected=None):
        self.house.database.write(
            engine.set_value,
            self.house.secrets,
            **self.at(face, attribute),
            value=value,
            expected_version=expected,
            now=self.house.clock(),
        )

    def unsets(self, face, *, attribute="email"):
        return self.house.database.write(engine.unset_value, **self.at(face, attribute), now=self.house.clock())

    def takes(self, face, source, *, attribute="email", expected=None):
        place, now = self.at(face, attribute), self.house.clock()
        there = self.ids[source]
        self.house.database.write(inheritance.inherit, **place, source=there, expected_version=expected, now=now)

    def reads(self, face):
        whose = {"person_id": self.person_id, "persona_id": self.ids[face]}
        return self.house.database.read(engine.current_values, self.house.secrets, **whose)

    def past(self, face):
        return self.house.database.read(engine.history, self.house.secrets, **self.at(face))


@pytest.fixture
def faces(house, ana):
    return Faces(house, ana)


def test_a_persona_takes_nothing_of_another_by_itself(faces):
    faces.sets(0, "ana@example.org")

    assert faces.reads(1) == {}


def test_a_value_that_is_taken_changes_where_it_stands_and_was_set_then(faces, clock):
    faces.sets(0, "ana@example.org")
    clock.now += 100
    faces.takes(1, 0)
    taken = faces.reads(1)["email"]
    clock.now += 100
    faces.sets(0, "ana@home.example")
    changed = faces.reads(1)["email"]

    assert (taken.value, taken.set_at, taken.taken_from) == ("ana@example.org", clock.now - 200, faces.ids[0])
    assert (changed.value, changed.set_at) == ("ana@home.example", clock.now)
    assert faces.reads(0)["email"].taken_from is None


def test_a_value_of_its_own_ends_the_taking_and_the_other_way_round(faces):
    faces.sets(0, "ana@example.org")
    faces.takes(1, 0)
    faces.sets(1, "am@firma.example")
    own = faces.reads(1)["email"]
    faces.takes(1, 0)

    assert (own.value, own.taken_from) == ("am@firma.example", None)
    assert faces.reads(1)["email"].value == "ana@example.org"


def test_the_past_tells_of_what_was_taken(faces, clock):
    faces.sets(0, "ana@example.org")
    for step in (
        lambda: faces.sets(1, "am@firma.example"),
        lambda: faces.takes(1, 0),
        lambda: faces.unsets(1),
        lambda: faces.takes(1, 0),
        lambda: faces.sets(1, "a.m@firma.example"),
    ):
        clock.now += 10
        step()

    told = [(change.value, change.taken_from) for change in reversed(faces.past(1))]
    at = [change.at - clock.now for change in faces.past(1)]

    assert told == [
        ("am@firma.example", None),
        (None, faces.ids[0]),
        (None, None),
        (None, faces.ids[0]),
        ("a.m@firma.example", None),
    ]
    assert at == [0, -10, -20, -30, -40]


@pytest.mark.parametrize(
    ("face", "source", "refusal"),
    [(2, 1, TakesItself), (0, 2, TakenByAnother), (1, 1, TakesItself), (2, 2, NothingToTake), (1, 2, NothingToTake)],
)
@on_sqlite_alone
def test_there_are_no_chains_and_nothing_is_taken_where_nothing_is(faces, house, face, source, refusal):
    faces.sets(0, "ana@example.org")
    if refusal is TakenByAnother:
        faces.sets(2, "club@example.org")
    faces.takes(1, 0)

    with nothing_changes(house), pytest.raises(refusal):
        faces.takes(face, source)


def test_nothing_is_taken_from_somebody_else(faces, house, moves_in):
    other = Faces(house, moves_in("Ben"))
    other.sets(0, "ben@example.org")

    with nothing_changes(house), pytest.raises(NothingToTake):
        house.database.write(inheritance.inherit, **faces.at(1), source=other.ids[0], now=house.clock())


def test_who_did_not_see_what_happened_meanwhile_overwrites_nothing(faces, house):
    faces.sets(0, "ana@example.org")
    faces.takes(1, 0)

    with nothing_changes(house):
        with pytest.raises(ChangedMeanwhile):
            faces.sets(1, "ana@example.org", expected=0)
        with pytest.raises(ChangedMeanwhile):
            faces.takes(1, 0, expected=0)
    faces.sets(1, "am@firma.example", expected=1)

    with nothing_changes(house), pytest.raises(ChangedMeanwhile):
        faces.takes(1, 0, expected=1)


def test_several_are_taken_or_none(faces, house):
    faces.sets(0, "ana@example.org")
    whose = {"person_id": faces.person_id, "persona_id": faces.ids[1], "source": faces.ids[0]}

    with nothing_changes(house), pytest.raises(NothingToTake):
        house.database.write(inheritance.inherit_all, {"email": 0, "iban": 0}, **whose, now=house.clock())


def test_what_is_gone_where_it_stood_is_gone_where_it_was_taken(faces):
    faces.sets(0, "ana@example.org")
    faces.takes(1, 0)

    faces.unsets(0)

    assert faces.reads(1) == {}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 2), st.sampled_from(NAMES)),
        st.tuples(st.just("unset"), st.integers(0, 2), st.sampled_from(NAMES)),
        st.tuples(st.just("take"), st.integers(0, 2), st.sampled_from(NAMES), st.integers(0, 2)),
    ),
    max_size=12,
)


class Model:
    """The same in two plain dictionaries."""

    def __init__(self):
        self.own, self.taken = {}, {}

    def take(self, face, name, source):
        taken_here = (source, name) in self.taken or face == source or face in self.givers(name)
        if taken_here or (source, name) not in self.own:
            return False
        self.own.pop((face, name), None)
        self.taken[face, name] = source
        return True

    def givers(self, name):
        return {source for (_face, other), source in self.taken.items() if other == name}

    def values(self, face):
        from_others = {
            name: self.own[source, name]
            for (who, name), source in self.taken.items()
            if who == face and (source, name) in self.own
        }
        return {name: value for (who, name), value in self.own.items() if who == face} | from_others


@on_sqlite_alone
def test_whatever_is_set_taken_and_removed_the_values_are_those_of_a_plain_model(house, moves_in):
    people = count()

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )
    @given(STEPS)
    def check(steps):
        faces, model = Faces(house, moves_in(f"p{next(people)}")), Model()
        for number, (what, face, name, *source) in enumerate(steps):
            if what == "set":
                value = f"+4930{number:07}" if name == "phone_number" else f"n{number}@example.org"
                faces.sets(face, value, attribute=name)
                model.own[face, name] = value
                model.taken.pop((face, name), None)
            elif what == "unset":
                faces.unsets(face, attribute=name)
                model.own.pop((face, name), None)
                model.taken.pop((face, name), None)
            else:
                assert took(faces, face, source[0], name) == model.take(face, name, source[0])
            assert_same(faces, model)

    check()


def took(faces, face, source, name):
    try:
        faces.takes(face, source, attribute=name)
    except WalletError:
        return False
    return True


def assert_same(faces, model):
    for face in range(3):
        assert {name: value.value for name, value in faces.reads(face).items()} == model.values(face)


def test_every_attribute_has_a_value_or_takes_one_and_never_both(faces, house):
    faces.sets(0, "ana@example.org")
    faces.sets(1, "am@firma.example")
    faces.takes(1, 0)
    faces.sets(1, "a.m@firma.example")

    own = [row for row in rows(house, "attribute_values") if row["replaced_at"] is None]
    taken = [row for row in rows(house, "inherited_values") if row["replaced_at"] is None]

    assert (len(own), len(taken)) == (2, 0)
