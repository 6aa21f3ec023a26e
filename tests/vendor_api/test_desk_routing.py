"""Who answers at a vendor's desk: always somebody who can, and always with the reasons."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vendor_api.desk.directory import Absence, ContactPerson
from vendor_api.desk.hours import Hours
from vendor_api.desk.model import Incoming
from vendor_api.desk.routing import ANYONE, NO_PREFERENCE, SAME_SKILL, WAIT, Preference, is_free, route

NOW = 1_800_273_600  # 18 January 2027, 12:00 UTC, a Monday
OFFICE = Hours("Europe/Berlin", tuple((day, 540, 1020) for day in range(5)))
NIGHT = Hours("Europe/Berlin", tuple((day, 1320, 1800) for day in range(7)))
AWAY = (Absence(NOW - 3600, NOW + 3600),)
QUESTION = Incoming("question", "tariff", "de", NOW + 48 * 3600)


def person(name, **more):
    return ContactPerson(name, name.title(), **more)


def chosen(staff, thread=QUESTION, load=(), preference=NO_PREFERENCE, now=NOW):
    decision = route(thread, staff, dict(load), preference, now)
    return decision.contact_person_id, [one.code for one in decision.reasons]


@pytest.mark.parametrize(
    ("staff", "expected"),
    [
        ([person("b", topics=("tariff",)), person("a", topics=("outage",))], ("b", ["topic"])),
        ([person("b", topics=("tariff",)), person("a")], ("b", ["topic"])),
        ([person("b"), person("a", topics=("outage",))], ("b", ["topic"])),
        ([person("b", languages=("de-AT",)), person("a", languages=("en",), topics=("tariff",))], ("b", ["language"])),
        ([person("b", skills=("question",)), person("a")], ("b", ["skill"])),
        ([person("b", hours=OFFICE), person("a", hours=NIGHT)], ("b", ["on_duty"])),
        ([person("b"), person("a", absences=AWAY)], ("b", ["only_one"])),
        ([person("b"), person("a", active=False)], ("b", ["only_one"])),
        ([person("b"), person("a", most_threads=0)], ("b", ["only_one"])),
        ([person("b"), person("a")], ("a", ["equal"])),
        ([person("a", absences=AWAY)], (None, ["nobody_free"])),
        ([], (None, ["nobody_free"])),
    ],
)
def test_the_best_suited_of_those_who_are_there_is_chosen_and_it_is_said_why(staff, expected):
    assert chosen(staff) == expected


def test_of_two_who_know_it_the_one_with_less_to_do_is_chosen():
    staff = [person("a"), person("b")]

    assert chosen(staff, load={"a": 3, "b": 2}) == ("b", ["load"])
    assert chosen([person("a", most_threads=30), person("b", most_threads=4)], load={"a": 6, "b": 3}) == ("a", ["load"])


def test_what_is_due_soon_goes_to_who_is_there_rather_than_to_who_knows_best():
    staff = [person("expert", topics=("tariff",), hours=NIGHT), person("there", hours=OFFICE)]

    assert chosen(staff) == ("expert", ["topic"])
    assert chosen(staff, replace(QUESTION, due_at=NOW + 3600)) == ("there", ["service_level", "on_duty"])


STAFF = [
    person("petra", skills=("heat",), absences=AWAY, substitute="paul"),
    person("joe", topics=("tariff",)),
    person("heather", skills=("heat", "gas")),
]
PAUL = person("paul")


@pytest.mark.parametrize(
    ("preference", "more", "expected"),
    [
        (Preference("heather"), [], ("heather", ["preferred"])),
        (Preference("petra", ANYONE), [], ("joe", ["absent", "topic"])),
        (Preference("petra", ANYONE), [PAUL], ("paul", ["absent", "substitute"])),
        (Preference("petra", WAIT), [PAUL], ("petra", ["absent", "waits_for"])),
        (Preference("petra", SAME_SKILL), [], ("heather", ["absent", "same_skill"])),
        (Preference("gone"), [], ("joe", ["preferred_unknown", "topic"])),
    ],
)
def test_whom_the_person_wants_answers_or_it_is_said_why_not(preference, more, expected):
    assert chosen([*STAFF, *more], preference=preference) == expected


def test_nobody_of_that_skill_is_said_too():
    preference = Preference("petra", SAME_SKILL)

    assert chosen(STAFF[:2], preference=preference) == ("joe", ["absent", "no_same_skill"])


names = st.sampled_from("abcdef")
some = st.lists(st.sampled_from(["tariff", "outage", "question"]), max_size=2).map(tuple)
people = st.builds(
    ContactPerson,
    contact_person_id=names,
    name=names,
    skills=some,
    topics=some,
    languages=st.sampled_from([(), ("de",), ("en",)]),
    hours=st.sampled_from([Hours(), OFFICE, NIGHT]),
    absences=st.sampled_from([(), AWAY]),
    substitute=st.none() | names,
    most_threads=st.none() | st.integers(0, 3),
    active=st.booleans(),
)
staffs = st.lists(people, max_size=6, unique_by=lambda one: one.contact_person_id)
loads = st.dictionaries(names, st.integers(0, 5))
preferences = st.builds(Preference, st.none() | names, st.sampled_from([ANYONE, WAIT, SAME_SKILL]))
threads = st.builds(
    Incoming,
    type=st.sampled_from(["question", "wish"]),
    topic=st.sampled_from([None, "tariff", "outage"]),
    language=st.sampled_from([None, "de", "en-GB"]),
    due_at=st.sampled_from([None, NOW + 60, NOW + 10**6]),
)


@settings(max_examples=300, deadline=None)
@given(staffs, loads, preferences, threads, st.randoms(use_true_random=False))
def test_a_choice_is_always_explained_never_somebody_who_can_not_and_the_same_in_any_order(
    staff, load, preference, thread, random: Random
):
    decision = route(thread, staff, load, preference, NOW)

    assert decision.reasons
    by_name = {one.contact_person_id: one for one in staff}
    free = {name for name, one in by_name.items() if one.active and is_free(one, load, NOW)}
    waits = any(one.code == "waits_for" for one in decision.reasons)
    if decision.contact_person_id is None:
        assert not free
    elif waits:
        assert preference == Preference(decision.contact_person_id, WAIT)
    else:
        assert decision.contact_person_id in free
    if preference.contact_person in free:
        assert decision.contact_person_id == preference.contact_person
    shuffled = list(staff)
    random.shuffle(shuffled)
    assert route(thread, shuffled, load, preference, NOW) == decision
