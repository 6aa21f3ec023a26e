"""Channels by which nothing is sent: what the person finds in the wallet, and calls, which are appointments."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from wallet.channels.errors import BadAddress
from wallet.channels.model import PHONE, VIDEO, Address, Means, Need, NeverHere, Parcel, Title
from wallet.data import addresses
from wallet.data.errors import BadValue
from wallet.settings import Settings


class Inbox:
    """Where every message is anyway."""

    kind = "inbox"
    title: Title = _("Inbox of the wallet")
    needs: tuple[Need, ...] = ()
    proves = False
    several = False

    def is_ready(self, settings: Settings) -> bool:
        return True

    def check_address(self, typed: Mapping[str, str]) -> Address:
        return {}

    def shown(self, address: Address) -> str:
        return ""

    def deliver(self, parcel: Parcel, address: Address, means: Means) -> None:
        """It is there."""


class Feed(Inbox):
    """Each persona that wants one has an address of its own (wallet/channels/feed.py)."""

    kind = "feed"
    title = _("Feed")


class Phone(Inbox):
    """An appointment: the number is shown to the vendor while it lasts, and at no other time."""

    kind = PHONE
    title = _("Phone call")
    needs = (Need("phone", _("Phone number"), "tel", "tel"),)

    def check_address(self, typed: Mapping[str, str]) -> Address:
        try:
            return {"phone": addresses.phone(typed.get("phone", ""))}
        except BadValue as error:
            raise BadAddress(error.args[0]) from None

    def shown(self, address: Address) -> str:
        return address["phone"]

    def deliver(self, parcel: Parcel, address: Address, means: Means) -> None:
        """Raises NeverHere."""
        if parcel.appointment is None or parcel.appointment.kind != self.kind:
            raise NeverHere("it is no appointment")


class Video(Phone):
    """Likewise: where the person is reached by video."""

    kind = VIDEO
    title = _("Video call")
    needs = (Need("link", _("Link to your video room"), "url", "url"),)

    def check_address(self, typed: Mapping[str, str]) -> Address:
        try:
            return {"link": addresses.url(typed.get("link", ""))}
        except BadValue as error:
            raise BadAddress(error.args[0]) from None

    def shown(self, address: Address) -> str:
        return address["link"]


INBOX, FEED, PHONE_CALL, VIDEO_CALL = Inbox(), Feed(), Phone(), Video()
