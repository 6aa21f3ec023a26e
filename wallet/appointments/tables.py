"""The table of appointments."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from keys.tables import metadata

# Calls, by phone or video, that a vendor asked for: `message_id` is the message in which it did, `public_id` what it
# calls the appointment. `starts_at` and `ends_at` are of the time agreed on, or proposed by the person. What was
# offered lies sealed under the key of the thread. `ended_by` is who cancelled, `missed` who did not come.
appointments = Table(
    "appointments",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("appointment_id", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("client_id", String, nullable=False),
    Column("grant_id", String, nullable=False),
    Column("thread_id", String(64), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("public_id", String, nullable=False),
    Column("topic", String(64), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("starts_at", BigInteger),
    Column("ends_at", BigInteger),
    Column("ended_by", String(8)),
    Column("missed", String(8)),
    Column("reminded_at", BigInteger),
    Column("version", Integer, nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(["person_id", "thread_id"], ["threads.person_id", "threads.thread_id"], ondelete="CASCADE"),
    CheckConstraint("state IN ('asked', 'proposed', 'agreed', 'declined', 'cancelled')", name="state"),
    CheckConstraint("kind IN ('phone', 'video')", name="kind"),
    UniqueConstraint("person_id", "public_id"),
    UniqueConstraint("person_id", "message_id"),
)
_its = appointments.c
Index("ix_appointments_newest", _its.person_id, _its.persona_id, _its.asked_at, _its.appointment_id)
_agreed = _its.state == "agreed"
Index("ix_appointments_starts_at", _its.starts_at, sqlite_where=_agreed, postgresql_where=_agreed)
