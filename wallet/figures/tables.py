"""Tables of what was counted of each person, and of who contributes."""

from sqlalchemy import BigInteger, Column, String, Table

from keys.tables import metadata

# Which topics a persona allowed a vendor when it was last counted; `gained` and `lost` are the weeks it was counted in.
counted_topics = Table(
    "counted_topics",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("client_id", String, primary_key=True),
    Column("topic", String(64), primary_key=True),
    Column("gained", BigInteger, nullable=False),
    Column("lost", BigInteger),
)

# Personas that contribute to statistics; of several of one person one counts.
contributors = Table(
    "contributors",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("since", BigInteger, nullable=False),
)
