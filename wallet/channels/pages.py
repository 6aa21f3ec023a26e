"""How a persona is reached: its addresses, each proved, tried out or removed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug import Response

from consent.contact import policies
from vendor_api.routing import Route
from wallet.channels import addresses, reaching
from wallet.channels.addresses import Kept
from wallet.channels.errors import BadAddress, DidNotGo, TooManyAddresses, TooManyCodes, WrongCode
from wallet.channels.kinds import in_order
from wallet.channels.model import Channel, Title
from wallet.channels.web_push import public_key
from wallet.errors import WalletError
from wallet.house import House
from wallet.people.visitor import acting

Page = str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """An address as the page says it."""

    address_id: str
    text: str = field(repr=False)
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A kind of channel with what the persona has of it, and whether anything comes by it."""

    channel: Channel
    shown: tuple[Shown, ...]
    is_used: bool

    @property
    def kind(self) -> str:
        return self.channel.kind

    @property
    def title(self) -> Title:
        return self.channel.title

    @property
    def can_try(self) -> bool:
        """Calls and feeds are not tried out by sending something."""
        return self.kind not in ("phone", "video", "feed")

    @property
    def is_full(self) -> bool:
        return not self.channel.several and any(one.is_verified for one in self.shown)


def index(house: House) -> Page:
    return page(house)


def page(house: House, *, wrong: WalletError | None = None, at: str = "", typed: Any = None) -> Page:
    """`wrong` is what is said beside the kind or the address `at`."""
    who = acting(house)
    whose = {"person_id": who.person_id, "persona_id": who.persona_id}
    kept = house.database.read(addresses.of_persona, house.secrets, **whose)
    there = reaching.offered(house)
    used = house.database.read(policies.ways, house.secrets, **whose) | {reaching.FEED}
    ways = [
        Way(there[kind], tuple(shown(house, there[kind], one) for one in kept if one.kind == kind), kind in used)
        for kind in in_order(there)
        if kind != "inbox"
    ]
    said: dict[str, Any] = {"wrong": wrong, "at": at, "typed": typed or {}, "persona_id": who.persona_id}
    push_key = public_key(house.secrets)
    html = render_template("channels/index.html", nav="wallet", ways=ways, push_key=push_key, **said)
    return (html, wrong.status) if wrong else html


def shown(house: House, channel: Channel, kept: Kept) -> Shown:
    if kept.kind == reaching.FEED:
        link = f"{house.settings.issuer}/feed/{kept.address['token']}"
        return Shown(kept.address_id, link, is_verified=True)
    return Shown(kept.address_id, channel.shown(kept.address), kept.verified_at is not None)


def add(house: House, kind: str) -> Response | Page:
    who = acting(house)
    try:
        kept = reaching.add(house, who, kind, request.form, language=str(get_locale()))
    except DidNotGo as error:
        return done(str(error), "error")
    except (BadAddress, TooManyAddresses, TooManyCodes) as error:
        return page(house, wrong=error, at=kind, typed=request.form)
    if kept.verified_at is None:
        return done(_("A code is on its way there. Type it in below."))
    return done(_("Saved."))


def code(house: House, address_id: str) -> Response | Page:
    return tried(house, address_id, reaching.send_code, _("A new code is on its way."))


def try_out(house: House, address_id: str) -> Response | Page:
    return tried(house, address_id, reaching.try_out, _("Sent. Look whether it arrived."))


def tried(house: House, address_id: str, work: Callable[..., None], sentence: str) -> Response | Page:
    who = acting(house)
    try:
        work(house, who, address_id, language=str(get_locale()))
    except (TooManyCodes, DidNotGo) as error:
        return page(house, wrong=error, at=address_id)
    return done(sentence)


def verify(house: House, address_id: str) -> Response | Page:
    who = acting(house)
    try:
        reaching.verify(house, who, address_id, request.form.get("code", ""))
    except WrongCode as error:
        return page(house, wrong=error, at=address_id)
    return done(_("This is yours."))


def remove(house: House, address_id: str) -> Response:
    reaching.remove(house, acting(house), address_id)
    return done(_("Removed. Nothing goes there any more."))


def done(sentence: str, tone: str = "done") -> Response:
    flash(sentence, tone)
    persona_id = request.form.get("persona") or None
    return redirect(url_for("channels.index", persona=persona_id), 303)


ROUTES = (
    Route("/channels", index),
    Route("/channels/new/<kind>", add, ("POST",)),
    Route("/channels/<address_id>/code", code, ("POST",)),
    Route("/channels/<address_id>/verify", verify, ("POST",)),
    Route("/channels/<address_id>/test", try_out, ("POST",)),
    Route("/channels/<address_id>/remove", remove, ("POST",)),
)
