"""The page on which a person makes a fact out of a data set: what a column comes to in some time, more or less than."""

from flask import redirect, render_template, request, url_for
from werkzeug import Response

from vendor_api.routing import Route
from wallet.data.attributes import attributes_of, check_new_name
from wallet.data.definitions import check_fact
from wallet.data.errors import BadName, BadValue
from wallet.data.figures import number
from wallet.data.forms import NewTotalFactForm
from wallet.data.model import Fact, Total
from wallet.data.own_pages import keep_fact, today
from wallet.data.said import periods, signs
from wallet.house import House
from wallet.languages import read_here
from wallet.people.visitor import signed_in
from wallet.records.model import DataSet
from wallet.records.pages import of_visitor


def new_fact(house: House, data_set_id: str) -> Response | tuple[str, int]:
    """One button shows what it would say today, the other one keeps it."""
    who = signed_in(house)
    found = of_visitor(house, who, data_set_id)
    form, preview = filled(found), None
    if form.validate_on_submit():
        try:
            fact = typed_fact(found, form)
            known = house.database.read(attributes_of, house.secrets, person_id=who.person_id)
            check_new_name(form.name.data, others=known)
            preview = today(house, who, known, fact)
            if "preview" not in request.form:
                keep_fact(house, who, form, fact)
                return redirect(url_for("data.attribute", name=form.name.data), 303)
        except BadName as error:
            form.name.errors = [*form.name.errors, str(error)]
        except BadValue as error:
            form.than.errors = [*form.than.errors, str(error)]
    page = render_template("records/new_fact.html", data_set=found, form=form, preview=preview, nav="data")
    return page, 422 if form.errors else 200


def filled(found: DataSet) -> NewTotalFactForm:
    """What there is to choose from, with at least this year as what is thought of first."""
    shape = found.shape
    form = NewTotalFactForm(comparison=">=", period="this_year")
    form.of.choices = [shape.columns[place].name for place in shape.numeric] if shape.date is not None else []
    form.period.choices = list(periods().items())
    form.comparison.choices = list(signs().items())
    return form


def typed_fact(found: DataSet, form: NewTotalFactForm) -> Fact:
    """Raises BadValue."""
    total = Total(found.data_set_id, form.of.data or "", form.period.data or "")
    fact = Fact(total, form.comparison.data or "", number(read_here(form.than.data)))
    check_fact(fact, None, columns=form.of.choices)
    return fact


ROUTES = (Route("/records/<data_set_id>/fact", new_fact, ("GET", "POST")),)
