"""How a predicate follows and where a value came from, in words."""

from collections.abc import Mapping
from decimal import Decimal

from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _

from wallet.data.catalogue import AGE
from wallet.data.kinds import said
from wallet.data.model import Attribute, Fact, Json, Origin, Total
from wallet.house import Summed


def how(fact: Fact, attributes: Mapping[str, Attribute], language: str, summed: Mapping[Total, Summed]) -> str:
    """Such as: People in the household: more than 3. Or: Meter readings, kWh, this year: at least 2,500."""
    if isinstance(fact.of, Total):
        there = summed.get(fact.of, Summed(""))
        parts = (there.data_set, fact.of.column, periods()[fact.of.period])
        than = figure(fact.than, there.unit)
        return f"{', '.join(part for part in parts if part)}: {signs()[fact.comparison]} {than}"
    of = attributes.get(fact.of)
    label = of.label(language) if of else fact.of
    if fact.comparison == AGE:
        return _("%(label)s: at least %(years)s years ago", label=label, years=fact.than)
    return f"{label}: {signs()[fact.comparison]} {said(of, fact.than, language)}"


def figure(than: Json, unit: str) -> str:
    exact = Decimal(str(than))
    return f"{format_decimal(exact, locale=get_locale() or 'en', decimal_quantization=False)} {unit}".rstrip()


def signs() -> dict[str, str]:
    return {">": _("more than"), ">=": _("at least"), "=": _("equal to"), "<=": _("at most"), "<": _("less than")}


def periods() -> dict[str, str]:
    return {
        "this_month": _("this month"),
        "last_month": _("last month"),
        "this_quarter": _("this quarter"),
        "last_quarter": _("last quarter"),
        "this_year": _("this year"),
        "last_year": _("last year"),
        "last_12_months": _("the last twelve months"),
    }


def came_from(origin: Origin, vendor_name: str | None) -> str:
    """`vendor_name` is that of the vendor the origin refers to, where it is known still."""
    return {
        "self": _("by you"),
        "command": _("by the wallet command"),
        "import": _("from what you imported"),
        "vendor": _("left here by %(vendor)s", vendor=vendor_name or origin.reference),
        "credential": _("from a proof by %(issuer)s", issuer=origin.reference),
    }[origin.source]


def answered_for(origin: Origin) -> str:
    """Who answers for the value."""
    return {
        "self-asserted": _("your own word"),
        "deposited": _("the vendor’s word"),
        "verified": _("signed by who issued it"),
    }[origin.assurance]
