"""A feed of what vendors wrote (Atom, RFC 4287), at an address that only the person knows: everything in it is text."""

import xml.etree.ElementTree as Xml
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

from flask import Response, abort
from sqlalchemy import Connection, select

from consent.standing import Whose
from keys.errors import BadToken
from keys.opaque import digest, person_of
from vendor_api.routing import Route
from wallet.channels import deliveries
from wallet.channels.mail_text import UNSEEN, one_line
from wallet.channels.model import Parcel
from wallet.channels.reaching import FEED
from wallet.channels.speaking import speaks
from wallet.channels.tables import channel_addresses
from wallet.dispatch.parcels import language_of, packed
from wallet.feeds import items
from wallet.house import House

ATOM: Final = "http://www.w3.org/2005/Atom"
MOST: Final = 50


def feed(house: House, token: str) -> Response:
    """404 for whatever is no address, or no longer one."""
    try:
        person_id = person_of(house.secrets.tokens, FEED, token)
    except BadToken:
        abort(404)
    found = house.database.write(read, house, person_id, token, now=house.clock())
    if found is None:
        abort(404)
    return Response(atom(house, token, found), mimetype="application/atom+xml")


def read(db: Connection, house: House, person_id: str, token: str, *, now: int) -> list[Parcel] | None:
    kept = channel_addresses.c
    its = (kept.person_id == person_id, kept.kind == FEED, kept.token_digest == digest(token))
    persona_id = db.execute(select(kept.persona_id).where(*its)).scalar_one_or_none()
    if persona_id is None:
        return None
    language = language_of(db, house, person_id)
    how: dict[str, Any] = {"language": language, "limit": MOST, "now": now}
    followed = [
        parcel_of(house, *one, language) for one in items.parcels(db, house, Whose(person_id, persona_id), **how)
    ]
    told = deliveries.newest(db, person_id=person_id, persona_id=persona_id, channel=FEED, limit=MOST)
    parcels = (packed(db, one, house=house, now=now) for one in told)
    found = [*followed, *(parcel for parcel in parcels if parcel is not None)]
    return sorted(found, key=lambda parcel: parcel.written_at, reverse=True)[:MOST]


def parcel_of(house: House, one: items.Entry, name: str, language: str) -> Parcel:
    """An item of a topic that is followed: nobody delivers it, it is read."""
    return Parcel(
        delivery_id=name,
        vendor_name=one.grant.party.name,
        vendor_host=one.grant.party.host,
        topic_name=one.topic_name,
        subject=one.item.title,
        text=one.item.text,
        thread_link=f"{house.settings.issuer}/feeds",
        written_at=one.item.published_at,
        language=language,
    )


def atom(house: House, token: str, parcels: list[Parcel]) -> bytes:
    """RFC 4287 sections 4.1.1 and 4.1.2. `type` is text throughout, so that no reader takes anything for markup."""
    Xml.register_namespace("", ATOM)
    _ = speaks(parcels[0].language if parcels else house.settings.language)
    root = element(None, "feed")
    element(root, "id", named(house, f"feed/{digest(token)}"))
    element(root, "link", href=f"{house.settings.issuer}/feed/{token}", rel="self")
    element(root, "title", _("Messages"))
    element(root, "updated", moment(max((one.written_at for one in parcels), default=0)))
    author = element(root, "author")
    element(author, "name", "Hausrecht")
    for parcel in parcels:
        entry(root, parcel, named(house, f"delivery/{parcel.delivery_id}"))
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def named(house: House, what: str) -> str:
    """Section 4.2.6, for good: a tag (RFC 4151), which needs no registration."""
    return f"tag:{urlsplit(house.settings.issuer).hostname},2026:{quote(what)}"


def entry(root: Xml.Element, parcel: Parcel, name: str) -> None:
    one = element(root, "entry")
    element(one, "id", name)
    element(one, "title", one_line(parcel.subject or parcel.topic_name), type="text")
    element(one, "updated", moment(parcel.written_at))
    element(one, "link", href=parcel.thread_link, rel="alternate")
    author = element(one, "author")
    element(author, "name", one_line(f"{parcel.vendor_name} ({parcel.vendor_host})"))
    element(one, "category", term=one_line(parcel.topic_name))
    lines = (UNSEEN.sub(" ", line) for line in parcel.text.splitlines())
    element(one, "content", "\n".join(lines), type="text")


def element(parent: Xml.Element | None, name: str, text: str = "", **attributes: str) -> Xml.Element:
    made = Xml.Element(f"{{{ATOM}}}{name}", attributes)
    if parent is not None:
        parent.append(made)
    made.text = text or None
    return made


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


ROUTES = (Route("/feed/<token>", feed),)
