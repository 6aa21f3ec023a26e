"""What waits for the person shown: one line each for the page of the wallet, with where it leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from flask_babel import ngettext
from sqlalchemy import Connection

from wallet.dialogue import engine as dialogue
from wallet.dialogue import kept
from wallet.dialogue.engine import MOST_COUNTED
from wallet.house import House
from wallet.intents import offers
from wallet.people.visitor import signed_in


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of how many (as a number and as it is written), and the page it leads to; what is late stands red."""

    said: Callable[[int, str], str]
    endpoint: str
    query: Mapping[str, str] = field(default_factory=dict)
    is_late: bool = False


LINES: Final = {
    "late": Line(
        lambda num, many: ngettext("An answer is late.", "%(many)s answers are late.", num, many=many),
        "feedback.index",
        is_late=True,
    ),
    "offered": Line(
        lambda num, many: ngettext("An offer waits for you.", "%(many)s offers wait for you.", num, many=many),
        "intents.index",
    ),
    "moved": Line(
        lambda num, many: ngettext(
            "What you told a vendor went on.", "Of what you told vendors, %(many)s went on.", num, many=many
        ),
        "feedback.index",
    ),
    "unread": Line(
        lambda num, many: ngettext(
            "A conversation has something unread.", "%(many)s conversations have something unread.", num, many=many
        ),
        "inbox.index",
        {"show": "unread"},
    ),
}


def news(house: House) -> list[tuple[Line, str]]:
    """The lines of which there is something, with their sentences."""
    who = signed_in(house)
    place = {"person_id": who.person_id, "persona_id": who.persona_id}
    found = house.database.read(how_many, **place, now=house.clock())
    written = {name: str(many) if many < MOST_COUNTED else f"{MOST_COUNTED - 1}+" for name, many in found.items()}
    return [(line, line.said(found[name], written[name])) for name, line in LINES.items() if found[name]]


def how_many(db: Connection, *, person_id: str, persona_id: str, now: int) -> dict[str, int]:
    """No more than MOST_COUNTED of each."""
    place = {"person_id": person_id, "persona_id": persona_id}
    return {
        "late": kept.how_many_late(db, **place, now=now),
        "offered": offers.how_many_offered(db, **place),
        "moved": kept.how_many_moved(db, **place),
        "unread": dialogue.how_many_unread(db, **place),
    }
