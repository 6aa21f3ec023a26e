"""What comes in is weighed by reasons that anybody can read, and by nothing the person did not release."""

from dataclasses import replace

import pytest
from desking import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from storage import nothing_changes, on_sqlite_alone

from vendor_api.desk import weighing
from vendor_api.desk.errors import WrongState
from vendor_api.desk.model import TYPES, Incoming, Weight
from vendor_api.desk.service import SILENT, Influence, ServiceLevel
from vendor_api.desk.weighing import priority_of, waited, weigh
from vendor_api.desk.wording import MOOD, URGENCY, found_in
from vendor_api.errors import InvalidRequest


def words(text, about, language=None):
    return [one.words for one in found_in(text, language) if one.about == about]


@pytest.mark.parametrize(
    ("text", "urgent", "cross"),
    [
        ("Das ist eine Unverschämtheit! Seit Wochen warte ich.", ["Seit Wochen"], ["Unverschämtheit"]),
        ("Wir haben keinen Strom, bitte kommen Sie sofort.", ["keinen Strom", "sofort"], []),
        ("Es ist nicht dringend, und ich bin nicht verärgert.", [], []),
        ("Ich bin mit Ihnen überhaupt nicht zufrieden.", [], ["nicht … zufrieden"]),
        ("Ich bin sehr zufrieden mit Ihnen.", [], []),
        ("Die Heizung funktioniert nicht, ich bin enttäuscht.", ["funktioniert nicht"], ["enttäuscht"]),
        ("Nein. Dringend!", ["Dringend"], []),
        ("There is no power since noon. I am furious.", ["no power"], ["furious"]),
        ("It is not urgent, and I’m not angry at all.", [], []),
        ("The app doesn’t work, and I am not happy.", ["doesn’t work"], ["not … happy"]),
        ("", [], []),
        ("12345 !!! 😠", [], []),
    ],
)
def test_words_tell_of_urgency_and_mood_but_not_behind_a_no(text, urgent, cross):
    assert (words(text, URGENCY), words(text, MOOD)) == (urgent, cross)


def test_the_language_that_was_named_counts():
    assert words("Brand", URGENCY, "de-AT") == ["Brand"]
    assert words("Brand", URGENCY, "en") == []


def weighed(text="", kind="wish", *, service=SILENT, released=None):
    return weigh(Incoming(kind, None, "en"), text, service=service, released=released or {})


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.sampled_from(TYPES), st.sampled_from([None, "de", "en", "tlh"]))
def test_every_point_of_a_priority_has_its_reason_and_every_word_stands_in_the_text(text, kind, language):
    weights = weigh(Incoming(kind, None, language), text, service=SILENT, released={})

    assert priority_of(weights) == min(100, sum(one.weight for one in weights))
    for one in weights:
        assert all(word in text for words in one.words for word in words.split(" … ") for word in word.split())


def test_who_shouts_longest_is_not_always_first():
    loud = weighed("urgent emergency fire flood danger furious outrageous scandal fraud scam " * 50)

    assert {one.reason: one.weight for one in loud} == {"type": 10, URGENCY: 30, MOOD: 20}


def test_a_short_promise_weighs_more():
    short = weighed(service=replace(SILENT, levels=(ServiceLevel("*", "*", 4),)))

    assert Weight("service_level", 20) in short


def test_only_what_the_person_released_has_influence_and_it_is_named():
    service = SILENT.__class__(
        SILENT.hours, 5, (Influence("medical.device", True, 15), Influence("vip", "yes", 90)), ()
    )

    assert weighed(service=service) == weighed(service=SILENT)
    assert weighed(service=service, released={"medical.device": False}) == weighed()
    assert weighed(service=service, released={"medical.device": True})[-1] == Weight(
        "released", 15, ("medical.device",)
    )
    both = weighed(service=service, released={"medical.device": True, "vip": "yes"})
    assert sum(one.weight for one in both if one.reason == "released") == 20


@pytest.fixture
def desk(house):
    return Desk(house)


def correct(desk, priority, expected, thread_id="t-1"):
    ids = {"client_id": desk.client_id, "thread_id": thread_id, "now": desk.house.clock()}
    how = {"priority": priority, "expected": expected}
    return desk.house.database.write(weighing.correct, desk.house.secrets, **ids, **how)


def test_the_weightier_comes_first_and_waiting_counts_too(desk, clock):
    desk.receives("wish", type="wish", text="A green tariff would be nice.")
    clock.now += 3600
    desk.receives("outage", type="complaint", text="There is no power, this is an emergency!")
    assert [one.thread_id for one in desk.threads().threads] == ["outage", "wish"]

    clock.now += 40 * 900
    desk.receives("another", type="complaint", text="Slow.")

    assert [one.thread_id for one in desk.threads().threads] == ["outage", "wish", "another"]
    assert waited(desk.thread("wish")[0], clock()).weight == 44


def test_a_wrong_estimate_is_corrected_and_both_stay_to_be_seen(desk):
    first = desk.receives(text="Your song „Fire“ is on my list, urgent!", type="praise")
    desk.receives("t-2", type="complaint")

    desk.thread()
    second = correct(desk, 5, first.priority)

    assert second.priority == 5
    assert second.explanation == (*first.explanation, Weight("corrected", 5 - first.priority))
    assert [one.thread_id for one in desk.threads().threads] == ["t-2", "t-1"]
    again = correct(desk, 15, 5)
    assert (again.priority, again.explanation[-1].weight) == (15, 15 - first.priority)


@on_sqlite_alone
def test_a_correction_is_of_what_was_seen(desk, house):
    first = desk.receives()

    with nothing_changes(house):
        with pytest.raises(WrongState):
            correct(desk, 90, first.priority + 1)
        for wrong in (-1, 101):
            with pytest.raises(InvalidRequest):
                correct(desk, wrong, first.priority)


@on_sqlite_alone
def test_a_correction_teaches_nothing_in_secret(desk):
    first = desk.receives()
    correct(desk, 90, first.priority)

    assert desk.receives("t-2").priority == first.priority
