"""A person's rules as sentences people read."""

from collections.abc import Callable, Mapping

from flask_babel import get_locale
from flask_babel import gettext as _

from consent.caps import ANY, Cap
from consent.purposes import purpose_of
from consent.standing import ALWAYS, NEVER, Rule
from wallet.languages import in_a_row

CAPS_SAID: Mapping[str, Callable[[], str]] = {
    "view": lambda: _("without keeping a copy"),
    "short": lambda: _("for 30 days at most"),
    "month": lambda: _("read at most once in 30 days"),
    "once": lambda: _("read once and no more"),
}


def purpose_said(term: str) -> str:
    return _("Every purpose") if term == ANY else purpose_of(term).label(str(get_locale() or "en"))


def answer_said(rule: Rule) -> str:
    words = {"vendor": rule.vendor or "", "purpose": purpose_said(rule.purpose)}
    if rule.answer == ALWAYS and rule.purpose != ANY:
        return _("%(purpose)s: what you allowed %(vendor)s is renewed when it runs out, on the same terms.", **words)
    if rule.answer == ALWAYS:
        return _("What you allowed %(vendor)s is renewed when it runs out, on the same terms.", **words)
    if rule.answer == NEVER and rule.client_id == ANY:
        return _("%(purpose)s: nobody may ask you for it.", **words)
    if rule.answer == NEVER and rule.purpose == ANY:
        return _("Whatever %(vendor)s asks is refused.", **words)
    if rule.answer == NEVER:
        return _("%(purpose)s: refused where %(vendor)s asks.", **words)
    return _("%(purpose)s: %(vendor)s may ask you all the same.", **words)


def cap_said(purpose: str, cap: Cap) -> str:
    parts = {
        "once": cap.fetch == "once",
        "month": cap.frequency is not None,
        "view": cap.mode == "view",
        "short": cap.longest is not None,
    }
    limits = in_a_row([CAPS_SAID[name]() for name, holds in parts.items() if holds])
    return _("%(purpose)s: %(limits)s", purpose=purpose_said(purpose), limits=limits)
