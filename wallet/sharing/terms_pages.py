"""My terms: which agreements a person would make with which kind of vendor, in their order."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent.terms import standing
from consent.terms.errors import BadStandingTerms
from consent.terms.roster import ROSTER
from consent.terms.standing import APPLIES, CONDITIONALLY, EVERY, Standing
from vendor_api.routing import Route
from wallet.house import House
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.sharing.agreements import KINDS, agreement_view


def terms(house: House) -> str | Response:
    """Show them, and take one change: of the list, or of what to do where there is nothing in common."""
    visitor, kind = signed_in(house), request.values.get("kind", EVERY)
    if kind not in KINDS:
        kind = EVERY
    if request.method == "POST":
        house.database.write(change, visitor, kind)
        return redirect(url_for("sharing.terms", kind=kind), 303)
    found = house.database.read(of, visitor)
    mine = found.get(kind, Standing(kind, CONDITIONALLY, ()))
    return render_template(
        "sharing/terms.html",
        nav="vendors",
        kind=kind,
        kinds=[(name, said(), name in found) for name, said in KINDS.items()],
        mine=mine,
        chosen=[agreement_view(name) for name in mine.agreements],
        others=[agreement_view(name) for name in ROSTER if name not in mine.agreements],
        inherits=kind != EVERY and kind not in found and EVERY in found,
        ways=ways(),
    )


def of(db: Connection, visitor: Visitor) -> Mapping[str, Standing]:
    return standing.of_persona(db, person_id=visitor.person_id, persona_id=visitor.persona_id)


def ways() -> list[tuple[str, str]]:
    said = (
        _("Ask me. I decide with each vendor, and my terms are proposed to it."),
        _("Show me the vendor, but let me only refuse it."),
        _("Turn the vendor away without asking me."),
    )
    return list(zip(APPLIES, said, strict=True))


def change(db: Connection, visitor: Visitor, kind: str) -> None:
    """What one button of the page says: `up:ID`, `down:ID`, `remove:ID`, `add:ID`, or `applies`.

    A page that has grown old changes nothing.
    """
    before = of(db, visitor).get(kind, Standing(kind, CONDITIONALLY, ()))
    what, _colon, name = request.form.get("do", "").partition(":")
    applies = request.form.get("applies", before.applies) if what == "applies" else before.applies
    ids = {"person_id": visitor.person_id, "persona_id": visitor.persona_id}
    try:
        standing.put(db, kind, **ids, applies=applies, agreements=ordered(before.agreements, what, name))
    except BadStandingTerms:
        return


def ordered(before: tuple[str, ...], what: str, name: str) -> tuple[str, ...]:
    """The list after one step; as it was where the step does not fit."""
    rest = [one for one in before if one != name]
    if what == "add" and name not in before:
        return (*before, name)
    if name not in before or what not in {"up", "down", "remove"}:
        return before
    if what != "remove":
        place = before.index(name) + (-1 if what == "up" else 1)
        rest.insert(max(place, 0), name)
    return tuple(rest)


ROUTES = (Route("/terms", terms, ("GET", "POST")),)
