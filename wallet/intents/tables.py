"""Tables of intents."""

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
    text,
)

from keys.tables import metadata

# What a persona looks for, sealed under a key of its own ("intents/<intent_id>"): a draft, then waiting for the quarter
# hour at which it is published, then open, then accepted, withdrawn or lapsed. `changes` counts what happened to it.
intents = Table(
    "intents",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("intent_id", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("changes", Integer, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("publish_at", BigInteger),
    Column("deadline", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("content_sealed", LargeBinary, nullable=False),
    CheckConstraint("state IN ('draft', 'waiting', 'open', 'accepted', 'withdrawn', 'lapsed')", name="state"),
)
_intent = intents.c
Index("ix_intents_persona_id", _intent.person_id, _intent.persona_id, _intent.intent_id)
Index("ix_intents_state_publish_at", _intent.state, _intent.publish_at)
Index("ix_intents_state_deadline", _intent.state, _intent.deadline)

# One vendor that an intent was sent to, with its offer once there is one. `public_id` is what this vendor alone calls
# the intent by, `version` counts its offers, `thread_id` is the conversation about it, `agreement_id` what was agreed.
intent_offers = Table(
    "intent_offers",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("intent_id", String(64), primary_key=True),
    Column("client_id", String, primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("public_id", String, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("offered_at", BigInteger),
    Column("thread_id", String(64)),
    Column("agreement_id", String),
    Column("offer_sealed", LargeBinary),
    ForeignKeyConstraint(["person_id", "intent_id"], ["intents.person_id", "intents.intent_id"], ondelete="CASCADE"),
    CheckConstraint("state IN ('told', 'offered', 'accepted', 'declined', 'passed')", name="state"),
    UniqueConstraint("person_id", "public_id"),
)
_offer = intent_offers.c
_offered = text("state = 'offered'")
Index(
    "ix_intent_offers_offered",
    *(_offer.person_id, _offer.persona_id),
    sqlite_where=_offered,
    postgresql_where=_offered,
)
