"""What a page says after a change, by the word its address then carries: /console/staff?done=invited."""

from typing import Any, Final

from flask import redirect, url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from werkzeug import Response

SAID: Final[dict[str, LazyString]] = {
    "role": _("The new role counts from now on."),
    "removed": _("Removed. They are signed out and can not come back."),
    "saved": _("Saved."),
    "published": _("Published. It is on its way."),
    "withdrawn": _("Withdrawn. Who has it keeps it; nobody else gets it."),
    "client_removed": _("The client is gone, with its codes and tokens."),
    "verification": _("A verification is on its way. Once it is confirmed, the last success below moves."),
    "paused": _("Paused. What happens meanwhile is kept and told later."),
    "resumed": _("It goes on. What waited is told now."),
}


def went(page: str, done: str, **named: str) -> Response:
    """On to a page of the console, which then says what was done."""
    values: dict[str, Any] = {**named, "done": done}
    return redirect(url_for(f"console.{page}", **values), 303)
