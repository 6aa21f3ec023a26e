"""By text message, through the operator's gateway: who wrote about what, and where it can be read."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _l

from vendor_api.outbound.addresses import NONE
from wallet.channels import gateway
from wallet.channels.errors import BadAddress
from wallet.channels.mail_text import one_line
from wallet.channels.model import Address, Means, Need, Parcel
from wallet.channels.speaking import speaks
from wallet.data import addresses
from wallet.data.errors import BadValue
from wallet.settings import Settings

MOST_SEGMENTS: Final = 2
LONGEST_NAME: Final = 40
# 3GPP TS 23.038 section 6.2.1: the default alphabet, and what costs two places because it takes an escape.
GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED: Final = frozenset("^{}\\[~]|€\f")


class Sms:
    kind = "sms"
    title = _l("Text message")
    needs = (Need("phone", _l("Mobile number"), "tel", "tel"),)
    proves = True
    several = False

    def is_ready(self, settings: Settings) -> bool:
        return settings.sms_gateway != NONE

    def check_address(self, typed: Mapping[str, str]) -> Address:
        try:
            return {"phone": addresses.phone(typed.get("phone", ""))}
        except BadValue as error:
            raise BadAddress(error.args[0]) from None

    def shown(self, address: Address) -> str:
        return address["phone"]

    def deliver(self, parcel: Parcel, address: Address, means: Means) -> None:
        """Raises NotNow or NeverHere."""
        said = {"id": parcel.delivery_id, "to": address["phone"], "text": text_of(parcel)}
        gateway.hand_in(means.settings.sms_gateway, said, key=parcel.delivery_id, means=means)


def text_of(parcel: Parcel) -> str:
    """All of it where it is short; else who wrote about what. Always where it stands."""
    _ = speaks(parcel.language)
    if parcel.is_own:
        return one_line(parcel.text)
    vendor = one_line(parcel.vendor_name)[:LONGEST_NAME]
    whole = f"{vendor}: {one_line(parcel.text)} {parcel.thread_link}"
    if len(parcel.text) < 200 and segments(whole) <= MOST_SEGMENTS:
        return whole
    topic = one_line(parcel.topic_name)[:LONGEST_NAME]
    told = _("%(vendor)s has written about %(topic)s: %(link)s", vendor=vendor, topic=topic, link=parcel.thread_link)
    if segments(told) <= MOST_SEGMENTS:
        return told
    return _("You have a message in your wallet: %(link)s", link=parcel.thread_link)


def segments(text: str) -> int:
    """How many text messages this is: 160 letters or 153 in each of several, but 70 and 67 beyond the old alphabet."""
    if set(text) <= GSM | ESCAPED:
        length, alone, each = sum(2 if letter in ESCAPED else 1 for letter in text), 160, 153
    else:
        length, alone, each = len(text.encode("utf-16-be", "surrogatepass")) // 2, 70, 67
    return 1 if length <= alone else -(-length // each)


CHANNEL = Sms()
