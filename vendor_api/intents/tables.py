"""Tables of intents on the vendor's side; what was said is sealed under a key of the vendor's."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, String, Table

from keys.tables import metadata

# Vendors that want to hear of what people look for in a branch.
intent_followers = Table(
    "intent_followers",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("branch", String(16), primary_key=True),
    Column("since", BigInteger, nullable=False),
)
Index("ix_intent_followers_branch", intent_followers.c.branch, intent_followers.c.client_id)

# What one vendor heard of one intent, and what it offered. `intent_id` is another one at each vendor, with the person
# sealed inside; `version` counts its offers. `end_sealed` is what came with the
# end: why it was declined, or who it is that accepted, the agreement, and what became of it.
heard_intents = Table(
    "heard_intents",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("intent_id", String, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("published_at", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("offered_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("content_sealed", LargeBinary, nullable=False),
    Column("offer_sealed", LargeBinary),
    Column("end_sealed", LargeBinary),
    CheckConstraint("state IN ('open', 'accepted', 'declined', 'passed', 'withdrawn')", name="state"),
)
_heard = heard_intents.c
Index("ix_heard_intents_state", _heard.client_id, _heard.state, _heard.published_at, _heard.intent_id)
Index("ix_heard_intents_deadline", _heard.deadline)
