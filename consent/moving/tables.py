"""Tables of people who came from another host."""

from sqlalchemy import BigInteger, Column, String, Table

from keys.tables import metadata

# The addresses at which a person's wallet was before; what was signed there names them (consent/moving/homes.py).
former_homes = Table(
    "former_homes",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("issuer", String, primary_key=True),
    Column("until", BigInteger, nullable=False),
)

# Ids that vendors know and another host has made, so that nothing in them says whose they are here.
brought_ids = Table(
    "brought_ids",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("id_digest", String(64), primary_key=True, unique=True),
)
