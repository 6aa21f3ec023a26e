"""The pages at the door: sign in, sign up, sign out, choose a language."""

from flask import abort, redirect, render_template, request, session, url_for
from flask_babel import get_locale
from werkzeug import Response

from vendor_api.routing import Route
from wallet.headers import allow_form_to_reach
from wallet.house import House
from wallet.languages import LANGUAGES, suggest_language
from wallet.people import entrance, presence
from wallet.people.asked import choose_here, waiting_ask
from wallet.people.engine import set_language
from wallet.people.errors import LoginTaken, TooManyAttempts, WrongCredentials
from wallet.people.forms import SignInForm, SignUpForm
from wallet.people.next_page import next_page
from wallet.people.visitor import SPOKEN, browser, let_in, speak_as, visitor


def front_door(_house: House) -> Response:
    """The bare address of the wallet: on to the person's data, past the sign-in if need be."""
    return redirect(url_for("data.index"), 303)


def sign_in(house: House) -> Response | tuple[str, int]:
    """Always shows the form, signed in or not: a vendor may want the password to be given again."""
    form, status, ask = SignInForm(), _status(), waiting_ask(house, next_page())
    if ask:
        allow_form_to_reach(ask.destination)
        suggest_language(ask.request.get("ui_locales"))
        form.login.data = form.login.data or ask.request.get("login_hint")
    if form.validate_on_submit():
        try:
            token = entrance.sign_in(
                house,
                login=form.login.data,
                password=form.password.data,
                browser=browser(),
                agent=request.user_agent.string,
            )
        except (WrongCredentials, TooManyAttempts) as error:
            form.form_errors.append(str(error))
            status = error.status
        else:
            let_in(house, token)
            if who := visitor(house):
                presence.arrive(house, who, password=form.password.data)
                speak_as(house, person_id=who.person_id, persona_id=who.persona_id)
            choose_here(next_page())
            return _go_on()
    page = render_template(
        "people/sign_in.html",
        form=form,
        sign_up_open=house.settings.sign_up == "open",
        vendor_name=ask.party.name if ask else None,
        stays=_stays(house),
        next=next_page(),
    )
    return page, status


def sign_up(house: House) -> Response | tuple[str, int]:
    invitation = request.values.get("invitation", "")
    entrance.check_sign_up(house, invitation=invitation)
    form, status, ask = SignUpForm(), _status(), waiting_ask(house, next_page())
    if ask:
        allow_form_to_reach(ask.destination)
        suggest_language(ask.request.get("ui_locales"))
    if form.validate_on_submit():
        try:
            person = entrance.sign_up(
                house,
                invitation=invitation,
                login=form.login.data,
                password=form.password.data,
                language=str(get_locale()),
            )
        except LoginTaken as error:
            form.login.errors.append(str(error))
            status = error.status
        else:
            let_in(house, entrance.start_session(house, person, browser=browser(), agent=request.user_agent.string))
            if who := visitor(house):
                presence.settle(house, who, password=form.password.data)
            choose_here(next_page())
            return redirect(next_page() or url_for("recovery.overview", welcome=1), 303)
    page = render_template("people/sign_up.html", form=form, invitation=invitation or None, next=next_page())
    return page, status


def choose_language(house: House) -> Response:
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    session["language"] = language
    session.pop(SPOKEN, None)
    known = visitor(house)
    if known:
        house.database.write(set_language, person_id=known.person_id, language=language)
    return _go_on()


def _stays(house: House) -> str | None:
    """The login of who stays signed in here, where somebody else signs in, too."""
    at_the_door = visitor(house) if "another" in request.args else None
    return at_the_door.login if at_the_door else None


def _status() -> int:
    """Of a page that shows its form: for the first time, or because something in it is wrong."""
    return 422 if request.method == "POST" else 200


def _go_on() -> Response:
    return redirect(next_page() or url_for("data.index"), 303)


ROUTES = (
    Route("/", front_door),
    Route("/sign-in", sign_in, ("GET", "POST")),
    Route("/sign-up", sign_up, ("GET", "POST")),
    Route("/language", choose_language, ("POST",)),
)
