"""Tables of where people are reached, and of what is on its way to them."""

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
)

from keys.tables import metadata

# Where a persona is reached, by kind of channel; each address is sealed under a key of its own. A token leads to one
# that the wallet made itself (a feed).
channel_addresses = Table(
    "channel_addresses",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("address_id", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("token_digest", String(64)),
    Column("added_at", BigInteger, nullable=False),
    Column("verified_at", BigInteger),
    ForeignKeyConstraint(
        ["person_id", "persona_id"], ["personas.person_id", "personas.persona_id"], ondelete="CASCADE"
    ),
)

# Codes that were sent to an address to prove it. They stay for a day, so that they can be counted.
channel_codes = Table(
    "channel_codes",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("code_id", String(64), primary_key=True),
    Column("address_id", String(64), nullable=False),
    Column("code_digest", String(64), nullable=False),
    Column("target_digest", String(64), nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("sent_at", BigInteger, nullable=False, index=True),
    Index("ix_channel_codes_target", "target_digest", "sent_at"),
)

# Messages on their way to a person, and what became of them. Of an appointment, when it is. Without a grant it is an
# answer to what the person said; where the message is the thread itself, how far that has come.
deliveries = Table(
    "deliveries",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("delivery_id", String(64), primary_key=True),
    Column("thread_id", String(64), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("persona_id", String(64), nullable=False),
    Column("client_id", String, nullable=False),
    Column("grant_id", String),
    Column("topic", String(64), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("done_at", BigInteger, index=True),
    Column("starts_at", BigInteger),
    Column("ends_at", BigInteger),
    Column("error", String(200)),
    CheckConstraint("state IN ('waiting', 'sending', 'handed_over', 'delivered', 'failed', 'withdrawn')", name="state"),
    Index("ix_deliveries_message", "person_id", "message_id"),
)

_open = deliveries.c.due_at.is_not(None)
Index(
    "ix_deliveries_due",
    deliveries.c.channel,
    deliveries.c.client_id,
    deliveries.c.due_at,
    sqlite_where=_open,
    postgresql_where=_open,
)

# The mail address by which one vendor and one persona write to each other; only its digest can be looked up.
mail_aliases = Table(
    "mail_aliases",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("client_id", String, primary_key=True),
    Column("alias_digest", String(64), nullable=False, unique=True),
    Column("alias_sealed", LargeBinary, nullable=False),
    Column("grant_id", String, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["person_id", "persona_id"], ["personas.person_id", "personas.persona_id"], ondelete="CASCADE"
    ),
)
