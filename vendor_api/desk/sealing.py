"""The keys of each vendor's desk: what one vendor was told opens under no other's."""

from typing import Any

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.sealing import seal, unseal
from keys.secrets import HostSecrets

SEALING = "sealing"
MARKS = "marks"


def desk_key(secrets: HostSecrets, client_id: str, job: str) -> bytes:
    """32 bytes for one vendor and one job."""
    info = f"hausrecht/desk/v1/{job}/{client_id}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secrets.desks)


def seal_content(secrets: HostSecrets, content: Any, *place: str, client_id: str) -> bytes:
    """`place` names the row, as in keys.sealing."""
    return seal(desk_key(secrets, client_id, SEALING), orjson.dumps(content), "desk", client_id, *place)


def open_content(secrets: HostSecrets, sealed: bytes, *place: str, client_id: str) -> Any:
    """Raises keys.errors.CannotOpen."""
    return orjson.loads(unseal(desk_key(secrets, client_id, SEALING), sealed, "desk", client_id, *place))
