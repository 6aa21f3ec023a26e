"""When somebody may speak, compared with a look at every single minute: in many zones, where clocks jump, over leap days."""

from datetime import UTC, date, datetime
from functools import cache
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consent.contact.model import FOR_EVER, Effective, Window
from consent.contact.windows import is_open, next_open

MINUTE, DAY = 60, 24 * 3600
SCANNED = 9 * DAY
# Moments at which something happens to the clocks of a zone, or to the calendar of all.
JUMPS = {
    "Europe/Berlin": ("2027-03-28T01:00", "2027-10-31T01:00"),
    "America/St_Johns": ("2027-03-14T05:30", "2027-11-07T04:30"),
    "Australia/Lord_Howe": ("2027-04-03T15:00", "2027-10-02T15:30"),
    "Pacific/Apia": ("2011-12-30T10:00", "2021-04-03T14:00"),
    "Africa/Casablanca": ("2027-02-07T02:00", "2027-03-14T02:00"),
    "Asia/Kathmandu": ("1985-12-31T18:30", "2027-07-01T00:00"),
    "UTC": ("2027-12-31T23:59", "2028-02-28T12:00"),
}
CALENDAR = ("2028-02-28T22:00", "2028-12-31T20:00", "2027-12-23T09:00", "2027-01-01T00:00")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@cache
def feasts(region: str, year: int) -> frozenset[date]:
    country, _dash, part = region.partition("-")
    return frozenset(country_holidays(country, subdiv=part or None, years=[year]))


def painted(windows: tuple[Window, ...]) -> set[int]:
    """The minutes of a week in which one of them holds, counted from Monday, 0:00."""
    week: set[int] = set()
    for window in windows:
        length = window.until - window.since if window.until > window.since else window.until + 1440 - window.since
        for day in window.days:
            begin = (day - 1) * 1440 + window.since
            week.update(minute % 10_080 for minute in range(begin, begin + length))
    return week


class Model:
    """The same, by a week painted minute by minute."""

    def __init__(self, policy: Effective) -> None:
        self.policy, self.zone = policy, ZoneInfo(policy.time_zone)
        self.inside = painted(policy.windows) if policy.windows else set(range(10_080))
        self.inside -= painted(policy.quiet)

    def is_open(self, moment: int) -> bool:
        local, policy = datetime.fromtimestamp(moment, self.zone), self.policy
        return (
            moment >= policy.not_before
            and moment >= policy.paused_until
            and (not policy.not_after or moment < policy.not_after)
            and local.weekday() * 1440 + local.hour * 60 + local.minute in self.inside
            and not (policy.holidays and local.date() in feasts(policy.holidays, local.year))
        )

    def next_open(self, since: int) -> int | None:
        minutes = range(since - since % MINUTE + MINUTE, since + SCANNED, MINUTE)
        ends = (self.policy.not_before, self.policy.paused_until)
        return next((one for one in sorted(chain([since], minutes, filter(None, ends))) if self.fits(one, since)), None)

    def fits(self, moment: int, since: int) -> bool:
        return since <= moment < since + SCANNED and self.is_open(moment)


minutes = st.one_of(st.integers(0, 1439), st.sampled_from([0, 90, 119, 120, 121, 150, 180, 1439, 540, 1080]))
days = st.sets(st.integers(1, 7), min_size=1).map(lambda found: tuple(sorted(found)))
windows = st.builds(Window, days, minutes, st.one_of(minutes, st.just(1440))).filter(lambda one: one.since != one.until)
several = st.lists(windows, max_size=3).map(tuple)
near = st.integers(-2 * DAY, 2 * DAY)


@st.composite
def cases(draw: Any) -> tuple[Effective, int]:
    zone = draw(st.sampled_from(sorted(JUMPS)))
    since = at(draw(st.sampled_from(JUMPS[zone] + CALENDAR))) + draw(near)
    bounds = st.one_of(st.just(0), st.just(0), near.map(lambda by: since + by))
    said = {"windows": draw(several), "quiet": draw(several), "time_zone": zone}
    said |= {"holidays": draw(st.sampled_from(["", "", "DE", "DE-BY", "US-CA", "NP"]))}
    said |= {"not_before": draw(bounds), "not_after": draw(bounds), "paused_until": draw(bounds)}
    return Effective(**said), since


@settings(max_examples=120, deadline=None)
@given(cases())
@example((Effective(windows=(Window((7,), 120, 180),), time_zone="Europe/Berlin"), at("2027-03-28T00:00")))
@example((Effective(windows=(Window((5,), 600, 660),), time_zone="Pacific/Apia"), at("2011-12-29T12:00")))
@example((Effective(windows=(Window((2,), 1380, 60),), holidays="DE", time_zone="UTC"), at("2028-02-28T22:00")))
def test_it_is_open_just_when_a_look_at_every_minute_says_so(case: tuple[Effective, int]) -> None:
    policy, since = case
    model = Model(policy)

    for moment in range(since - 3 * 3600, since + 3 * 3600, 7 * MINUTE + 13):
        assert is_open(policy, moment) == model.is_open(moment)
    found, expected = next_open(policy, since), model.next_open(since)
    if expected is None:
        assert found is None or found >= since + SCANNED
    else:
        assert found == expected
    if found is not None:
        assert is_open(policy, found)


@settings(max_examples=40, deadline=None)
@given(cases(), st.sampled_from(sorted(JUMPS)))
def test_who_moves_to_another_zone_is_spoken_to_by_the_clock_there(case: tuple[Effective, int], zone: str) -> None:
    policy, since = case
    there = Effective(windows=policy.windows, quiet=policy.quiet, time_zone=zone)

    assert is_open(there, since) == Model(there).is_open(since)
    local = datetime.fromtimestamp(since, ZoneInfo(zone))
    moved = int(local.replace(tzinfo=ZoneInfo("UTC")).timestamp())
    here = Effective(windows=policy.windows, quiet=policy.quiet, time_zone="UTC")
    assert is_open(here, moved) == is_open(there, since), "the same clock on the wall, the same answer"


def test_an_hour_that_comes_twice_is_twice_open_and_one_that_never_comes_is_not_waited_for() -> None:
    policy = Effective(windows=(Window((7,), 120, 180),), time_zone="Europe/Berlin")

    twice = at("2027-10-31T00:00")
    assert [is_open(policy, twice + by) for by in (0, 3599, 3600, 7199, 7200)] == [True, True, True, True, False]
    assert next_open(policy, at("2027-03-28T00:30")) == at("2027-04-04T00:00")


def test_on_a_leap_day_and_on_holidays_of_the_state_alone() -> None:
    every_day = Effective(windows=(Window((2,), 540, 600),), time_zone="Europe/Berlin")
    assert is_open(every_day, at("2028-02-29T08:30"))

    epiphany = at("2027-01-06T09:00")
    assert is_open(Effective(holidays="DE-BE", time_zone="Europe/Berlin"), epiphany)
    assert not is_open(Effective(holidays="DE-BY", time_zone="Europe/Berlin"), epiphany)
    assert next_open(Effective(holidays="DE-BY", time_zone="Europe/Berlin"), epiphany) == at("2027-01-06T23:00")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Apia", "Etc/GMT+12"])
def test_a_pause_without_an_end_never_opens_and_breaks_no_calendar(zone: str) -> None:
    assert next_open(Effective(time_zone=zone, paused_until=FOR_EVER), 1_800_000_000) is None
    assert next_open(Effective(time_zone=zone, not_before=FOR_EVER - 1), 1_800_000_000) is None


def test_what_can_never_open_is_found_out_quickly() -> None:
    always = tuple(range(1, 8))
    quiet = tuple(Window(always, minute, minute + 73) for minute in range(0, 1440, 73) if minute + 73 <= 1440)
    windows = tuple(Window(always, since, since + 60) for since in range(0, 1140, 60))

    assert next_open(Effective(windows=windows, quiet=quiet), 1_800_000_000) is None
