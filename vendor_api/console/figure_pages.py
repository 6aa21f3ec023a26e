"""Figures: how the dialogue goes, with the raw words beside each figure; and how people want to be spoken to."""

from typing import Any

from flask import render_template
from flask_babel import format_decimal
from sqlalchemy import Connection

from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.roles import READ_ONLY
from vendor_api.desk import sentences, threads
from vendor_api.desk.errors import UnknownThread
from vendor_api.desk.model import FROM_PERSON, TYPES
from vendor_api.figures import engine
from vendor_api.figures.answering import answering
from vendor_api.figures.noise import EPSILON, LEAST
from vendor_api.figures.words import answer_said, question_said
from vendor_api.host import Host
from vendor_api.vendors import registry, topics

HOUR = 3600


def figures(host: Host, member: Member) -> str:
    now = host.now()

    def gathered(db: Connection) -> dict[str, Any]:
        by_type = answering(db, client_id=member.client_id, now=now)
        vendor = registry.find(db, member.client_id)
        return {
            "by_type": [{**one, "raw": raw(db, host, member, one["thread_ids"])} for one in by_type],
            "weeks": engine.weeks(db, client_id=member.client_id, now=now),
            "statistics": engine.statistics(db, now=now),
            "names": vendor.metadata.get(topics.MEMBER, {}) if vendor else {},
        }

    words = {"types": {name: sentences.TYPE_LABELS[name]() for name in TYPES}, "hours": hours}
    more = {"question_said": question_said, "answer_said": answer_said, "least": LEAST, "epsilon": EPSILON}
    return render_template("console/figures.html", **host.read(gathered), **words, **more)


def raw(db: Connection, host: Host, member: Member, thread_ids: list[str]) -> list[tuple[str, str]]:
    """What people said in the latest of them, word for word, each with its thread."""
    found = []
    for thread_id in thread_ids:
        try:
            _thread, said = threads.of_thread(db, host.secrets, client_id=member.client_id, thread_id=thread_id)
        except UnknownThread:
            continue
        first = next((one.text for one in said if one.direction == FROM_PERSON), "")
        found.append((thread_id, first))
    return found


def hours(seconds: int | None) -> str:
    return "–" if seconds is None else f"{format_decimal(round(seconds / HOUR, 1))}\u00a0h"


ROUTES = (ConsoleRoute("/console/figures", figures, READ_ONLY),)
