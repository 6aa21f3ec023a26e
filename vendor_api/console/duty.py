"""Hours, absences and lists, as people type them: a line each, and back again without loss."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from vendor_api.desk.directory import Absence, ContactPerson
from vendor_api.desk.hours import Hours, zone_of
from vendor_api.errors import InvalidRequest

WINDOW: Final = re.compile(r"([1-7])(?:-([1-7]))?\s+(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


def windows_from(text: str) -> list[list[int]]:
    """From lines such as "1-5 09:00-17:00", 1 being Monday. Raises InvalidRequest."""
    found: list[list[int]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        match = WINDOW.fullmatch(line)
        if match is None:
            raise InvalidRequest("write hours as 1-5 09:00-17:00")
        first, last = int(match[1]), int(match[2] or match[1])
        begin, end = (int(match[at]) * 60 + int(match[at + 1]) for at in (3, 5))
        found += [[day - 1, begin, end] for day in range(first, last + 1)]
    return found


def windows_as_text(hours: Hours) -> str:
    return "\n".join(f"{day + 1} {clock(begin)}-{clock(end)}" for day, begin, end in hours.windows)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def absences_from(text: str, time_zone: str) -> list[dict[str, int]]:
    """From lines such as "2027-03-01 2027-03-14", both days included, or with times. Raises InvalidRequest."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            begin, end = line.split()
            found.append({"from": moment(begin, time_zone), "until": moment(end, time_zone, after=True)})
        except (ValueError, OverflowError):
            raise InvalidRequest("write absences as 2027-03-01 2027-03-14") from None
    return found


def moment(text: str, time_zone: str, *, after: bool = False) -> int:
    """Raises ValueError."""
    if "T" in text:
        return int(datetime.fromisoformat(text).replace(tzinfo=zone_of(time_zone)).timestamp())
    day = date.fromisoformat(text) + timedelta(days=after)
    return int(datetime(day.year, day.month, day.day, tzinfo=zone_of(time_zone)).timestamp())


def absences_as_text(absences: Iterable[Absence], time_zone: str) -> str:
    return "\n".join(f"{wall(one.from_, time_zone)} {wall(one.until, time_zone)}" for one in absences)


def wall(at: int, time_zone: str) -> str:
    return datetime.fromtimestamp(at, zone_of(time_zone)).strftime("%Y-%m-%dT%H:%M")


def listed(text: str) -> list[str]:
    """What stands between commas."""
    return [word for word in map(str.strip, text.split(",")) if word]


def typed(one: ContactPerson) -> dict[str, Any]:
    """An entry as its form shows it."""
    lists = {name: ", ".join(getattr(one, name)) for name in ("topics", "skills", "languages", "channels")}
    return {
        **lists,
        "contact_person_id": one.contact_person_id,
        "name": one.name,
        "role": one.role or "",
        "time_zone": one.hours.time_zone,
        "windows": windows_as_text(one.hours),
        "absences": absences_as_text(one.absences, one.hours.time_zone),
        "substitute": one.substitute or "",
        "most_threads": "" if one.most_threads is None else str(one.most_threads),
    }
