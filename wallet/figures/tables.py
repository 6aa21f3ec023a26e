"""The table of who contributes to statistics."""

from sqlalchemy import BigInteger, Boolean, Column, String, Table

from keys.tables import metadata

# Personas that contribute to statistics, with how old they are or without; of several of one person one counts.
contributors = Table(
    "contributors",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("by_age", Boolean, nullable=False),
)
