"""Block a vendor: what it holds of a persona is gone, and it is answered as if that persona had never been there."""

from typing import Final

from sqlalchemy import Connection, delete, select

from consent import changes, grants, standing
from consent.caps import ANY
from consent.changes import Signs
from consent.standing import Rule, Whose
from consent.tables import grants as grant_rows
from consent.tables import outbox, relationships
from keys.secrets import HostSecrets
from vendor_api.tables import backchannel_requests, codes, device_codes, sign_ins, tokens

HELD_BY_GRANT: Final = (tokens, codes, device_codes)


def block(
    db: Connection, secrets: HostSecrets, client_id: str, vendor: str, *, whose: Whose, signs: Signs, now: int
) -> None:
    """End all there is between a persona and a vendor, and let it ask nothing more. Another persona's stays.

    Tokens and codes are forgotten, not only ended, so that none is answered otherwise than one that never was.
    """
    for grant, _cover in grants.of_vendor(db, person_id=whose.person_id, client_id=client_id):
        if grant.persona_id == whose.persona_id:
            changes.revoke(db, secrets, grant.grant_id, person_id=whose.person_id, signs=signs, now=now)
    forget(db, client_id, whose=whose)
    rule = Rule(client_id, ANY, standing.BLOCKED, vendor)
    standing.give(db, secrets, rule, whose=whose, now=now)


def unblock(db: Connection, secrets: HostSecrets, client_id: str, *, whose: Whose, now: int) -> None:
    """Let it ask again, and nothing else."""
    mine = standing.of(db, whose=whose)
    found = mine.answer(client_id, ANY)
    if found is not None and mine.blocks(client_id):
        rule = Rule(client_id, ANY, None, found.vendor)
        standing.give(db, secrets, rule, whose=whose, now=now)


def forget(db: Connection, client_id: str, *, whose: Whose) -> None:
    person_id, persona_id = whose.person_id, whose.persona_id
    of_vendor = (grant_rows.c.person_id == person_id, grant_rows.c.client_id == client_id)
    held = select(grant_rows.c.grant_id).where(*of_vendor, grant_rows.c.persona_id == persona_id)
    for table in HELD_BY_GRANT:
        db.execute(delete(table).where(table.c.person_id == person_id, table.c.grant_id.in_(held)))
    asked = backchannel_requests.c
    waiting = (asked.person_id == person_id, asked.persona_id == persona_id, asked.client_id == client_id)
    digests = list(db.execute(select(asked.request_digest).where(*waiting)).scalars())
    db.execute(delete(backchannel_requests).where(*waiting))
    subs = known_as(db, client_id, whose=whose)
    was_there = (sign_ins.c.person_id == person_id, sign_ins.c.client_id == client_id, sign_ins.c.sub.in_(subs))
    db.execute(delete(sign_ins).where(*was_there))
    forget_tellings(db, client_id, {*digests, *subs}, person_id=person_id)


def known_as(db: Connection, client_id: str, *, whose: Whose) -> set[str]:
    """Every `sub` by which the vendor has known the persona."""
    same = (
        (relationships.c.person_id == grant_rows.c.person_id)
        & (relationships.c.persona_id == grant_rows.c.persona_id)
        & (relationships.c.sector == grant_rows.c.sector)
    )
    found = select(relationships.c.sub, grant_rows.c.public_sub).join(relationships, same)
    mine = (grant_rows.c.person_id == whose.person_id, grant_rows.c.persona_id == whose.persona_id)
    rows = db.execute(found.where(*mine, grant_rows.c.client_id == client_id))
    return {sub for row in rows for sub in row if sub is not None}


def forget_tellings(db: Connection, client_id: str, about: set[str], *, person_id: str) -> None:
    """Tellings that would still tell the vendor of this persona: of a session, of an answer, of whatever changed."""
    mine = (outbox.c.person_id == person_id, outbox.c.client_id == client_id)
    found = db.execute(select(outbox.c.telling_id, outbox.c.lane, outbox.c.detail).where(*mine)).all()
    gone = [row.telling_id for row in found if {row.lane, row.detail.get("request"), row.detail.get("sub")} & about]
    db.execute(delete(outbox).where(*mine, outbox.c.telling_id.in_(gone)))
