"""Take in what a vendor hands over, show it to the person, and keep what they choose."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal, select, update

from consent import ledger
from consent.ledger import Entry
from consent.model import Grant
from keys import opaque
from keys.inserts import insert_if_new
from keys.persons import key_of_row, open_subject_key, with_keys
from keys.sealing import seal, unseal
from keys.secrets import HostSecrets
from vendor_api.model import Handed, Rows
from vendor_api.oauth.deposits import InvalidDeposit, OtherDeposit, TooManyDeposits
from wallet.data import engine as data
from wallet.data.attributes import attributes_of, define_attribute
from wallet.data.catalogue import EVERYBODYS
from wallet.data.errors import BadName, BadValue, LockedAway
from wallet.data.kinds import check, typed_text
from wallet.data.model import Attribute, Json, Origin, Value
from wallet.deposits import trust
from wallet.deposits.errors import DepositDecided, UnknownDeposit
from wallet.deposits.tables import deposits
from wallet.records import handing
from wallet.records.errors import BadDataSet, ImportRuns

MOST_WAITING: Final = 100
SUBJECT: Final = "deposits/"  # and what begins an id: each has a key of its own
BEGINNING: Final = 43  # letters; ids are random from the first on
RECORDS: Final = "records"  # as a thing to choose; no attribute is called so
NOT_KEPT: Final = (BadValue, BadName, LockedAway, BadDataSet, ImportRuns)

_row = deposits.c
# Under which the key of a row is kept.
SUBJECT_OF_ROW: Final = literal(SUBJECT).concat(func.substr(_row.deposit_id, 1, BEGINNING))


@dataclass(frozen=True, slots=True)
class Deposit:
    """One thing a vendor handed over; `state` is waiting, kept, partly_kept or refused."""

    deposit_id: str
    person_id: str
    persona_id: str
    grant_id: str
    client_id: str
    vendor: str
    received_at: int
    state: str
    decided_at: int | None
    document: str = field(repr=False)
    values: Mapping[str, Json] = field(repr=False)
    records: Rows | None = field(repr=False)

    @property
    def parts(self) -> frozenset[str]:
        """What can be chosen: attributes, and RECORDS."""
        return frozenset(self.values) | ({RECORDS} if self.records else frozenset())


def receive(db: Connection, secrets: HostSecrets, grant: Grant, handed: Handed, *, now: int) -> tuple[str, int, bool]:
    """Its id, when it came, and whether that is now. Raises InvalidDeposit, OtherDeposit, TooManyDeposits."""
    person_id, client_id = grant.person_id, grant.party.client_id
    mine = (_row.person_id == person_id, _row.persona_id == grant.persona_id, _row.client_id == client_id)
    same = select(_row.deposit_id, _row.received_at, _row.digest).where(*mine, _row.jti == handed.jti)
    before = db.execute(same).one_or_none()
    if before is not None:
        if before.digest != handed.digest:
            raise OtherDeposit("another deposit has come under this jti; give each one its own")
        return before.deposit_id, before.received_at, False
    check_values(handed.values)
    if db.execute(select(func.count()).where(*mine, _row.state == "waiting")).scalar_one() >= MOST_WAITING:
        raise TooManyDeposits(f"{MOST_WAITING} deposits of yours wait for the person; send more when they have looked")
    deposit_id = opaque.mint(secrets.tokens, "deposit", person_id)
    place = {"person_id": person_id, "deposit_id": deposit_id, "persona_id": grant.persona_id}
    said = {"vendor": grant.party.name, "document": handed.document, "values": handed.values}
    content = orjson.dumps(said | {"records": records_said(handed.records)})
    row = {
        **place,
        "grant_id": grant.grant_id,
        "client_id": client_id,
        "jti": handed.jti,
        "digest": handed.digest,
        "received_at": now,
        "state": "waiting",
        "document_sealed": seal(new_key(db, secrets, place), content, *aad_of(place)),
    }
    insert_if_new(db, deposits, row)
    detail = {"vendor": grant.party.name, "attributes": sorted(handed.values)} | count_of(handed.records)
    entry = Entry("deposited", client_id, grant.grant_id, detail)
    ledger.write(db, secrets.ledger, entry, person_id=person_id, now=now)
    face = {"person_id": person_id, "persona_id": grant.persona_id}
    trusts = trust.is_trusted(db, **face, client_id=client_id)
    if trusts and trust.kept_in_a_day(db, *mine, now=now) < trust.MOST_KEPT_IN_A_DAY:
        keep_by_itself(db, secrets, find(db, secrets, deposit_id, **face), now=now)
    return deposit_id, now, True


def check_values(values: Mapping[str, Any]) -> None:
    """Of attributes that everybody has; what the person thought of is nothing a vendor may find out. InvalidDeposit."""
    for name, value in values.items():
        try:
            if name in EVERYBODYS:
                check(EVERYBODYS[name], typed_text(value))
        except BadValue:
            raise InvalidDeposit(f"deposit is not valid: this is no value for {name}") from None


def find(db: Connection, secrets: HostSecrets, deposit_id: str, *, person_id: str, persona_id: str) -> Deposit:
    """Raises UnknownDeposit."""
    mine = (_row.person_id == person_id, _row.persona_id == persona_id, _row.deposit_id == deposit_id)
    row = db.execute(keyed(*mine)).one_or_none()
    if row is None:
        raise UnknownDeposit
    return _deposit(secrets, row)


def newest(
    db: Connection, secrets: HostSecrets, *, person_id: str, persona_id: str, waiting: bool, skip: int = 0, limit: int
) -> tuple[Deposit, ...]:
    """A page of those that wait, or of those that were decided, the newest first."""
    mine: tuple[ColumnElement[bool], ...] = (_row.person_id == person_id, _row.persona_id == persona_id)
    mine += (_row.state == "waiting",) if waiting else (_row.state != "waiting",)
    query = keyed(*mine).order_by(_row.received_at.desc(), _row.deposit_id).offset(skip).limit(limit)
    return tuple(_deposit(secrets, row) for row in db.execute(query))


def how_many_wait(db: Connection, *, person_id: str, persona_id: str) -> int:
    mine = (_row.person_id == person_id, _row.persona_id == persona_id, _row.state == "waiting")
    return db.execute(select(func.count()).where(*mine)).scalar_one()


def decide(
    db: Connection,
    secrets: HostSecrets,
    deposit: Deposit,
    chosen: Collection[str],
    *,
    lock_key: bytes | None = None,
    now: int,
) -> None:
    """Keep what was chosen of a deposit, and turn the rest away; `lock_key` is that of who is present.

    Raises DepositDecided and NOT_KEPT; the transaction they were raised in can not go on.
    """
    kept = deposit.parts & frozenset(chosen)
    state = "refused" if not kept else "kept" if kept == deposit.parts else "partly_kept"
    mine = (_row.person_id == deposit.person_id, _row.deposit_id == deposit.deposit_id, _row.state == "waiting")
    if db.execute(update(deposits).where(*mine).values(state=state, decided_at=now)).rowcount != 1:
        raise DepositDecided
    known = attributes_of(db, secrets, person_id=deposit.person_id)
    for name in sorted(kept - {RECORDS}):
        _keep_value(db, secrets, deposit, name, known, lock_key=lock_key, now=now)
    if kept & {RECORDS}:
        _keep_rows(db, secrets, deposit, now=now)
    detail: dict[str, Any] = {"vendor": deposit.vendor, "attributes": sorted(kept - {RECORDS})}
    if kept & {RECORDS}:
        detail |= count_of(deposit.records)
    action = "deposit_kept" if kept else "deposit_refused"
    entry = Entry(action, deposit.client_id, deposit.grant_id, detail)
    ledger.write(db, secrets.ledger, entry, person_id=deposit.person_id, now=now)


def keep_by_itself(db: Connection, secrets: HostSecrets, deposit: Deposit, *, now: int) -> None:
    """What a trusted vendor hands over, unless it would replace what they entered, be something new, or is locked."""
    place: dict[str, Any] = {"person_id": deposit.person_id, "persona_id": deposit.persona_id}
    mine = data.current_values(db, secrets, **place, attributes=deposit.values)
    known = attributes_of(db, secrets, person_id=deposit.person_id)
    is_known = all(name in known and replaceable(mine.get(name), value) for name, value in deposit.values.items())
    if is_known and (deposit.records is None or feeds(db, secrets, deposit, deposit.records)):
        try:
            with db.begin_nested():
                decide(db, secrets, deposit, deposit.parts, now=now)
        except NOT_KEPT:  # no value for an attribute of theirs, only they can lock it away, or rows that do not fit
            return


def feeds(db: Connection, secrets: HostSecrets, deposit: Deposit, records: Rows) -> bool:
    """Whether this vendor's rows came into the data set before."""
    place = {"person_id": deposit.person_id, "persona_id": deposit.persona_id}
    found = handing.target(db, secrets, records.name, client_id=deposit.client_id, **place)
    return found is not None and handing.is_fed_by(db, secrets, found, deposit.client_id)


def replaceable(mine: Value | None, handed: Json) -> bool:
    return mine is None or mine.value == handed


def count_of(records: Rows | None) -> dict[str, int]:
    return {"rows": len(records.rows)} if records else {}


def records_said(records: Rows | None) -> dict[str, Any] | None:
    return {"name": records.name, "columns": records.columns, "rows": records.rows} if records else None


def _keep_value(
    db: Connection,
    secrets: HostSecrets,
    deposit: Deposit,
    name: str,
    known: Mapping[str, Attribute],
    *,
    lock_key: bytes | None,
    now: int,
) -> None:
    """Raises BadValue, BadName, LockedAway."""
    value = deposit.values[name]
    place: dict[str, Any] = {"person_id": deposit.person_id, "persona_id": deposit.persona_id}
    if name not in known:
        define_attribute(db, secrets, person_id=deposit.person_id, name=name, label=name, kind=kind_of(value), now=now)
    what: dict[str, Any] = {
        "attribute": name,
        "value": typed_text(value),
        "origin": Origin("vendor", deposit.client_id),
    }
    data.set_value(db, secrets, **place, **what, expected_version=None, lock_key=lock_key, now=now)


def _keep_rows(db: Connection, secrets: HostSecrets, deposit: Deposit, *, now: int) -> None:
    """Raises BadDataSet, ImportRuns."""
    if deposit.records is None:
        return
    place = {"person_id": deposit.person_id, "persona_id": deposit.persona_id}
    whose = {"client_id": deposit.client_id, "vendor": deposit.vendor}
    handing.bring_in(db, secrets, deposit.records, **whose, **place, now=now)


def kind_of(value: Json) -> str:
    """The kind of an attribute that nobody knew before."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "lines" if "\n" in value else "text"


def _deposit(secrets: HostSecrets, row: Row[Any]) -> Deposit:
    said = said_in(secrets, row)
    records = said["records"]
    return Deposit(
        row.deposit_id,
        row.person_id,
        row.persona_id,
        row.grant_id,
        row.client_id,
        said["vendor"],
        row.received_at,
        row.state,
        row.decided_at,
        said["document"],
        said["values"],
        Rows(records["name"], tuple(records["columns"]), tuple(map(tuple, records["rows"]))) if records else None,
    )


def keyed(*mine: ColumnElement[bool]) -> Select[Any]:
    """These deposits, each with what opens it."""
    return with_keys(deposits, deposits, persona_id=_row.persona_id, subject=SUBJECT_OF_ROW).where(*mine)


def said_in(secrets: HostSecrets, row: Row[Any]) -> dict[str, Any]:
    """What lies sealed in a row of `keyed`. Raises CannotOpen."""
    place = {"person_id": row.person_id, "persona_id": row.persona_id}
    key = key_of_row(secrets, row, **place, subject=subject_of(row.deposit_id))
    said: dict[str, Any] = orjson.loads(
        unseal(key, row.document_sealed, *aad_of(place | {"deposit_id": row.deposit_id}))
    )
    return said


def subject_of(deposit_id: str) -> str:
    return SUBJECT + deposit_id[:BEGINNING]


def new_key(db: Connection, secrets: HostSecrets, place: Mapping[str, str]) -> bytes:
    whose = {"person_id": place["person_id"], "persona_id": place["persona_id"]}
    return open_subject_key(db, secrets, **whose, subject=subject_of(place["deposit_id"]))


def aad_of(place: Mapping[str, str]) -> tuple[str, ...]:
    """Where a document lies, for sealing."""
    return "deposits", place["person_id"], place["persona_id"], place["deposit_id"]
