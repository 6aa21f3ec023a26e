"""The table of feedback; what it says is sealed under the key of its thread ("threads/<thread_id>")."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from keys.tables import metadata

# How far it has come at the vendor's desk what a person said in a thread, as the person was told: `state` as there,
# `due_at` when the answer is due, `late_at` when it was not there and somebody else was given it. `unseen` counts steps
# the person has not looked at, `satisfied` is what they think of the answer; in `details_sealed` who answers, why it
# weighs what it does, what was decided and why, and each step.
feedback = Table(
    "feedback",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("thread_id", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("state_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("late_at", BigInteger),
    Column("outcome", String(16)),
    Column("satisfied", Boolean),
    Column("unseen", Integer, nullable=False),
    Column("details_sealed", LargeBinary, nullable=False),
)
_it = feedback.c
Index("ix_feedback_latest", _it.person_id, _it.persona_id, _it.state_at, _it.thread_id)
_waiting = _it.due_at.is_not(None)
Index(
    "ix_feedback_due_at",
    *(_it.person_id, _it.persona_id, _it.due_at),
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
