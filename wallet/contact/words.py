"""What a contact policy says, in sentences for the person."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import holidays as calendars
from babel import Locale
from babel.dates import get_day_names
from flask_babel import format_datetime, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from consent.contact import errors
from consent.contact.model import ANYBODY, FOR_EVER, NOBODY_ELSE, SAME_SKILL, Effective, Window
from consent.model import Span
from wallet.contact.week import Day, week
from wallet.languages import in_a_row, written_day

UNITS: Final = {"day": _l("in a day"), "week": _l("in a week"), "month": _l("in a month"), "year": _l("in a year")}
FALLBACKS: Final = {
    ANYBODY: _l("then anybody there"),
    SAME_SKILL: _l("then somebody who knows the same"),
    NOBODY_ELSE: _l("then nobody"),
}
REASONS: Final[Mapping[str, Any]] = {
    errors.NOT_PERMITTED: _l("It may not write to you about this."),
    errors.PAUSED: _l("Paused. Nothing comes through."),
    errors.NOT_RELEVANT: _l("Only on an occasion that you made."),
    errors.OTHER_PERSON: _l("Only if the person you chose writes."),
    errors.TOO_OFTEN: _l("It has written as often as you wanted."),
    errors.OUTSIDE: _l("Not now."),
}


def locale() -> Locale:
    return get_locale() or Locale("en")


def day_name(weekday: int, *, short: bool = False) -> str:
    """1 is Monday."""
    return str(get_day_names("abbreviated" if short else "wide", locale=locale())[weekday - 1]).rstrip(".")


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def days_said(days: tuple[int, ...]) -> str:
    """Days that follow one another as from and to."""
    if len(days) == 7:
        return _("every day")
    runs: list[list[int]] = []
    for one in days:
        if runs and runs[-1][-1] == one - 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return in_a_row(
        [
            f"{day_name(run[0])}–{day_name(run[-1])}" if len(run) > 2 else in_a_row([day_name(one) for one in run])
            for run in runs
        ]
    )


def windows_said(windows: tuple[Window, ...]) -> str:
    return "; ".join(f"{days_said(one.days)} {clock(one.since)}–{clock(one.until)}" for one in windows)


def week_said(policy: Effective) -> list[tuple[str, str]]:
    """Line by line, which days and when; days that are alike together."""
    alike: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for one in week(policy):
        alike.setdefault(one.stretches, []).append(one.weekday)
    return [(days_said(tuple(days)), stretches_said(found)) for found, days in alike.items()]


def stretches_said(found: tuple[tuple[int, int], ...]) -> str:
    if found == ((0, 24 * 60),):
        return _("at any time")
    return ", ".join(f"{clock(since)}–{clock(until)}" for since, until in found) or _("not at all")


def cell_said(one: Day) -> str:
    return f"{day_name(one.weekday)}: {stretches_said(one.stretches)}"


def moment_said(at: int, time_zone: str, *, now: int) -> str:
    """Tuesday 18:00, with the day where that is further away; by the clock on the person's wall."""
    zone = ZoneInfo(time_zone)
    local, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    if at < FOR_EVER and local.date() - today.date() >= timedelta(days=7):
        return f"{written_day(local.date())}, {local:%H:%M}"
    return str(format_datetime(local, "EEEE HH:mm", rebase=False))


def day_said(at: int, time_zone: str) -> str:
    return written_day(datetime.fromtimestamp(at, ZoneInfo(time_zone)).date())


def until_said(at: int, time_zone: str) -> str:
    """The last day of a pause."""
    return _("until you let it go on") if at == FOR_EVER else _("until %(day)s", day=day_said(at - 1, time_zone))


def frequency_said(frequency: Span) -> str:
    if not frequency.value:
        return _("as often as they like")
    span = str(UNITS[frequency.unit])
    return ngettext("at most one %(span)s", "at most %(num)s %(span)s", frequency.value, span=span)


def region_said(region: str) -> str:
    if not region:
        return _("holidays are days like all others")
    country, _dash, part = region.partition("-")
    name = locale().territories.get(country, country)
    return _(
        "not on public holidays: %(region)s", region=f"{name}, {part_names(country).get(part, part)}" if part else name
    )


def part_names(country: str) -> dict[str, str]:
    """What the calendar calls the states of a country, by their codes."""
    return {code: name for name, code in calendars.country_holidays(country, years=()).subdivisions_aliases.items()}


MEMBERS: Final[Mapping[str, Callable[[Any, Effective], str]]] = {
    "windows": lambda value, _policy: windows_said(value) or _("at any time"),
    "quiet": lambda value, _policy: windows_said(value) or _("none"),
    "time_zone": lambda value, _policy: str(value),
    "holidays": lambda value, _policy: region_said(value),
    "not_before": lambda value, policy: day_said(value, policy.time_zone) if value else _("no such day"),
    "not_after": lambda value, policy: day_said(value - 1, policy.time_zone) if value else _("no such day"),
    "frequency": lambda value, _policy: frequency_said(value),
    "fallback": lambda value, _policy: str(FALLBACKS[value]),
    "relevant_only": lambda value, _policy: _("only on an occasion you made") if value else _("without an occasion"),
    "paused_until": lambda value, policy: until_said(value, policy.time_zone) if value else _("not paused"),
}
TITLES: Final = {
    "channels": _l("How"),
    "windows": _l("When"),
    "quiet": _l("Quiet hours"),
    "time_zone": _l("Time zone"),
    "holidays": _l("Public holidays"),
    "not_before": _l("Not before"),
    "not_after": _l("Not after"),
    "frequency": _l("How often"),
    "contact_person": _l("Who"),
    "fallback": _l("If that one is not there"),
    "relevant_only": _l("Relevant only"),
    "paused_until": _l("Pause"),
}


def start_of(day: str, time_zone: str, *, later: int = 0) -> int:
    """The first second of a day written as 2027-03-01, so many days later. Raises ValueError."""
    begin = datetime.fromisoformat(day[:10]) + timedelta(days=later)
    if not 2000 <= begin.year <= 2500:
        raise ValueError("no day of anybody's life")
    return int(begin.replace(tzinfo=ZoneInfo(time_zone)).timestamp())


def written(at: int, time_zone: str) -> str:
    return datetime.fromtimestamp(at, ZoneInfo(time_zone) if time_zone else UTC).date().isoformat()
