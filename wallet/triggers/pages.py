"""The pages of triggers: which there are, what became of each, pause and delete."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection, func, select
from werkzeug import Response

from consent import events, grants
from consent.contact.tables import contacts
from consent.model import Grant
from consent.tables import grants as all_grants
from consent.tables import outbox
from vendor_api.routing import Route
from wallet.data import engine as values
from wallet.data.attributes import attributes_of
from wallet.data.model import Change
from wallet.house import House
from wallet.languages import language
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.records.engine import of_persona
from wallet.triggers import engine, firing, waiting
from wallet.triggers.hindrances import MISSED, RESTORED, hindrance
from wallet.triggers.model import Draft, Firing, Reach, Silence, Trigger
from wallet.triggers.sources import Sources
from wallet.triggers.tables import firings
from wallet.triggers.trial import Trial, tried
from wallet.triggers.words import REASONS, WAITS, amount_text, condition_text

STEP = 50


@dataclass(frozen=True, slots=True)
class Happened:
    """A firing as the page tells it."""

    period: str
    at: int
    reason: str
    is_waiting: bool
    can_be_told: bool
    kept_since: int | None
    observed: str = field(repr=False)
    released: list[tuple[str, str]] = field(repr=False)
    acknowledged_at: int | None
    spoke_at: int | None
    until: int
    is_over: bool


def index(house: House) -> str:
    who = signed_in(house)
    skipped = request.args.get("from", "0")
    skip = int(skipped) if skipped.isascii() and skipped.isdigit() and len(skipped) < 6 else 0
    found = house.database.read(_listed, house, who, request.args.get("vendor"), skip)
    return render_template("triggers/index.html", **found, nav="wallet", skip=skip, step=STEP)


def _listed(db: Connection, house: House, who: Visitor, client_id: str | None, skip: int) -> dict[str, object]:
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    some = engine.of_persona(db, house.secrets, **place, client_id=client_id, skip=skip, limit=STEP)
    names = vendor_names(db, who, {one.client_id for one in some})
    labels = labels_of(db, house, who)
    return {
        "triggers": [
            (one, names.get(one.client_id, one.client_id), condition_text(one.draft.condition, labels)) for one in some
        ],
        "count": engine.count(db, **place),
    }


def vendor_names(db: Connection, who: Visitor, client_ids: set[str]) -> Mapping[str, str]:
    found = {}
    for client_id in client_ids:
        grant = newest_grant(db, who, client_id)
        if grant is not None:
            found[client_id] = grant.party.name
    return found


def newest_grant(db: Connection, who: Visitor, client_id: str) -> Grant | None:
    """The one that counts, or the last that did."""
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    current = grants.find_current(db, **place, client_id=client_id)
    if current is not None:
        return current[0]
    table = all_grants.c
    mine = (table.person_id == who.person_id, table.persona_id == who.persona_id, table.client_id == client_id)
    row = db.execute(grants.SELECT.where(*mine).order_by(*grants.NEWEST_FIRST).limit(1)).one_or_none()
    return grants.grant_from(row) if row else None


def labels_of(db: Connection, house: House, who: Visitor) -> Mapping[str, str]:
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    attributes = attributes_of(db, house.secrets, person_id=who.person_id)
    sets = of_persona(db, house.secrets, **place)
    return {name: one.label(language()) for name, one in attributes.items()} | {
        one.data_set_id: one.name for one in sets
    }


def show(house: House, trigger_id: str) -> str:
    found = house.database.read(_page, house, signed_in(house), trigger_id)
    return render_template("triggers/trigger.html", **found, nav="wallet")


def _page(db: Connection, house: House, who: Visitor, trigger_id: str) -> dict[str, object]:
    trigger, now = own(db, house, who, trigger_id), house.clock()
    labels, grant = labels_of(db, house, who), newest_grant(db, who, trigger.client_id)
    stop = hindrance(db, house.secrets, trigger, firing.grant_of(db, trigger), now=now)
    listens = grant is not None and events.listens(db, events.about(grant), events.FIRED)
    return {
        "trigger": trigger,
        "vendor": grant.party.name if grant else trigger.client_id,
        "grant": grant,
        "when": condition_text(trigger.draft.condition, labels),
        "released": [labels.get(name, name) for name in trigger.draft.released],
        "happened": happened(db, trigger, labels, now=now),
        "trial": trial(db, house, who, trigger.draft),
        "hindrance": (REASONS | WAITS).get(stop.reason) if stop else None,
        "listens": listens,
    }


def trial(db: Connection, house: House, who: Visitor, draft: Draft) -> Trial:
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    condition, past = draft.condition, list[Change]()
    if not isinstance(condition, Reach | Silence):
        past = values.history(db, house.secrets, **place, attribute=condition.attribute, lock_key=None)
    return tried(condition, Sources(db, house.secrets, **place), past, now=house.clock())


def happened(db: Connection, trigger: Trigger, labels: Mapping[str, str], *, now: int) -> list[Happened]:
    found = engine.firings_of(db, trigger)
    heard = heard_at(db, trigger)
    return [told(db, trigger, one, labels, heard.get(one.period), now=now) for one in found]


def heard_at(db: Connection, trigger: Trigger) -> dict[str, int | None]:
    """When the vendor confirmed, by period: at its stream, or by coming for it."""
    row = firings.c
    message = (outbox.c.person_id == row.person_id) & (outbox.c.telling_id == row.telling_id)
    at = func.coalesce(row.acknowledged_at, outbox.c.confirmed_at)
    mine = (row.person_id == trigger.person_id, row.trigger_id == trigger.trigger_id)
    return dict(db.execute(select(row.period, at).outerjoin(outbox, message).where(*mine)).all())


def told(
    db: Connection, trigger: Trigger, one: Firing, labels: Mapping[str, str], heard: int | None, *, now: int
) -> Happened:
    said, spoke = one.said, spoke_at(db, trigger, one) if one.state == "told" else None
    observed = amount_text(Decimal(said["observed"]), said["unit"]) if said["unit"] else said["observed"]
    return Happened(
        period=one.period,
        at=one.fired_at,
        reason=str((REASONS | WAITS).get(said["reason"], "")),
        is_waiting=one.state == "waiting",
        can_be_told=one.state == "held" and said["reason"] in {RESTORED, MISSED},
        kept_since=said.get("kept_since"),
        observed=observed,
        released=[(labels.get(name, name), str(value)) for name, value in said["released"].items()],
        acknowledged_at=heard,
        spoke_at=spoke,
        until=one.until,
        is_over=one.state == "told" and spoke is None and now >= one.until,
    )


def spoke_at(db: Connection, trigger: Trigger, one: Firing) -> int | None:
    """When the vendor first spoke about the topic after it was told."""
    row = contacts.c
    mine = (row.person_id == trigger.person_id, row.persona_id == trigger.persona_id)
    of = (row.client_id == trigger.client_id, row.topic == one.said["topic"])
    found = select(func.min(row.at)).where(*mine, *of, row.at >= one.fired_at, row.at < one.until)
    first: int | None = db.execute(found).scalar_one()
    return first


def own(db: Connection, house: House, who: Visitor, trigger_id: str) -> Trigger:
    return engine.find(db, house.secrets, trigger_id, person_id=who.person_id, persona_id=who.persona_id)


def pause(house: House, trigger_id: str) -> Response:
    return change(house, trigger_id, "pause", _("Paused. Nothing is told until you let it go on."))


def resume(house: House, trigger_id: str) -> Response:
    return change(house, trigger_id, "resume", _("It looks again from now on."))


def change(house: House, trigger_id: str, what: str, said: str) -> Response:
    who = signed_in(house)

    def work(db: Connection) -> None:
        found = own(db, house, who, trigger_id)
        (engine.pause if what == "pause" else engine.resume)(db, found)

    house.database.write(work)
    flash(said, "done")
    return redirect(url_for("triggers.show", trigger_id=trigger_id), 303)


def delete(house: House, trigger_id: str) -> Response | str:
    """Asks once; the second time it is done."""
    who = signed_in(house)
    found = house.database.read(own, house, who, trigger_id)
    if request.form.get("sure") != "yes":
        return render_template("triggers/delete.html", trigger=found, nav="wallet")
    house.database.write(engine.forget, found)
    flash(_("Deleted."), "done")
    return redirect(url_for("triggers.index"), 303)


def tell(house: House, trigger_id: str, period: str) -> Response:
    """A firing that was held, because the wallet was put back from a backup, or the person had wanted peace."""
    who = signed_in(house)

    def work(db: Connection) -> bool:
        trigger = own(db, house, who, trigger_id)
        return waiting.tell_after_all(db, house, trigger, period, now=house.clock())

    done = house.database.write(work)
    said = _("The vendor is told now.") if done else _("It can not be told at present.")
    flash(said, "done" if done else "error")
    return redirect(url_for("triggers.show", trigger_id=trigger_id), 303)


ROUTES = (
    Route("/triggers", index),
    Route("/triggers/<trigger_id>", show),
    Route("/triggers/<trigger_id>/pause", pause, ("POST",)),
    Route("/triggers/<trigger_id>/resume", resume, ("POST",)),
    Route("/triggers/<trigger_id>/delete", delete, ("POST",)),
    Route("/triggers/<trigger_id>/firings/<period>/tell", tell, ("POST",)),
)
