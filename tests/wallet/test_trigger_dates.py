"""Days and periods are the calendar's, whatever the clock does: no day lies in two periods, and none between them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.model import Span
from wallet.triggers.dates import EVERY, Every, before, day_at, moved, named, period_of, plus_months, start_of

DAYS = st.dates(date(1950, 1, 1), date(2150, 1, 1))
PERIODS = st.builds(Every, st.sampled_from(EVERY), DAYS, st.integers(1, 36))
ZONES = st.sampled_from(
    (
        "Europe/Berlin",
        "America/Sao_Paulo",
        "Asia/Beirut",
        "Pacific/Apia",
        "Australia/Lord_Howe",
        "UTC",
        "Asia/Kathmandu",
    )
)


@given(PERIODS, DAYS)
def test_every_day_lies_in_just_one_period_and_they_follow_one_another(every, day):
    period = period_of(every, day)

    assert period.since <= day < period.until
    assert period_of(every, period.since) == period
    assert period_of(every, period.until - timedelta(days=1)) == period
    assert period_of(every, period.until).since == period.until
    assert before(every, period).until == period.since
    assert named(every, period.name) == period


@given(DAYS, ZONES)
def test_a_day_begins_once_and_after_the_one_before(day, zone):
    tz = ZoneInfo(zone)
    begins = start_of(day, tz)

    assert start_of(day - timedelta(days=1), tz) <= begins < start_of(day + timedelta(days=2), tz)
    assert day_at(begins - 1, tz) < day
    assert day_at(begins, tz) >= day


@given(DAYS, st.integers(0, 120))
def test_months_stay_on_the_same_day_or_on_the_last_one(day, months):
    there = plus_months(day, months)

    assert there.day == day.day or (there.day < day.day and (there + timedelta(days=1)).day == 1)
    assert moved(day, Span(months, "month"), 1) == there


@pytest.mark.parametrize(
    ("day", "span", "there"),
    [
        ("2027-05-31", Span(3, "month"), "2027-02-28"),
        ("2028-05-31", Span(3, "month"), "2028-02-29"),
        ("2028-02-29", Span(1, "year"), "2027-02-28"),
        ("2028-02-29", Span(4, "year"), "2024-02-29"),
        ("2028-03-01", Span(1, "day"), "2028-02-29"),
        ("2027-01-03", Span(2, "week"), "2026-12-20"),
    ],
)
def test_so_long_before_a_day(day, span, there):
    assert moved(date.fromisoformat(day), span, -1) == date.fromisoformat(there)


def test_where_midnight_is_left_out_the_day_begins_when_the_clock_leaps():
    begins = start_of(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo"))
    assert datetime.fromtimestamp(begins, UTC) == datetime(2018, 11, 4, 3, tzinfo=UTC)


def test_a_year_of_ones_own_from_29_february_goes_on_from_the_last_day():
    every = Every("own", date(2024, 2, 29))
    assert [str(period_of(every, date(year, 7, 1)).since) for year in (2024, 2025, 2028)] == [
        "2024-02-29",
        "2025-02-28",
        "2028-02-29",
    ]


def test_a_name_of_another_kind_is_no_period():
    for name in ("2027-W54", "2027-13", "2027-Q5", "", "2027-01-32", "٢٠٢٧", "2027\n"):
        with pytest.raises(ValueError, match=r"period|week|day|month|year"):
            named(Every("year"), name)
