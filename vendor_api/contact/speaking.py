"""What a vendor says, read and checked: plain text, a few inert attachments, and why it writes."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from consent.canonical import canonical, digest
from vendor_api.call import from_json
from vendor_api.errors import InvalidRequest
from vendor_api.host import Attachment, Spoken

LONGEST_TEXT: Final = 10_000
LONGEST_SUBJECT: Final = 200
LONGEST_REASON: Final = 300
LONGEST_ID: Final = 64
LONGEST_FILE_NAME: Final = 100
MOST_ATTACHMENTS: Final = 3
LARGEST_TOGETHER: Final = 256 * 1024
MEMBERS: Final = frozenset({"id", "subject", "text", "reason", "thread_id", "contact_person_id", "attachments"})
FILE_NAME: Final = re.compile(r"[\w][\w .()+-]*")

FOLD: Final = re.compile(rb"\r*\n[ \t]")
RINGS: Final = re.compile(rb"(?:^|[\r\n])(?:begin:valarm|attach[;:]|method(?:;[^:\n]*)?:(?!publish\b))", re.IGNORECASE)


def spoken(given: str) -> Spoken:
    """From the JSON of a message. Raises InvalidRequest."""
    try:
        said = from_json(given)
    except ValueError:
        raise InvalidRequest("message is not JSON, or nested too deeply") from None
    if not isinstance(said, dict) or not said.keys() <= MEMBERS:
        raise InvalidRequest(f"message must be an object with no other members than {', '.join(sorted(MEMBERS))}")
    for name, longest in (("id", LONGEST_ID), ("subject", LONGEST_SUBJECT), ("reason", LONGEST_REASON)):
        if not is_line(said.get(name), longest):
            raise InvalidRequest(f"{name} must be one line of 1 to {longest} characters")
    for name, longest in (("thread_id", 400), ("contact_person_id", LONGEST_ID)):
        if name in said and not is_line(said[name], longest):
            raise InvalidRequest(f"{name} must be one line of 1 to {longest} characters")
    text = said.get("text")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT or not is_clean(text):
        raise InvalidRequest(f"text must be plain text of 1 to {LONGEST_TEXT} characters")
    attachments = attachments_of(said.get("attachments", []))
    return Spoken(
        message_id=said["id"],
        subject=said["subject"],
        text=text,
        reason=said["reason"],
        thread_id=said.get("thread_id"),
        contact_person_id=said.get("contact_person_id"),
        attachments=attachments,
        digest=message_digest(text, attachments),
    )


def attachments_of(given: object) -> tuple[Attachment, ...]:
    """Raises InvalidRequest."""
    if not isinstance(given, list) or len(given) > MOST_ATTACHMENTS:
        raise InvalidRequest(f"attachments must be a list of at most {MOST_ATTACHMENTS}")
    found = tuple(map(attachment_of, given))
    if sum(len(one.content) for one in found) > LARGEST_TOGETHER:
        raise InvalidRequest(f"attachments must have at most {LARGEST_TOGETHER} bytes together")
    return found


def attachment_of(given: object) -> Attachment:
    """Raises InvalidRequest where it is not what it says it is."""
    parts: tuple[Any, ...] = (None,) * 3
    if isinstance(given, dict) and given.keys() == {"name", "media_type", "content"}:
        parts = given["name"], given["media_type"], given["content"]
    name, media_type, content = parts
    if not is_line(name, LONGEST_FILE_NAME) or not FILE_NAME.fullmatch(name) or not isinstance(content, str):
        raise InvalidRequest("each attachment needs a plain file name, a media_type, and its content in base64")
    begins = BEGINS.get(media_type) if isinstance(media_type, str) else None
    try:
        plain = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequest("the content of an attachment is not base64") from None
    if begins is None or not begins(plain):
        raise InvalidRequest(f"each attachment must be what its media_type says, one of: {', '.join(BEGINS)}")
    return Attachment(name, media_type, plain)


def message_digest(text: str, attachments: tuple[Attachment, ...] = ()) -> str:
    """By which both sides know that they have the same: over the text alone where nothing came along with it."""
    if not attachments:
        return digest(text.encode())
    hashes = [hashlib.sha256(one.content).hexdigest() for one in attachments]
    return digest(canonical({"attachments": hashes, "text": text}))


def is_line(given: object, longest: int) -> bool:
    return isinstance(given, str) and 0 < len(given.strip()) <= len(given) <= longest and given.isprintable()


def is_clean(text: str) -> bool:
    """No control characters but those of lines, and no half of a character that can not be written."""
    return all(letter.isprintable() or letter in "\n\r\t\u00a0\u00ad\u200d" for letter in text) and is_whole(text)


def is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode()
    except UnicodeDecodeError:
        return False


def is_calendar(content: bytes) -> bool:
    """Events to look at: none invites (RFC 5546) or rings at an hour of the vendor's, and nothing is to be fetched."""
    lines = FOLD.sub(b"", content)
    return is_text(content) and content.startswith(b"BEGIN:VCALENDAR") and not RINGS.search(lines)


# What a file of each kind begins with; a text is what decodes as one.
BEGINS: Final[Mapping[str, Callable[[bytes], bool]]] = {
    "application/pdf": lambda content: content.startswith(b"%PDF-"),
    "image/png": lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/jpeg": lambda content: content.startswith(b"\xff\xd8\xff"),
    "text/plain": is_text,
    "text/calendar": is_calendar,
}
