"""Take a vault in, in one transaction: sealed anew under this host's secrets, and counted up again at the end."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import JSON, Boolean, Connection, bindparam, exists, insert, or_, select
from sqlalchemy.exc import DataError, IntegrityError

from consent import granted, grants, ledger, standing
from consent.errors import ConsentError
from consent.model import Cover
from consent.moving import homes
from consent.rights import answers, requests
from consent.rights.requests import KIND as REQUEST
from consent.standing import Whose
from consent.tables import ledger as lines
from consent.terms import standing as terms
from keys.errors import BadToken, CannotOpen
from keys.persons import create_data_key, subject_key
from keys.sealing import cipher, seal
from keys.secrets import HostSecrets
from keys.tables import metadata, person_keys
from vendor_api.errors import VendorApiError
from vendor_api.vendors.response_types import offered
from wallet.data.attributes import attributes_of
from wallet.data.engine import current_values
from wallet.dialogue.engine import KIND as THREAD
from wallet.host import proxies_of
from wallet.house import House
from wallet.people.logins import check_login, login_digest
from wallet.people.recovery import engine as recovery
from wallet.people.tables import people
from wallet.records import blocks, engine, imports
from wallet.records.model import DataSet
from wallet.triggers.engine import KIND as TRIGGER
from wallet.vault import checks, moved, places
from wallet.vault import vendors as of_vendors
from wallet.vault.declared import BY_NAME
from wallet.vault.declaring import WHOEVERS, Portable
from wallet.vault.errors import BadVault
from wallet.vault.file import content_hash
from wallet.vault.known import Known
from wallet.vault.reading import Vault
from wallet.vault.rows import AT_ONCE, Plain, hidden, key_of, place_of

ORDER: Final = tuple(BY_NAME[table.name] for table in metadata.sorted_tables if table.name in BY_NAME)


@dataclass(frozen=True, slots=True)
class Restored:
    """Who lives here now, and which of their vendors are not known here. `moved` where the address is another."""

    login: str
    content_hash: str
    moved: bool
    unknown_vendors: tuple[str, ...]


def restore(house: House, vault: Vault, *, login: str | None = None, with_vendors: bool = False) -> Restored:
    """Raises BadVault or BadLogin; then nothing was changed."""
    login = check_login(login) if login is not None else None
    known = checks.verify(vault)
    expected = vault.counted(login) if login else vault.content_hash
    try:
        return house.database.write(take_in, house, vault, known, expected, login=login, with_vendors=with_vendors)
    except (IntegrityError, DataError):
        raise BadVault("Something in this vault is here already, or does not fit together.") from None


def take_in(
    db: Connection, house: House, vault: Vault, known: Known, expected: str, *, login: str | None, with_vendors: bool
) -> Restored:
    secrets, person_id, now = house.secrets, vault.person_id, house.clock()
    name = login or next(str(row["login"]) for row in vault.rows(BY_NAME["people"]))
    is_empty = not db.execute(select(exists().where(people.c.person_id.is_not(None)))).scalar()
    check_room(db, secrets, person_id=person_id, login=name)
    sealing = Sealing(db, create_data_key(db, secrets, person_id=person_id, now=now), person_id)
    for kind in ORDER:
        if kind.hashed:
            beside = more(db, secrets, kind, name, known=known, person_id=person_id)
            fill(db, kind, (sealing.stored(kind, row) | beside(row) for row in renamed(vault, kind, name)))
    cover(db, secrets, person_id=person_id)
    look_around(db, secrets, known, person_id=person_id)
    put_items_down(db, person_id=person_id)
    bring_ids(db, secrets, vault)
    unknown = of_vendors.take_over(
        db, vault.vendors(), offer=offer_of(house) if is_empty or with_vendors else None, now=now
    )
    places.take(db, vault, issuer=house.settings.issuer, now=now)
    if content_hash(db, secrets, person_id=person_id) != expected:
        raise BadVault("What was taken in is not what is in the vault, so nothing was kept.")
    moves = vault.issuer != house.settings.issuer
    if moves:
        moved.tell(db, house, known, old=vault.issuer, person_id=person_id, now=now)
    return Restored(name, expected, moves, unknown)


def offer_of(house: House) -> of_vendors.Offer:
    response_types = offered(front_channel=house.settings.front_channel_tokens == "on")
    return of_vendors.Offer(response_types, proxies_of(house.settings))


def check_room(db: Connection, secrets: HostSecrets, *, person_id: str, login: str) -> None:
    """Raises BadVault where this person lives here already, or somebody else has their login."""
    there = or_(
        exists().where(people.c.person_id == person_id),
        exists().where(person_keys.c.person_id == person_id),
        exists().where(lines.c.person_id == person_id),
    )
    if db.execute(select(there)).scalar():
        raise BadVault("This person lives here already.")
    if db.execute(select(exists().where(people.c.login_digest == login_digest(secrets, login)))).scalar():
        raise BadVault("Somebody here has this login; choose another with --login.")


def renamed(vault: Vault, kind: Portable, login: str) -> Iterator[dict[str, Plain]]:
    for row in vault.rows(kind):
        yield row | {"login": login} if kind.name == "people" else row


def more(
    db: Connection, secrets: HostSecrets, kind: Portable, login: str, *, known: Known, person_id: str
) -> Callable[[Mapping[str, Plain]], dict[str, Any]]:
    """What this host adds to each row."""
    if kind.name == "people":
        return lambda _row: {"login_digest": login_digest(secrets, login)}
    if kind.name == "record_blocks":
        sets = {
            one.data_set_id: one
            for persona_id in known.roots
            for one in engine.of_persona(db, secrets, person_id=person_id, persona_id=persona_id)
        }
        return lambda row: beside(sets[str(row["data_set_id"])], row)
    return lambda _row: {}


def beside(data_set: DataSet, row: Mapping[str, Any]) -> dict[str, bytes]:
    place = {"block_id": row["block_id"], "version": row["version"], "part": row["part"]}
    return blocks.beside(data_set, **place, rows=orjson.loads(row["rows"]))


def put_items_down(db: Connection, *, person_id: str) -> None:
    """Who may read what, item by item, as it follows from the grants."""
    for grant in grants.of_person(db, person_id=person_id):
        granted.keep(db, grant)
        if grant.ended_at is not None:
            granted.end(db, grant.grant_id, person_id=person_id, now=grant.ended_at)


class Sealing:
    """Seals rows under keys that are made as they are wanted."""

    def __init__(self, db: Connection, data_key: bytes, person_id: str) -> None:
        self._db, self._data_key, self._person_id = db, data_key, person_id
        self._keys: dict[tuple[str, str] | None, AESGCM] = {None: cipher(data_key)}

    def key(self, of: tuple[str, str] | None) -> AESGCM:
        """`of` is a persona and a subject; or WHOEVERS, and a subject that has its key already."""
        if of is not None and of not in self._keys:
            place = {"person_id": self._person_id, "persona_id": of[0], "subject": of[1]}
            self._keys[of] = self._keys[WHOEVERS, of[1]] = cipher(subject_key(self._db, self._data_key, **place))
        return self._keys[of]

    def stored(self, kind: Portable, row: Mapping[str, Plain]) -> dict[str, Any]:
        """The row as its table has it."""
        found: dict[str, Any] = dict(row)
        for one in kind.sealed:
            plain = found.pop(one.name)
            if plain is None:
                found[one.column] = None
            else:
                found[one.column] = seal(self.key(key_of(one, row)), hidden(one, plain, row), *place_of(one, row))
        for column in kind.columns:
            if isinstance(column.type, JSON):
                found[column.name] = json_value(found[column.name])
            elif isinstance(column.type, Boolean) and found[column.name] is not None:
                found[column.name] = bool(found[column.name])
        return found


def json_value(text: str | None) -> Any:
    """For a column of JSON: null in it and no value at all are two things."""
    content = None if text is None else orjson.loads(text)
    return JSON.NULL if text is not None and content is None else content


def fill(db: Connection, kind: Portable, rows: Iterator[dict[str, Any]]) -> None:
    statement = insert(kind.table)
    json = {
        column.name: bindparam(column.name, type_=JSON(none_as_null=True))
        for column in kind.columns
        if isinstance(column.type, JSON)
    }
    while some := list(islice(rows, AT_ONCE)):
        db.execute(statement.values({name: bindparam(name) for name in some[0]} | json), some)


def look_around(db: Connection, secrets: HostSecrets, known: Known, *, person_id: str) -> None:
    """Read what pages will read of the person, so that none of it can stop one. Raises BadVault."""
    try:
        attributes_of(db, secrets, person_id=person_id)
        grants.of_person(db, person_id=person_id)
        for persona_id in known.roots:
            whose = Whose(person_id, persona_id)
            standing.of(db, whose=whose)
            for request in requests.of_person(db, person_id=person_id, persona_id=persona_id):
                answers.answers_of(db, secrets, request)
            terms.of_persona(db, person_id=person_id, persona_id=persona_id)
            current_values(db, secrets, person_id=person_id, persona_id=persona_id)
            for data_set in engine.of_persona(db, secrets, person_id=person_id, persona_id=persona_id):
                imports.of_data_set(db, secrets, data_set)
        recovery.of_person(db, secrets, person_id=person_id)
    except (LookupError, TypeError, ValueError, AttributeError, VendorApiError, ConsentError, CannotOpen):
        raise BadVault("Something in this vault is not what it should be.") from None


def cover(db: Connection, secrets: HostSecrets, *, person_id: str) -> None:
    """The ledger's cover, vouched for by this host."""
    mine = select(lines.c.seq, lines.c.hash, lines.c.at).where(lines.c.person_id == person_id)
    last = db.execute(mine.order_by(lines.c.seq.desc()).limit(1)).one_or_none()
    if last is None:
        return
    row = {
        "person_id": person_id,
        "seq": ledger.COVER,
        "at": last.at,
        "action": "cover",
        "detail": {"last": last.seq},
        "salt": "",
        "previous": ledger.cover_mac(secrets.ledger, person_id, Cover(last.seq, last.hash)),
        "hash": last.hash,
    }
    db.execute(insert(lines).values(row))


def bring_ids(db: Connection, secrets: HostSecrets, vault: Vault) -> None:
    """What vendors call grants and requests by is found here too. Raises BadVault for somebody else's."""
    grants = (("grant", str(row["grant_id"])) for row in vault.rows(BY_NAME["grants"]))
    requests = ((REQUEST, str(row["request_id"])) for row in vault.rows(BY_NAME["rights"]))
    said = ((THREAD, str(row["public_id"])) for row in vault.rows(BY_NAME["threads"]))
    watched = ((TRIGGER, str(row["public_id"])) for row in vault.rows(BY_NAME["triggers"]))
    try:
        homes.bring(db, secrets, (*grants, *requests, *said, *watched), person_id=vault.person_id)
    except BadToken:
        raise BadVault("A grant in this vault is somebody else's.") from None
