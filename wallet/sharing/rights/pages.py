"""The pages about rights: ask a vendor, watch what becomes of it, take it back, complain."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response as AnyResponse

from consent.errors import AlreadyAsked, NotGranted, UnknownRequest
from consent.rights import answers, requests
from consent.rights.requests import RightsRequest
from keys.relationship import relationship_key
from vendor_api.routing import Route
from wallet.house import House
from wallet.languages import language
from wallet.people import personas
from wallet.people.granted import own_grant
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.sharing.own import Own, is_erased, own
from wallet.sharing.rights.authorities import AUTHORITIES, competent
from wallet.sharing.rights.views import may_complain, request_row
from wallet.sharing.rights.words import OUTCOMES, letter

DOCUMENT = "application/jwt"


def index(house: House) -> str:
    visitor = signed_in(house)
    ids = {"person_id": visitor.person_id, "persona_id": visitor.persona_id}
    found = house.database.read(requests.of_person, **ids)
    return render_template(
        "rights/index.html", nav="vendors", rows=[request_row(one, now=house.clock()) for one in found]
    )


def ask(house: House, grant_id: str) -> AnyResponse:
    """One right, about everything or about what is ticked."""
    try:
        made = house.database.write(ask_vendor, house, signed_in(house), grant_id)
    except AlreadyAsked:
        flash(_("You have asked this already, and the answer is not due yet or still missing."), "error")
        return redirect(url_for("rights.index"), 303)
    except NotGranted:
        flash(_("The page had grown old. Please choose again."), "error")
        return redirect(url_for("sharing.vendor", grant_id=grant_id), 303)
    flash(_("Signed and kept. An answer is due within a month."), "done")
    return redirect(url_for("rights.show", request_id=made.request_id), 303)


def ask_vendor(db: Connection, house: House, visitor: Visitor, grant_id: str) -> RightsRequest:
    """Raises UnknownGrant, also for a grant of another persona."""
    grant = own_grant(db, visitor, grant_id)
    root = personas.persona_root(db, house.secrets, person_id=grant.person_id, persona_id=grant.persona_id)
    return requests.ask(
        db,
        house.secrets,
        grant,
        relationship_key(root, grant.party.sector),
        right=request.form.get("right", ""),
        attributes=request.form.getlist("attribute"),
        issuer=house.settings.issuer,
        now=house.clock(),
    )


def show(house: House, request_id: str) -> str:
    found = house.database.read(request_page, house, signed_in(house), request_id)
    return render_template("rights/request.html", nav="vendors", **found)


def request_page(db: Connection, house: House, visitor: Visitor, request_id: str) -> dict[str, Any]:
    one = own_request(db, visitor, request_id)
    mine = own(db, house, replace(visitor, persona_id=one.persona_id), language())
    labels = [mine.label(name) for name in one.attributes]
    text = letter(one, labels, written_name(mine))
    return {
        **request_row(one, now=house.clock()),
        "labels": labels,
        "answers": [
            (OUTCOMES[said.outcome](), said.reason, said.at) for said in answers.answers_of(db, house.secrets, one)
        ],
        "reminded_at": one.reminded_at,
        "letter": text,
        "mail": mail(one, text),
        "digest": one.digest,
    }


def document(house: House, request_id: str) -> Response:
    """The request as it was signed, to be sent along."""
    found = house.database.read(own_request, signed_in(house), request_id)
    headers = {"Content-Disposition": 'attachment; filename="request.jwt"', "Cache-Control": "no-store"}
    return Response(found.document, 200, headers, mimetype=DOCUMENT)


def withdraw(house: House, request_id: str) -> AnyResponse:
    house.database.write(take_back, house, signed_in(house), request_id)
    flash(_("Withdrawn."), "done")
    return redirect(url_for("rights.show", request_id=request_id), 303)


def take_back(db: Connection, house: House, visitor: Visitor, request_id: str) -> None:
    one = own_request(db, visitor, request_id)
    requests.withdraw(db, house.secrets, one.request_id, person_id=one.person_id, now=house.clock())


def complaint(house: House, request_id: str) -> str:
    """A letter to the authority, filled in; to be printed or copied. Raises UnknownRequest where none is in order."""
    found = house.database.read(complaint_page, house, signed_in(house), request_id)
    return render_template("rights/complaint.html", nav="vendors", **found)


def complaint_page(db: Connection, house: House, visitor: Visitor, request_id: str) -> dict[str, Any]:
    one, now = own_request(db, visitor, request_id), house.clock()
    if not may_complain(one, now=now):
        raise UnknownRequest("there is nothing to complain about yet")
    mine = own(db, house, replace(visitor, persona_id=one.persona_id), language())
    return {
        **request_page(db, house, visitor, request_id),
        "today": now,
        "authorities": sorted(AUTHORITIES.values(), key=lambda authority: authority.place),
        "authority": AUTHORITIES.get(request.args.get("authority", "")) or AUTHORITIES.get(home(mine) or ""),
        "sender": sender(mine),
        "contact": [line for line in (one.party.address, one.party.contact, one.party.host) if line],
    }


def own_request(db: Connection, visitor: Visitor, request_id: str) -> RightsRequest:
    """One of the persona that is signed in, or of one that is no more. Raises UnknownRequest."""
    found = requests.find(db, request_id, person_id=visitor.person_id)
    if found.persona_id != visitor.persona_id and not is_erased(db, found.person_id, found.persona_id):
        raise UnknownRequest("there is no such request")
    return found


def mail(one: RightsRequest, text: str) -> str | None:
    """A link that opens the person's own mail program; the address is the one the vendor registered."""
    contact = one.party.contact or ""
    if "@" not in contact or any(letter in contact for letter in "?&# "):
        return None
    return f"mailto:{quote(contact, safe='@')}?subject={quote(text.splitlines()[0])}&body={quote(text)}"


def written_name(mine: Own) -> str | None:
    whole = mine.text("name")
    return whole or " ".join(filter(None, map(mine.text, ("given_name", "family_name")))) or None


def sender(mine: Own) -> list[str]:
    town = " ".join(filter(None, map(mine.text, ("address.postal_code", "address.locality"))))
    lines = (written_name(mine), mine.text("address.street_address"), town, mine.text("email"))
    return [line for line in lines if line]


def home(mine: Own) -> str | None:
    parts: Mapping[str, str | None] = {part: mine.text(f"address.{part}") for part in ("country", "region", "locality")}
    return competent(country=parts["country"], region=parts["region"], locality=parts["locality"])


ROUTES = (
    Route("/rights", index),
    Route("/vendors/<grant_id>/rights", ask, ("POST",)),
    Route("/rights/<request_id>", show),
    Route("/rights/<request_id>/document", document),
    Route("/rights/<request_id>/complaint", complaint),
    Route("/rights/<request_id>/withdraw", withdraw, ("POST",)),
)
