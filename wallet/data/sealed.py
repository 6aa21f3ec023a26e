"""How a value lies in the database: sealed under its subject's key, and inside once more where it is locked."""

from hashlib import sha256
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys.sealing import seal, unseal
from wallet.data.model import Json, Origin


def sealed(key: bytes, value: Json, place: dict[str, str], version: int, *, lock_key: bytes | None) -> bytes:
    """`place` is person_id, persona_id and attribute, of the persona whose own value it is."""
    plain = orjson.dumps(value)
    if lock_key is not None:
        plain = seal(lock_key, plain, *inner_aad(place, version))
    return seal(key, plain, *value_aad(place, version))


def opened(key: bytes | AESGCM, row: Any, place: dict[str, str], lock_key: bytes | None) -> Json | None:
    """None for what is locked where there is no key to it."""
    plain = unseal(key, row.value_sealed, *value_aad(place, row.version))
    if row.locked and lock_key is None:
        return None
    if row.locked and lock_key is not None:
        plain = unseal(lock_key, plain, *inner_aad(place, row.version))
    value: Json = orjson.loads(plain)
    return value


def lock_of(value_sealed: bytes, *, locked: bool) -> str:
    """Tells this version of a locked value from any other; empty where nothing is locked."""
    return sha256(value_sealed).hexdigest() if locked else ""


def origin_sealed(key: bytes, origin: Origin, place: dict[str, str], version: int) -> bytes | None:
    return seal(key, origin.reference.encode(), *origin_aad(place, version)) if origin.reference else None


def origin_of(key: bytes, row: Any, place: dict[str, str]) -> Origin:
    if row.origin_sealed is None:
        return Origin(row.source)
    return Origin(row.source, unseal(key, row.origin_sealed, *origin_aad(place, row.version)).decode())


def inner_aad(place: dict[str, str], version: int) -> tuple[str, ...]:
    return "locked", *value_aad(place, version)


def value_aad(place: dict[str, str], version: int) -> tuple[str, ...]:
    return "value", place["person_id"], place["persona_id"], place["attribute"], str(version)


def origin_aad(place: dict[str, str], version: int) -> tuple[str, ...]:
    return "origin", *value_aad(place, version)[1:]
