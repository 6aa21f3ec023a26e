"""Sentences about what the person looked for, and whose offer they accepted."""

from collections.abc import Callable, Mapping
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext

from wallet.sharing.said import Said


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
    return _("You accepted an offer of %(vendor)s.", vendor=said.vendor)


INTENTS: Final[Mapping[str, Callable[[Said], str]]] = {"intent_sent": sent, "offer_accepted": accepted}
