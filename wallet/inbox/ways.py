"""By which channels a message went out besides, and whether it arrived."""

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from sqlalchemy import Connection

from wallet.channels import deliveries
from wallet.channels.deliveries import Delivery
from wallet.inbox.words import channel_name

UNDER_WAY: Final = ("waiting", "sending")


def ways(db: Connection, message_ids: list[str], *, person_id: str) -> Mapping[str, list[str | LazyString]]:
    """Sentences by message, in the order in which it went; none for what was withdrawn."""
    found: dict[str, list[str | LazyString]] = {}
    for one in deliveries.of_messages(db, person_id=person_id, message_ids=message_ids):
        if one.state != "withdrawn" and one.starts_at is None:
            found.setdefault(one.message_id, []).append(way(one))
    return found


def way(one: Delivery) -> str:
    channel = channel_name(one.channel)
    if one.state == "delivered":
        return _("arrived %(channel)s", channel=channel)
    if one.state == "handed_over":
        return _("probably arrived %(channel)s", channel=channel)
    if one.state in UNDER_WAY:
        return _("on its way %(channel)s", channel=channel)
    return _("could not be delivered %(channel)s, is here", channel=channel)
