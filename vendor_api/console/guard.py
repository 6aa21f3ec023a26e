"""The one place that lets staff in: who is signed in, in which role, with a form of ours; then the view.

Looked up at each request, so whoever was removed or got another role notices at the next one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial, update_wrapper, wraps
from typing import Any, Final

from flask import Blueprint, Flask, Response, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from vendor_api.console import cookies, sessions
from vendor_api.console.errors import ConsoleError, FormTooOld, RoleTooSmall, SignInNeeded
from vendor_api.console.model import Member
from vendor_api.console.roles import LABELS, may
from vendor_api.console.rooms import ROOMS
from vendor_api.console.said import SAID
from vendor_api.host import Host
from vendor_api.vendors import registry

EVERYBODY: Final = None


@dataclass(frozen=True, slots=True)
class ConsoleRoute:
    """`role` is the least that is needed for these methods of this path, or EVERYBODY: the view then gets no member."""

    rule: str
    view: Callable[..., Any]
    role: str | None
    methods: tuple[str, ...] = ("GET",)


def add_console(app: Flask, host: Host, routes: Iterable[ConsoleRoute]) -> Blueprint:
    """Pages, templates, styles and refusals; the blueprint has to be left alone by what guards the person's forms."""
    console = Blueprint(
        "console", __name__, template_folder="templates", static_folder="static", static_url_path="/console/static"
    )
    console.after_request(lambda response: cookies.write(host, response))
    console.context_processor(lambda: context(host))
    console.register_error_handler(ConsoleError, tell)
    console.register_error_handler(HTTPException, tell_by_status)
    app.register_blueprint(console)
    for route in routes:  # Flask refuses two views of one name
        app.add_url_rule(
            route.rule,
            f"console.{route.view.__name__}",
            update_wrapper(partial(guarded(route), host), route.view),
            methods=list(route.methods),
        )
    usual: Any = app.jinja_env.globals["csrf_token"]
    token = lambda: cookies.form_token(host) if cookies.is_console() else usual()  # noqa: E731 - a global of templates
    app.jinja_env.globals["csrf_token"] = token
    return console


def guarded(route: ConsoleRoute) -> Callable[..., Any]:
    """The view behind its guard. Raises SignInNeeded, RoleTooSmall or FormTooOld before anything is done."""

    @wraps(route.view)
    def view(host: Host, /, **named: str) -> Any:
        found = () if route.role is EVERYBODY else (signed_in(host, route.role),)
        if request.method not in {"GET", "HEAD", "OPTIONS"} and not cookies.is_own_form(host):
            raise FormTooOld
        return route.view(host, *found, **named)

    return view


def signed_in(host: Host, needed: str) -> Member:
    """Raises SignInNeeded and RoleTooSmall."""
    found = visitor(host)
    if found is None:
        raise SignInNeeded
    if not may(found.role, needed):
        raise RoleTooSmall
    return found


def visitor(host: Host) -> Member | None:
    """Who of the staff is signed in at this browser."""
    token, now = cookies.given_token(host), host.now()
    if not token or ("console_member" in g and g.console_looked_up == token):
        member: Member | None = g.get("console_member") if token else None
        return member
    found = host.read(sessions.find, host.secrets, token, now=now)
    if found and found[1] <= now - sessions.SEEN_EVERY:
        host.write(sessions.note_seen, token, now=now)
    g.console_member, g.console_looked_up = found[0] if found else None, token
    return found[0] if found else None


def context(host: Host) -> dict[str, Any]:
    """What every page of the console has."""
    member = visitor(host)
    vendor = host.read(registry.find, member.client_id) if member else None
    return {
        "member": member,
        "organisation": (vendor.text("client_name", host.language()) or vendor.client_id) if vendor else None,
        "rooms": [room for room in ROOMS if member and may(member.role, room.role)],
        "may": lambda role: member is not None and may(member.role, role),
        "role_label": lambda role: LABELS[role](),
        "done": SAID.get(request.args.get("done", "")),
    }


def tell(error: ConsoleError) -> BaseResponse | tuple[str, int]:
    if isinstance(error, SignInNeeded):
        return redirect(f"{cookies.PATH}/sign-in", 303)
    return page(error.status, str(error))


def tell_by_status(error: HTTPException) -> BaseResponse | tuple[str, int]:
    status = error.code or 500
    if status < 400:
        return Response.force_type(error.get_response())
    return page(status, _("This page can not be used like that."))


def page(status: int, sentence: str) -> tuple[str, int]:
    return render_template("console/refused.html", sentence=sentence), status
