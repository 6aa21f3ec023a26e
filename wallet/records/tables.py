"""Tables of a person's own data sets: rows lie sealed in blocks of up to a thousand (decision 0034)."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from keys.tables import metadata

# A data set of a persona: its name and its columns, sealed under a key of its own ("records/<data_set_id>").
data_sets = Table(
    "data_sets",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("data_set_id", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("about_sealed", LargeBinary, nullable=False),
)
Index("ix_data_sets_person_id_persona_id", data_sets.c.person_id, data_sets.c.persona_id)

# How rows came into a data set: a file, by hand, or from a vendor. A file waits without a data set until the person has
# seen a preview.
record_imports = Table(
    "record_imports",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("import_id", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("data_set_id", String(64)),
    Column("origin", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),  # the one that may go on writing
    Column("progress", Integer, nullable=False),  # per mille of the file
    Column("at", BigInteger, nullable=False),
    Column("beat_at", BigInteger, nullable=False),  # when it was last heard of
    Column("about_sealed", LargeBinary, nullable=False),
    CheckConstraint("origin IN ('file', 'hand', 'vendor')", name="origin"),
    CheckConstraint("state IN ('arriving', 'waiting', 'running', 'done', 'broken')", name="state"),
)
Index("ix_record_imports_state_beat_at", record_imports.c.state, record_imports.c.beat_at)
Index("ix_record_imports_person_id_data_set_id", record_imports.c.person_id, record_imports.c.data_set_id)

# One import at a time goes into a data set, or two of them would not see each other's rows.
_running = record_imports.c.state == "running"
Index(
    "uq_record_imports_running",
    record_imports.c.person_id,
    record_imports.c.data_set_id,
    unique=True,
    sqlite_where=_running,
    postgresql_where=_running,
)

# Rows, sealed together; before them what totals and the search for duplicates read instead of the rows.
# `part`: "rows", or "replaced": rows of other imports that gave way to this one's, and come back when it is undone.
record_blocks = Table(
    "record_blocks",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("data_set_id", String(64), primary_key=True),
    Column("block_id", String(64), primary_key=True),
    Column("import_id", String(64), nullable=False),
    Column("part", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("summary_sealed", LargeBinary, nullable=False),
    Column("digests_sealed", LargeBinary, nullable=False),
    Column("rows_sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["person_id", "data_set_id"], ["data_sets.person_id", "data_sets.data_set_id"], ondelete="CASCADE"
    ),
    CheckConstraint("part IN ('rows', 'replaced')", name="part"),
)
Index(
    "ix_record_blocks_person_id_data_set_id_import_id",
    record_blocks.c.person_id,
    record_blocks.c.data_set_id,
    record_blocks.c.import_id,
)

# A file between its arrival and the end of its import, in sealed pieces, under the import's own key.
record_uploads = Table(
    "record_uploads",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("import_id", String(64), primary_key=True),
    Column("piece", Integer, primary_key=True, autoincrement=False),
    Column("content_sealed", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["person_id", "import_id"], ["record_imports.person_id", "record_imports.import_id"], ondelete="CASCADE"
    ),
)
