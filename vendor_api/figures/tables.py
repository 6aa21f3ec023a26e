"""Tables of figures: counts of people, and nobody's id in any of them."""

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table

from keys.tables import metadata

# A count of many people that is under way: how far it has come, and what was summed up until then. Nobody is shown
# `sums`, and they go when the count is closed.
tallies = Table(
    "tallies",
    metadata,
    Column("name", String, primary_key=True),
    Column("after_person", String(64), nullable=False),
    Column("after_persona", String(64), nullable=False),
    Column("sums", JSON, nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
)

# Of how many people something holds, for a vendor, a week and a topic: with noise, drawn once; None for fewer than
# there have to be (vendor_api/figures/noise.py).
figures = Table(
    "figures",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("week", BigInteger, primary_key=True),
    Column("topic", String(64), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("people", Integer),
)

# How people of this house want to be spoken to, of those who contribute; likewise.
channel_statistics = Table(
    "channel_statistics",
    metadata,
    Column("period", BigInteger, primary_key=True),
    Column("age", String(16), primary_key=True),
    Column("question", String(32), primary_key=True),
    Column("answer", String(32), primary_key=True),
    Column("people", Integer),
)
