"""The limits of a value as sentences people read."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from flask_babel import ngettext

from consent.model import Limits, Span
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


def in_words(words: Mapping[str, Callable[[int], str]], span: Span) -> str:
    return words[span.unit](span.value)
