"""The other side of the counter: speak to the customer who is signed in, hear what fired, answer what people say.

A real shop has people and programs for this, and nothing of it stands where its customers shop. Here one visitor plays
both, so that it can be tried by hand.
"""

import json
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any, Final

import requests
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug import Response as Redirect

from wallet.demo.shop.visit import PATIENCE, kept, oauth, say
from wallet.demo.shop.wishes import TOPICS

PETRA: Final[dict[str, Any]] = {"contact_person_id": "petra", "name": "Petra Vogt", "languages": ["de", "en"]}
OUTCOMES: Final = {
    "used": ("It is used", "Sie wird umgesetzt"),
    "partly": ("In part", "Zum Teil"),
    "not": ("It is not used", "Sie wird nicht umgesetzt"),
}
MOST_SHOWN: Final = 5

pages = Blueprint("speaking", __name__, url_prefix="/counter")


@pages.get("/")
def start() -> str | Redirect:
    if kept() is None:
        return redirect(url_for("pages.start"), 303)
    found = tell("/desk/threads", limit="50").json()["threads"]
    waiting = [one["thread_id"] for one in found if one["type"] != "message"][:MOST_SHOWN]
    threads = [tell(f"/desk/threads/{thread_id}", read="yes").json() for thread_id in waiting]
    return render_template("counter.html", topics=TOPICS, threads=threads, outcomes=OUTCOMES, petra=PETRA["name"])


@pages.post("/message")
def message() -> Redirect:
    """Say it. Whether, when and by which channel it arrives is for the customer's wallet to know."""
    token, topic = kept(), next((one for one in TOPICS if one.name == request.form.get("topic")), None)
    if token is None or topic is None:
        return redirect(url_for("pages.start"), 303)
    said = {"id": token_urlsafe(12), "subject": say(*topic.subject), "text": say(*topic.text)}
    said["reason"] = say(
        "You are a customer of ours, and allowed us this topic", "Sie sind Kunde und haben uns das Thema erlaubt"
    )
    occasions = session.pop("occasions", {})
    occasion = occasions.pop(topic.name, None)
    session["occasions"] = occasions
    about: dict[str, str] = {"grant_id": token["grant_id"], "topic": topic.name, "message": json.dumps(said)}
    answer = tell("/contact/messages", 403, **about, **({"opening_id": occasion} if occasion else {}))
    found = answer.json()
    if answer.ok:
        flash(
            say(f"The wallet took it: {found['channel']}", f"Die Wallet hat es angenommen: {found['channel']}"), "taken"
        )
    else:
        flash(refusal(found), "refused")
    return redirect(url_for("speaking.start"), 303)


@pages.post("/triggers")
def triggers() -> Redirect:
    """Fetch which of this customer's own conditions held, confirm each, and keep the occasion for the next message."""
    token = kept() or {}
    found = [one for one in tell("/contact/triggers").json()["fired"] if one["grant_id"] == token.get("grant_id")]
    for one in found:
        session["occasions"] = {**session.get("occasions", {}), one["topic"]: one["opening_id"]}
        until = moment(one["deadline"])
        flash(
            say(
                f"A trigger fired: speak about “{one['topic']}” until {until}",
                f"Ein Auslöser ging los: bis {until} über „{one['topic']}“ sprechen",
            ),
            "fired",
        )
    if found:
        tell("/contact/triggers", acknowledged=" ".join(one["firing_id"] for one in found))
    else:
        flash(say("Nothing fired", "Kein Auslöser ging los"), "quiet")
    return redirect(url_for("speaking.start"), 303)


@pages.post("/answer")
def answer() -> Redirect:
    """A named human being answers, decides, and gives the reason."""
    thread_id = request.form["thread_id"]
    tell("/desk/directory", entries=json.dumps([PETRA]))
    tell(
        "/desk/answers",
        thread_id=thread_id,
        author=PETRA["contact_person_id"],
        text=request.form["text"],
        message_id=token_urlsafe(12),
    )
    outcome, reason = request.form["outcome"], request.form["reason"]
    tell("/desk/decisions", thread_id=thread_id, outcome=outcome, reason=reason, ended="yes")
    flash(say("Answered and decided", "Beantwortet und entschieden"), "answered")
    return redirect(url_for("speaking.start"), 303)


def tell(path: str, allowed: int = 0, **form: str) -> requests.Response:
    """POST to the wallet as the shop itself. Raises RequestException for every answer but those wanted."""
    wallet = oauth.wallet
    me = (wallet.client_id, wallet.client_secret)
    response = requests.post(address(path), {"client_id": me[0], **form}, auth=me, timeout=PATIENCE)
    if response.status_code != allowed:
        response.raise_for_status()
    return response


def address(path: str) -> str:
    issuer: str = oauth.wallet.load_server_metadata()["issuer"]
    return f"{issuer}{path}"


def feedback_address(kind: str) -> str:
    """The page of the customer's wallet on which they tell this shop something."""
    return address(f"/feedback/to/{oauth.wallet.client_id}?kind={kind}")


def refusal(found: dict[str, Any]) -> str:
    next_at = found.get("next_allowed_at")
    later = moment(next_at) if next_at else say("not known", "unbekannt")
    return say(
        f"The wallet refused it: {found['reason']}, allowed from: {later}",
        f"Die Wallet hat es abgelehnt: {found['reason']}, erlaubt ab: {later}",
    )


def moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
