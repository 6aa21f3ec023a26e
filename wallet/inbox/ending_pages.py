"""Less of it: take a topic back, end a conversation, erase it, or hear nothing more of a vendor."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent import changes, ledger
from consent.errors import GrantEnded, NotGranted
from consent.ledger import Entry
from consent.model import CONTACT
from vendor_api.routing import Route
from wallet.dialogue import closing, engine, erased
from wallet.house import House
from wallet.inbox import views
from wallet.inbox.pages import to_thread
from wallet.people.granted import signs
from wallet.people.visitor import signed_in
from wallet.sharing import rules


def take_back(house: House, thread_id: str) -> Response:
    """The vendor may no longer write about this topic; at once, and without giving a reason."""
    who, topic = signed_in(house), request.form.get("topic", "")

    def work(db: Connection) -> None:
        thread, now = views.own_thread(db, house, who, thread_id), house.clock()
        grant = views.current_grant(db, who, thread.client_id)
        if grant is None:
            raise GrantEnded("it is over")
        place, by = {"person_id": who.person_id}, signs(db, house, grant)
        taken = frozenset({CONTACT + topic})
        changes.narrow(db, house.secrets, grant.grant_id, **place, taken=taken, signs=by, now=now)

    try:
        house.database.write(work)
    except (GrantEnded, NotGranted):
        return said(thread_id, _("It was not allowed to write about that any more."), "error")
    return said(thread_id, _("Taken back. It may no longer write about that."))


def block(house: House, thread_id: str) -> Response:
    who = signed_in(house)

    def work(db: Connection) -> str:
        thread = views.own_thread(db, house, who, thread_id)
        rules.block(db, house, who, thread.client_id, thread.vendor)
        return thread.vendor

    return rules.blocked_said(house.database.write(work))


def close(house: House, thread_id: str) -> Response:
    who = signed_in(house)

    def work(db: Connection) -> None:
        thread, now = views.own_thread(db, house, who, thread_id), house.clock()
        closing.let_go(db, thread, now=now)
        engine.close(db, thread, now=now)
        engine.mark_read(db, thread, now=now)

    house.database.write(work)
    return said(thread_id, _("Ended. Nobody can add anything to this conversation."))


def erase(house: House, thread_id: str) -> Response | str:
    """Asks once; the second time it is done, and its key is destroyed."""
    who = signed_in(house)
    if request.form.get("sure") != "yes":
        thread = house.database.read(views.own_thread, house, who, thread_id)
        return render_template("inbox/erase.html", nav="inbox", thread=thread)

    def work(db: Connection) -> None:
        thread, now = views.own_thread(db, house, who, thread_id), house.clock()
        closing.let_go(db, thread, now=now)
        erased.erase(db, thread)
        entry = Entry("erased", thread.client_id, detail={"thread": True, "vendor": thread.vendor})
        ledger.write(db, house.secrets.ledger, entry, person_id=who.person_id, now=now)

    house.database.write(work)
    flash(_("Erased. Nothing of it opens any more, in no backup either."), "done")
    return redirect(url_for("inbox.index"), 303)


def said(thread_id: str, sentence: str, tone: str = "done") -> Response:
    flash(sentence, tone)
    return to_thread(thread_id)


ROUTES = (
    Route("/inbox/<thread_id>/take-back", take_back, ("POST",)),
    Route("/inbox/<thread_id>/block", block, ("POST",)),
    Route("/inbox/<thread_id>/close", close, ("POST",)),
    Route("/inbox/<thread_id>/erase", erase, ("POST",)),
)
