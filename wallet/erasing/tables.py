"""What is being erased at the moment."""

from sqlalchemy import BigInteger, Column, String, Table

from keys.tables import metadata

# An erasure that is under way, so that it goes on after a crash: of a persona, of all `data` of a person or of
# `everything` (then persona_id is ""). It goes with its last step.
erasures = Table(
    "erasures",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("what", String(16), nullable=False),
    Column("begun_at", BigInteger, nullable=False),
)
