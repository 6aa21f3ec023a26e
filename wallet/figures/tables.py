"""The table of who contributes to statistics."""

from sqlalchemy import BigInteger, Column, String, Table

from keys.tables import metadata

# Personas that contribute to statistics; of several of one person one counts.
contributors = Table(
    "contributors",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("since", BigInteger, nullable=False),
)
