"""What old rows tell to who has every key of today's keyring, and does not care whether anything is authentic."""

import zlib
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from storage import rows

from keys.persons import open_data_key, unwrap_subject_key
from wallet.house import House


def keyring(house: House, *, person_id: str) -> list[bytes]:
    """All keys there are of this person, and the host's own."""
    data_key = house.database.read(open_data_key, house.secrets, person_id=person_id)
    mine = [row for row in rows(house, "data_keys") if row["person_id"] == person_id]
    return [
        house.secrets.sealing,
        data_key,
        *(unwrap_subject_key(data_key, row.pop("key_sealed"), **row) for row in mine),
    ]


def told(house: House, tables: Iterable[str], words: Iterable[bytes], *, person_id: str) -> set[bytes]:
    """Which of these words come out of the sealed cells of these tables, under any key."""
    keys = keyring(house, person_id=person_id)
    cells = [cell for table in tables for row in rows(house, table) for cell in sealed_in(row)]
    plain = b"\n".join(forced(cell, key) for cell in cells for key in keys)
    return {word for word in words if word in plain}


def sealed_in(row: dict[str, Any]) -> list[bytes]:
    return [cell for name, cell in row.items() if name.endswith("_sealed") and cell is not None]


def forced(sealed: bytes, key: bytes) -> bytes:
    """AES-GCM without its tag is AES-CTR that counts from 2, so neither place nor tag protects anything here."""
    nonce, ciphertext = sealed[1:13], sealed[13:-16]
    opened = Cipher(algorithms.AES(key), modes.CTR(nonce + (2).to_bytes(4, "big"))).decryptor().update(ciphertext)
    with suppress(zlib.error):
        return zlib.decompress(opened)
    return opened
