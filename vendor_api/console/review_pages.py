"""Reviews: what people say of this organisation in public, and its one answer to each."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.console.errors import NotYours
from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.roles import AGENT, READ_ONLY
from vendor_api.console.said import went
from vendor_api.desk import directory
from vendor_api.desk.errors import UnknownContactPerson
from vendor_api.errors import VendorApiError
from vendor_api.host import Host
from vendor_api.reviews import answering, published
from vendor_api.reviews.errors import AnsweredBefore, UnknownReview
from vendor_api.texts import readable


def reviews(host: Host, member: Member) -> str:
    return shown(host, member)


def shown(host: Host, member: Member, public_id: str = "", refused: str = "") -> str:
    """A page of them, with what was typed where it could not be taken."""
    given = request.args.get("before", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None

    def gathered(db: Connection) -> dict[str, Any]:
        found = published.of_vendor(db, host.secrets, member.client_id, before=before)
        return {
            "reviews": found,
            "older": found[-1].number if len(found) == published.PAGE else None,
            "figures": published.figures(db, member.client_id),
            "people": directory.directory(db, host.secrets, client_id=member.client_id),
        }

    typed = (refused and public_id, request.form.get("text", ""), request.form.get("author", ""))
    more = {"refused": refused, "typed": typed, "longest": answering.LONGEST}
    return render_template("console/reviews.html", **host.read(gathered), **more)


def answer_review(host: Host, member: Member, public_id: str) -> Response | tuple[str, int]:
    said = {"author": request.form.get("author", ""), "text": readable(request.form.get("text", ""))}
    ids = {"client_id": member.client_id, "public_id": public_id}
    try:
        host.write(answering.answer, host.secrets, **ids, **said, now=host.now())
    except UnknownReview:
        raise NotYours from None
    except VendorApiError as error:
        return shown(host, member, public_id, refusal(error)), error.status
    return went("reviews", "saved")


def refusal(error: VendorApiError) -> str:
    if isinstance(error, AnsweredBefore):
        return _("Somebody was quicker: this review has its answer, and there is one alone.")
    if isinstance(error, UnknownContactPerson):
        return _("Choose somebody of your people on duty.")
    return _("Write an answer, of at most %(longest)s characters.", longest=answering.LONGEST)


ROUTES = (
    ConsoleRoute("/console/reviews", reviews, READ_ONLY),
    ConsoleRoute("/console/reviews/<public_id>/answer", answer_review, AGENT, ("POST",)),
)
