"""The page of statistics: whether this persona contributes, and exactly what would leave."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent.contact import policies
from consent.contact.model import EVERY
from consent.standing import Whose
from vendor_api.figures.noise import EPSILON, LEAST
from vendor_api.figures.words import age_said, answer_said, question_said
from vendor_api.routing import Route
from wallet.figures import statistics
from wallet.house import House
from wallet.people.visitor import signed_in


def index(house: House) -> str:
    who = whose(house)

    def gathered(db: Connection) -> dict[str, object]:
        place = {"person_id": who.person_id, "persona_id": who.persona_id}
        said = statistics.answers(policies.counting(db, house.secrets, EVERY, EVERY, **place))
        leaves = [(question_said(question), answer_said(answer)) for question, answer in said.items()]
        age = statistics.age_of(db, house, who)
        since, by_age = statistics.contributes(db, who) or (None, False)
        return {"since": since, "by_age": by_age, "leaves": leaves, "age": age and age_said(age)}

    found = house.database.read(gathered)
    return render_template("figures/index.html", nav="wallet", **found, least=LEAST, epsilon=EPSILON)


def contribute(house: House) -> Response:
    by_age = request.form.get("by_age") == "yes"
    house.database.write(statistics.contribute, whose(house), by_age=by_age, now=house.clock())
    flash(_("You contribute from the next count on."), "done")
    return redirect(url_for("figures.index"), 303)


def stop(house: House) -> Response:
    house.database.write(statistics.stop, whose(house))
    flash(_("From the next count on, nothing of you is in it."), "done")
    return redirect(url_for("figures.index"), 303)


def whose(house: House) -> Whose:
    who = signed_in(house)
    return Whose(who.person_id, who.persona_id)


ROUTES = (
    Route("/statistics", index),
    Route("/statistics/contribute", contribute, ("POST",)),
    Route("/statistics/stop", stop, ("POST",)),
)
