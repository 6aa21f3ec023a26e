"""The limits of a value as sentences people read."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from consent.caps import UNLIMITED
from consent.changes import Tightening
from consent.limits import is_as_tight
from consent.model import Item, Limits, Span
from wallet.languages import day

OFTEN: Mapping[str, Callable[[int], str]] = {
    "hour": lambda number: ngettext("at most once an hour", "at most %(num)s times an hour", number),
    "day": lambda number: ngettext("at most once a day", "at most %(num)s times a day", number),
    "week": lambda number: ngettext("at most once a week", "at most %(num)s times a week", number),
    "month": lambda number: ngettext("at most once in 30 days", "at most %(num)s times in 30 days", number),
    "year": lambda number: ngettext("at most once in 365 days", "at most %(num)s times in 365 days", number),
}
KEPT: Mapping[str, Callable[[int], str]] = {
    "hour": lambda number: ngettext("keeps a copy for an hour", "keeps a copy for %(num)s hours", number),
    "day": lambda number: ngettext("keeps a copy for a day", "keeps a copy for %(num)s days", number),
    "week": lambda number: ngettext("keeps a copy for a week", "keeps a copy for %(num)s weeks", number),
    "month": lambda number: ngettext("keeps a copy for a month", "keeps a copy for %(num)s months", number),
    "year": lambda number: ngettext("keeps a copy for a year", "keeps a copy for %(num)s years", number),
}


def limits_said(limits: Limits | None) -> list[str]:
    """First what the wallet holds the vendor to, then what the vendor promises."""
    if limits is None:
        return []
    said = []
    if limits.fetch == "once":
        said.append(_("reads it once"))
    if limits.frequency:
        said.append(in_words(OFTEN, limits.frequency))
    if limits.until:
        said.append(_("until %(day)s", day=day(limits.until - 1)))
    if limits.mode == "view":
        said.append(_("promises to keep no copy"))
    elif limits.data_life:
        said.append(_("promises: %(promise)s", promise=in_words(KEPT, limits.data_life)))
    return said


# How often people can choose, by what the form sends.
CHOICES: Mapping[str, Mapping[str, Any]] = {
    "day": {"frequency": Span(1, "day")},
    "week": {"frequency": Span(1, "week")},
    "month": {"frequency": Span(1, "month")},
    "once": {"fetch": "once"},
}


def stricter(item: Item) -> list[tuple[str, str]]:
    """The choices that are stricter than what holds, each with its words; the least strict first."""
    before = item.in_force or UNLIMITED
    afters = {choice: Tightening(item.attribute, **chosen).of(item) for choice, chosen in CHOICES.items()}
    return [
        (choice, _("only once") if after.frequency is None else in_words(OFTEN, after.frequency))
        for choice, after in afters.items()
        if after != before and is_as_tight(after, before)
    ]


def in_words(words: Mapping[str, Callable[[int], str]], span: Span) -> str:
    return words[span.unit](span.value)
