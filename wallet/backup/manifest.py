"""What a backup says of itself, vouched for by the host: a file that was swapped or cut off is noticed."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import orjson

from wallet.backup.errors import BackupDamaged

FORMAT = "hausrecht-backup/1"
LONGEST = 1_000_000
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_at`: epoch seconds. `master_keys`: ids of those that opened the house then. `checked`: see checking.py."""

    made_at: int
    engine: str
    schema: str
    issuer: str
    file: str
    size: int
    sha256: str
    counts: Mapping[str, int]
    master_keys: tuple[str, ...]
    checked: str


def written(manifest: Manifest, key: bytes) -> bytes:
    content = {"format": FORMAT, **asdict(manifest)}
    return orjson.dumps({**content, "mac": mac(key, content)}, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def read(path: Path, key: bytes) -> Manifest:
    """Raises BackupDamaged."""
    content = parsed(path)
    said = str(content.pop("mac", ""))
    if not hmac.compare_digest(said.encode(), mac(key, content).encode()):
        raise BackupDamaged(f"{path} was changed, or written by another wallet.")
    if content.pop("format") != FORMAT:
        raise BackupDamaged(f"{path} was written by a newer version of this program.")
    content["master_keys"] = tuple(content["master_keys"])
    return Manifest(**{field.name: content[field.name] for field in fields(Manifest)})


def parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = orjson.loads(file.read(LONGEST))
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict):
        raise BackupDamaged(f"{path} can not be read; it is no manifest of a backup, or damaged.")
    return content


def mac(key: bytes, content: Mapping[str, Any]) -> str:
    return hmac.digest(key, b"manifest\n" + orjson.dumps(content, option=orjson.OPT_SORT_KEYS), "sha256").hex()


def digest_of(path: Path) -> tuple[int, str]:
    """Size and SHA-256. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()
