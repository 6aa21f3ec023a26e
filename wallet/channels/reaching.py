"""What a person does about how they are reached: add an address, prove it, try it, remove it."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from keys.opaque import mint
from wallet.channels import addresses, codes
from wallet.channels.addresses import Kept
from wallet.channels.errors import DidNotGo, UnknownAddress
from wallet.channels.kinds import find_kinds, kind_of, ready
from wallet.channels.model import Channel, Means, NeverHere, NotNow, Parcel, PerhapsArrived
from wallet.channels.speaking import speaks
from wallet.house import House
from wallet.people.model import Visitor

FEED = "feed"


@cache
def installed() -> Mapping[str, Channel]:
    """Looked up once: what is installed later is there after a restart."""
    return find_kinds()


def offered(house: House) -> Mapping[str, Channel]:
    return ready(installed(), house.settings)


def add(house: House, who: Visitor, kind: str, typed: Mapping[str, str], *, language: str) -> Kept:
    """Keep what was typed, and send a code there if it has to be proved.

    Raises BadAddress, UnknownChannel, TooManyAddresses, TooManyCodes or DidNotGo; after the last it is kept.
    """
    channel = kind_of(offered(house), kind)
    address = dict(channel.check_address(typed))
    token = mint(house.secrets.tokens, FEED, who.person_id) if kind == FEED else None
    if token:
        address["token"] = token

    def keep(db: Connection, *, now: int) -> tuple[Kept, str | None]:
        whose = {"person_id": who.person_id, "persona_id": who.persona_id}
        address_id = addresses.add(db, house.secrets, channel, **whose, address=address, token=token, now=now)
        kept = addresses.find(db, house.secrets, person_id=who.person_id, address_id=address_id)
        return kept, code_for(db, house, channel, who, kept, now=now) if channel.proves else None

    kept, code = house.database.write(keep, now=house.clock())
    if code:
        send(house, channel, kept, telling_code(house, kept, code, language))
    return kept


def send_code(house: House, who: Visitor, address_id: str, *, language: str) -> None:
    """A new one; the earlier ones are over. Raises UnknownAddress, TooManyCodes or DidNotGo."""
    kept, channel = found(house, who, address_id)
    if not channel.proves:
        raise UnknownAddress

    def make(db: Connection, *, now: int) -> str:
        return code_for(db, house, channel, who, kept, now=now)

    code = house.database.write(make, now=house.clock())
    send(house, channel, kept, telling_code(house, kept, code, language))


def verify(house: House, who: Visitor, address_id: str, code: str) -> Channel:
    """Raises UnknownAddress or WrongCode."""
    kept, channel = found(house, who, address_id)

    def check(db: Connection, *, now: int) -> bool:
        place = {"person_id": who.person_id, "address_id": address_id}
        is_right = codes.check(db, house.secrets, **place, code=code, now=now)
        if is_right:
            addresses.verified(db, channel, **place, persona_id=kept.persona_id, now=now)
        return is_right

    codes.check_typed(house.database.write(check, now=house.clock()))
    return channel


def try_out(house: House, who: Visitor, address_id: str, *, language: str) -> None:
    """Send something there that says only that it arrives. Raises UnknownAddress, TooManyCodes or DidNotGo."""
    kept, channel = found(house, who, address_id)
    if kept.verified_at is None:
        raise UnknownAddress
    house.database.write(codes.count, house.secrets, **counted(channel, who, kept), now=house.clock())
    _ = speaks(language)
    text = _("This is how you are told when somebody you allowed to has written to you.")
    send(house, channel, kept, own(house, kept, language, _("It works"), text))


def remove(house: House, who: Visitor, address_id: str) -> None:
    """Raises UnknownAddress."""
    kept, _channel = found(house, who, address_id)
    house.database.write(addresses.remove, person_id=who.person_id, address_id=kept.address_id)


def found(house: House, who: Visitor, address_id: str) -> tuple[Kept, Channel]:
    """Raises UnknownAddress, also for another persona's."""
    place = {"person_id": who.person_id, "address_id": address_id}
    kept = house.database.read(addresses.find, house.secrets, **place)
    if kept.persona_id != who.persona_id:
        raise UnknownAddress
    return kept, kind_of(installed(), kept.kind)


def code_for(db: Connection, house: House, channel: Channel, who: Visitor, kept: Kept, *, now: int) -> str:
    return codes.make(db, house.secrets, **counted(channel, who, kept), now=now)


def counted(channel: Channel, who: Visitor, kept: Kept) -> dict[str, Any]:
    target = f"{kept.kind} {channel.shown(kept.address).lower()}"
    return {"person_id": who.person_id, "address_id": kept.address_id, "target": target}


def telling_code(house: House, kept: Kept, code: str, language: str) -> Parcel:
    _ = speaks(language)
    subject = _("%(code)s is your code", code=code)
    text = _(
        "%(code)s is the code for %(host)s. It is good for 15 minutes. If you did not ask for it, do nothing.",
        code=code,
        host=host(house),
    )
    return own(house, kept, language, subject, text)


def own(house: House, kept: Kept, language: str, subject: str, text: str) -> Parcel:
    """What the wallet itself says."""
    now = house.clock()
    return Parcel(
        delivery_id=f"{kept.address_id}-{now}",
        vendor_name="Hausrecht",
        vendor_host=host(house),
        topic_name="",
        subject=subject,
        text=text,
        thread_link=f"{house.settings.issuer}/channels",
        written_at=now,
        language=language,
    )


def send(house: House, channel: Channel, kept: Kept, parcel: Parcel) -> None:
    """While the person waits. Raises DidNotGo."""
    means = Means(house.settings, house.secrets, house.outbound, house.clock(), handing_over=lambda: None)
    try:
        channel.deliver(parcel, kept.address, means)
    except PerhapsArrived:
        pass
    except (NotNow, NeverHere):
        raise DidNotGo from None


def host(house: House) -> str:
    return str(urlsplit(house.settings.issuer).hostname)
