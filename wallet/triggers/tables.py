"""Tables of triggers."""

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

# A persona's condition at which one vendor is told something, sealed under a key of its own ("triggers/<trigger_id>").
# `public_id` is what the vendor calls it; `source` stands for what it watches (wallet/noticing.py); `due_at` is when it
# is looked at next, `seen` a keyed digest of what was there at the last look.
triggers = Table(
    "triggers",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("trigger_id", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("client_id", String, nullable=False),
    Column("sector", String, nullable=False),
    Column("public_id", String, nullable=False),
    Column("source", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("seen", String(64)),
    Column("restored_at", BigInteger),  # what may have fired before then may be missing below
    Column("content_sealed", LargeBinary, nullable=False),
    CheckConstraint("state IN ('active', 'paused')", name="state"),
    CheckConstraint("mode IN ('own', 'delegated')", name="mode"),
    UniqueConstraint("person_id", "public_id"),
)
Index("ix_triggers_person_id_source", triggers.c.person_id, triggers.c.source)
Index("ix_triggers_due_at", triggers.c.due_at)
Index("ix_triggers_client_id_mode", triggers.c.client_id, triggers.c.mode)

# That a trigger fired, once for each period: `period` is a keyed digest of its name. `state` is told, waiting while the
# person wants peace (`due_at` is when that is looked at again), or held where the vendor was never told; `telling_id`
# is its place in the outbox.
firings = Table(
    "firings",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("trigger_id", String(64), primary_key=True),
    Column("period", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("client_id", String, nullable=False),
    Column("sector", String, nullable=False),
    Column("firing_id", String(64), nullable=False),
    Column("grant_id", String),
    Column("opening_id", String),
    Column("telling_id", String),
    Column("state", String(16), nullable=False),
    Column("fired_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("acknowledged_at", BigInteger),
    Column("said_sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["person_id", "trigger_id"], ["triggers.person_id", "triggers.trigger_id"], ondelete="CASCADE"
    ),
    CheckConstraint("state IN ('told', 'waiting', 'held')", name="state"),
)
Index("ix_firings_client_id_fired_at", firings.c.client_id, firings.c.acknowledged_at, firings.c.fired_at)
Index("ix_firings_due_at", firings.c.due_at)
