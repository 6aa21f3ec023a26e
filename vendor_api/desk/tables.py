"""Tables of the desk. Whatever anybody wrote is sealed under a key of the vendor's (vendor_api/desk/sealing.py)."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, text

from keys.tables import metadata

# What somebody said to a vendor, and how far it has come. `rank` is the place in the list: the weightier and the older,
# the smaller. `explanation_sealed` says why it weighs what it does, `decision_sealed` what was done with it and why.
desk_threads = Table(
    "desk_threads",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("thread_id", String, primary_key=True),
    Column("sub", String, nullable=False),
    Column("type", String(16), nullable=False),
    Column("topic", String),
    Column("language", String(35)),
    Column("state", String(16), nullable=False),
    Column("state_at", BigInteger, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("escalated_at", BigInteger),
    Column("assigned_to", String),
    Column("reasons_sealed", LargeBinary),
    Column("priority", Integer, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("explanation_sealed", LargeBinary, nullable=False),
    Column("outcome", String(16)),
    Column("decision_sealed", LargeBinary),
    Column("satisfied", Boolean),
)
# as literals, so that the database sees that its partial indexes serve
OPEN = text("state NOT IN ('done', 'declined', 'withdrawn')")
WAITING = text("state IN ('received', 'read')")

# One thing that one side said. `letter_id` groups answers of nearly the same words; `due_at` is until when an answer to
# what a person said was promised, also once it is there.
desk_messages = Table(
    "desk_messages",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("thread_id", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("message_id", String, nullable=False),
    Column("direction", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("author", String),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("digest", String(80), nullable=False),
    Column("read_at", BigInteger),
    Column("letter_id", String(32)),
    Column("due_at", BigInteger),
)
# In each thread an id is there once. A vendor may give the same one to two people; what it answers at its desk is
# looked up over all of them.
_said = desk_messages.c
Index("uq_desk_messages_message_id", _said.client_id, _said.message_id, _said.thread_id, unique=True)
_promised = _said.due_at.is_not(None)
Index("ix_desk_messages_due_at", _said.client_id, _said.due_at, sqlite_where=_promised, postgresql_where=_promised)

# What came along with a message; `about_sealed` is its name, its media type and its size.
desk_attachments = Table(
    "desk_attachments",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("thread_id", String, primary_key=True),
    Column("message_id", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("about_sealed", LargeBinary, nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
)

# Words that went out, as marks that tell nothing of them; and to how many people (vendor_api/desk/letters.py).
desk_letters = Table(
    "desk_letters",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("letter_id", String(32), primary_key=True),
    Column("marks", LargeBinary, nullable=False),
    Column("people", Integer, nullable=False),
)
desk_letter_bands = Table(
    "desk_letter_bands",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("band", String(32), primary_key=True),
    Column("letter_id", String(32), primary_key=True),
)
desk_letter_people = Table(
    "desk_letter_people",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("letter_id", String(32), primary_key=True),
    Column("sub", String, primary_key=True),
)

# Who answers at a vendor: the directory. What is in an entry is sealed, for it is about people.
contact_persons = Table(
    "contact_persons",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("contact_person_id", String, primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("entry_sealed", LargeBinary, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

# When a vendor works, how many people may get the same answer before it is called a form letter, and what weighs more.
desks = Table(
    "desks",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("time_zone", String, nullable=False),
    Column("hours", JSON, nullable=False),
    Column("holidays", JSON, nullable=False),
    Column("most_alike", Integer, nullable=False),
    Column("influence", JSON, nullable=False),
)

# Within how many hours of work a vendor answers; a type or topic of "*" means each.
service_levels = Table(
    "service_levels",
    metadata,
    Column("client_id", String, primary_key=True),
    Column("type", String(16), primary_key=True),
    Column("topic", String, primary_key=True),
    Column("first_answer_hours", Integer, nullable=False),
    Column("escalate_to", String),
)

# The list in its order, whole or by one of these; and what is late.
_thread = desk_threads.c
for _name, _first, _only in (
    ("open", (), OPEN),
    ("state", (_thread.state,), None),
    ("assigned_to", (_thread.assigned_to,), OPEN),
    ("type", (_thread.type,), OPEN),
    ("topic", (_thread.topic,), OPEN),
):
    Index(
        f"ix_desk_threads_{_name}",
        *(_thread.client_id, *_first, _thread.rank, _thread.thread_id),
        sqlite_where=_only,
        postgresql_where=_only,
    )
Index("ix_desk_threads_opened_at", _thread.client_id, _thread.opened_at)
Index("ix_desk_threads_due_at", _thread.due_at, sqlite_where=WAITING, postgresql_where=WAITING)

DESK = (
    *(desk_threads, desk_messages, desk_attachments, desk_letters, desk_letter_bands, desk_letter_people),
    *(contact_persons, desks, service_levels),
)
