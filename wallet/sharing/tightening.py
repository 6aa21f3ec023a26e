"""The form with which a person sets stricter limits for a value: on the consent page, and later on the vendor's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from consent.changes import UNTIL_RESUMED as LATEST
from consent.model import Item, Party, Range, Span, carries_data
from consent.places import PLACES
from consent.tightening import UNLIMITED, Tightening, is_as_tight
from wallet.sharing.limits import KEPT, OFTEN, in_words, place
from wallet.sharing.own import DAY, end_of_day

# What can be chosen, by what the form sends; the least strict first.
OFTENER: Mapping[str, Mapping[str, Any]] = {
    "day": {"frequency": Span(1, "day")},
    "week": {"frequency": Span(1, "week")},
    "month": {"frequency": Span(1, "month")},
    "once": {"fetch": "once"},
}
LONGER: Mapping[str, Mapping[str, Any]] = {
    "year": {"data_life": Span(1, "year")},
    "month": {"data_life": Span(1, "month")},
    "week": {"data_life": Span(1, "week")},
    "day": {"data_life": Span(1, "day")},
    "none": {"mode": "view"},
}
FIELDS = ("often", "until", "copy", "since", "to", "place", "not_to")


@dataclass(frozen=True, slots=True)
class Choices:
    """What stricter limits a person can choose for a value, with their words, and what they chose so far.

    `field` names the fields of this value: beside others in one form by attribute, else as they are.
    """

    attribute: str
    prefix: str
    often: list[tuple[str, str]]
    copy: list[tuple[str, str]]
    places: list[tuple[str, str]]
    recipients: list[str]
    typed: Mapping[str, list[str]]

    def field(self, name: str) -> str:
        return self.prefix + name

    def said(self, name: str) -> str:
        return next(iter(self.typed.get(name, ())), "")

    @property
    def begun(self) -> bool:
        return any(any(given) for given in self.typed.values())


def prefix(attribute: str) -> str:
    """What the fields of a value begin with where there are others beside it; no attribute has a colon."""
    return f"{attribute}:"


def choices(item: Item, party: Party, *, prefix: str = "", form: MultiDict[str, str]) -> Choices | None:
    """None for what is no value, and so has no limits."""
    if not carries_data(item.attribute):
        return None
    before = item.in_force or UNLIMITED
    places = before.storage_place or ()
    recipients = party.recipients if before.recipients is None else before.recipients
    return Choices(
        attribute=item.attribute,
        prefix=prefix,
        often=[(choice, often_said(choice)) for choice in stricter(item, OFTENER)],
        copy=[(choice, copy_said(choice)) for choice in stricter(item, LONGER)],
        places=[(code, place(code)) for code in places] if len(places) > 1 else [],
        recipients=list(recipients),
        typed={name: form.getlist(prefix + name) for name in FIELDS},
    )


def stricter(item: Item, offered: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The choices that are stricter than what holds."""
    before = item.in_force or UNLIMITED
    afters = {choice: Tightening(item.attribute, **chosen).of(item) for choice, chosen in offered.items()}
    return [choice for choice, after in afters.items() if after != before and is_as_tight(after, before)]


def often_said(choice: str) -> str:
    return _("only once") if choice == "once" else in_words(OFTEN, OFTENER[choice]["frequency"])


def copy_said(choice: str) -> str:
    return _("keeps no copy") if choice == "none" else in_words(KEPT, LONGER[choice]["data_life"])


def chosen(item: Item, party: Party, *, prefix: str = "", form: MultiDict[str, str]) -> Tightening | None:
    """What was sent for this value; None where it stays as it is. Raises ValueError for a day that is none."""
    given = {name: form.getlist(prefix + name) for name in FIELDS}
    said = {name: next(iter(values), "") for name, values in given.items()}
    before = (item.in_force or UNLIMITED).recipients
    named = party.recipients if before is None else before
    not_to = {name for name in given["not_to"] if name in named}
    wanted = Tightening(
        item.attribute,
        **OFTENER.get(said["often"], {}),
        **LONGER.get(said["copy"], {}),
        until=end_of_day(said["until"]) if said["until"] else None,
        data_range=range_of(said["since"], said["to"]),
        recipients=tuple(name for name in named if name not in not_to) if not_to else None,
        storage_place=(said["place"],) if said["place"] in PLACES else None,
    )
    return None if wanted == Tightening(item.attribute) else wanted


def range_of(first: str, last: str) -> Range | None:
    """From the beginning of the first day to the end of the last."""
    if not first and not last:
        return None
    return Range(end_of_day(first) - DAY if first else None, min(end_of_day(last), LATEST) if last else None)
