"""A file sealed as a whole under a passphrase: in chunks, none of which can be changed, moved or left out unnoticed.

The first line names the format; 16 bytes of salt follow. scrypt (N = 2^17, r = 8, p = 1) makes the key of passphrase
and salt, which is new for each file. Each chunk of 64 KiB is AES-256-GCM under a nonce of its number (11 bytes) and
whether it is the last (one byte), with the head as additional data.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from secrets import token_bytes
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from wallet.vault.errors import BadVault, WrongPassphrase

FIRST_LINE: Final = b"hausrecht-vault/1\n"
SALT_BYTES: Final = 16
CHUNK: Final = 64 * 1024
COST: Final = 2**17
TAG_BYTES: Final = 16
SHORTEST: Final = 12  # letters of a passphrase
LONGEST: Final = 1000
MORE, LAST = b"\x00", b"\x01"


def check_passphrase(passphrase: str) -> None:
    """Raises BadVault."""
    if not SHORTEST <= len(passphrase) <= LONGEST:
        raise BadVault(f"A passphrase has at least {SHORTEST} characters; several words are best.")


def sealed(content: bytes | memoryview, passphrase: str) -> Iterator[bytes]:
    """Head and chunks, one after the other. Raises BadVault for a passphrase that is too short."""
    check_passphrase(passphrase)
    head = FIRST_LINE + token_bytes(SALT_BYTES)
    return chunks(memoryview(content), head, key(passphrase, head))


def chunks(content: memoryview, head: bytes, with_key: AESGCM) -> Iterator[bytes]:
    yield head
    number = 0
    while True:
        start = number * CHUNK
        is_last = start + CHUNK >= len(content)
        yield with_key.encrypt(nonce(number, is_last=is_last), content[start : start + CHUNK], head)
        if is_last:
            return
        number += 1


def opened(file: BinaryIO, passphrase: str) -> bytes:
    """What was sealed. `file` stands behind the first line. Raises WrongPassphrase, BadVault."""
    head = FIRST_LINE + file.read(SALT_BYTES)
    if len(head) != len(FIRST_LINE) + SALT_BYTES or len(passphrase) > LONGEST:
        raise BadVault("This file is not complete.")
    found, with_key, number = bytearray(), key(passphrase, head), 0
    for chunk, is_last in with_last(iter(lambda: file.read(CHUNK + TAG_BYTES), b"")):
        try:
            found += with_key.decrypt(nonce(number, is_last=is_last), chunk, head)
        except InvalidTag:
            raise refusal(number) from None
        number += 1
    if number == 0:
        raise BadVault("This file is not complete.")
    return bytes(found)


def refusal(number: int) -> BadVault:
    if number == 0:
        return WrongPassphrase("The passphrase is not the right one, or the file was changed.")
    return BadVault("This file was changed, or it is not complete.")


def with_last(parts: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each with whether it is the last."""
    waiting: bytes | None = None
    for part in parts:
        if waiting is not None:
            yield waiting, False
        waiting = part
    if waiting is not None:
        yield waiting, True


def nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (LAST if is_last else MORE)


def key(passphrase: str, head: bytes) -> AESGCM:
    spelled = unicodedata.normalize("NFC", passphrase).encode()
    return AESGCM(Scrypt(salt=head[-SALT_BYTES:], length=32, n=COST, r=8, p=1).derive(spelled))
