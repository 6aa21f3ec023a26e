"""What has to happen to a copy before it is a house again: nothing that was erased or ended since may come back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, exists, literal, select, update

from consent import ledger
from consent.contact.tables import contact_policies
from consent.tables import asks, grants
from keys.errors import CannotOpen
from keys.persons import ITSELF, unwrap_data_key, unwrap_subject_key, with_keys
from keys.sealing import unseal
from keys.secrets import HostSecrets
from keys.tables import data_keys, metadata, person_keys
from vendor_api.intents.tables import heard_intents
from vendor_api.publishing.tables import publications
from vendor_api.reviews.published import subject_of as reviews_of
from vendor_api.reviews.tables import reviews
from vendor_api.tables import (
    backchannel_requests,
    codes,
    device_codes,
    pushed_requests,
    released,
    staff_invitations,
    staff_sessions,
    tokens,
)
from wallet.appointments.tables import appointments
from wallet.backup import keyring
from wallet.backup.keyring import AT_ONCE
from wallet.channels.addresses import SUBJECT as CHANNEL
from wallet.channels.tables import channel_addresses, channel_codes, deliveries, mail_aliases
from wallet.data.sealed import value_aad
from wallet.data.tables import attribute_values
from wallet.deposits.engine import SUBJECT_OF_ROW, aad_of
from wallet.deposits.tables import deposits
from wallet.dialogue.engine import subject_of as threads_of
from wallet.dialogue.tables import attachments, feedback, messages, threads
from wallet.feeds.tables import publication_copies
from wallet.intents import engine as looking_for
from wallet.intents.tables import intent_offers, intents
from wallet.people.tables import invitations, pairings, people, persona_pictures, personas, sessions
from wallet.records.engine import subject_of
from wallet.records.tables import data_sets, record_imports
from wallet.triggers import engine as watching
from wallet.triggers.tables import firings, triggers

# What is sealed under a key of its own, and the subject of that key; a row whose key is gone was erased.
KEYED: tuple[tuple[Table, Callable[[Any], Any]], ...] = (
    (attribute_values, lambda row: row.attribute),
    (personas, lambda _row: ITSELF),
    (persona_pictures, lambda _row: ITSELF),
    (deposits, lambda _row: SUBJECT_OF_ROW),
    (data_sets, lambda row: literal(subject_of("")).concat(row.data_set_id)),
    (threads, lambda row: literal(threads_of("")).concat(row.thread_id)),
    (messages, lambda row: literal(threads_of("")).concat(row.thread_id)),
    (attachments, lambda row: literal(threads_of("")).concat(row.thread_id)),
    (appointments, lambda row: literal(threads_of("")).concat(row.thread_id)),
    (feedback, lambda row: literal(threads_of("")).concat(row.thread_id)),
    (record_imports, lambda row: literal(subject_of("")).concat(row.import_id)),
    (channel_addresses, lambda row: literal(CHANNEL).concat(row.address_id)),
    (mail_aliases, lambda _row: ITSELF),
    (contact_policies, lambda _row: ITSELF),
    (intent_offers, lambda row: literal(looking_for.subject_of("")).concat(row.intent_id)),
    (intents, lambda row: literal(looking_for.subject_of("")).concat(row.intent_id)),
    (firings, lambda row: literal(watching.subject_of("")).concat(row.trigger_id)),
    (reviews, lambda row: literal(reviews_of("")).concat(row.review_id)),
    (triggers, lambda row: literal(watching.subject_of("")).concat(row.trigger_id)),
)
# They opened something for a moment, a while or a week, and may have been used, answered or taken back since.
OVER = (
    *(codes, device_codes, backchannel_requests, pushed_requests, released, asks, invitations, pairings),
    *(staff_invitations, staff_sessions, channel_codes),
)


@dataclass(frozen=True, slots=True)
class Settled:
    """How many people there are again, and how many rows were left out because their keys were destroyed."""

    people: int
    erased: int


def settle(db: Connection, secrets: HostSecrets, *, made_at: int, now: int) -> Settled:
    """For a copy with its keyring in it; `made_at` is when the copy was made."""
    erased = leave_out_erased(db) + leave_out_sealed_anew(db, secrets)
    end_what_was_open(db, now=now)
    found = db.execute(select(people.c.person_id).order_by(people.c.person_id)).scalars().all()
    tell(db, secrets, found, made_at=made_at, now=now)
    return Settled(len(found), erased)


def leave_out_erased(db: Connection) -> int:
    """Rows without their key; of a person without one, every row. Returns how many."""
    gone = 0
    for table in reversed(metadata.sorted_tables):
        if "person_id" in table.c and table not in keyring.TABLES:
            key = exists().where(person_keys.c.person_id == table.c.person_id)
            gone += db.execute(delete(table).where(table.c.person_id.is_not(None), ~key)).rowcount
    for table, subject in KEYED:
        gone += db.execute(delete(table).where(~has_key(table, subject(table.c)))).rowcount
    return gone


def leave_out_sealed_anew(db: Connection, secrets: HostSecrets) -> int:
    """Values that were locked, unlocked or given up since, and deposits from which one was erased. Returns how many."""
    subjects = dict(KEYED)
    return sum(
        without_their_key(db, secrets, table, subjects[table](table.c), opens)
        for table, opens in ((attribute_values, opens_value), (deposits, opens_deposit))
    )


def without_their_key(
    db: Connection, secrets: HostSecrets, table: Table, subject: Any, opens: Callable[[bytes, Any], object]
) -> int:
    """Leave out the rows for which the keyring has another key by now."""
    found = with_keys(table, table, data_keys.c.subject, persona_id=table.c.persona_id, subject=subject)
    gone = [
        {f"of_{column.name}": one._mapping[column.name] for column in table.primary_key}
        for one in db.execute(found.execution_options(yield_per=AT_ONCE))
        if not is_open(secrets, one, opens)
    ]
    if gone:
        this = (column == bindparam(f"of_{column.name}") for column in table.primary_key)
        db.execute(delete(table).where(*this), gone)
    return len(gone)


def opens_value(key: bytes, one: Any) -> bytes:
    """What is locked stays closed."""
    place = {"person_id": one.person_id, "persona_id": one.persona_id, "attribute": one.attribute}
    return unseal(key, one.value_sealed, *value_aad(place, one.version))


def opens_deposit(key: bytes, one: Any) -> bytes:
    place = {"person_id": one.person_id, "persona_id": one.persona_id, "deposit_id": one.deposit_id}
    return unseal(key, one.document_sealed, *aad_of(place))


def is_open(secrets: HostSecrets, one: Any, opens: Callable[[bytes, Any], object]) -> bool:
    """Whether the keyring's key is the one this lies under."""
    data_key = unwrap_data_key(secrets, one.data_key_sealed, person_id=one.person_id)
    subject = {"person_id": one.person_id, "persona_id": one.persona_id, "subject": one.subject}
    key = unwrap_subject_key(data_key, one.key_sealed, **subject)
    try:
        opens(key, one)
    except CannotOpen:
        return False
    return True


def has_key(table: Table, subject: Any) -> ColumnElement[bool]:
    row = data_keys.c
    return exists().where(
        row.person_id == table.c.person_id, row.persona_id == table.c.persona_id, row.subject == subject
    )


def end_what_was_open(db: Connection, *, now: int) -> None:
    """Access tokens, codes and sessions end; grants and refresh tokens stay, but for those of an erased persona."""
    for table in OVER:
        db.execute(delete(table))
    db.execute(update(triggers).values(restored_at=now))  # what fired since the copy was made is not known here
    looked_for = update(intents).where(intents.c.state.in_(("waiting", "open")))  # perhaps decided about since
    db.execute(looked_for.values(state="withdrawn", ended_at=now))
    heard_of = update(heard_intents).where(heard_intents.c.state == "open")
    db.execute(heard_of.values(state="withdrawn", ended_at=now))
    db.execute(update(sessions).where(sessions.c.ended_at.is_(None)).values(ended_at=now, presence_key=None))
    access = (tokens.c.kind == "access") & tokens.c.revoked_at.is_(None)
    db.execute(update(tokens).where(access).values(revoked_at=now))
    on_its_way = update(deliveries).where(deliveries.c.due_at.is_not(None))  # perhaps it has arrived since
    db.execute(on_its_way.values(state="handed_over", due_at=None, done_at=now))
    db.execute(update(publication_copies).values(due_at=None))  # likewise
    db.execute(update(publications).where(publications.c.spread_at.is_(None)).values(spread_at=now))
    persona = exists().where(personas.c.person_id == grants.c.person_id, personas.c.persona_id == grants.c.persona_id)
    db.execute(update(grants).where(grants.c.ended_at.is_(None), ~persona).values(ended_at=now))


def tell(db: Connection, secrets: HostSecrets, found: Iterable[str], *, made_at: int, now: int) -> None:
    """Everybody reads in their ledger from when the copy was: what they changed since may be missing."""
    entry = ledger.Entry("restored", detail={"backup_at": made_at})
    for person_id in found:
        ledger.write(db, secrets.ledger, entry, person_id=person_id, now=now)
