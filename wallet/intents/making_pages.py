"""The pages on which a person says what they look for, sees what would leave, and sends it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection, select
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from consent import grants
from consent.terms import standing
from vendor_api.intents.branches import BRANCHES
from vendor_api.intents.tables import intent_followers
from vendor_api.routing import Route
from wallet.house import House
from wallet.intents import engine, publishing
from wallet.intents.errors import BadIntent, IntentChanged
from wallet.intents.forms import LONGEST_DAYS, ROWS, Choices, typed
from wallet.intents.model import NUMBER, SEEK, Draft, Intent
from wallet.intents.shown import names_of
from wallet.intents.told import facts_of, told_of
from wallet.intents.words import COMPARISONS, KINDS, REGIONS
from wallet.languages import language, typed_figure
from wallet.people.model import Visitor
from wallet.people.visitor import signed_in
from wallet.sharing.agreements import agreement_view

MOST_VENDORS = 100
AGREEMENTS = ("SD-BASE", "SD-BASE-DP", "PDC-INTENT")
USUAL_DAYS = 7


def new(house: House) -> Response | tuple[str, int] | str:
    return asked(house, signed_in(house), None)


def edit(house: House, intent_id: str) -> Response | tuple[str, int] | str:
    who = signed_in(house)
    intent = house.database.read(engine.find, house.secrets, intent_id, **place_of(who))
    if intent.state != "draft":
        return redirect(url_for("intents.show", intent_id=intent_id), 303)
    return asked(house, who, intent)


def place_of(who: Visitor) -> dict[str, Any]:
    return {"person_id": who.person_id, "persona_id": who.persona_id}


def asked(house: House, who: Visitor, intent: Intent | None) -> Response | tuple[str, int] | str:
    choices, mine = house.database.read(offered, house, who, intent)
    terms = list(dict.fromkeys([*mine, *AGREEMENTS]))
    if request.method == "GET":
        given = as_typed(intent.draft) if intent else beginning(mine, now=house.clock())
        return form(given, choices, terms, intent)
    try:
        draft = typed(request.form, choices, now=house.clock())
        kept = house.database.write(keep, house, who, intent, draft)
    except BadIntent as error:
        return form(request.form, choices, terms, intent, wrong=str(error)), error.status
    return redirect(url_for("intents.show", intent_id=kept), 303)


def keep(db: Connection, house: House, who: Visitor, intent: Intent | None, draft: Draft) -> str:
    """A draft. Raises IntentChanged."""
    now = house.clock()
    told = told_of(db, house, draft, **place_of(who), language=language(), now=now)
    if intent is None:
        return engine.make(db, house.secrets, draft, told, **place_of(who), now=now).intent_id
    engine.change(db, intent, draft, told, expected_version=seen("version"))
    return intent.intent_id


def seen(name: str) -> int:
    """A number that a page was made with."""
    given = request.form.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else -1


def offered(db: Connection, house: House, who: Visitor, intent: Intent | None) -> tuple[Choices, list[str]]:
    """Vendors that may read something, and those that want to hear of intents; and the person's standing terms."""
    found = grants.newest(db, **place_of(who), live=True, limit=MOST_VENDORS, now=house.clock())
    there = intent_followers.c.client_id
    following = db.execute(select(there).distinct().order_by(there).limit(MOST_VENDORS)).scalars().all()
    known = [one.party.client_id for one in found]
    vendors = names_of(db, [*known, *following, *(intent.draft.to if intent else ())])
    mine = standing.of_persona(db, **place_of(who)).get(standing.EVERY)
    return Choices(vendors, facts_of(db, house, person_id=who.person_id)), list(mine.agreements if mine else ())


def form(given: MultiDict[str, str], choices: Choices, terms: list[str], intent: Intent | None, **more: object) -> str:
    facts = {name: one.label(language()) for name, one in choices.facts.items()}
    page: dict[str, Any] = {"given": given, "vendors": choices.vendors, "facts": facts, "intent": intent}
    page |= {"terms": [agreement_view(name) for name in terms], "branches": BRANCHES, "rows": range(1, ROWS + 1)}
    words: dict[str, Any] = {"said_kinds": KINDS}
    words |= {"comparisons": COMPARISONS, "regions": REGIONS, "days": LONGEST_DAYS}
    return render_template("intents/form.html", **page, **words, **more, nav="wallet")


def beginning(terms: list[str], *, now: int) -> MultiDict[str, str]:
    """What is thought of first: everybody in the branch may answer for a week, under the person's standing terms."""
    until = datetime.fromtimestamp(now, UTC).date() + timedelta(days=USUAL_DAYS)
    given = MultiDict({"branch": "energy", "everybody": "yes", "until": until.isoformat(), "region": "", "kind": SEEK})
    given.update({"comparison_1": "<=", "comparison_2": "="})
    given.setlist("terms", terms)
    return given


def as_typed(draft: Draft) -> MultiDict[str, str]:
    given = MultiDict({"branch": draft.branch, "text": draft.text, "more": draft.more, "region": draft.region})
    given["kind"] = draft.kind
    given["until"] = datetime.fromtimestamp(draft.deadline - 1, UTC).date().isoformat()
    given["everybody"] = "yes" if draft.everybody else ""
    for name, values in (("facts", draft.facts), ("terms", draft.terms), ("to", draft.to)):
        given.setlist(name, list(values))
    for one in draft.conditions:
        value = {"yes": _("yes"), "no": _("no")}.get(one.value, one.value) if one.kind == "boolean" else one.value
        value = typed_figure(Decimal(value)) if one.kind == NUMBER else value
        said = {"label": one.label, "comparison": one.comparison, "value": value, "unit": one.unit}
        given.update({f"{name}_{one.id}": text for name, text in said.items()})
    return given


def send(house: House, intent_id: str) -> Response:
    """Just what the person saw: where an answer of theirs has become another one, they see it first."""
    who, version = signed_in(house), seen("version")

    def work(db: Connection) -> bool:
        intent, now = engine.find(db, house.secrets, intent_id, **place_of(who)), house.clock()
        told = told_of(db, house, intent.draft, **place_of(who), language=language(), now=now)
        if intent.state == "draft" and intent.version == version and told != intent.told:
            engine.change(db, intent, intent.draft, told, expected_version=version)
            return False
        publishing.send(db, intent, version=version, now=now)
        return True

    try:
        if house.database.write(work):
            flash(_("It goes out at the next quarter hour, together with those of others."), "done")
        else:
            flash(_("One of your answers is another one by now. Look at it and send it again."), "error")
    except (BadIntent, IntentChanged) as error:
        flash(str(error), "error")
    return redirect(url_for("intents.show", intent_id=intent_id), 303)


ROUTES = (
    Route("/intents/new", new, ("GET", "POST")),
    Route("/intents/<intent_id>/change", edit, ("GET", "POST")),
    Route("/intents/<intent_id>/send", send, ("POST",)),
)
