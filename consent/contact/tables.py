"""Tables of the contact policy."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table

from keys.tables import metadata

# What a persona said of how it may be spoken to (consent/contact/policies.py): by a vendor, or "*" for every one; about
# a topic, or "*" for all. `document` is the same, signed by the relationship's key. Both are sealed under the key of
# the persona: hours, holidays and whom one likes to speak with say a lot about a person.
contact_policies = Table(
    "contact_policies",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("persona_id", String, primary_key=True),
    Column("client_id", String, primary_key=True),
    Column("topic", String, primary_key=True),
    Column("policy_sealed", LargeBinary, nullable=False),
    Column("document_sealed", LargeBinary, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

# When a vendor spoke to a persona, and about what: what "at most twice a month" counts.
contacts = Table(
    "contacts",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("contact_id", String, primary_key=True),
    Column("persona_id", String, nullable=False),
    Column("client_id", String, nullable=False),
    Column("grant_id", String),
    Column("topic", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_contacts_latest", "person_id", "persona_id", "client_id", "topic", "at"),
)

# Occasions a person made, on which a vendor may speak to them until a day, perhaps by a channel that they chose for it
# (consent/contact/openings.py).
openings = Table(
    "openings",
    metadata,
    Column("person_id", String, primary_key=True),
    Column("opening_id", String, primary_key=True),
    Column("persona_id", String, nullable=False),
    Column("grant_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("channel", String),
    Column("made_at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Index("ix_openings_grants", "person_id", "grant_id", "topic", "until"),
)
