"""Tables of people, their personas and sessions, and of those who knock."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table

from keys.tables import metadata

people = Table(
    "people",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("login_digest", String(64), nullable=False, unique=True),
    Column("login_sealed", LargeBinary, nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("language", String(16)),
    Column("created_at", BigInteger, nullable=False),
)

personas = Table(
    "personas",
    metadata,
    Column("person_id", String(64), ForeignKey("people.person_id", ondelete="CASCADE"), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("root_sealed", LargeBinary, nullable=False),
    Column("is_default", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("person_id", String(64), ForeignKey("people.person_id", ondelete="CASCADE"), primary_key=True),
    Column("session_digest", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("auth_time", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("browser_sealed", LargeBinary),
    Column("presence_key", LargeBinary),  # null once ended: what the browser still holds then opens nothing
)

# The key of what a person locked, wrapped once for each way back to it: their password, a recovery secret.
lock_keys = Table(
    "lock_keys",
    metadata,
    Column("person_id", String(64), ForeignKey("people.person_id", ondelete="CASCADE"), primary_key=True),
    Column("way", String(16), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("cost", String(64), nullable=False),
)

# Browsers in which a person has signed in before: strangers' wrong passwords do not slow these down.
browsers = Table(
    "browsers",
    metadata,
    Column("person_id", String(64), ForeignKey("people.person_id", ondelete="CASCADE"), primary_key=True),
    Column("browser_digest", String(64), primary_key=True),
    Column("signed_in_at", BigInteger, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("invitation_digest", String(64), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

# Keyed by what was typed, known login or not, so that waiting tells nobody whether a login exists.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("login_digest", String(64), primary_key=True),
    Column("device", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False, index=True),
)
