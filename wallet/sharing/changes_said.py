"""Sentences about what a person changed in what a vendor may do, and in their rules."""

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from consent.caps import ANY
from wallet.dialogue.words import contact_changed
from wallet.languages import day
from wallet.sharing.rules_said import purpose_said
from wallet.sharing.said import Said, in_short
from wallet.sharing.terms_said import TOLD as TERMS


def changed(said: Said) -> str:
    """Raises KeyError for a change this wallet does not know."""
    name = next((name for name in CHANGES if name in said.detail), "")
    return CHANGES[name](said)


def asks_each_time(said: Said) -> str:
    if said.detail["asks_each_time"]:
        return _("You want to be asked each time you sign in at %(vendor)s.", vendor=said.vendor)
    return _("You no longer need to be asked each time you sign in at %(vendor)s.", vendor=said.vendor)


def reachable(said: Said) -> str:
    if said.detail["reachable"]:
        return _("%(vendor)s may ask you here again by itself.", vendor=said.vendor)
    return _("%(vendor)s may no longer ask you here by itself.", vendor=said.vendor)


def paused(said: Said) -> str:
    if not said.detail["paused"]:
        return _("You let %(vendor)s go on.", vendor=said.vendor)
    if "until" in said.detail:
        return _("You paused %(vendor)s until %(day)s.", vendor=said.vendor, day=day(said.detail["until"] - 1))
    return _("You paused %(vendor)s until you let it go on.", vendor=said.vendor)


def narrowed(said: Said) -> str:
    return _("You took back from %(vendor)s: %(attributes)s.", vendor=said.vendor, attributes=said.narrowed)


def widened(said: Said) -> str:
    return _("You allowed %(vendor)s again: %(attributes)s.", vendor=said.vendor, attributes=said.widened)


def tightened(said: Said) -> str:
    return _("You set %(vendor)s stricter limits for: %(attributes)s.", vendor=said.vendor, attributes=said.tightened)


def prolonged(said: Said) -> str:
    words = {"vendor": said.vendor, "day": day(said.detail["until"] - 1)}
    if said.detail["longer"]:
        return _("You prolonged what %(vendor)s may do, until %(day)s.", **words)
    return _("You let what %(vendor)s may do end sooner, on %(day)s.", **words)


def standing(said: Said) -> str:
    if "purpose" in said.detail:
        words = {"vendor": said.vendor or _("anybody"), "purpose": purpose_said(said.detail["purpose"])}
        if said.detail["standing"] == "never":
            return _("You made it a rule to refuse %(vendor)s for: %(purpose)s.", **words)
        if said.detail["standing"] == "always":
            return _("You made it a rule to renew what %(vendor)s may do for: %(purpose)s.", **words)
        return _("You let yourself be asked again by %(vendor)s for: %(purpose)s.", **words)
    return STANDING.get(said.detail["standing"], asks_again)(said)


def asks_again(said: Said) -> str:
    return _("You let yourself be asked again by %(vendor)s.", vendor=said.vendor or _("anybody"))


STANDING: Mapping[str, Callable[[Said], str]] = {
    "always": lambda said: _(
        "You made it a rule to renew what %(vendor)s may do, on the same terms.", vendor=said.vendor
    ),
    "never": lambda said: _(
        "You made it a rule to refuse whatever %(vendor)s asks.", vendor=said.vendor or _("anybody")
    ),
    "blocked": lambda said: _("You blocked %(vendor)s.", vendor=said.vendor),
}


def own_cap(said: Said) -> str:
    purpose = purpose_said(said.detail.get("purpose", ANY))
    if said.detail["own_cap"]:
        return _("You made a rule how far anybody may go for: %(purpose)s.", purpose=purpose)
    return _("You took back your rule how far anybody may go for: %(purpose)s.", purpose=purpose)


CHANGES: Mapping[str, Callable[[Said], str]] = {
    "asks_each_time": asks_each_time,
    "contact": in_short(contact_changed),
    "reachable": reachable,
    "paused": paused,
    "narrowed": narrowed,
    "widened": widened,
    "tightened": tightened,
    "longer": prolonged,
    "standing": standing,
    "own_cap": own_cap,
    **{name: in_short(told) for name, told in TERMS.items()},
}
