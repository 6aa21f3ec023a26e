"""The pages of a person's own data: see it, write it down, remove it, think of more."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent.grants import vendors_by_attribute
from keys.secrets import HostSecrets
from vendor_api.routing import Route
from wallet.data import engine
from wallet.data.attributes import attributes_of, define_attribute, find_attribute
from wallet.data.catalogue import GROUPS
from wallet.data.errors import BadName, BadValue, ChangedMeanwhile, LockedAway
from wallet.data.forms import NewAttributeForm, ValueForm, value_form
from wallet.data.kinds import typed_text, value_text
from wallet.data.model import Attribute, Change, Value
from wallet.house import House
from wallet.people import presence
from wallet.people.model import Visitor
from wallet.people.next_page import next_page
from wallet.people.visitor import acting, signed_in


@dataclass(frozen=True, slots=True)
class Line:
    """An attribute as the pages show it; `shared_with` counts vendors. A closed one is locked, and not open here."""

    name: str
    label: str
    kind: str
    example: str
    sensitive: bool
    value_text: str | None = None
    set_at: int | None = None
    shared_with: int = 0
    locked: bool = False
    closed: bool = False


def index(house: House) -> str:
    who = signed_in(house)
    attributes = house.database.read(attributes_of, house.secrets, person_id=who.person_id)
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    lock_key = presence.lock_key(house, who)
    values = house.database.read(engine.current_values, house.secrets, **place, lock_key=lock_key)
    vendors = _vendors(house, who)
    lines: dict[str, list[Line]] = {group: [] for group in GROUPS}
    for name, attribute in attributes.items():
        lines[attribute.group].append(_line(attribute, values.get(name), len(vendors.get(name, ()))))
    titles = {group: german if _language() == "de" else english for group, (english, german) in GROUPS.items()}
    groups = [(titles[group], rows) for group, rows in lines.items() if rows]
    return render_template("data/index.html", groups=groups, nav="data")


def attribute(house: House, name: str) -> Response | tuple[str, int]:
    who = acting(house)
    found = house.database.read(find_attribute, house.secrets, person_id=who.person_id, name=name)
    form = value_form(found.kind)()
    status, overtaken = 422 if request.method == "POST" else 200, False
    if form.validate_on_submit():
        try:
            _save(house, who, found, form)
        except BadValue as error:
            form.value.errors.append(str(error))
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
    if _remove(house, who, found):
        flash(_("Removed."), "done")
    return redirect(url_for("data.attribute", name=found.name, persona=_persona()), 303)


def new_attribute(house: House) -> Response | tuple[str, int]:
    who = acting(house)
    form = NewAttributeForm(name=request.args.get("name"))
    if form.validate_on_submit():
        given = {field: form[field].data for field in ("name", "label", "kind", "value")}
        try:
            house.database.write(_define, house.secrets, who, **given, now=house.clock())
        except BadName as error:
            form.name.errors.append(str(error))
        except BadValue as error:
            form.form_errors.append(str(error))
        else:
            flash(_("Saved."), "done")
            return redirect(next_page() or url_for("data.index"), 303)
    return render_template(
        "data/new.html", form=form, next=next_page(), nav="data"
    ), 422 if request.method == "POST" else 200


def _define(
    db: Connection, secrets: HostSecrets, who: Visitor, *, name: str, label: str, kind: str, value: str, now: int
) -> None:
    """The attribute together with its first value, if there is one; or neither."""
    define_attribute(db, secrets, person_id=who.person_id, name=name, label=label, kind=kind, now=now)
    if value.strip():
        place = {"person_id": who.person_id, "persona_id": who.persona_id, "attribute": name}
        engine.set_value(db, secrets, **place, value=value, expected_version=0, lock_key=None, now=now)


def _save(house: House, who: Visitor, attribute: Attribute, form: ValueForm) -> None:
    house.database.write(
        engine.set_value,
        house.secrets,
        person_id=who.person_id,
        persona_id=who.persona_id,
        attribute=attribute.name,
        value=form.value.data,
        expected_version=form.expected_version,
        lock_key=presence.lock_key(house, who),
        now=house.clock(),
    )


def _remove(house: House, who: Visitor, attribute: Attribute) -> bool:
    return house.database.write(
        engine.unset_value,
        person_id=who.person_id,
        persona_id=who.persona_id,
        attribute=attribute.name,
        now=house.clock(),
    )


def attribute_page(
    house: House, who: Visitor, attribute: Attribute, form: ValueForm, *, overtaken: bool = False, wrong: str = ""
) -> str:
    """`wrong` is what was wrong with the password that was typed to lock the value."""
    lock_key = presence.lock_key(house, who)
    current, changes = house.database.read(_now_and_before, house.secrets, who, attribute.name, lock_key)
    if request.method == "GET" and current and current.value is not None:
        form.value.data = typed_text(current.value)
    if request.method == "GET" or overtaken:
        form.version.data = current.version if current else 0
    past = [(_past(change), change.at, change.source) for change in changes]
    return render_template(
        "data/attribute.html",
        attribute=_line(attribute, current),
        locked=any(change.locked for change in changes),
        present=lock_key is not None,
        wrong=wrong,
        here=url_for("data.attribute", name=attribute.name, persona=_persona(), next=next_page()),
        form=form,
        conflict={"value_text": past[0][0], "set_at": past[0][1]} if overtaken and past else None,
        history=past,
        shared_with=_vendors(house, who).get(attribute.name, ()),
        next=next_page(),
        persona_id=_persona(),
        nav="data",
    )


def _now_and_before(
    db: Connection, secrets: HostSecrets, who: Visitor, name: str, lock_key: bytes | None
) -> tuple[Value | None, list[Change]]:
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    current = engine.current_values(db, secrets, **place, attributes=[name], lock_key=lock_key)
    return current.get(name), engine.history(db, secrets, **place, attribute=name, lock_key=lock_key)


def _vendors(house: House, who: Visitor) -> dict[str, tuple[str, ...]]:
    """By attribute, the names of the vendors that may read it."""
    return house.database.read(
        vendors_by_attribute, person_id=who.person_id, persona_id=who.persona_id, now=house.clock()
    )


def _line(attribute: Attribute, value: Value | None = None, shared_with: int = 0) -> Line:
    return Line(
        name=attribute.name,
        label=attribute.label(_language()),
        kind=attribute.kind,
        example=attribute.example,
        sensitive=attribute.is_sensitive,
        value_text=_text(value),
        set_at=value.set_at if value else None,
        shared_with=shared_with,
        locked=bool(value and value.lock),
        closed=bool(value and value.is_closed),
    )


def _text(value: Value | None) -> str | None:
    if value is None:
        return None
    return _("locked") if value.value is None else value_text(value.value)


def _past(change: Change) -> str | None:
    if change.value is not None:
        return value_text(change.value)
    return _("locked") if change.locked else None


def _language() -> str:
    locale = get_locale()
    return str(locale.language) if locale else "en"


def _persona() -> str | None:
    """For links: the persona this page is about, if the request names one."""
    return request.values.get("persona")


ROUTES = (
    Route("/data", index),
    Route("/data/<name>", attribute, ("GET", "POST")),
    Route("/data/<name>/unset", unset, ("POST",)),
    Route("/data/new", new_attribute, ("GET", "POST")),
)
