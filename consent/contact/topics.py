"""Allow a topic again that was taken back or refused: the person's own act, on the terms on which it was asked."""

from dataclasses import replace

from sqlalchemy import Connection

from consent import changes, grants
from consent.changes import Signs
from consent.errors import NotGranted
from consent.model import CONTACT
from keys.secrets import HostSecrets


def allow_again(
    db: Connection, secrets: HostSecrets, grant_id: str, topic: str, *, person_id: str, signs: Signs, now: int
) -> None:
    """The mirror of narrow, for what the vendor may speak about alone. Raises UnknownGrant, GrantEnded, NotGranted."""
    grant, name = grants.find(db, grant_id, person_id=person_id), f"{CONTACT}{topic}"
    changes.check_not_over(grant, now=now)
    found = next((item for item in grant.refused if item.attribute == name), None)
    if found is None or name in grant.attributes:
        raise NotGranted("only what was asked for and not allowed can be allowed again")
    made = replace(
        grant,
        items=(*grant.items, found),
        refused=tuple(item for item in grant.refused if item.attribute != name),
    )
    changes.put(db, secrets, made, {"widened": [name]}, signs=signs, now=now)
