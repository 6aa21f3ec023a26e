"""How a predicate follows and where a value came from, in words."""

from collections.abc import Mapping

from flask_babel import gettext as _

from wallet.data.catalogue import AGE
from wallet.data.kinds import said, value_text
from wallet.data.model import Attribute, Fact, Origin, Total


def how(fact: Fact, attributes: Mapping[str, Attribute], language: str) -> str:
    """Such as: People in the household > 3."""
    if isinstance(fact.of, Total):
        than = value_text(fact.than)
        return _(
            "%(column)s, %(period)s: %(comparison)s %(than)s",
            column=fact.of.column,
            period=periods()[fact.of.period],
            comparison=signs()[fact.comparison],
            than=than,
        )
    of = attributes.get(fact.of)
    label = of.label(language) if of else fact.of
    if fact.comparison == AGE:
        return _("%(label)s: at least %(years)s years ago", label=label, years=fact.than)
    return f"{label}: {signs()[fact.comparison]} {said(of, fact.than, language)}"


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
