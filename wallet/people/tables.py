"""Tables of people, their personas and sessions, and of those who knock."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
)

from keys.tables import metadata

people = Table(
    "people",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("login_digest", String(64), nullable=False, unique=True),
    Column("login_sealed", LargeBinary, nullable=False),
    Column("ledger_root_sealed", LargeBinary, nullable=False),  # of the key that stamps this person's ledger
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

# A persona's picture, as we encoded it anew, sealed under the persona's own key (wallet/personas/pictures.py).
persona_pictures = Table(
    "persona_pictures",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("picture_sealed", LargeBinary, nullable=False),
    Column("set_at", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["person_id", "persona_id"], ["personas.person_id", "personas.persona_id"], ondelete="CASCADE"
    ),
)

# What a persona prefers, where it is not the usual (wallet/people/preferences.py).
preferences = Table(
    "preferences",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("value", String(32), nullable=False),
    ForeignKeyConstraint(
        ["person_id", "persona_id"], ["personas.person_id", "personas.persona_id"], ondelete="CASCADE"
    ),
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
    CheckConstraint("way IN ('password', 'kit', 'shares')", name="way"),
)

# An erasure that is under way (wallet/erasing), so that it goes on after a crash: of a persona, or with "" instead of
# one of all `data` of a person or of `everything`. It goes with its last step.
erasures = Table(
    "erasures",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("what", String(16), nullable=False),
    Column("begun_at", BigInteger, nullable=False),
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

# A second device on its way in: opened by a link or a code, let in by a browser that is signed in already.
pairings = Table(
    "pairings",
    metadata,
    Column("person_id", String(64), ForeignKey("people.person_id", ondelete="CASCADE"), primary_key=True),
    Column("pairing_digest", String(64), primary_key=True),
    Column("code_digest", String(64), nullable=False),
    Column("session_digest", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("opened_by", String(64)),
    Column("browser_sealed", LargeBinary),
    Column("state", String(16), nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    CheckConstraint("state IN ('shown', 'opened', 'allowed', 'over')", name="state"),
)
