"""What pages say of triggers."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from babel.numbers import format_decimal
from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from consent.model import Span
from wallet.languages import written_day
from wallet.triggers.dates import Every, Period
from wallet.triggers.model import Before, Change, Condition, Level, Reach

KINDS: Final = {
    "reach": _l("Something in my records reaches a number"),
    "level": _l("A value of mine reaches a number"),
    "before": _l("A day of mine comes near, such as the end of a contract"),
    "change": _l("A value of mine changes"),
    "silence": _l("Nothing new comes into my records for a while"),
}
MEASURES: Final = {"total": _l("in all"), "highest": _l("at its highest"), "latest": _l("at its latest")}
COMPARISONS: Final = {">=": _l("at least"), "<=": _l("at most")}
PERIODS: Final = {
    "day": _l("a day"),
    "week": _l("a calendar week"),
    "month": _l("a calendar month"),
    "quarter": _l("a calendar quarter"),
    "year": _l("a calendar year"),
    "own": _l("a year of my own, counted from a day"),
}
UNITS: Final = {"day": _l("Days"), "week": _l("Weeks"), "month": _l("Months"), "year": _l("Years")}
WAITS: Final = {
    "paused": _l("It waits: you have paused this vendor, or this topic."),
    "not_yet": _l("It waits: you do not want to hear of this yet."),
}
REASONS: Final = {
    "ended": _l("It is not told: it may not read anything of you any more."),
    "no_topic": _l("It is not told: it may not speak to you about this topic any more."),
    "blocked": _l("It is not told: you have blocked it."),
    "no_channel": _l("It is not told: you do not want to be reached that way any more."),
    "no_more": _l("It is not told: you want to hear no more of this."),
    "missed": _l("It was not told: you wanted peace until the time to answer was over."),
    "restored": _l(
        "Your wallet was put back from a backup. Whether the vendor had been told before is not known, so it is not "
        "told again by itself."
    ),
}


def amount_text(amount: Decimal, unit: str) -> str:
    figure = format_decimal(amount, locale=str(get_locale() or "en"), decimal_quantization=False)
    return f"{figure} {unit}".rstrip()


def every_text(every: Every) -> str:
    if every.unit == "own" and every.begins:
        return ngettext(
            "one month, counted from %(day)s", "%(num)s months, counted from %(day)s", every.months,
            day=written_day(every.begins),
        )  # fmt: skip
    return str(PERIODS[every.unit])


def span_text(span: Span) -> str:
    many = span.value
    return {
        "day": ngettext("one day", "%(num)s days", many),
        "week": ngettext("one week", "%(num)s weeks", many),
        "month": ngettext("one month", "%(num)s months", many),
        "year": ngettext("one year", "%(num)s years", many),
    }[span.unit]


def condition_text(condition: Condition, names: Mapping[str, str]) -> str:
    """Behind "when"; `names` are those of attributes and data sets."""
    if isinstance(condition, Reach):
        return _(
            "%(column)s in %(data_set)s comes to %(comparison)s %(amount)s %(measure)s in %(period)s",
            column=condition.column,
            data_set=names.get(condition.data_set_id, _("a deleted data set")),
            comparison=COMPARISONS[condition.comparison],
            amount=amount_text(condition.amount, condition.unit),
            measure=MEASURES[condition.measure],
            period=every_text(condition.every),
        )
    if isinstance(condition, Level):
        return _(
            "%(label)s comes to %(comparison)s %(amount)s, at most once in %(period)s",
            label=names.get(condition.attribute, condition.attribute),
            comparison=COMPARISONS[condition.comparison],
            amount=amount_text(condition.amount, ""),
            period=every_text(condition.every),
        )
    if isinstance(condition, Before):
        label, span = names.get(condition.attribute, condition.attribute), span_text(condition.span)
        return _("%(label)s is %(span)s away", label=label, span=span)
    if isinstance(condition, Change):
        return _("%(label)s changes", label=names.get(condition.attribute, condition.attribute))
    there = names.get(condition.data_set_id, _("a deleted data set"))
    return _("no row of %(data_set)s comes for %(span)s", data_set=there, span=span_text(condition.span))


def period_name(every: Every, period: Period, *, short: bool = False) -> str:
    first = period.since
    if every.unit == "day":
        return str(first.day) if short else written_day(first)
    if every.unit == "week":
        week = first.isocalendar()
        return str(week.week) if short else _("week %(week)s of %(year)s", week=week.week, year=week.year)
    if every.unit == "month":
        return str(format_date(first, "LLL" if short else "LLLL yyyy"))
    if every.unit == "quarter":
        return str(format_date(first, "QQQ" if short else "QQQ yyyy"))
    return str(first.year) if every.unit == "year" or short else _("from %(day)s", day=written_day(first))
