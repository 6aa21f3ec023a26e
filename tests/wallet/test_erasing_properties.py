"""Whatever is set and erased, in whatever order: what is there is what was set since, and nothing else opens."""

from contextlib import suppress

import pytest
from actors import PersonActor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from storage import on_postgresql_alone, on_sqlite_alone, rows

from consent import ledger
from keys.tables import data_keys
from wallet.data.engine import current_values, set_value, unset_value
from wallet.erasing import erasures, values
from wallet.people.errors import UnknownPersona
from wallet.people.personas import add_persona, of_person

NAMES = ("email", "nickname", "given_name")
VALUES = ("a@example.org", "b@example.org")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 3), st.sampled_from(NAMES), st.sampled_from(VALUES)),
        st.tuples(st.just("erase"), st.integers(0, 3), st.sampled_from(NAMES)),
        st.tuples(st.just("add")),
        st.tuples(st.just("drop"), st.integers(1, 3)),
        st.tuples(st.just("all")),
    ),
    max_size=25,
)  # fmt: skip


@on_sqlite_alone
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_is_there_is_what_was_set_and_not_erased_since(app, house, moves_in, steps):
    person = moves_in(f"ana{len(rows(house, 'people'))}")
    actor = PersonActor(app, house, person, password="correct horse battery")
    model = {person.persona_id: {}}
    for number, (what, *how) in enumerate(steps):
        faces = list(model)
        if what == "add":
            ids = {"person_id": person.person_id, "name": f"p{number}", "now": house.clock()}
            model[house.database.write(add_persona, house.secrets, **ids).persona_id] = {}
        elif what == "all":
            house.database.write(erasures.begin, person_id=person.person_id, what=erasures.DATA, now=house.clock())
            assert erasures.go_on(house, person_id=person.person_id)
            model = {person.persona_id: {}}
        elif how[0] < len(faces):
            change(house, actor, model, faces[how[0]], what, how[1:])

    found = house.database.read(of_person, house.secrets, person_id=person.person_id)
    assert {one.persona_id for one in found} == set(model)
    for face, expected in model.items():
        ids = {"person_id": person.person_id, "persona_id": face}
        assert {k: v.value for k, v in house.database.read(current_values, house.secrets, **ids).items()} == expected
    mine = [row for row in rows(house, "data_keys") if row["person_id"] == person.person_id]
    assert {(row["persona_id"], row["subject"]) for row in mine} == {
        (face, subject) for face, held in model.items() for subject in ("", *held)
    }
    house.database.read(ledger.verify, house.secrets.ledger, person_id=person.person_id)


def change(house, actor, model, face, what, how):
    ids = {"person_id": actor.person.person_id, "persona_id": face}
    if what == "set":
        actor.has({how[0]: how[1]}, persona_id=face)
        model[face][how[0]] = how[1]
    elif what == "erase":
        at = ids | {"attribute": how[0]}
        version = house.database.read(values.last_version, **at)
        house.database.write(values.erase_value, house.secrets, **at, expected_version=version, now=house.clock())
        model[face].pop(how[0], None)
    else:
        house.database.write(erasures.begin_with_persona, **ids, now=house.clock())
        assert erasures.go_on(house, **ids)
        del model[face]


@on_postgresql_alone
@pytest.mark.parametrize("what", ["value", "persona"])
def test_who_saves_while_it_is_erased_leaves_nothing_behind_under_no_key(house, person, ana, what):
    """A transaction that began before the erasure and ends after it runs again."""
    who = {"person_id": ana.person_id, "now": house.clock()}
    other = house.database.write(add_persona, house.secrets, **who, name="at work").persona_id
    person.has({"email": "before@example.org"}, persona_id=other)
    ids = {"person_id": ana.person_id, "persona_id": other}
    unset = ids | {"attribute": "email", "now": house.clock()}
    house.database.write(unset_value, **unset)
    meanwhile = [lambda: erase(house, ids, what)]

    def save(db):
        db.execute(select(data_keys)).all()
        if meanwhile:
            meanwhile.pop()()
        given = {"value": "late@example.org", "expected_version": 0, "now": house.clock()}
        set_value(db, house.secrets, **ids, attribute="email", **given)

    with suppress(UnknownPersona):
        house.database.write(save)

    held = house.database.read(current_values, house.secrets, **ids)
    keys = {(row["persona_id"], row["subject"]) for row in rows(house, "data_keys")}
    stored = [row for row in rows(house, "attribute_values") if row["persona_id"] == other]
    assert [row["version"] for row in stored] == ([1] if what == "value" else [])
    assert {name: one.value for name, one in held.items()} == ({"email": "late@example.org"} if stored else {})
    assert ((other, "") in keys) == (what == "value")


def erase(house, ids, what):
    if what == "persona":
        house.database.write(erasures.begin_with_persona, **ids, now=house.clock())
        erasures.go_on(house, **ids)
    else:
        given = {"attribute": "email", "expected_version": 1, "now": house.clock()}
        house.database.write(values.erase_value, house.secrets, **ids, **given)
