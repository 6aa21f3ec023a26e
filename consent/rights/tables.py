"""Tables of requests by right."""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from keys.tables import metadata

# What a person asked a vendor for by right, with its answers (consent/rights/requests.py).
rights = Table(
    "rights",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("request_id", String, primary_key=True),
    Column("persona_id", String, nullable=False),
    Column("grant_id", String, nullable=False),
    Column("client_id", String, nullable=False),
    Column("party", JSON, nullable=False),
    Column("right", String, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("document", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("outcome", String),
    Column("reminded_at", BigInteger),
)

# Sealed: a vendor writes to the person what it likes, their name for instance.
rights_answers = Table(
    "rights_answers",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("request_id", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("answer_sealed", LargeBinary, nullable=False),
)

# Requests that wait: for a vendor that asks for them, and for whoever reminds it.
for columns in ("client_id", "due_at"):
    Index(
        f"ix_rights_{columns}",
        rights.c[columns],
        sqlite_where=rights.c.closed_at.is_(None),
        postgresql_where=rights.c.closed_at.is_(None),
    )
