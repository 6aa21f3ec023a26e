"""The rows of one person as the vault has them: nothing sealed, structured values as canonical JSON."""

import base64
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import JSON, Boolean, Column, Connection, Integer, LargeBinary, Row, String, Text, cast, select
from sqlalchemy.sql.elements import ColumnElement

from keys.persons import open_data_key, unwrap_subject_key
from keys.sealing import cipher, unseal
from keys.secrets import HostSecrets
from keys.tables import data_keys
from wallet.vault.declaring import BYTES, PACKED, WHOEVERS, Portable, Sealed

Plain: TypeAlias = str | int | bytes | None
AT_ONCE: Final = 100  # a block of records is large
QUICK: Final = 1


class Keyring:
    """What this person's sealed columns open with. A key that was destroyed is None, and so is what it opened."""

    def __init__(self, db: Connection, secrets: HostSecrets, *, person_id: str) -> None:
        """Raises UnknownKey."""
        self._person_id = person_id
        self._data_key = cipher(open_data_key(db, secrets, person_id=person_id))
        mine = select(data_keys.c.persona_id, data_keys.c.subject, data_keys.c.key_sealed)
        found = db.execute(mine.where(data_keys.c.person_id == person_id))
        self._wrapped = {(persona_id, subject): key_sealed for persona_id, subject, key_sealed in found}
        self._whose = {subject: persona_id for persona_id, subject in self._wrapped}
        self._open: dict[tuple[str, str], AESGCM] = {}

    def key(self, of: tuple[str, str] | None) -> AESGCM | None:
        """`of` is a persona, or WHOEVERS, and a subject."""
        if of is None:
            return self._data_key
        if of[0] == WHOEVERS:
            of = self._whose.get(of[1], WHOEVERS), of[1]
        if of not in self._open and of in self._wrapped:
            place = {"person_id": self._person_id, "persona_id": of[0], "subject": of[1]}
            self._open[of] = cipher(unwrap_subject_key(self._data_key, self._wrapped[of], **place))
        return self._open.get(of)


def plain_rows(db: Connection, keyring: Keyring, kind: Portable, *, person_id: str) -> Iterator[dict[str, Plain]]:
    """By primary key, compared byte by byte on every engine. Rows whose key was destroyed are gone.

    Raises keys.errors.CannotOpen.
    """
    table = kind.table
    query = select(*(stored(column) for column in kind.columns)).where(table.c.person_id == person_id)
    if kind.rows is not None:
        query = query.where(kind.rows)
    query = query.order_by(*(bytewise(db, column) for column in table.primary_key.columns))
    for row in db.execute(query.execution_options(yield_per=AT_ONCE)):
        plain = opened(keyring, kind, row)
        if plain is not None:
            yield plain


def opened(keyring: Keyring, kind: Portable, row: Row[Any]) -> dict[str, Plain] | None:
    found: dict[str, Plain] = {str(column.name): said(column, row._mapping[column.name]) for column in kind.columns}
    for one in kind.sealed:
        sealed = found.pop(one.column)
        if sealed is None:
            found[one.name] = None
            continue
        key = keyring.key(key_of(one, found))
        if key is None:
            return None
        plain = unseal(key, row._mapping[one.column], *place_of(one, found))
        found[one.name] = shown(one, plain, found)
    return found


def shown(one: Sealed, plain: bytes, row: Mapping[str, Plain]) -> Plain:
    """What was sealed, as the vault has it."""
    if one.holds == BYTES:
        return plain
    if is_raw(one, row):
        return base64url(plain)
    return (zlib.decompress(plain) if one.holds == PACKED else plain).decode()


def hidden(one: Sealed, value: Plain, row: Mapping[str, Plain]) -> bytes:
    """The same back, to be sealed. Raises ValueError."""
    if isinstance(value, bytes):
        return value
    if is_raw(one, row):
        return from_base64url(str(value))
    content = str(value).encode()
    return zlib.compress(content, QUICK) if one.holds == PACKED else content


def is_raw(one: Sealed, row: Mapping[str, Plain]) -> bool:
    return one.raw_if is not None and bool(row[one.raw_if])


def key_of(one: Sealed, row: Mapping[str, Plain]) -> tuple[str, str] | None:
    return None if one.key is None else (one.key[0].format_map(row), one.key[1].format_map(row))


def place_of(one: Sealed, row: Mapping[str, Plain]) -> tuple[str, ...]:
    return tuple(part.format_map(row) for part in one.place)


def stored(column: Column[Any]) -> ColumnElement[Any]:
    """JSON as it is stored: null and no value at all are two things."""
    return cast(column, Text).label(column.name) if isinstance(column.type, JSON) else column


def said(column: Column[Any], value: Any) -> Plain:
    if value is None:
        return None
    if isinstance(column.type, JSON):
        return canonical_text(value)
    if isinstance(column.type, Boolean):
        return int(value)
    return bytes(value) if isinstance(column.type, LargeBinary) else value


def canonical_text(json: str) -> str:
    """The same JSON in its one spelling (RFC 8785), as far as its numbers are whole."""
    return orjson.dumps(orjson.loads(json), option=orjson.OPT_SORT_KEYS).decode()


def bytewise(db: Connection, column: Column[Any]) -> ColumnElement[Any]:
    is_text = isinstance(column.type, String)
    return column.collate("C") if is_text and db.dialect.name == "postgresql" else column


def kind_in_file(kind: Portable, column: Column[Any]) -> type:
    """TEXT, INTEGER or BLOB, as Python has it."""
    sealed = next((one for one in kind.sealed if one.column == column.name), None)
    if sealed is not None:
        return bytes if sealed.holds == BYTES else str
    if isinstance(column.type, Integer | Boolean):
        return int
    return bytes if isinstance(column.type, LargeBinary) else str


def line(table: str, row: Mapping[str, Plain]) -> bytes:
    """A row as the content hash takes it: its table and itself in canonical JSON (RFC 8785), and a newline."""
    texts = {name: base64url(value) if isinstance(value, bytes) else value for name, value in row.items()}
    return orjson.dumps([table, texts], option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
