"""Where the status of consent tokens stands on this host, for who was taken in (consent/statuses.py)."""

import re
from typing import Final

from sqlalchemy import Connection, func, insert, select, text

from consent import grants, statuses
from consent.tables import status_lists
from wallet.vault.declared import BY_NAME
from wallet.vault.errors import BadVault
from wallet.vault.reading import Vault

LIST_ID: Final = re.compile(r"[A-Za-z0-9_-]{22}")
MOST_LISTS: Final = 100
KEEP: Final = text(
    """
    insert into statuses (person_id, grant_id, consent_token_id, list_id, idx)
    values (:person_id, :grant_id, :consent_token_id, :list_id, :idx)
    on conflict (list_id, idx) do nothing
    """
)


def take(db: Connection, vault: Vault, *, issuer: str, now: int) -> None:
    """The old places where this is the old address and they are free; else a new one for each grant that lives."""
    kept = keep(db, vault) if vault.issuer == issuer else set()
    for grant in grants.of_person(db, person_id=vault.person_id):
        if grant.is_live(now) and grant.consent_token_id not in kept:
            ids = {"person_id": grant.person_id, "grant_id": grant.grant_id}
            statuses.take(db, **ids, consent_token_id=grant.consent_token_id)


def keep(db: Connection, vault: Vault) -> set[str]:
    """The consent tokens whose place is the old one."""
    known: set[str] = set()
    kept: set[str] = set()
    for row in vault.rows(BY_NAME["statuses"]):
        list_id, idx = str(row["list_id"]), row["idx"]
        if not LIST_ID.fullmatch(list_id) or not isinstance(idx, int) or not 0 <= idx < statuses.SIZE:
            raise BadVault("The status of a consent token in this vault stands nowhere.")
        if list_id not in known:
            ensure_list(db, list_id)
            known.add(list_id)
        if len(known) > MOST_LISTS:
            raise BadVault("The consent tokens in this vault stand in too many lists.")
        if db.execute(KEEP, row).rowcount == 1:
            kept.add(str(row["consent_token_id"]))
    return kept


def ensure_list(db: Connection, list_id: str) -> None:
    """Publish this list too. Its number is a low one, so that new places are taken elsewhere if there is another."""
    if not statuses.is_list(db, list_id):
        lowest = db.execute(select(func.min(status_lists.c.number))).scalar()
        number = 1 if lowest is None else lowest - 1
        db.execute(insert(status_lists).values(number=number, list_id=list_id))
