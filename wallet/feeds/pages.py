"""The pages of what vendors publish: a feed to read, and for each topic whether it is read there or brought."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug import Response

from consent.standing import Whose
from vendor_api.routing import Route
from wallet.dialogue.errors import EmptyMessage, TooMuchSaid
from wallet.dialogue.text import as_text
from wallet.feeds import following, items
from wallet.house import House
from wallet.inbox.views import place_from, place_of
from wallet.languages import language
from wallet.people.visitor import signed_in

ON_A_PAGE = 20
TOPICS_ON_A_PAGE = 50

Page = str | tuple[str, int]


def index(house: House) -> str:
    return page(house)


def page(house: House, *, wrong: str = "", answers: str = "", typed: str = "") -> str:
    who, now = whose(house), house.clock()
    how: dict[str, Any] = {"language": language(), "before": place_from(request.args.get("before")), "limit": ON_A_PAGE}

    def gathered(db: Connection) -> dict[str, object]:
        found, older = items.entries(db, house, who, **how, now=now)
        first = following.allowed(db, who, language=language(), skip=0, limit=1, now=now)
        return {"entries": found, "older": place_of(*older) if older else None, "has_topics": bool(first)}

    found = house.database.read(gathered)
    shown = {"wrong": wrong, "answers": answers, "typed": typed, "as_text": as_text, "seen_at": now}
    return render_template("feeds/index.html", nav="wallet", **found, **shown)


def all_topics(house: House) -> str:
    """Each topic a vendor may speak about."""
    who, skipped = whose(house), request.args.get("from", "0")
    skip = int(skipped) if skipped.isascii() and skipped.isdigit() and len(skipped) < 6 else 0
    how: dict[str, Any] = {"language": language(), "skip": skip, "limit": TOPICS_ON_A_PAGE + 1, "now": house.clock()}
    found = house.database.read(following.allowed, who, **how)
    shown = {"topics": found[:TOPICS_ON_A_PAGE], "skip": skip, "step": TOPICS_ON_A_PAGE}
    return render_template("feeds/topics.html", nav="wallet", **shown, more=len(found) > TOPICS_ON_A_PAGE)


def follow(house: House) -> Response:
    who, named = whose(house), {name: request.form.get(name, "") for name in ("client_id", "topic")}
    house.database.write(following.follow, who, **named, now=house.clock())
    flash(_("From now on this stands in your feed, and nothing of it is brought to you."), "done")
    return redirect(url_for("feeds.all_topics"), 303)


def unfollow(house: House) -> Response:
    who, named = whose(house), {name: request.form.get(name, "") for name in ("client_id", "topic")}
    house.database.write(following.unfollow, who, **named)
    flash(_("From now on this is brought to you, as you said that vendors may speak to you."), "done")
    return redirect(url_for("feeds.all_topics"), 303)


def seen(house: House) -> Response:
    """Up to what the page showed: what came since stays new."""
    said = request.form.get("until", "")
    until = int(said) if said.isascii() and said.isdigit() and len(said) < 12 else 0
    house.database.write(following.all_seen, whose(house), now=min(until, house.clock()))
    return redirect(url_for("feeds.index"), 303)


def answer(house: House, client_id: str, publication_id: str) -> Response | Page:
    """In a conversation of its own, which begins with the item."""
    who, text, now = whose(house), request.form.get("text", ""), house.clock()
    ids = {"client_id": client_id, "publication_id": publication_id}

    def work(db: Connection) -> str:
        found = items.find(db, house, who, **ids, now=now)
        return items.answer(db, house, who, found, text, language=language(), now=now).thread_id

    try:
        thread_id = house.database.write(work)
    except (EmptyMessage, TooMuchSaid) as error:
        return page(house, wrong=str(error), answers=f"{client_id} {publication_id}", typed=text), error.status
    flash(_("Sent. The vendor has it now."), "done")
    return redirect(url_for("inbox.show", thread_id=thread_id), 303)


def whose(house: House) -> Whose:
    who = signed_in(house)
    return Whose(who.person_id, who.persona_id)


ROUTES = (
    Route("/feeds", index),
    Route("/feeds/topics", all_topics),
    Route("/feeds/follow", follow, ("POST",)),
    Route("/feeds/unfollow", unfollow, ("POST",)),
    Route("/feeds/seen", seen, ("POST",)),
    Route("/feeds/items/<client_id>/<publication_id>/answer", answer, ("POST",)),
)
