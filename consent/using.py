"""What a vendor does with a grant: sign the person in, redeem, read. Each leaves its line in the ledger."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from consent import failures, ledger
from consent.errors import GrantEnded, GrantPaused, NotAsked
from consent.failures import Attempt
from consent.ledger import Entry
from consent.limits import AWAY, NEVER, Delivery, Withheld, delivery
from consent.model import Cover, Grant, Item
from consent.terms import enforcement
from keys.secrets import HostSecrets


def sign_in(db: Connection, secrets: HostSecrets, grant: Grant, *, cover: Cover | None = None, now: int) -> None:
    """Note that the person signed in at a vendor under an answer given earlier."""
    entry = Entry("signed_in", grant.party.client_id, grant.grant_id, {"vendor": grant.party.name})
    ledger.write(db, secrets.ledger, entry, person_id=grant.person_id, cover=cover, now=now)


def redeem(
    db: Connection,
    secrets: HostSecrets,
    grant: Grant,
    *,
    via: str,
    recipient: str | None = None,
    cover: Cover | None = None,
    now: int,
) -> None:
    """Note that the vendor turned a code or another token (`via`) into an access token, perhaps for a processor of its.

    Raises GrantEnded, GrantPaused, TermsOver.
    """
    check_redeemable(grant, now=now)
    detail = {"vendor": grant.party.name, "via": via} | ({"recipient": recipient} if recipient else {})
    entry = Entry("redeemed", grant.party.client_id, grant.grant_id, detail)
    ledger.write(db, secrets.ledger, entry, person_id=grant.person_id, cover=cover, now=now)


def read(
    db: Connection,
    secrets: HostSecrets,
    grant: Grant,
    *,
    attributes: Collection[str],
    set_at: Mapping[str, int] = NEVER,
    recipient: str | None = None,
    closed: Collection[str] = (),
    cover: Cover | None = None,
    now: int,
) -> Delivery:
    """Note one delivery of values, to the vendor or its processor (`recipient`), in the transaction that delivers them.

    `set_at` says when the person entered them, `closed` which of them are locked and could not be opened. Gives back
    what may leave: nothing that is closed, or that terms or limits hold back.
    Raises GrantEnded, GrantPaused, NotAsked.
    """
    check_live(grant, now=now)
    if not set(attributes) <= grant.attributes:
        raise NotAsked("an attribute that was not granted can not be delivered")
    kept_back = enforcement.withheld(grant, attributes, by_processor=recipient is not None, now=now)
    kept_back += tuple(
        Withheld(name, AWAY, None) for name in sorted(set(closed) - {one.attribute for one in kept_back})
    )
    rest = set(attributes) - {one.attribute for one in kept_back}
    found = delivery(db, grant, rest, set_at=set_at, recipient=recipient, now=now)
    found = replace(found, withheld=kept_back + found.withheld)
    if found.withheld and not found.attributes:
        note_withheld(db, secrets, grant, found, recipient=recipient, cover=cover, now=now)
        return found
    purposes = purposes_of(grant.items, found.attributes)
    detail: dict[str, Any] = {"vendor": grant.party.name, "attributes": sorted(found.attributes), "purposes": purposes}
    if found.withheld:
        detail["withheld"] = {one.attribute: one.reason for one in found.withheld}
    if recipient:
        detail["recipient"] = recipient
    entry = Entry("read", grant.party.client_id, grant.grant_id, detail)
    ledger.write(db, secrets.ledger, entry, person_id=grant.person_id, cover=cover, now=now)
    return found


def note_withheld(
    db: Connection,
    secrets: HostSecrets,
    grant: Grant,
    found: Delivery,
    *,
    recipient: str | None,
    cover: Cover | None,
    now: int,
) -> None:
    """A read of which limits held back everything is an attempt that failed."""
    more: dict[str, Any] = {"withheld": {one.attribute: one.reason for one in found.withheld}}
    if recipient:
        more["recipient"] = recipient
    attempt = Attempt(grant, "read", found.withheld[0].reason, more)
    failures.note(db, secrets, attempt, cover=cover, now=now)


def check_live(grant: Grant, *, now: int) -> None:
    """Raises GrantEnded, or GrantPaused."""
    if not grant.is_live(now):
        raise GrantEnded("the person has ended this grant, or it has expired")
    if grant.is_paused(now):
        raise GrantPaused("the person has paused this grant; keep what you have, it works again when they let it go on")


def check_redeemable(grant: Grant, *, now: int) -> None:
    """Raises GrantEnded, GrantPaused, TermsOver."""
    check_live(grant, now=now)
    enforcement.check_in_force(grant, now=now)


def purposes_of(items: Collection[Item], attributes: Collection[str]) -> list[str]:
    return sorted({item.purpose for item in items if item.attribute in attributes and item.purpose is not None})
