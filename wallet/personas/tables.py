"""The table of the vendors that a persona is kept for."""

from sqlalchemy import Column, ForeignKeyConstraint, String, Table

from keys.tables import metadata

# Which persona answers what this vendor asks anew (wallet/personas/kept_for.py).
vendor_personas = Table(
    "vendor_personas",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("client_id", String, primary_key=True),
    Column("persona_id", String(64), nullable=False),
    ForeignKeyConstraint(
        ["person_id", "persona_id"], ["personas.person_id", "personas.persona_id"], ondelete="CASCADE"
    ),
)
