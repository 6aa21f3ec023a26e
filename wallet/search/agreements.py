"""Find agreements under IEEE 7012, by what they are called and whom they are with."""

from flask import url_for
from sqlalchemy import Connection

from keys.secrets import HostSecrets
from wallet.languages import day
from wallet.search.answered import answered
from wallet.search.hits import Hit
from wallet.search.words import Words
from wallet.sharing.agreements import title


def find(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, words: Words, limit: int
) -> list[Hit]:
    """Of the persona that is shown; they stand on the vendors' pages."""
    found = [
        (one, title(one.agreement))
        for one in answered(db, words, person_id=person_id)
        if one.agreement is not None and one.persona_id == persona_id
    ]
    return [
        Hit(called, url_for("sharing.vendor", grant_id=one.grant_id), one.name, day(one.granted_at))
        for one, called in found
        if words.found_in(called, one.agreement, one.name, one.host)
    ][:limit]
