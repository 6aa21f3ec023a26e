"""The pages on which a person thinks of attributes and facts, changes what they are, and removes them."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from keys.secrets import HostSecrets
from vendor_api.routing import Route
from wallet.data import engine
from wallet.data.attributes import attributes_of, check_new_name, define_attribute
from wallet.data.definitions import COMPARABLE, Details, check_fact
from wallet.data.errors import BadName, BadValue, DefinitionChanged, InUse
from wallet.data.forms import ChangeForm, NewAttributeForm, NewFactForm
from wallet.data.kinds import check_value, read_as, said, typed_here
from wallet.data.known import summed, worked_out
from wallet.data.lines import language, line
from wallet.data.model import Attribute, Fact, Total, Value
from wallet.data.redefining import change_attribute, definition_of, remove_attribute
from wallet.data.said import how, signs
from wallet.house import House, Summed
from wallet.people import presence
from wallet.people.model import Visitor
from wallet.people.next_page import next_page
from wallet.people.visitor import acting, signed_in


def new_attribute(house: House) -> Response | tuple[str, int]:
    who = acting(house)
    form = NewAttributeForm(name=request.args.get("name"))
    if form.validate_on_submit():
        given = {field: form[field].data or "" for field in ("name", "label", "kind", "value")}
        given["value"] = read_as(given["kind"], given["value"])
        try:
            details = form.details(form.kind.data)
            house.database.write(define, house.secrets, who, **given, details=details, now=house.clock())
        except BadName as error:
            form.name.errors = [*form.name.errors, str(error)]
        except BadValue as error:
            form.form_errors.append(str(error))
        else:
            flash(_("Saved."), "done")
            return redirect(next_page() or url_for("data.index"), 303)
    page = render_template("data/new.html", form=form, next=next_page(), nav="data")
    return page, 422 if request.method == "POST" else 200


def define(
    db: Connection,
    secrets: HostSecrets,
    who: Visitor,
    *,
    name: str,
    label: str,
    kind: str,
    value: str,
    details: Details,
    now: int,
) -> None:
    """The attribute together with its first value, if there is one; or neither."""
    person: dict[str, Any] = {"person_id": who.person_id}
    define_attribute(db, secrets, **person, name=name, label=label, kind=kind, details=details, now=now)
    if value.strip():
        what: dict[str, Any] = {"persona_id": who.persona_id, "attribute": name, "value": value}
        engine.set_value(db, secrets, **person, **what, expected_version=0, now=now)


def change(house: House, name: str) -> Response | tuple[str, int]:
    """Label, unit, limits and description of an attribute of the person's own."""
    who = signed_in(house)
    found, mark = house.database.read(definition_of, house.secrets, person_id=who.person_id, name=name)
    form, status, overtaken = ChangeForm(data=as_typed(found, mark)), 422 if request.method == "POST" else 200, False
    if form.validate_on_submit():
        try:
            details = form.details(found.kind)
            given = {"name": name, "seen": form.seen.data or "", "label": form.label.data, "details": details}
            house.database.write(change_attribute, house.secrets, person_id=who.person_id, **given)
        except BadValue as error:
            form.form_errors.append(str(error))
        except DefinitionChanged as error:
            status, overtaken, form.seen.data = error.status, True, mark
        else:
            flash(_("Saved."), "done")
            return redirect(url_for("data.attribute", name=name), 303)
    there = as_typed(found, mark) if overtaken else None
    page = render_template("data/change.html", form=form, attribute=line(found), there=there, nav="data")
    return page, status


def as_typed(found: Attribute, mark: str) -> dict[str, str]:
    limits = {"least": found.least, "most": found.most}
    return {
        "seen": mark,
        "label": found.label_en,
        "unit": found.unit,
        "choices": "\n".join(choice.value for choice in found.choices),
        "description": found.description,
        **{name: "" if limit is None else typed_here(limit) for name, limit in limits.items()},
    }


def remove(house: House, name: str) -> Response:
    who = signed_in(house)
    try:
        house.database.write(remove_attribute, house.secrets, person_id=who.person_id, name=name, now=house.clock())
    except InUse as error:
        flash(str(error), "error")
        return redirect(url_for("data.attribute", name=name), 303)
    flash(_("Removed, with its history."), "done")
    return redirect(url_for("data.index"), 303)


def new_fact(house: House) -> Response | tuple[str, int]:
    """Define a predicate; one button shows what it would say today, the other one keeps it."""
    who = acting(house)
    known = house.database.read(attributes_of, house.secrets, person_id=who.person_id)
    form, preview = NewFactForm(of=request.args.get("of"), name=request.args.get("name")), None
    form.of.choices = [(name, one.label(language())) for name, one in known.items() if comparable(one)]
    form.comparison.choices = list(signs().items())
    if form.validate_on_submit():
        try:
            fact = typed_fact(known, of=form.of.data, comparison=form.comparison.data, than=form.than.data)
            check_new_name(form.name.data, others=known)
            preview = today(house, who, known, fact)
            if "preview" not in request.form:
                keep_fact(house, who, form, fact)
                return redirect(next_page() or url_for("data.attribute", name=form.name.data), 303)
        except BadName as error:
            form.name.errors = [*form.name.errors, str(error)]
        except BadValue as error:
            form.than.errors = [*form.than.errors, str(error)]
    page = render_template("data/new_fact.html", form=form, preview=preview, next=next_page(), nav="data")
    return page, 422 if form.errors else 200


def keep_fact(house: House, who: Visitor, form: NewFactForm, fact: Fact) -> None:
    """Raises BadName, BadValue."""
    given = {"name": form.name.data, "label": form.label.data, "kind": "boolean"}
    what: dict[str, Any] = {**given, "details": Details(fact=fact), "now": house.clock()}
    house.database.write(define_attribute, house.secrets, person_id=who.person_id, **what)
    flash(_("Saved."), "done")


def comparable(attribute: Attribute) -> bool:
    return attribute.kind in COMPARABLE and attribute.fact is None


def typed_fact(known: dict[str, Attribute], *, of: str, comparison: str, than: str) -> Fact:
    """Raises BadValue."""
    source = known.get(of)
    than = read_as(source.kind, than) if source else than
    check_fact(Fact(of, comparison, than), source)
    if source is None or source.kind != "choice":
        return Fact(of, comparison, check_value(source.kind if source else "text", than))
    for choice in source.choices:
        if than.strip().casefold() in {choice.value.casefold(), choice.label(language()).casefold()}:
            return Fact(of, comparison, choice.value)
    raise BadValue(_("Choose one of: %(choices)s.", choices=", ".join(one.label(language()) for one in source.choices)))


def today(house: House, who: Visitor, known: dict[str, Attribute], fact: Fact) -> tuple[str, str | None]:
    """How it follows, and what it says."""
    answer, about = house.database.read(answer_now, house, who, fact)
    if answer is None:
        return how(fact, known, language(), about), None
    text = _("locked") if answer.value is None else said(None, answer.value, language())
    return how(fact, known, language(), about), text


def answer_now(db: Connection, house: House, who: Visitor, fact: Fact) -> tuple[Value | None, dict[Total, Summed]]:
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    values = engine.current_values(db, house.secrets, **place, lock_key=presence.lock_key(house, who))
    found = worked_out(db, house.secrets, {"": fact}, values, **place, totals=house.totals, now=house.clock())
    return found.get(""), summed(db, house.secrets, [fact], **place, called=house.called)


ROUTES = (
    Route("/data/new", new_attribute, ("GET", "POST")),
    Route("/data/new-fact", new_fact, ("GET", "POST")),
    Route("/data/<name>/change", change, ("GET", "POST")),
    Route("/data/<name>/remove", remove, ("POST",)),
)
