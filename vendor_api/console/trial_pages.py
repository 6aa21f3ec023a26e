"""Try a client: on to the wallet as the person asked, and back to a page that shows every step."""

from flask import redirect, render_template, request
from flask_babel import gettext as _
from werkzeug import Response

from vendor_api.console import trials
from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.roles import AGENT
from vendor_api.host import Host


def try_client(host: Host, member: Member, client_id: str) -> Response | tuple[str, int]:
    said = {name: request.form.get(f"try-{name}", "").strip() for name in ("scope", "claims")}
    if len(said["claims"]) > trials.LONGEST_CLAIMS:
        sentence = _("The claims have at most %(most)s characters here.", most=trials.LONGEST_CLAIMS)
        return render_template("console/refused.html", sentence=sentence), 422
    return redirect(trials.begin(host, member, client_id, **said), 303)


def tried(host: Host, member: Member) -> str:
    """Shows what came once: a code that is redeemed counts no more."""
    client_id, steps = trials.arrive(host, member, request.args)
    return render_template("console/tried.html", client_id=client_id, steps=steps)


ROUTES = (
    ConsoleRoute("/console/clients/<client_id>/try", try_client, AGENT, ("POST",)),
    ConsoleRoute(trials.BACK, tried, AGENT),
)
