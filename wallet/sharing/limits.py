"""The limits of a value as sentences people read."""

from collections.abc import Callable, Iterable, Mapping

from babel.lists import format_list
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from consent.model import Limits, Range, Span
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
    return [*held(limits), *promised(limits)] if limits else []


def held(limits: Limits) -> list[str]:
    said = []
    if limits.fetch == "once":
        said.append(_("reads it once"))
    if limits.frequency:
        said.append(in_words(OFTEN, limits.frequency))
    if limits.until:
        said.append(_("until %(day)s", day=day(limits.until - 1)))
    if limits.data_range:
        said.append(range_said(limits.data_range))
    return said


def promised(limits: Limits) -> list[str]:
    said = []
    if limits.mode == "view":
        said.append(_("promises to keep no copy"))
    elif limits.data_life:
        said.append(_("promises: %(promise)s", promise=in_words(KEPT, limits.data_life)))
    if limits.storage_place:
        said.append(_("promises to keep it only in: %(places)s", places=listed(map(place, limits.storage_place))))
    if limits.recipients:
        said.append(_("promises to pass it on to nobody but: %(names)s", names=listed(limits.recipients)))
    elif limits.recipients is not None:
        said.append(_("promises to pass it on to nobody"))
    return said


def range_said(data_range: Range) -> str:
    """The first and the last day of what may be read."""
    first = None if data_range.since is None else day(data_range.since)
    last = None if data_range.until is None else day(data_range.until - 1)
    if first and last:
        return _("only what you entered from %(first)s to %(last)s", first=first, last=last)
    if first:
        return _("only what you entered from %(first)s on", first=first)
    return _("only what you entered up to %(last)s", last=last)


def place(code: str) -> str:
    """A country, or the European Union, by its name in the page's language."""
    locale = get_locale()
    return str(locale.territories.get(code, code)) if locale else code


def listed(names: Iterable[str]) -> str:
    return format_list(list(names), locale=get_locale() or "en")


def in_words(words: Mapping[str, Callable[[int], str]], span: Span) -> str:
    return words[span.unit](span.value)
