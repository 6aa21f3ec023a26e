"""Tables of deposits."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, UniqueConstraint

from keys.tables import metadata

# What a vendor handed over, the signed document sealed. `state` is waiting, kept, partly_kept or refused.
deposits = Table(
    "deposits",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("deposit_id", String, primary_key=True),
    Column("persona_id", String, nullable=False),
    Column("grant_id", String, nullable=False),
    Column("client_id", String, nullable=False),
    Column("jti", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("decided_at", BigInteger),
    Column("document_sealed", LargeBinary, nullable=False),
    # By persona: a vendor that is told of a jti it gave to another one knows that both are the same person.
    UniqueConstraint("person_id", "persona_id", "client_id", "jti"),
)

Index("ix_deposits_newest", deposits.c.person_id, deposits.c.persona_id, deposits.c.state, deposits.c.received_at)

# The vendors whose deposits a persona keeps without looking, as far as that replaces nothing of their own.
trusted_depositors = Table(
    "trusted_depositors",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("persona_id", String, primary_key=True),
    Column("client_id", String, primary_key=True),
    Column("since", BigInteger, nullable=False),
)
