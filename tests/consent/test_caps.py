"""Caps: whatever is asked and whatever tables there are, what is asked in the end is beyond none of them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import caps, given_caps
from consent.caps import ANY, HOST, SENSITIVE, Cap, Row
from consent.errors import BadCap
from consent.model import WHILE_AWAY, Item, Limits, Span
from consent.purposes import PURPOSES, UNCLASSIFIED
from consent.tightening import SECONDS, seconds
from consent.vocabulary import DATA_KINDS, KINDS

DAY = 24 * 3600
MARKETING, AGE = "dpv:Marketing", "dpv:AgeVerification"
spans = st.builds(Span, st.integers(1, 400), st.sampled_from(list(SECONDS)))
maybe = st.none() | spans
limits = st.builds(
    Limits,
    mode=st.sampled_from(["view", "store"]),
    fetch=st.sampled_from(["once", "periodic"]),
    frequency=maybe,
    data_life=maybe,
)
purposes = st.none() | st.sampled_from([MARKETING, AGE, "dpv:DeliveryOfGoods"])
items = st.builds(
    Item,
    st.sampled_from(["email", "birthdate", "iban", "address.locality", "my.own", WHILE_AWAY]),
    st.none(),
    st.booleans(),
    limits=st.none() | limits,
    purpose_type=purposes,
)
rows = st.builds(
    Row,
    st.sampled_from([ANY, UNCLASSIFIED, MARKETING, AGE]),
    st.sampled_from([ANY, SENSITIVE, "pd:Contact", "pd:EmailAddress", "pd:Age"]),
    st.builds(
        Cap,
        allowed=st.sampled_from([True, True, False]),
        mode=st.sampled_from(["view", "store"]),
        fetch=st.sampled_from(["once", "periodic"]),
        frequency=maybe,
        data_life=maybe,
        longest=maybe,
    ),
)
tables = st.lists(st.lists(rows, max_size=6), max_size=3)


def reads_in_the_worst_window(limits, window):
    """By trying: in each window, counted from the grant, as many reads as every span that touches it allows."""
    if limits.fetch == "once":
        return 1
    if limits.frequency is None:
        return None
    each, value = SECONDS[limits.frequency.unit], limits.frequency.value
    most = 0
    for start in range(0, 30 * max(window, each), window):
        first, last = start // each, (start + window - 1) // each
        most = max(most, value * (last - first + 1))
    return most


def is_beyond(item, cap):
    found = item.limits or Limits(mode="store")
    life = (
        cap.data_life
        and found.mode == "store"
        and (found.data_life is None or seconds(found.data_life) > seconds(cap.data_life))
    )
    often = cap.frequency and (
        (reads := reads_in_the_worst_window(found, SECONDS[cap.frequency.unit])) is None or reads > cap.frequency.value
    )
    long = cap.longest and (item.longest is None or item.longest > seconds(cap.longest))
    copies = cap.mode == "view" and found.mode == "store"
    return bool(not cap.allowed or life or often or long or copies or (cap.fetch == "once" and found.fetch != "once"))


@settings(max_examples=300, deadline=None)
@given(st.lists(items, max_size=5), tables)
def test_what_is_asked_in_the_end_is_beyond_no_cap(asked, given_tables):
    kept, trimmed = caps.items_under(asked, given_tables)

    for item in kept:
        assert item.attribute == WHILE_AWAY or not any(
            is_beyond(item, caps.cap_of(table, item)) for table in given_tables
        )
    named = {one.attribute for one in trimmed}
    assert {item.attribute for item in asked} == {item.attribute for item in kept} | named
    assert all(item in asked for item in kept if item.attribute not in named)


@settings(max_examples=300, deadline=None)
@given(st.lists(items, max_size=5), tables)
def test_caps_only_take_away_and_a_second_time_nothing(asked, given_tables):
    kept, _ = caps.items_under(asked, given_tables)

    again, trimmed = caps.items_under(kept, given_tables)

    assert (again, trimmed) == (kept, ())
    before = {(item.attribute, item.purpose_type, item.required) for item in asked}
    assert {(item.attribute, item.purpose_type, item.required) for item in kept} <= before


@settings(max_examples=300, deadline=None)
@given(limits, spans)
def test_a_cap_on_how_often_never_allows_a_read_that_was_not_asked_for(asked, frequency):
    after = caps.trimmed(asked, Cap(frequency=frequency))

    if asked.frequency and asked.fetch == "periodic":
        reads = reads_in_the_worst_window(after, SECONDS[asked.frequency.unit])
        assert reads is not None
        assert reads <= asked.frequency.value


def test_purpose_counts_before_data_and_what_is_specific_before_what_is_not():
    table = [
        Row(ANY, "pd:EmailAddress", Cap(mode="view")),
        Row(MARKETING, ANY, Cap(fetch="once")),
        Row(MARKETING, "pd:Contact", Cap(longest=Span(1, "day"))),
        Row(MARKETING, SENSITIVE, caps.NOTHING),
    ]
    email = Item("email", None, required=False)

    assert caps.cap_of(table, email) == Cap(mode="view")
    assert caps.cap_of(table, replace(email, purpose_type=MARKETING)) == Cap(longest=Span(1, "day"))
    assert caps.cap_of(table, Item("name", None, required=False, purpose_type=MARKETING)) == Cap(fetch="once")
    assert caps.cap_of(table, Item("birthdate", None, required=False, purpose_type=MARKETING)) == caps.NOTHING


def test_who_names_no_kind_of_purpose_is_asked_as_before():
    asked = tuple(Item(name, "To greet you", required=True) for name in KINDS)

    assert caps.items_under(asked, [HOST]) == (asked, ())


def test_the_table_of_the_host_names_what_there_is():
    kinds = {SENSITIVE, ANY, *DATA_KINDS, *(kind.broader for kind in DATA_KINDS.values())}

    assert {row.purpose for row in HOST} <= PURPOSES.keys()
    assert {row.kind for row in HOST} <= kinds
    assert len({(row.purpose, row.kind) for row in HOST}) == len(HOST)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [7],
        [{}],
        [{"purpose": "dpv:World"}],
        [{"purpose": ANY, "data": "email"}],
        [{"purpose": ANY, "data": ["*"]}],
        [{"purpose": [ANY]}],
        [{"purpose": ANY, "allowed": "no"}],
        [{"purpose": ANY, "mode": "copy"}],
        [{"purpose": ANY, "mode": ["view"]}],
        [{"purpose": ANY, "until": 7}],
        [{"purpose": ANY, "frequency": {"value": 0, "unit": "day"}}],
        [{"purpose": ANY, "frequency": {"value": True, "unit": "day"}}],
        [{"purpose": ANY, "longest": {"value": 23, "unit": "hour"}}],
        [{"purpose": ANY}, {"purpose": ANY}],
        [{"purpose": ANY, "data": ANY}] * 201,
    ],
)
def test_caps_are_understood_wholly_or_refused(wrong):
    with pytest.raises(BadCap):
        given_caps.checked(wrong)


def test_caps_come_back_as_they_were_given():
    row = {"purpose": MARKETING, "data": "pd:Contact", "fetch": "once", "longest": {"value": 30, "unit": "day"}}

    assert list(map(given_caps.as_given, given_caps.checked([row]))) == [row]
