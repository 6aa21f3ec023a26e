"""Tables of the console: who of a vendor signs in there, and which clients are theirs."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, String, Table

from keys.tables import metadata

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
