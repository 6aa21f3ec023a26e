"""Sentences about triggers: what a vendor was told when a condition of the person's own held."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from wallet.languages import moment
from wallet.sharing.said import Said

KEPT_BACK: Final[Mapping[str, Any]] = {
    "ended": _l("A trigger of yours fired. %(vendor)s was not told, because it may not read anything of you any more."),
    "blocked": _l("A trigger of yours fired. %(vendor)s was not told, because you have blocked it."),
    "no_topic": _l("A trigger of yours fired. %(vendor)s was not told, because it may not speak to you about that."),
    "no_channel": _l("A trigger of yours fired. %(vendor)s was not told, because you are not to be reached that way."),
    "no_more": _l("A trigger of yours fired. %(vendor)s was not told, because you want to hear no more of that."),
    "missed": _l("A trigger of yours fired. %(vendor)s was not told: you wanted peace until its time was over."),
    "restored": _l("A trigger of yours fired. %(vendor)s was not told again: your wallet was put back from a backup."),
}


def fired(said: Said) -> str:
    may = {"vendor": said.vendor, "topic": said.detail["topic"], "moment": moment(said.detail["until"])}
    if said.attributes:
        return _(
            "A trigger of yours fired: %(vendor)s was told, with %(attributes)s, and may speak to you about "
            "“%(topic)s” until %(moment)s.",
            **may,
            attributes=said.attributes,
        )
    return _(
        "A trigger of yours fired: %(vendor)s was told, and may speak to you about “%(topic)s” until %(moment)s.", **may
    )


def kept_back(said: Said) -> str:
    return str(KEPT_BACK[said.detail["reason"]]) % {"vendor": said.vendor}
