"""Find requests by right and what vendors answered to them, which is opened for that."""

from typing import Final

import orjson
from flask import url_for
from sqlalchemy import Connection, select

from consent.rights import requests
from consent.rights.answers import place
from consent.rights.requests import RightsRequest
from consent.rights.tables import rights, rights_answers
from keys.persons import open_data_key
from keys.sealing import cipher, unseal
from keys.secrets import HostSecrets
from wallet.languages import day
from wallet.search.hits import Hit
from wallet.search.words import Words
from wallet.sharing.rights.words import BUTTONS

MOST_LOOKED_AT: Final = 500


def find(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, words: Words, limit: int
) -> list[Hit]:
    """Of the persona that is shown; its newest MOST_LOOKED_AT."""
    mine = (rights.c.person_id == person_id, rights.c.persona_id == persona_id)
    known = requests.matching(db, *mine)[:MOST_LOOKED_AT]
    reasons = answered(db, secrets, known, person_id=person_id) if known else {}
    found = [one for one in known if words.found_in(*said(one), *reasons.get(one.request_id, ()))]
    return [
        Hit(
            title=f"{BUTTONS[one.right]()} {one.party.name}",
            url=url_for("rights.show", request_id=one.request_id),
            text=next((reason for reason in reasons.get(one.request_id, ()) if words.among(reason)), None),
            note=day(one.made_at),
        )
        for one in found[:limit]
    ]


def said(one: RightsRequest) -> tuple[str, ...]:
    return BUTTONS[one.right](), one.party.name, one.party.host, day(one.made_at), *one.attributes


def answered(
    db: Connection, secrets: HostSecrets, known: tuple[RightsRequest, ...], *, person_id: str
) -> dict[str, list[str]]:
    """The reasons vendors gave, by request."""
    key, by_id = cipher(open_data_key(db, secrets, person_id=person_id)), {one.request_id: one for one in known}
    row, found = rights_answers.c, dict[str, list[str]]()
    stored = select(row.request_id, row.number, row.answer_sealed).where(row.person_id == person_id)
    for each in db.execute(stored.limit(MOST_LOOKED_AT)):
        if each.request_id in by_id:
            opened = unseal(key, each.answer_sealed, *place(by_id[each.request_id], each.number))
            found.setdefault(each.request_id, []).append(orjson.loads(opened)["reason"] or "")
    return found
