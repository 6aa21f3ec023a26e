"""Sentences about what the person looked for, and whose offer they accepted."""

from collections.abc import Callable, Mapping
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext

from wallet.sharing.said import Said
from wallet.sharing.terms_said import agreed


def sent(said: Said) -> str:
    many = said.detail["vendors"]
    if not many:
        return _("What you look for went out; no vendor wanted to hear of it.")
    return ngettext(
        "One vendor was told what you look for, without your name.",
        "%(num)s vendors were told what you look for, without your name.",
        many,
    )


def accepted(said: Said) -> str:
    taken = _("You accepted an offer of %(vendor)s.", vendor=said.vendor)
    return (
        f"{taken} {agreed(said.vendor, {'agreed': said.detail['agreement']})}" if "agreement" in said.detail else taken
    )


INTENTS: Final[Mapping[str, Callable[[Said], str]]] = {"intent_sent": sent, "offer_accepted": accepted}
