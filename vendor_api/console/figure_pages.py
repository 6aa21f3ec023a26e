"""Figures: how the dialogue goes, with the raw words beside each figure; and how people want to be spoken to."""

from typing import Any

from flask import render_template
from flask_babel import format_decimal
from sqlalchemy import Connection

from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.roles import READ_ONLY
from vendor_api.desk import sentences
from vendor_api.desk.model import TYPES
from vendor_api.figures import engine, report
from vendor_api.figures.noise import EPSILON, LEAST
from vendor_api.figures.words import AGES, answer_said, question_said
from vendor_api.host import Host
from vendor_api.vendors import registry, topics

HOUR = 3600


def figures(host: Host, member: Member) -> str:
    now = host.now()

    def gathered(db: Connection) -> dict[str, Any]:
        told = report.report(db, client_id=member.client_id, now=now)
        named = {thread_id for some in told.values() for one in some for thread_id in one["thread_ids"]}
        vendor = registry.find(db, member.client_id)
        return {
            **told,
            "words": report.words(db, host.secrets, named, client_id=member.client_id),
            "statistics": engine.statistics(db, now=now),
            "names": vendor.metadata.get(topics.MEMBER, {}) if vendor else {},
        }

    shown: dict[str, Any] = {"types": {name: sentences.TYPE_LABELS[name]() for name in TYPES}, "hours": hours}
    shown |= {"question_said": question_said, "answer_said": answer_said, "ages": AGES}
    return render_template("console/figures.html", **host.read(gathered), **shown, least=LEAST, epsilon=EPSILON)


def hours(seconds: int | None) -> str:
    return "–" if seconds is None else f"{format_decimal(round(seconds / HOUR, 1))}\u00a0h"


ROUTES = (ConsoleRoute("/console/figures", figures, READ_ONLY),)
