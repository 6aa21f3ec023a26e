"""What is stricter than what is an order, and whatever a person chooses, nothing ever becomes looser by it."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage import on_sqlite_alone

from consent import engine, token
from consent.engine import Answer
from consent.errors import BadUntil, EmptyRange, NotAsked, NotTighter
from consent.limits import delivery, limits_from
from consent.model import WHILE_AWAY, Item, Limits, Range, Span
from consent.places import COUNTRIES, PLACES
from consent.tightening import (
    SECONDS,
    UNLIMITED,
    Tightening,
    is_among,
    is_as_tight,
    is_inside,
    seconds,
    tightened,
)
from vendor_api.oauth.asking.limits import as_asked

ISSUER = "https://wallet.example"
DAY = 24 * 3600

few = st.sampled_from
spans = st.builds(Span, st.integers(1, 3), few(sorted(SECONDS)))
moments = st.none() | st.integers(1, 4)
ranges = st.none() | st.builds(Range, moments, moments).filter(lambda one: one != Range() and not one.is_empty)
some_names = st.none() | st.frozensets(few("abc")).map(lambda names: tuple(sorted(names)))
some_places = st.none() | st.frozensets(few(("DE", "EU", "FR")), min_size=1).map(lambda names: tuple(sorted(names)))


@st.composite
def limits(draw):
    """Any limits there can be: what is read once has no frequency, what is not kept no life and no place."""
    mode, fetch = draw(few(("view", "store"))), draw(few(("once", "periodic")))
    return Limits(
        mode=mode,
        fetch=fetch,
        frequency=draw(st.none() | spans) if fetch == "periodic" else None,
        data_life=draw(st.none() | spans) if mode == "store" else None,
        until=draw(moments),
        data_range=draw(ranges),
        recipients=draw(some_names),
        storage_place=draw(some_places) if mode == "store" else None,
    )


tightenings = st.builds(
    Tightening,
    attribute=st.just("email"),
    mode=few((None, "view", "store")),
    fetch=few((None, "once", "periodic")),
    frequency=st.none() | spans,
    data_life=st.none() | spans,
    until=moments,
    data_range=ranges,
    recipients=some_names,
    storage_place=some_places,
)


def meaning(of):
    """Limits that say the same in other units are the same."""
    return of and (*(getattr(of, name) for name in Limits.__slots__ if name != "data_life"), life(of))


def life(of):
    return of.data_life and seconds(of.data_life)


@given(limits())
def test_limits_are_as_tight_as_themselves_and_nothing_is_looser_than_none(one):
    assert is_as_tight(one, one)
    assert is_as_tight(one, UNLIMITED)


@given(st.lists(limits(), min_size=3, max_size=3), st.data())
def test_stricter_than_the_stricter_is_stricter(three, data):
    item = Item("email", None, required=False, limits=three[0])
    for _ in range(2):
        with suppress(NotTighter, EmptyRange):
            item = tightened(item, data.draw(tightenings))
    first, last = three[0], item.in_force

    assert is_as_tight(last, first)
    if is_as_tight(three[1], last):
        assert is_as_tight(three[1], first)
    if is_as_tight(three[0], three[1]) and is_as_tight(three[1], three[2]):
        assert is_as_tight(three[0], three[2])


@given(limits(), limits())
def test_limits_that_are_as_tight_as_each_other_say_the_same(one, other):
    if is_as_tight(one, other) and is_as_tight(other, one):
        assert meaning(one) == meaning(other)


@given(limits(), limits())
def test_what_is_stricter_has_no_part_that_is_looser(new, old):
    if is_as_tight(new, old):
        assert old.until is None or (new.until is not None and new.until <= old.until)
        assert is_inside(new.data_range, old.data_range)
        assert is_among(new.recipients, old.recipients)
        assert old.mode == "store" or new.mode == "view"
        assert old.fetch == "periodic" or new.fetch == "once"
        assert old.frequency is None or new.fetch == "once" or new.frequency is not None
        assert new.mode == "view" or is_among(new.storage_place, old.storage_place)


@given(limits())
def test_limits_come_back_as_they_were_said(one):
    said = as_asked(one)

    assert limits_from(said) == one
    assert None not in said.values()


def test_the_codes_are_those_of_iso_3166():
    assert len(COUNTRIES) == 249
    assert all(len(code) == 2 and code.isupper() for code in PLACES)
    assert {"EU"} == PLACES - COUNTRIES


@pytest.fixture
def answers(ana_answers):
    """Answers an ask for an e-mail address under these limits, with the stricter ones the person chose."""

    def answers(*stricter, chosen=("email",), **what):
        ask = ana_answers.is_asked("email", "phone_number", WHILE_AWAY)
        wanted = Tightening("email", **what) if what else None
        given = tuple(filter(None, (wanted, *stricter)))
        answer = Answer(frozenset(chosen), ana_answers.now + 30 * DAY, given)
        ids = {"face": ana_answers.face, "issuer": ISSUER, "now": ana_answers.now}
        return ana_answers.house.database.write(engine.grant, ana_answers.house.secrets, ask, answer, **ids)

    return answers


def test_what_is_made_stricter_in_the_answer_is_granted_so_and_signed(ana_answers, answers):
    grant = answers(
        fetch="once",
        mode="view",
        recipients=(),
        data_range=Range(1_767_225_600, 1_798_761_600),
        until=ana_answers.now + DAY,
    )

    (item,) = ana_answers.grant(grant.grant_id).items
    claims = token.verify(grant.consent_token, client_id="stadtwerke", issuer=ISSUER, now=ana_answers.now)
    (process,) = claims["consent"]["dpv:hasProcess"]
    assert item.limits is None
    assert (item.in_force.fetch, item.in_force.recipients) == ("once", ())
    assert process["w:access"]["dataRange"] == {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}
    assert process["w:access"]["recipients"] == []
    assert process["dpv:hasRecipient"] == []


def test_where_and_how_long_a_copy_is_kept_stands_in_the_record(ana_answers, answers):
    grant = answers(data_life=Span(2, "week"), storage_place=("DE", "EU"), recipients=("Druckerei",))

    claims = token.verify(grant.consent_token, client_id="stadtwerke", issuer=ISSUER, now=ana_answers.now)
    (process,) = claims["consent"]["dpv:hasProcess"]
    assert process["dpv:hasStorageCondition"] == {"dpv:hasLocation": ["loc:DE", "loc:EU"], "dpv:hasDuration": "P14D"}
    assert process["w:access"]["storagePlace"] == ["DE", "EU"]
    assert process["dpv:hasRecipient"] == ["Druckerei"]


@on_sqlite_alone
def test_what_is_refused_is_not_made_stricter(ana_answers, answers):
    grant = answers(chosen=["phone_number"], fetch="once")

    assert {item.attribute: item.tighter for item in grant.refused} == {"email": None, WHILE_AWAY: None}


@on_sqlite_alone
@pytest.mark.parametrize(
    ("error", "stricter"),
    [
        (NotAsked, Tightening("iban", fetch="once")),
        (NotAsked, Tightening(WHILE_AWAY, fetch="once")),
        (BadUntil, Tightening("email", until=1)),
        (BadUntil, Tightening("email", until=9_999_999_999)),
        (EmptyRange, Tightening("email", data_range=Range(10, 10))),
    ],
    ids=["not asked", "no value", "over", "far away", "empty"],
)
def test_a_forged_answer_changes_nothing(answers, contents, error, stricter):
    answers()
    before = contents()

    with pytest.raises(error):
        answers(stricter)

    after = contents()
    assert [name for name in after if after[name] != before[name]] == ["asks", "ledger"]  # what asking itself leaves
    assert "granted" not in str(set(after["ledger"]) - set(before["ledger"]))


@on_sqlite_alone
@pytest.mark.parametrize(
    ("held", "at", "recipient", "reason"),
    [
        (Limits(data_range=Range(100, 200)), 99, None, "outside_data_range"),
        (Limits(data_range=Range(100, 200)), 100, None, None),
        (Limits(data_range=Range(100, 200)), 199, None, None),
        (Limits(data_range=Range(100, 200)), 200, None, "outside_data_range"),
        (Limits(data_range=Range(None, 200)), None, None, "outside_data_range"),
        (Limits(recipients=()), 1, None, None),
        (Limits(recipients=()), 1, "Printer", "recipient_not_allowed"),
        (Limits(recipients=("Printer",)), 1, "Printer", None),
        (Limits(recipients=("Printer",)), 1, "printer", "recipient_not_allowed"),
    ],
)
def test_a_value_outside_its_range_or_for_somebody_else_is_held_back(ana_answers, answers, held, at, recipient, reason):
    grant = answers()
    grant = replace(grant, items=(Item("email", None, required=False, limits=held),))
    set_at = {} if at is None else {"email": at}

    found = ana_answers.house.database.write(
        delivery, grant, ["email"], set_at=set_at, recipient=recipient, now=ana_answers.now
    )

    assert [one.reason for one in found.withheld] == ([reason] if reason else [])
    assert found.attributes == (frozenset() if reason else {"email"})


@on_sqlite_alone
def test_what_is_held_back_for_its_range_is_not_counted_as_the_one_read(ana_answers, answers):
    grant = answers(fetch="once", data_range=Range(100, None))

    def reads(at):
        return ana_answers.house.database.write(delivery, grant, ["email"], set_at={"email": at}, now=ana_answers.now)

    assert reads(99).attributes == frozenset()
    assert reads(100).attributes == {"email"}
    assert reads(100).withheld[0].reason == "already_fetched"
