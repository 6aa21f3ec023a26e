"""Find lines of the ledger without reading it: by vendor, attribute, reason and action, of which there are few.

A hit leads to the ledger, filtered; so it does not matter how many lines there are.
"""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any, Final

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Connection

from consent import granted
from keys.secrets import HostSecrets
from wallet.data.attributes import attributes_of
from wallet.languages import language
from wallet.search.answered import answered
from wallet.search.hits import Hit
from wallet.search.words import Words
from wallet.sharing.actions import ACTIONS

MOST_OF_A_KIND: Final = 8
MOST_REASONS: Final = 10_000

Choice = tuple[str, str, frozenset[int]]  # what the filter takes, how it is called, which words it covers


def find(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, words: Words, limit: int
) -> list[Hit]:
    """The ledger is the person's, whichever persona is shown."""
    labels = {
        name: (one.label_en, one.label_de) for name, one in attributes_of(db, secrets, person_id=person_id).items()
    }
    known = answered(db, words, person_id=person_id)
    called = {one.client_id: (one.name, one.host) for one in known if one.covers}
    _attributes, reasons = granted.subjects(db, person_id=person_id, limit=MOST_REASONS)
    german = language() == "de"
    dimensions = {
        "vendor": choices(words, called),
        "attribute": choices(words, {name: (said[german], said[not german], name) for name, said in labels.items()}),
        "purpose": choices(words, {purpose: (purpose,) for purpose in reasons}),
        "action": choices(words, {name: (said[german], said[not german]) for name, said in ACTIONS.items()}),
    }
    found = [chosen for chosen in product(*([None, *some] for some in dimensions.values())) if fits(chosen, words)]
    found.sort(key=lambda chosen: sum(one is not None for one in chosen))
    return [hit(dict(zip(dimensions, chosen, strict=True))) for chosen in found[:limit]]


def choices(words: Words, called: Mapping[str, Iterable[str]]) -> list[Choice]:
    """Those that cover a word, the most first."""
    found = [(value, next(iter(names)), words.among(*names)) for value, names in called.items()]
    return sorted((one for one in found if one[2]), key=lambda one: (-len(one[2]), one[1]))[:MOST_OF_A_KIND]


def fits(chosen: tuple[Choice | None, ...], words: Words) -> bool:
    """Together they cover every word, and none is there for nothing."""
    parts = [one[2] for one in chosen if one is not None]
    everything = frozenset(range(len(words.parts)))
    if not parts or frozenset().union(*parts) != everything:
        return False
    return all(frozenset().union(*parts[:at], *parts[at + 1 :]) != everything for at in range(len(parts)))


def hit(chosen: Mapping[str, Choice | None]) -> Hit:
    said = [one[1] for one in chosen.values() if one is not None]
    filtered: dict[str, Any] = {name: one[0] for name, one in chosen.items() if one is not None}
    return Hit(
        title=" · ".join(said),
        url=url_for("sharing.ledger", **filtered),
        note=_("lines of the ledger"),
    )
