"""Tables of what a persona has besides its values: a picture, preferences, and the vendors it is kept for."""

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, LargeBinary, String, Table

from keys.tables import metadata


def _goes_with_its_persona() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["person_id", "persona_id"], ["personas.person_id", "personas.persona_id"], ondelete="CASCADE"
    )


# A persona's picture, as we encoded it anew (wallet/personas/pictures.py).
persona_pictures = Table(
    "persona_pictures",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("picture_sealed", LargeBinary, nullable=False),
    Column("set_at", BigInteger, nullable=False),
    _goes_with_its_persona(),
)

# What a persona prefers, where it is not the usual (wallet/personas/preferences.py).
preferences = Table(
    "preferences",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("value", String(32), nullable=False),
    _goes_with_its_persona(),
)

# Which persona answers what this vendor asks anew (wallet/personas/kept_for.py).
vendor_personas = Table(
    "vendor_personas",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("client_id", String, primary_key=True),
    Column("persona_id", String(64), nullable=False),
    _goes_with_its_persona(),
)
