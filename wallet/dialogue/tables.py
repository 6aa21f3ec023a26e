"""Tables of the dialogue; what anybody wrote is sealed under the key of its thread ("threads/<thread_id>")."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from keys.tables import metadata

# What a persona and a vendor say to each other about one matter, over all channels. `public_id` is what the vendor
# knows it by, `kind` what it began as, `about_sealed` its subject and the vendor's name as it was then. `unread` counts
# what the person has not opened; `unanswered` what the vendor said since the person last did.
threads = Table(
    "threads",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("thread_id", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("client_id", String, nullable=False),
    Column("grant_id", String),
    Column("public_id", String, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("topic", String),
    Column("opened_by", String(8), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("unread", Integer, nullable=False),
    Column("unanswered", Integer, nullable=False),
    Column("closed_at", BigInteger),
    Column("about_sealed", LargeBinary, nullable=False),
    UniqueConstraint("person_id", "public_id"),
)
_thread = threads.c
Index("ix_threads_latest", _thread.person_id, _thread.persona_id, _thread.last_at, _thread.thread_id)
Index("ix_threads_vendor", _thread.person_id, _thread.persona_id, _thread.client_id, _thread.last_at)
Index("ix_threads_kind", _thread.person_id, _thread.persona_id, _thread.kind, _thread.last_at)
_unread = _thread.unread > 0
Index(
    "ix_threads_unread",
    *(_thread.person_id, _thread.persona_id, _thread.last_at),
    sqlite_where=_unread,
    postgresql_where=_unread,
)

# One thing one side said, or the person noted of a call or a letter. `public_id` is what the vendor knows it by;
# `rating` is relevant or not_relevant.
messages = Table(
    "messages",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("thread_id", String(64), primary_key=True),
    Column("message_id", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("client_id", String, nullable=False),
    Column("said_by", String(8), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("topic", String),
    Column("public_id", String, nullable=False),
    Column("digest", String(80), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("read_at", BigInteger),
    Column("rating", String(16)),
    Column("content_sealed", LargeBinary, nullable=False),
    # By persona: a vendor that is told of an id it gave to another one knows that both are the same person.
    UniqueConstraint("person_id", "persona_id", "client_id", "public_id"),
)

_said = messages.c
Index("ix_messages_at", _said.person_id, _said.thread_id, _said.at, _said.message_id)
Index("ix_messages_newest", _said.person_id, _said.persona_id, _said.at, _said.message_id)
Index("ix_messages_vendor", _said.person_id, _said.persona_id, _said.client_id, _said.at)

# What vendors said in threads that were erased, so that nothing comes a second time: digests of the id that the vendor
# gave it, and of the words; `public_id` is what it knew the thread by.
erased_messages = Table(
    "erased_messages",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("persona_id", String(64), primary_key=True),
    Column("client_id", String, primary_key=True),
    Column("id_digest", String(64), primary_key=True),
    Column("public_id", String, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("digest", String(80), nullable=False),
    Column("at", BigInteger, nullable=False),
)

# What came along with a message.
attachments = Table(
    "attachments",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("thread_id", String(64), primary_key=True),
    Column("message_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("persona_id", String(64), nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
)

# How far it has come at the vendor's desk what a person said in a thread, as the person was told: `state` as there,
# `due_at` when the answer is due, `late_at` when it was not there and somebody else was given it. `unseen` counts steps
# the person has not looked at, `satisfied` is what they think of the answer; in `details_sealed` who answers, why it
# weighs what it does, what was decided and why, and each step.
feedback = Table(
    "feedback",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("thread_id", String(64), primary_key=True),
    Column("persona_id", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("state_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("late_at", BigInteger),
    Column("outcome", String(16)),
    Column("satisfied", Boolean),
    Column("unseen", Integer, nullable=False),
    Column("details_sealed", LargeBinary, nullable=False),
)
_it = feedback.c
Index("ix_feedback_latest", _it.person_id, _it.persona_id, _it.state_at, _it.thread_id)
_unseen = _it.unseen > 0
Index(
    "ix_feedback_unseen",
    *(_it.person_id, _it.persona_id),
    sqlite_where=_unseen,
    postgresql_where=_unseen,
)
_waiting = _it.due_at.is_not(None)
Index(
    "ix_feedback_due_at",
    *(_it.person_id, _it.persona_id, _it.due_at),
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)
