"""The pages for who forgot their password: the words, then a new password, then what has happened."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response

from vendor_api.routing import Route
from wallet.house import House
from wallet.people import entrance, locking, presence
from wallet.people.errors import TooManyAttempts
from wallet.people.next_page import next_page
from wallet.people.recovery import carried, engine, recovering
from wallet.people.recovery.errors import BadWords, WrongWords
from wallet.people.recovery.forms import AfterRecoveryForm, RecoverForm
from wallet.people.recovery.model import KIT, SHARES, Ticket
from wallet.people.recovery.words import Given, combine, read
from wallet.people.visitor import browser, let_in, signed_in, visitor

Page = str | tuple[str, int]


def recover(house: House) -> Page:
    """Takes a kit, or one share after the other; nothing is looked up before they add up."""
    form = RecoverForm()
    given = carried.open_shares(house.secrets, request.form.get("shares", ""), browser())
    if not form.validate_on_submit():
        return words_page(house, form, given), 422 if request.method == "POST" else 200
    try:
        given = (*given, one_more(given, read(form.words.data)))
    except BadWords as error:
        form.words.errors = [str(error)]
        return words_page(house, form, given), error.status
    if len(given) < given[0].needed:
        form.words.data = ""
        return words_page(house, form, given)
    return combined(house, form, given)


def one_more(given: tuple[Given, ...], new: Given) -> Given:
    """Raises BadWords for a share of another set, or one that is there already."""
    if any((one.set_id, one.needed) != (new.set_id, new.needed) for one in given):
        raise BadWords(_("This share belongs to another set than the ones before. Shares of two sets open nothing."))
    if any(one.number == new.number for one in given):
        raise BadWords(_("This share is there already. Enter the next one."))
    return new


def combined(house: House, form: RecoverForm, given: tuple[Given, ...]) -> Page:
    """Whether these papers open the wallet with this login."""
    kind = KIT if given[0].needed == 1 else SHARES
    try:
        secret = combine(given)
        ticket = recovering.try_words(house, login=form.login.data, kind=kind, secret=secret, browser=browser())
    except TooManyAttempts as error:
        form.form_errors.append(
            _("Too many words that were not right. Wait a little, then try again; the longest wait is 15 minutes.")
        )
        return words_page(house, form, ()), error.status
    except (BadWords, WrongWords) as error:
        form.form_errors.append(str(error))
        return words_page(house, form, ()), error.status
    return password_page(house, AfterRecoveryForm(formdata=None), ticket)


def words_page(house: House, form: RecoverForm, given: tuple[Given, ...]) -> str:
    shares = carried.seal_shares(house.secrets, given, browser()) if given else None
    needed = given[0].needed if given else 0
    counted = {"shares": shares, "read": len(given), "needed": needed}
    return render_template("recovery/recover.html", form=form, next=next_page(), **counted)


def password_page(house: House, form: AfterRecoveryForm, ticket: Ticket) -> str:
    sealed = carried.seal_ticket(house.secrets, ticket, browser())
    return render_template(
        "recovery/new_password.html", form=form, ticket=sealed, login=ticket.login, kind=ticket.kind, next=next_page()
    )


def set_new(house: House) -> Response | Page:
    """Set the new password and sign the person in. Raises TicketOver."""
    form = AfterRecoveryForm()
    ticket = carried.open_ticket(house.secrets, request.form.get("ticket", ""), browser(), now=house.clock())
    if not form.validate_on_submit():
        return password_page(house, form, ticket), 422
    done = recovering.recover(house, ticket, password=form.password.data, keep=form.keep.data)
    let_in(house, entrance.start_session(house, done.person, browser=browser(), agent=request.user_agent.string))
    if done.lock_key is not None and (who := visitor(house)):
        presence.begin(who, done.lock_key)
    if done.ended:
        flash(ngettext("Signed out of one browser.", "Signed out of %(num)s browsers.", done.ended), "done")
    return redirect(url_for("recovery.recovered", next=next_page()), 303)


def recovered(house: House) -> Response | str:
    """What has happened, for whoever was just let in again."""
    who = signed_in(house)
    news = house.database.read(engine.news, person_id=who.person_id, now=house.clock())
    if news.recovered_at is None:
        return redirect(url_for("recovery.overview"), 303)
    ways = house.database.read(engine.of_person, house.secrets, person_id=who.person_id)
    has_lock = bool(house.database.read(locking.find_ways, person_id=who.person_id))
    present = presence.lock_key(house, who) is not None
    return render_template(
        "recovery/recovered.html",
        nav="wallet",
        news=news,
        stays=news.recovered_with in ways,
        present=present,
        stays_shut=has_lock and not present,
        next=next_page(),
    )


ROUTES = (
    Route("/recover", recover, ("GET", "POST")),
    Route("/recover/password", set_new, ("POST",)),
    Route("/recovered", recovered),
)
