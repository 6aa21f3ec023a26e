"""Sentences about triggers: what a vendor was told when a condition of the person's own held."""

from flask_babel import gettext as _

from wallet.languages import moment
from wallet.sharing.said import Said


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
