"""Tables of the door: vendors, what they hold (only as digests), and where people are signed in."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

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

# The four below are the console's (vendor_api/console).

# Who may sign in for a vendor, by password or (`subject_digest`) with a wallet of this house. Who was invited has
# neither yet; who was removed has neither any more, and keeps a name beside what they wrote.
staff = Table(
    "staff",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("staff_id", String(64), primary_key=True),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("login_sealed", LargeBinary, nullable=False),
    Column("login_digest", String(64)),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(255)),
    Column("subject_digest", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    CheckConstraint("role IN ('admin', 'agent', 'read_only')", name="role"),
    Index("uq_staff_login", "client_id", "login_digest", unique=True),
    Index("uq_staff_subject", "subject_digest", "client_id", unique=True),
)

# A browser in which one of the staff is signed in.
staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("session_digest", String(64), primary_key=True),
    Column("client_id", String, nullable=False),
    Column("staff_id", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Index("ix_staff_sessions_client_id", "client_id", "staff_id"),
)

# A link that lets one of the staff in once, to choose how they sign in; a new one takes the place of the one before.
staff_invitations = Table(
    "staff_invitations",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("staff_id", String(64), primary_key=True),
    Column("invitation_digest", String(64), nullable=False, unique=True),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

# Clients that staff registered, beside the one they are staff of (`client_id`).
console_clients = Table(
    "console_clients",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("owned_id", String, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Index("uq_console_clients_owned", "owned_id", unique=True),
)
