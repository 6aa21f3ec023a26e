"""The vendors a person has answered, read once for a search: of each grant no more than its vendor and its persona."""

from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from consent.tables import grants
from keys.prepared import as_text
from wallet.search.words import Words


@dataclass(frozen=True, slots=True)
class Answered:
    """One grant whose vendor's name or host has some of the words, or that stands under an `agreement` of the roster.

    `covers` says which of the words.
    """

    grant_id: str
    persona_id: str
    client_id: str
    name: str
    host: str
    granted_at: int
    ended_at: int | None
    agreement: str | None
    covers: frozenset[int]


def answered(db: Connection, words: Words, *, person_id: str) -> list[Answered]:
    """Of all the person's personas; several sources look here, and it is read once for these words."""
    if words.vendors is None:
        words.vendors = read(db, words, person_id=person_id)
    found: list[Answered] = words.vendors
    return found


def read(db: Connection, words: Words, *, person_id: str) -> list[Answered]:
    row = grants.c
    ids = (row.grant_id, row.persona_id, row.client_id)
    stored = select(*ids, as_text(row.party), row.granted_at, row.ended_at, row.agreed["agreement"].as_string())
    found = []
    for *ids_of, party, granted_at, ended_at, agreement in db.execute(stored.where(row.person_id == person_id)):
        said = orjson.loads(party)
        covers = words.among(f"{said['name']} {said['host']}")
        if covers or agreement is not None:
            grant_id, persona_id, client_id = ids_of
            named = (said["name"], said["host"], granted_at, ended_at, agreement)
            found.append(Answered(grant_id, persona_id, client_id, *named, covers=covers))
    return found


def named(db: Connection, words: Words, *, person_id: str, persona_id: str) -> list[Answered]:
    """Those whose vendor is called so, of the persona shown first, then the newest."""
    everything = len(words.parts)
    hits = [one for one in answered(db, words, person_id=person_id) if len(one.covers) == everything]
    return sorted(hits, key=lambda one: (one.persona_id != persona_id, one.ended_at is not None, -one.granted_at))
