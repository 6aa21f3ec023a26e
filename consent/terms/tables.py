"""Tables of standing terms and agreements."""

from sqlalchemy import JSON, BigInteger, Column, String, Table, Text

from keys.tables import metadata

# What a persona wants of each kind of vendor: agreements of the roster, the dearest first (consent/terms/standing.py).
standing_terms = Table(
    "standing_terms",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("persona_id", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("applies", String, nullable=False),
    Column("agreements", JSON, nullable=False),
)

# Each round of negotiation, also those that failed. Without a grant the person refused, or was not even asked.
negotiations = Table(
    "negotiations",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("negotiation_id", String, primary_key=True),
    Column("persona_id", String, nullable=False),
    Column("client_id", String, nullable=False),
    Column("grant_id", String),
    Column("proposed", JSON, nullable=False),
    Column("offered", String),
    Column("state", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("changed_at", BigInteger, nullable=False),
)

# Agreements that were made. `document` is what both sides hold, byte for byte; signatures are compact JWS over it.
agreements = Table(
    "agreements",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("agreement_id", String, primary_key=True),
    Column("persona_id", String, nullable=False),
    Column("client_id", String, nullable=False),
    Column("document", Text, nullable=False),
    Column("person_signature", Text, nullable=False),
    Column("vendor_signature", Text),
    Column("vendor_key", JSON),
    Column("accepted_by", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("over", String),
)
