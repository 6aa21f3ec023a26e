"""What the pages of the ways back show: papers, questions about them, and what there is to be told."""

from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

import segno

from wallet.house import House
from wallet.people.recovery import engine
from wallet.people.recovery.model import Draft, News
from wallet.people.recovery.words import WORDS
from wallet.people.visitor import visitor

ASKED = 3


@dataclass(frozen=True, slots=True)
class Paper:
    """One kit or share as it is printed; `carried` is the sealed draft."""

    carried: str = field(repr=False)
    kind: str
    words: tuple[str, ...] = field(repr=False)
    qr: str = field(repr=False)
    name: str = field(repr=False)
    number: int
    count: int
    needed: int
    host: str
    made_at: int


def paper(house: House, draft: Draft, carried: str, number: int = 1) -> Paper:
    """The one with this number."""
    text = draft.shares[number - 1]
    return Paper(
        carried,
        draft.kind,
        tuple(text.split()),
        qr(text.upper()),
        draft.names[number - 1],
        number,
        len(draft.shares),
        draft.needed,
        urlsplit(house.settings.issuer).netloc,
        house.clock(),
    )


def qr(text: str) -> str:
    """As inline SVG. Capital letters take a third less room."""
    made: str = segno.make(text, error="m", micro=False).svg_inline(border=4, omitsize=True, dark="#000", light="#fff")
    return made


def asked_numbers(draft: Draft) -> list[int]:
    """Which words the person is asked for: the same again, however often the page is loaded."""
    order = sorted(range(1, WORDS + 1), key=lambda number: sha256(draft.secret + bytes([number])).digest())
    return sorted(order[:ASKED])


def news_of_visitor(house: House) -> News | None:
    """For the notices on other pages; None where nobody is signed in."""
    found = visitor(house)
    return house.database.read(engine.news, person_id=found.person_id, now=house.clock()) if found else None
