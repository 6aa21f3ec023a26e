"""The pages on which a trigger is made or changed: whom it tells and when, tried on the past before it is kept."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from consent import events, grants
from consent.model import Grant
from vendor_api.routing import Route
from vendor_api.vendors import registry, topics
from wallet.house import House
from wallet.languages import language, typed_figure
from wallet.people.granted import own_grant
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.triggers import engine
from wallet.triggers.dates import EVERY
from wallet.triggers.errors import BadTrigger
from wallet.triggers.forms import typed
from wallet.triggers.model import Draft, Level, Reach, Trigger, as_json
from wallet.triggers.offers import Offer, offered
from wallet.triggers.pages import newest_grant, own, trial
from wallet.triggers.words import COMPARISONS, KINDS, MEASURES, PERIODS, UNITS, condition_text

MOST_VENDORS = 200


def new(house: House) -> Response | tuple[str, int] | str:
    """First whom and what; then the rest, with one button that tries it and one that keeps it."""
    who, kind = signed_in(house), request.values.get("kind", "")
    grant_id = request.values.get("grant", "")
    if kind not in KINDS or not grant_id:
        found = house.database.read(_vendors, who, now=house.clock())
        return render_template("triggers/begin.html", vendors=found, kinds=KINDS, kind=kind, nav="wallet")
    grant = house.database.read(own_grant, who, grant_id)
    return _asked(house, who, grant, kind, None)


def edit(house: House, trigger_id: str) -> Response | tuple[str, int] | str:
    who = signed_in(house)
    trigger, grant = house.database.read(_its_own, house, who, trigger_id)
    if grant is None:
        flash(_("This vendor may not read anything of you any more, so the trigger can not be changed."), "error")
        return redirect(url_for("triggers.show", trigger_id=trigger_id), 303)
    return _asked(house, who, grant, as_json(trigger.draft.condition)["kind"], trigger)


def _its_own(db: Connection, house: House, who: Visitor, trigger_id: str) -> tuple[Trigger, Grant | None]:
    trigger = own(db, house, who, trigger_id)
    found = newest_grant(db, who, trigger.client_id)
    return trigger, found if found and found.is_live(house.clock()) else None


def _vendors(db: Connection, who: Visitor, *, now: int) -> list[Grant]:
    """Those that may speak about something."""
    found = grants.newest(
        db, person_id=who.person_id, persona_id=who.persona_id, live=True, limit=MOST_VENDORS, now=now
    )
    return [grant for grant in found if grant.topics]


def _asked(
    house: House, who: Visitor, grant: Grant, kind: str, trigger: Trigger | None
) -> Response | tuple[str, int] | str:
    offer = house.database.read(offered, house, grant, kind, language())
    given = request.form if request.method == "POST" else as_typed(trigger)
    if request.method == "GET":
        return _form(house, grant, kind, offer, given, trigger=trigger)
    try:
        draft = typed(kind, request.form, offer, grant)
        if "try" in request.form:
            shown = house.database.read(trial, house, who, draft)
            when = condition_text(draft.condition, offer.names)
            return _form(house, grant, kind, offer, given, trigger=trigger, trial=shown, when=when)
        trigger_id = _keep(house, grant, draft, trigger)
    except BadTrigger as error:
        return _form(house, grant, kind, offer, given, trigger=trigger, wrong=str(error)), error.status
    flash(_("Saved."), "done")
    return redirect(url_for("triggers.show", trigger_id=trigger_id), 303)


def _keep(house: House, grant: Grant, draft: Draft, trigger: Trigger | None) -> str:
    """Raises BadTrigger, TriggerChanged."""
    if trigger is None:
        return house.database.write(engine.make, house.secrets, grant, draft, now=house.clock()).trigger_id
    version = request.form.get("version", "")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    house.database.write(engine.change, trigger, draft, expected_version=seen)
    return trigger.trigger_id


def _form(
    house: House,
    grant: Grant,
    kind: str,
    offer: Offer,
    given: Mapping[str, Any],
    *,
    trigger: Trigger | None,
    **more: object,
) -> str:
    listens, named = house.database.read(_about, grant)
    page = {"grant": grant, "kind": kind, "offer": offer, "given": given, "trigger": trigger, "topics": named}
    words = {"kinds": KINDS, "measures": MEASURES, "comparisons": COMPARISONS, "periods": PERIODS, "units": UNITS}
    return render_template("triggers/form.html", **page, **words, **more, every=EVERY, listens=listens, nav="wallet")


def _about(db: Connection, grant: Grant) -> tuple[bool, dict[str, str]]:
    """Whether this vendor hears of it by itself, and the topics it is allowed, by what it calls them."""
    vendor = registry.find(db, grant.party.client_id)
    metadata = vendor.metadata if vendor else {}
    named = {topic: topics.name_of(metadata, topic, language()) for topic in grant.topics}
    return events.listens(db, events.about(grant), events.FIRED), named


def as_typed(trigger: Trigger | None) -> MultiDict[str, str]:
    """A form filled in with what there is, or with what is thought of first."""
    given = MultiDict({"of": request.args.get("of", ""), "days": "14", "measure": "total", "every": "year"})
    given.update({"comparison": ">=", "span": "3", "span_unit": "month", "mode": "own", "months": "12"})
    if trigger is None:
        return given
    draft, condition = trigger.draft, trigger.draft.condition
    said = as_json(condition)
    given = MultiDict({"name": draft.name, "topic": draft.topic, "channel": draft.channel, "mode": draft.mode})
    given.setlist("released", list(draft.released))
    given["days"] = str(draft.days)
    for part in ("measure", "comparison", "unit"):
        given[part] = said.get(part, "")
    if isinstance(condition, Reach | Level):
        every = condition.every
        given["amount"] = typed_figure(condition.amount)
        given["every"], given["months"] = every.unit, str(every.months)
        given["begins"] = every.begins.isoformat() if every.begins else ""
    if "span" in said:
        given["span"], given["span_unit"] = str(said["span"]["value"]), said["span"]["unit"]
    given["of"] = said.get("attribute") or said.get("data_set_id", "")
    given["column"] = said.get("column", "")
    return given


ROUTES = (
    Route("/triggers/new", new, ("GET", "POST")),
    Route("/triggers/<trigger_id>/change", edit, ("GET", "POST")),
)
