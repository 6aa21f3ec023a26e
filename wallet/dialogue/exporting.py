"""Conversations in forms that other programs read: JSON, and mail folders (mboxrd, RFC 4155) of plain messages."""

import base64
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from secrets import token_hex
from typing import Any, Final

import orjson

from vendor_api.files import safe_name
from vendor_api.model import Attachment
from wallet.dialogue.model import NOTE, VENDOR, Message, Thread
from wallet.dialogue.text import one_line

NOBODY: Final = "hausrecht.invalid"  # RFC 2606: no address of anybody's
FROM: Final = re.compile(rb"^(>*From )", re.MULTILINE)

Said = tuple[Message, tuple[Attachment, ...]]


def thread_as_json(thread: Thread, record: str, said: Iterable[Said]) -> Iterator[bytes]:
    """`digest` is over all messages but notes, as the vendor has it."""
    names = ("vendor", "host", "client_id", "subject", "kind", "topic", "opened_by", "opened_at", "closed_at")
    about = {"thread_id": thread.public_id, **{name: getattr(thread, name) for name in names}, "digest": record}
    yield orjson.dumps(about)[:-1] + b',"messages":['
    comma = b""
    for message, files in said:
        yield comma + orjson.dumps(message_as_data(message, files))
        comma = b","
    yield b"]}"


def message_as_data(message: Message, files: tuple[Attachment, ...]) -> dict[str, Any]:
    names = ("said_by", "at", "channel", "topic", "author", "reason", "text", "digest", "read_at", "rating")
    came = [
        {"name": one.name, "media_type": one.media_type, "content": base64.b64encode(one.content).decode()}
        for one in files
    ]
    return {"message_id": message.public_id, **{name: getattr(message, name) for name in names}, "attachments": came}


def thread_as_mbox(thread: Thread, said: Iterable[Said]) -> Iterator[bytes]:
    for message, files in said:
        at = datetime.fromtimestamp(message.at, UTC).strftime("%a %b %d %H:%M:%S %Y")
        content = FROM.sub(rb">\1", as_mail(thread, message, files).replace(b"\r\n", b"\n"))
        yield f"From wallet@{NOBODY} {at}\n".encode() + content.rstrip(b"\n") + b"\n\n"


def as_digest(threads: Iterable[tuple[Thread, Iterable[Said]]], *, now: int) -> Iterator[bytes]:
    """One mail that holds each message as a mail of its own (RFC 2046 section 5.1.5), the oldest first."""
    apart = token_hex(16)
    head = (
        f"From: <wallet@{NOBODY}>",
        f"To: <me@{NOBODY}>",
        f"Date: {format_datetime(datetime.fromtimestamp(now, UTC))}",
    )
    kind = ("Subject: Hausrecht", "MIME-Version: 1.0", f'Content-Type: multipart/digest; boundary="{apart}"')
    yield "\r\n".join([*head, *kind, "", ""]).encode()
    for thread, said in threads:
        for message, files in said:
            yield f"--{apart}\r\n\r\n".encode() + as_mail(thread, message, files) + b"\r\n"
    yield f"--{apart}--\r\n".encode()


def as_mail(thread: Thread, message: Message, files: tuple[Attachment, ...]) -> bytes:
    """RFC 5322. Its addresses lead nowhere: what was said here is answered here."""
    vendor, person = (f"{one_line(thread.vendor)} ({thread.host or thread.client_id})", "vendor"), ("", "me")
    written = EmailMessage(policy=SMTP)
    sides = (vendor, person) if message.said_by == VENDOR else (person, person if message.said_by == NOTE else vendor)
    for header, (name, local) in zip(("From", "To"), sides, strict=True):
        written[header] = Address(one_line(name), local, NOBODY)
    written["Subject"] = one_line(thread.subject)
    written["Date"] = format_datetime(datetime.fromtimestamp(message.at, UTC))
    written["Message-ID"] = f"<{message.message_id.lower()}@{NOBODY}>"
    written["References"] = f"<{thread.thread_id.lower()}@{NOBODY}>"
    written["X-Hausrecht-Channel"] = one_line(message.channel)
    written["X-Hausrecht-Digest"] = message.digest
    written.set_content(message.text.encode(errors="replace").decode(), cte="quoted-printable")
    for one in files:
        maintype, _slash, subtype = one.media_type.partition("/")
        kind = (
            (maintype, subtype)
            if subtype and one_line(one.media_type) == one.media_type
            else ("application", "octet-stream")
        )
        written.add_attachment(one.content, *kind, filename=safe_name(one))
    return written.as_bytes()
