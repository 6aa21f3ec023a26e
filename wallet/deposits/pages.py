"""The page of what vendors handed back: look at it beside what is there, keep what one wants, turn away the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import grants
from consent.errors import UnknownGrant
from vendor_api.routing import Route
from wallet.data import engine as data
from wallet.data.attributes import attributes_of
from wallet.data.kinds import value_text
from wallet.data.model import Attribute, Value
from wallet.deposits import engine
from wallet.deposits import trust as depositors
from wallet.deposits.engine import RECORDS, Deposit
from wallet.deposits.forgetting import forget_locked
from wallet.deposits.words import rows_said
from wallet.house import House
from wallet.paging import asked_page
from wallet.people import presence
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.records import handing

ON_A_PAGE = 20
FIRST = 10  # rows that are shown of a delivery


@dataclass(frozen=True, slots=True)
class RowsView:
    """The first rows; `data_set` is the one they would go into, None where it would be made."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    data_set: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that can be kept: what is handed over, and what is there now."""

    name: str
    label: str
    handed: str
    mine: str | None
    is_new: bool
    is_same: bool
    records: RowsView | None = None


@dataclass(frozen=True, slots=True)
class DepositView:
    deposit_id: str
    vendor: str
    client_id: str
    grant_id: str
    received_at: int
    state: str
    decided_at: int | None
    parts: tuple[Part, ...]


def index(house: House) -> str:
    """Those that wait, with the last that were decided; or all that were."""
    visitor = signed_in(house)
    over, skip = asked_page()
    return render_template(
        "deposits/index.html", nav="data", over=over, **house.database.read(page, house, visitor, over=over, skip=skip)
    )


def page(db: Connection, house: House, visitor: Visitor, *, over: bool, skip: int) -> dict[str, object]:
    face = {"person_id": visitor.person_id, "persona_id": visitor.persona_id}
    found = engine.newest(db, house.secrets, **face, waiting=not over, skip=skip, limit=ON_A_PAGE + 1)
    mine = data.current_values(db, house.secrets, **face, lock_key=presence.lock_key(house, visitor))
    known = attributes_of(db, house.secrets, person_id=visitor.person_id)
    goes_on = len(found) > ON_A_PAGE
    return {
        "deposits": [view(one, known, mine, records(db, house, one)) for one in found[:ON_A_PAGE]],
        "more_url": url_for("deposits.index", over=over or None, skip=skip + ON_A_PAGE) if goes_on else None,
        "trusted": depositors.trusted(db, **face),
    }


def view(
    deposit: Deposit, known: Mapping[str, Attribute], mine: Mapping[str, Value], records: RowsView | None
) -> DepositView:
    parts = [value_part(name, deposit, known.get(name), mine.get(name)) for name in sorted(deposit.values)]
    if deposit.records:
        rows = rows_said(len(deposit.records.rows))
        parts.append(Part(RECORDS, deposit.records.name, rows, None, is_new=False, is_same=False, records=records))
    return DepositView(
        deposit.deposit_id,
        deposit.vendor,
        deposit.client_id,
        deposit.grant_id,
        deposit.received_at,
        deposit.state,
        deposit.decided_at,
        tuple(parts),
    )


def records(db: Connection, house: House, deposit: Deposit) -> RowsView | None:
    handed, place = deposit.records, {"person_id": deposit.person_id, "persona_id": deposit.persona_id}
    if handed is None or deposit.state != "waiting":
        return None
    into = handing.target(db, house.secrets, handed.name, client_id=deposit.client_id, **place)
    first = tuple(tuple(handing.as_texts(row)) for row in handed.rows[:FIRST])
    return RowsView(handed.columns, first, into.name if into else None)


def value_part(name: str, deposit: Deposit, attribute: Attribute | None, mine: Value | None) -> Part:
    return Part(
        name,
        attribute.label(str(get_locale())) if attribute else name,
        value_text(deposit.values[name]),
        mine_said(mine) if mine else None,
        is_new=attribute is None,
        is_same=mine is not None and mine.value == deposit.values[name],
    )


def mine_said(mine: Value) -> str:
    return _("locked") if mine.value is None else value_text(mine.value)


def decide(house: House, deposit_id: str) -> Response:
    """Keep what is ticked; the button for nothing keeps nothing."""
    visitor, answer = signed_in(house), request.form.get("answer")
    if answer not in {"keep", "refuse"}:
        abort(400)
    chosen = request.form.getlist("part") if answer == "keep" else []
    if answer == "keep" and not chosen:
        flash(_("Tick what you want to keep, or keep nothing."), "error")
        return redirect(url_for("deposits.index"), 303)
    try:
        house.database.write(decided, house, visitor, deposit_id, chosen)
    except engine.NOT_KEPT as error:
        flash(_("Nothing was kept: %(reason)s", reason=str(error)), "error")
    else:
        flash(_("Kept. Where it came from stands beside it.") if chosen else _("Nothing of it was kept."), "done")
    return redirect(url_for("deposits.index"), 303)


def decided(db: Connection, house: House, visitor: Visitor, deposit_id: str, chosen: list[str]) -> None:
    """Raises UnknownDeposit, also for one of another persona; DepositDecided and engine.NOT_KEPT."""
    found = engine.find(db, house.secrets, deposit_id, person_id=visitor.person_id, persona_id=visitor.persona_id)
    lock_key = presence.lock_key(house, visitor)
    engine.decide(db, house.secrets, found, chosen, lock_key=lock_key, now=house.clock())
    forget_locked(db, house.secrets, found)


def trust(house: House) -> Response:
    """Keep what the vendor of a grant hands over without asking, or ask again."""
    visitor, grant_id, wanted = signed_in(house), request.form.get("grant_id", ""), request.form.get("trust")
    if wanted not in {"yes", "no"}:
        abort(400)
    house.database.write(trusting, house, visitor, grant_id, wanted == "yes")
    flash(_("Saved."), "done")
    on_vendors_page = request.form.get("back") == "vendor"
    where = url_for("sharing.vendor", grant_id=grant_id) if on_vendors_page else url_for("deposits.index")
    return redirect(where, 303)


def trusting(db: Connection, house: House, visitor: Visitor, grant_id: str, wanted: bool) -> None:
    """Raises UnknownGrant, also for a grant of another persona."""
    grant = grants.find(db, grant_id, person_id=visitor.person_id)
    if grant.persona_id != visitor.persona_id:
        raise UnknownGrant("there is no such grant")
    place = {"person_id": grant.person_id, "persona_id": grant.persona_id, "client_id": grant.party.client_id}
    if wanted:
        depositors.trust(db, **place, now=house.clock())
    else:
        depositors.distrust(db, **place)


ROUTES = (
    Route("/deposits", index),
    Route("/deposits/trust", trust, ("POST",)),
    Route("/deposits/<deposit_id>", decide, ("POST",)),
)
