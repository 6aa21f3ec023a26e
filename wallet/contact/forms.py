"""What the page of a contact policy sends, and the policy that it becomes."""

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any, Final
from zoneinfo import available_timezones

import orjson
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from consent.contact import windows
from consent.contact.errors import BadPolicy
from consent.contact.model import FALLBACKS, NO_LIMIT, ContactPolicy, Effective, Window, as_json, from_json
from consent.contact.policies import MOST_IN_A_SPAN, MOST_WINDOWS, UNITS
from consent.model import Span
from wallet.contact.errors import BadWish
from wallet.contact.places import Place
from wallet.contact.words import clock, start_of, written

TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
LAST_MINUTE: Final = 24 * 60
LONGEST_SEEN: Final = 20_000
Form = MultiDict[str, str]


def typed(form: Form, place: Place, *, offered: frozenset[str], people: frozenset[str]) -> ContactPolicy:
    """What is said here from now on. Members that say what holds anyway are not said, nor those given back.

    Raises BadWish with the first thing that is wrong.
    """
    zone = time_zone(form)
    found = Effective(
        channels=channels(form, offered),
        windows=several(form, "w"),
        quiet=several(form, "q"),
        time_zone=zone,
        holidays=holidays(form),
        not_before=bound(form, "not_before", zone),
        not_after=bound(form, "not_after", zone, later=1),
        frequency=frequency(form),
        contact_person=one_of(form.get("contact_person", ""), people | {""}),
        fallback=one_of(form.get("fallback", FALLBACKS[0]), frozenset(FALLBACKS)),
        relevant_only=form.get("relevant_only") == "yes",
    )
    if found.not_after and found.not_after <= found.not_before:
        raise BadWish(_("Choose a first day that is not after the last one."))
    return said_here(found, place, given_back=frozenset(form.getlist("inherit")))


def said_here(found: Effective, place: Place, *, given_back: frozenset[str]) -> ContactPolicy:
    """Of a page that shows what holds: what is said just here. A pause has a form of its own."""
    said: dict[str, Any] = {"paused_until": place.said.paused_until}
    for one in fields(ContactPolicy):
        if one.name in said or one.name in given_back:
            continue
        value = getattr(found, one.name)
        if getattr(place.said, one.name) is not None or value != getattr(place.inherited, one.name):
            said[one.name] = value
    return ContactPolicy(**said)


def channels(form: Form, offered: frozenset[str]) -> tuple[str, ...]:
    places = {kind: form.get(f"channel_{kind}", "") for kind in offered}
    chosen = {kind: int(at) for kind, at in places.items() if at.isascii() and at.isdigit() and len(at) < 3}
    if not chosen:
        raise BadWish(_("Choose at least one way to be reached."))
    return tuple(sorted(chosen, key=lambda kind: (chosen[kind], kind)))


def several(form: Form, of: str) -> tuple[Window, ...]:
    found = []
    for number in range(MOST_WINDOWS):
        days = tuple(sorted({int(one) for one in form.getlist(f"{of}{number}_day") if one in set("1234567")}))
        since, until = (form.get(f"{of}{number}_{end}", "").strip() for end in ("since", "until"))
        if days or since or until:
            found.append(window(days, since, until))
    return tuple(found)


def window(days: tuple[int, ...], since: str, until: str) -> Window:
    """From 0:00 until 0:00 is the whole day."""
    read = [TIME.fullmatch(one) for one in (since, until)]
    if not days or not all(read):
        raise BadWish(_("For each time choose the days, and write from when to when, for example 18:00 and 20:00."))
    begin, end = (int(one[1]) * 60 + int(one[2]) for one in read if one)
    if begin == end and begin:
        raise BadWish(_("A time that begins and ends at once is none. For the whole day write 00:00 and 00:00."))
    return Window(days, begin, end or LAST_MINUTE)


def time_zone(form: Form) -> str:
    name = form.get("time_zone", "").strip()
    if name not in available_timezones():
        raise BadWish(_("Choose a time zone, for example Europe/Berlin."))
    return name


def holidays(form: Form) -> str:
    """Of the state only where it is one of that country: whoever changes the country chooses the state anew."""
    country, part = form.get("country", ""), form.get("part", "")
    if not country:
        return ""
    for region in ([f"{country}-{part}"] if part else []) + [country]:
        try:
            windows.holidays_of(region, 2000)
        except BadPolicy:
            continue
        return region
    raise BadWish(_("Choose one of the countries offered."))


def bound(form: Form, name: str, zone: str, *, later: int = 0) -> int:
    day = form.get(name, "").strip()
    try:
        return start_of(day, zone, later=later) if day else 0
    except (ValueError, OverflowError):
        raise BadWish(_("Write the day as year-month-day, for example 2027-03-01.")) from None


def frequency(form: Form) -> Span:
    number, unit = form.get("number", "").strip(), one_of(form.get("unit", "week"), frozenset(UNITS))
    if not number:
        return NO_LIMIT
    value = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    if not 1 <= value <= MOST_IN_A_SPAN:
        raise BadWish(_("Enter a whole number from %(least)s to %(most)s.", least=1, most=MOST_IN_A_SPAN))
    return Span(value, unit)


def one_of(given: str, offered: frozenset[str]) -> str:
    if given not in offered:
        raise BadWish(_("Choose one of those offered."))
    return given


def seen(form: Form) -> ContactPolicy | None:
    """What was said here when the page was shown; None where the form does not say."""
    text = form.get("seen", "")
    try:
        return from_json(orjson.loads(text)) if 0 < len(text) <= LONGEST_SEEN else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def filled(policy: Effective, kinds: Iterable[str]) -> Form:
    """The form as it says this policy."""
    form: Form = MultiDict({"time_zone": policy.time_zone, "fallback": policy.fallback})
    form["contact_person"] = policy.contact_person
    form["country"], _dash, form["part"] = policy.holidays.partition("-")
    form["not_before"] = written(policy.not_before, policy.time_zone) if policy.not_before else ""
    form["not_after"] = written(policy.not_after - 1, policy.time_zone) if policy.not_after else ""
    form["number"] = str(policy.frequency.value or "")
    form["unit"] = policy.frequency.unit if policy.frequency.value else "week"
    form["relevant_only"] = "yes" if policy.relevant_only else ""
    for kind in kinds:
        form[f"channel_{kind}"] = str(policy.channels.index(kind) + 1) if kind in policy.channels else ""
    for of, some in (("w", policy.windows), ("q", policy.quiet)):
        for number, one in enumerate(some):
            form.setlist(f"{of}{number}_day", [str(day) for day in one.days])
            form[f"{of}{number}_since"], form[f"{of}{number}_until"] = clock(one.since), clock(one.until % LAST_MINUTE)
    return form


def rows(form: Form, of: str) -> range:
    """Those that say something, and two more."""
    said = [
        number for number in range(MOST_WINDOWS) if form.get(f"{of}{number}_since") or form.get(f"{of}{number}_day")
    ]
    return range(min(max(said, default=-1) + 3, MOST_WINDOWS))


def as_seen(policy: ContactPolicy) -> str:
    return orjson.dumps(as_json(policy)).decode()


def changed(before: ContactPolicy, after: ContactPolicy) -> tuple[str, ...]:
    return tuple(one.name for one in fields(ContactPolicy) if getattr(before, one.name) != getattr(after, one.name))


def joined(mine: ContactPolicy, before: ContactPolicy, theirs: ContactPolicy) -> ContactPolicy:
    """What somebody else saved meanwhile, with what was changed here."""
    return replace(theirs, **{name: getattr(mine, name) for name in changed(before, mine)})
