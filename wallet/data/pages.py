"""The page of one attribute: see its value and its past, write it down, remove it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import granted
from keys.secrets import HostSecrets
from vendor_api.routing import Route
from vendor_api.vendors import registry
from wallet.data import engine, inheritance
from wallet.data.attributes import attributes_of, find_attribute
from wallet.data.catalogue import EVERYBODYS
from wallet.data.errors import BadValue, ChangedMeanwhile, LockedAway
from wallet.data.forms import ValueForm, value_form
from wallet.data.kinds import read_as, said, typed_here
from wallet.data.known import known_values, summed
from wallet.data.lines import language, line
from wallet.data.model import Attribute, Change, Total, Value
from wallet.data.said import answered_for, came_from, how
from wallet.data.taking_pages import Others, others
from wallet.house import House
from wallet.people import presence
from wallet.people.model import Visitor
from wallet.people.next_page import next_page
from wallet.people.visitor import acting


def attribute(house: House, name: str) -> Response | tuple[str, int]:
    who = acting(house)
    found = house.database.read(find_attribute, house.secrets, person_id=who.person_id, name=name)
    if found.fact:
        return fact_page(house, who, found), 200
    form = value_form(found, language())
    status, overtaken = 422 if request.method == "POST" else 200, False
    if form.validate_on_submit():
        try:
            save(house, who, found, form)
        except BadValue as error:
            form.value.errors = [*form.value.errors, str(error)]
        except LockedAway as error:
            form.form_errors.append(str(error))
            status = error.status
        except ChangedMeanwhile as error:
            status, overtaken = error.status, True
        else:
            flash(_("Saved."), "done")
            return redirect(next_page() or url_for("data.index"), 303)
    return attribute_page(house, who, found, form, overtaken=overtaken), status


def unset(house: House, name: str) -> Response:
    who = acting(house)
    found = house.database.read(find_attribute, house.secrets, person_id=who.person_id, name=name)
    ids: dict[str, Any] = {"person_id": who.person_id, "persona_id": who.persona_id}
    if house.database.write(engine.unset_value, **ids, attribute=found.name, now=house.clock()):
        flash(_("Removed."), "done")
    return redirect(url_for("data.attribute", name=found.name, persona=persona()), 303)


def save(house: House, who: Visitor, attribute: Attribute, form: ValueForm) -> None:
    house.database.write(
        engine.set_value,
        house.secrets,
        person_id=who.person_id,
        persona_id=who.persona_id,
        attribute=attribute.name,
        value=read_as(attribute.kind, form.value.data),
        expected_version=form.expected_version,
        lock_key=presence.lock_key(house, who),
        now=house.clock(),
    )


def attribute_page(
    house: House, who: Visitor, attribute: Attribute, form: ValueForm, *, overtaken: bool = False, wrong: str = ""
) -> str:
    """`wrong` is what was wrong with the password that was typed to lock the value."""
    lock_key = presence.lock_key(house, who)
    current, changes, names = house.database.read(now_and_before, house.secrets, who, attribute.name, lock_key)
    about = house.database.read(others, house, who, attribute.name)
    afresh = request.method == "GET" or bool(wrong)
    if afresh and current and current.value is not None and not current.taken_from:
        form.value.data = typed_here(current.value)
    if afresh or overtaken:
        form.version.data = house.database.read(seen, who, attribute.name)
    past = [past_line(attribute, change, names, about) for change in changes]
    return render_template(
        "data/attribute.html",
        attribute=line(attribute),
        locked=any(change.locked for change in changes),
        present=lock_key is not None,
        wrong=wrong,
        here=url_for("data.attribute", name=attribute.name, persona=persona(), next=next_page()),
        form=form,
        conflict={"value_text": past[0][0], "set_at": past[0][1], "taken_from": past[0][4]}
        if overtaken and past
        else None,
        taken=line(attribute, current) if about.taken_from else None,
        others=about,
        history=past,
        shared_with=vendors(house, who, attribute.name),
        is_own=attribute.name not in EVERYBODYS,
        next=next_page(),
        persona_id=persona(),
        nav="data",
    )


def past_line(
    attribute: Attribute, change: Change, vendors: dict[str, str], about: Others
) -> tuple[str | None, int, str, str | None, str | None]:
    """What stood there, since when, who entered it, who answers for it, and the persona it was taken from."""
    there = change.value is not None or change.locked
    text = said(attribute, change.value, language()) if change.value is not None else _("locked")
    return (
        text if there else None,
        change.at,
        came_from(change.origin, vendors.get(change.origin.reference)),
        answered_for(change.origin) if there else None,
        about.names.get(change.taken_from, _("an erased persona")) if change.taken_from else None,
    )


def fact_page(house: House, who: Visitor, attribute: Attribute) -> str:
    """How a predicate is worked out, what it says today, and who may read it."""
    answers = house.database.read(
        known_values,
        house.secrets,
        person_id=who.person_id,
        persona_id=who.persona_id,
        attributes={attribute.name},
        totals=house.totals,
        lock_key=presence.lock_key(house, who),
        now=house.clock(),
    )
    known = house.database.read(attributes_of, house.secrets, person_id=who.person_id)
    facts = [attribute.fact] if attribute.fact else []
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    about = house.database.read(summed, house.secrets, facts, **place, called=house.called)
    of = attribute.fact.of if attribute.fact else None
    return render_template(
        "data/fact.html",
        attribute=line(attribute, answers.get(attribute.name)),
        how=how(attribute.fact, known, language(), about) if attribute.fact else None,
        data_set_id=of.data_set_id if isinstance(of, Total) else None,
        is_gone=isinstance(of, Total) and not about,
        source=line(known[of]) if isinstance(of, str) and of in known else None,
        shared_with=vendors(house, who, attribute.name),
        is_own=attribute.name not in EVERYBODYS,
        next=next_page(),
        nav="data",
    )


def seen(db: Connection, who: Visitor, name: str) -> int:
    """The version a page shows, of an own value or one that is taken from another persona."""
    return inheritance.seen(db, {"person_id": who.person_id, "persona_id": who.persona_id, "attribute": name})


def now_and_before(
    db: Connection, secrets: HostSecrets, who: Visitor, name: str, lock_key: bytes | None
) -> tuple[Value | None, list[Change], dict[str, str]]:
    """With the names of the vendors that left a value here."""
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    current = engine.current_values(db, secrets, **place, attributes=[name], lock_key=lock_key)
    changes = engine.history(db, secrets, **place, attribute=name, lock_key=lock_key)
    left = {change.origin.reference for change in changes if change.origin.source == "vendor"}
    found = {client_id: registry.find(db, client_id) for client_id in left}
    return (
        current.get(name),
        changes,
        {client_id: str(vendor.metadata["client_name"]) for client_id, vendor in found.items() if vendor},
    )


def vendors(house: House, who: Visitor, name: str) -> tuple[str, ...]:
    """The names of the vendors that may read this."""
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    return house.database.read(granted.readers, name, **place, now=house.clock())


def persona() -> str | None:
    """For links: the persona this page is about, if the request names one."""
    return request.values.get("persona")


ROUTES = (
    Route("/data/<name>", attribute, ("GET", "POST")),
    Route("/data/<name>/unset", unset, ("POST",)),
)
