"""One root of the host, one separate secret per job: losing one tells nothing about the others."""

from dataclasses import dataclass, field, fields
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from keys.master import KEY_BYTES


@dataclass(frozen=True, slots=True)
class HostSecrets:
    """32 bytes each; never shown in a repr, so that they stay out of logs."""

    sealing: bytes = field(repr=False)
    tokens: bytes = field(repr=False)
    ledger: bytes = field(repr=False)
    logins: bytes = field(repr=False)
    cookies: bytes = field(repr=False)
    nonces: bytes = field(repr=False)
    user_codes: bytes = field(repr=False)
    backups: bytes = field(repr=False)
    web_push: bytes = field(repr=False)
    desks: bytes = field(repr=False)

    @classmethod
    def derive(cls, root: bytes) -> Self:
        """From what keys.roots keeps sealed."""
        if len(root) != KEY_BYTES:
            raise ValueError(f"a host's root has {KEY_BYTES} bytes, not {len(root)}")
        return cls(**{each.name: _derive(root, each.name) for each in fields(cls)})


def _derive(root: bytes, name: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"hausrecht/host/v1/{name}".encode()).derive(root)
