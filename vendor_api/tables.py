"""Tables of the door: vendors, what they hold (only as digests), and where people are signed in."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, LargeBinary, String, Table

from keys.tables import metadata

# `unused_until` is None for whom the operator added, and for whoever a person has seen asking; else it goes then.
vendors = Table(
    "vendors",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("secret_digest", String),
    Column("registration_digest", String),
    Column("metadata", JSON, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("secret_sealed", LargeBinary),
    Column("unused_until", BigInteger),
    Column("caps", JSON),
)

codes = Table(
    "codes",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("code_digest", String, primary_key=True),
    Column("client_id", String, nullable=False),
    Column("grant_id", String, nullable=False),
    Column("family", String, nullable=False),
    Column("request", JSON, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("spent_at", BigInteger),
)

tokens = Table(
    "tokens",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("token_digest", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("client_id", String, nullable=False),
    Column("grant_id", String, nullable=False),
    Column("family", String, nullable=False),
    Column("request", JSON, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("spent_at", BigInteger),
    Column("revoked_at", BigInteger),
)

# `pause` is the least time between two polls; what follows `expires_at` comes with the person and their answer.
device_codes = Table(
    "device_codes",
    metadata,
    Column("device_digest", String, primary_key=True),
    Column("user_digest", String, nullable=False, unique=True),
    Column("client_id", String, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("pause", Integer, nullable=False),
    Column("polled_at", BigInteger),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("person_id", String),
    Column("answered_at", BigInteger),
    Column("grant_id", String),
    Column("family", String),
    Column("request", JSON),
    Column("spent_at", BigInteger),
)

# What vendors ask people who did not come from them (CIBA). What only its two sides may know is sealed.
backchannel_requests = Table(
    "backchannel_requests",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("request_digest", String, primary_key=True),
    Column("persona_id", String, nullable=False),
    Column("client_id", String, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("pause", Integer, nullable=False),
    Column("polled_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("answered_at", BigInteger),
    Column("grant_id", String),
)

# Locked values of who was just here, sealed under the very code or token whose digest stands beside them.
released = Table(
    "released",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("holder_digest", String, primary_key=True),
    Column("session", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

seen = Table(
    "seen",
    metadata,
    Column("digest", String, primary_key=True),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

pushed_requests = Table(
    "pushed_requests",
    metadata,
    Column("request_digest", String, primary_key=True),
    Column("client_id", String, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("was_signed", Boolean, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

# Where a session signed a person in: only at vendors that want to be told of its end.
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("session", String, primary_key=True),
    Column("client_id", String, primary_key=True),
    Column("sub", String, primary_key=True),
    Column("sid", String, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
)
