"""What a vendor says of its desk, read and checked: its directory, its hours, and how soon it answers."""

import math
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfoNotFoundError

from vendor_api.desk.directory import MOST_ENTRIES, Absence, ContactPerson
from vendor_api.desk.hours import Hours, zone_of
from vendor_api.desk.model import TYPES
from vendor_api.desk.service import EVERY, Influence, Service, ServiceLevel
from vendor_api.desk.weighing import MOST_BY_INFLUENCE
from vendor_api.errors import InvalidRequest
from vendor_api.texts import is_line

LONGEST_LINE: Final = 100
MOST_LISTED: Final = 50
MOST_LEVELS: Final = 200
LATEST: Final = 1 << 37  # a day that a page can still write
LONGEST_SHIFT: Final = 48 * 60
AN_ID: Final = "1 to 64 letters, digits, or any of - _ . ~"
A_LINE: Final = f"one line of 1 to {LONGEST_LINE} characters"
ID: Final = re.compile(r"[A-Za-z0-9_.~-]{1,64}")
LEVEL: Final = frozenset({"type", "topic", "first_answer_hours", "escalate_to"})
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ENTRY: Final = frozenset(
    {"contact_person_id", "name", "role", "skills", "topics", "languages", "hours", "channels", "absences"}
    | {"substitute", "most_threads", "active"}
)


def entries_of(given: object) -> tuple[ContactPerson, ...]:
    """A directory. Raises InvalidRequest."""
    if not isinstance(given, list) or len(given) > MOST_ENTRIES:
        raise InvalidRequest(f"entries must be a list of at most {MOST_ENTRIES}")
    found = tuple(map(entry_of, given))
    ids = {one.contact_person_id for one in found}
    if len(ids) != len(found):
        raise InvalidRequest("two entries have the same contact_person_id")
    for one in found:
        if one.substitute is not None and (one.substitute == one.contact_person_id or one.substitute not in ids):
            raise InvalidRequest("substitute must be the contact_person_id of another entry")
    return found


def entry_of(given: object) -> ContactPerson:
    content = members(given, ENTRY, "each entry")
    most, active = content.get("most_threads"), content.get("active", True)
    for name, fits, what in (
        ("contact_person_id", is_id(content.get("contact_person_id")), AN_ID),
        ("name", is_name(content.get("name")), A_LINE),
        ("role", is_absent_or(content.get("role"), is_name), A_LINE),
        ("substitute", is_absent_or(content.get("substitute"), is_id), AN_ID),
        ("most_threads", is_absent_or(most, lambda one: is_number(one, 0, 10_000)), "a number from 0 to 10000"),
        ("active", isinstance(active, bool), "true or false"),
    ):
        if not fits:
            raise InvalidRequest(f"{name} of an entry must be {what}")
    kept = {name: content[name] for name in ("role", "substitute", "most_threads", "active") if name in content}
    kept |= {name: lines(content.get(name, []), name) for name in ("skills", "topics", "languages", "channels")}
    absences = content.get("absences", [])
    if not isinstance(absences, list) or len(absences) > MOST_LISTED:
        raise InvalidRequest(f"absences must be a list of at most {MOST_LISTED}")
    return ContactPerson(
        content["contact_person_id"],
        content["name"].strip(),
        hours=hours_of(content.get("hours", {})),
        absences=tuple(map(absence_of, absences)),
        **kept,
    )


def absence_of(given: object) -> Absence:
    content = members(given, {"from", "until"}, "an absence")
    begin: Any = content.get("from")
    end: Any = content.get("until")
    if not is_number(begin, 0, LATEST) or not is_number(end, 0, LATEST) or begin >= end:
        raise InvalidRequest("an absence has from and until, in seconds since 1970, and ends after it begins")
    return Absence(begin, end)


def hours_of(given: object) -> Hours:
    """Raises InvalidRequest."""
    content = members(given, {"time_zone", "windows", "holidays"}, "hours")
    zone, windows, holidays = (content.get(name, default) for name, default in (("time_zone", "UTC"), *NO_WINDOWS))
    if not isinstance(zone, str) or not is_zone(zone):
        raise InvalidRequest("time_zone must be one of the IANA time zones, such as Europe/Berlin")
    if not isinstance(windows, list) or len(windows) > MOST_LISTED or not all(map(is_window, windows)):
        raise InvalidRequest("windows are lists of weekday (0 is Monday), and from and until in minutes of the day")
    if not isinstance(holidays, list) or len(holidays) > 1_000 or not all(map(is_day, holidays)):
        raise InvalidRequest("holidays must be a list of days, such as 2027-01-01")
    return Hours(zone, tuple(map(tuple, windows)), tuple(holidays))


def service_of(given: object) -> Service:
    """What a vendor promises. Raises InvalidRequest."""
    content = members(given, {"hours", "most_alike", "influence", "levels"}, "service")
    most_alike, influence = content.get("most_alike", 5), content.get("influence", [])
    levels = content.get("levels", [])
    if not is_number(most_alike, 1, 1_000):
        raise InvalidRequest("most_alike must be a number from 1 to 1000")
    if not isinstance(influence, list) or len(influence) > MOST_LISTED:
        raise InvalidRequest(f"influence must be a list of at most {MOST_LISTED}")
    if not isinstance(levels, list) or len(levels) > MOST_LEVELS:
        raise InvalidRequest(f"levels must be a list of at most {MOST_LEVELS}")
    promised = tuple(map(level_of, levels))
    if len({(one.type, one.topic) for one in promised}) != len(promised):
        raise InvalidRequest("two levels are for the same type and topic")
    return Service(hours_of(content.get("hours", {})), most_alike, tuple(map(influence_of, influence)), promised)


def level_of(given: object) -> ServiceLevel:
    content = members(given, LEVEL, "each level")
    kind, topic = (content.get(name, EVERY) for name in ("type", "topic"))
    hours: Any = content.get("first_answer_hours")
    if kind not in {*TYPES, EVERY} or not is_name(topic):
        raise InvalidRequest(f"type of a level must be one of: {', '.join(TYPES)}, {EVERY}")
    if not is_number(hours, 1, 1_000):
        raise InvalidRequest("first_answer_hours must be a number from 1 to 1000")
    if not is_absent_or(content.get("escalate_to"), is_id):
        raise InvalidRequest("escalate_to must be a contact_person_id")
    return ServiceLevel(kind, topic, hours, content.get("escalate_to"))


def influence_of(given: object) -> Influence:
    content = members(given, {"attribute", "value", "weight"}, "influence")
    value: Any
    weight: Any
    attribute, value, weight = (content.get(name) for name in ("attribute", "value", "weight"))
    plain = isinstance(value, bool | int) or is_name(value) or (isinstance(value, float) and math.isfinite(value))
    if not is_name(attribute) or not plain or not is_number(weight, 1, MOST_BY_INFLUENCE):
        raise InvalidRequest(f"influence has an attribute, a value, and a weight from 1 to {MOST_BY_INFLUENCE}")
    return Influence(str(attribute), value, weight)


def members(given: object, known: Collection[str], what: str) -> Mapping[str, Any]:
    if not isinstance(given, dict) or not given.keys() <= set(known):
        raise InvalidRequest(f"{what} must be an object with no other members than {', '.join(sorted(known))}")
    return given


def lines(given: object, name: str) -> tuple[str, ...]:
    if not isinstance(given, list) or len(given) > MOST_LISTED or not all(map(is_name, given)):
        raise InvalidRequest(f"{name} must be a list of at most {MOST_LISTED} short texts")
    return tuple(given)


def is_absent_or(given: object, check: Callable[[object], bool]) -> bool:
    return given is None or check(given)


def is_id(given: object) -> bool:
    return isinstance(given, str) and ID.fullmatch(given) is not None


def is_name(given: object) -> bool:
    return is_line(given, LONGEST_LINE)


def is_number(given: object, least: int, most: int) -> bool:
    return type(given) is int and least <= given <= most


def is_zone(name: str) -> bool:
    try:
        zone_of(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def is_window(given: object) -> bool:
    if not isinstance(given, list) or len(given) != 3:
        return False
    weekday, begin, end = given
    inside = is_number(weekday, 0, 6) and is_number(begin, 0, 24 * 60) and is_number(end, 0, LONGEST_SHIFT)
    return inside and begin < end


def is_day(given: object) -> bool:
    return isinstance(given, str) and DAY.fullmatch(given) is not None


NO_WINDOWS: Final[tuple[tuple[str, list[Any]], ...]] = (("windows", []), ("holidays", []))
