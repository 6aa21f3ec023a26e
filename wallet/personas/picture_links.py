"""A persona's picture at an address for one grant alone: it ends with that grant, and tells nobody of another one."""

import base64
import hmac
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import Connection

from consent import grants
from consent.errors import UnknownGrant
from consent.model import Grant, Item, Limits
from keys.errors import BadToken
from keys.opaque import person_of
from keys.secrets import HostSecrets
from wallet.data.engine import current_values
from wallet.personas import pictures

PICTURE: Final = "picture"
FOR_LIMITED: Final = 3600  # how long an address counts where the grant lets the value be read only now and then
_AAD: Final = [b"picture"]
_LONGEST: Final = 600


def link(issuer: str, secrets: HostSecrets, grant: Grant, *, now: int) -> str:
    """Always the same for one grant, as long as its limits count no reads."""
    item = of_picture(grant)
    until = now + FOR_LIMITED if item and counts_reads(item.in_force) else 0
    said = f"{until} {grant.grant_id}".encode()
    token = base64.urlsafe_b64encode(_cipher(secrets).encrypt(said, _AAD)).rstrip(b"=").decode()
    return f"{issuer}/pictures/{token}"


def of_picture(grant: Grant) -> Item | None:
    return next((item for item in grant.items if item.attribute == PICTURE), None)


def counts_reads(limits: Limits | None) -> bool:
    return limits is not None and (
        limits.fetch == "once" or limits.frequency is not None or limits.data_range is not None
    )


def behind(db: Connection, secrets: HostSecrets, token: str, *, now: int) -> bytes | None:
    """The picture, if the grant lets it leave now; None for whatever reason it does not."""
    grant = grant_of(db, secrets, token, now=now)
    if grant is None or not leaves(grant, now=now):
        return None
    whose: dict[str, Any] = {"person_id": grant.person_id, "persona_id": grant.persona_id}
    if current_values(db, secrets, **whose, attributes={PICTURE}):  # an address of the person's own came first
        return None
    return pictures.find(db, secrets, **whose)


def grant_of(db: Connection, secrets: HostSecrets, token: str, *, now: int) -> Grant | None:
    """Whose address this is, as long as it counts."""
    if len(token) > _LONGEST:
        return None
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        until, grant_id = _cipher(secrets).decrypt(sealed, _AAD).decode().split(" ")
        if int(until) and int(until) <= now:
            return None
        return grants.find(db, grant_id, person_id=person_of(secrets.tokens, "grant", grant_id))
    except (ValueError, InvalidTag, BadToken, UnknownGrant):
        return None


def leaves(grant: Grant, *, now: int) -> bool:
    item = of_picture(grant)
    if item is None or not grant.is_live(now) or grant.is_paused(now):
        return False
    if grant.agreed is not None and not grant.agreed.is_in_force(now):
        return False
    limits = item.in_force
    return limits is None or limits.until is None or now < limits.until


def _cipher(secrets: HostSecrets) -> AESSIV:
    """RFC 5297: the same text gives the same address, and nobody else can make or read one."""
    return AESSIV(hmac.digest(secrets.tokens, b"hausrecht/picture-links/v1", "sha512"))
