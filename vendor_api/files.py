"""What comes along with a message, of either side: a few small files, each what it says, and inert."""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from werkzeug.wrappers import Response

from consent.canonical import canonical, digest
from vendor_api.errors import InvalidRequest
from vendor_api.model import Attachment

MOST: Final = 3
LARGEST_TOGETHER: Final = 256 * 1024
LONGEST_NAME: Final = 100
NAME: Final = re.compile(r"[\w][\w .()+-]*")
UNSAFE: Final = re.compile(r"[^\w .()+-]")
FOLD: Final = re.compile(rb"\r*\n[ \t]")
RINGS: Final = re.compile(rb"(?:^|[\r\n])(?:begin:valarm|attach[;:]|method(?:;[^:\n]*)?:(?!publish\b))", re.IGNORECASE)
ENDINGS: Final = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "text/plain": (".txt",),
    "text/calendar": (".ics",),
}


def attachments_of(given: object) -> tuple[Attachment, ...]:
    """From JSON. Raises InvalidRequest."""
    if not isinstance(given, list) or len(given) > MOST:
        raise InvalidRequest(f"attachments must be a list of at most {MOST}")
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
    is_name = isinstance(name, str) and len(name) <= LONGEST_NAME and NAME.fullmatch(name)
    if not is_name or not isinstance(content, str):
        raise InvalidRequest("each attachment needs a plain file name, a media_type, and its content in base64")
    begins = BEGINS.get(media_type) if isinstance(media_type, str) else None
    try:
        plain = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequest("the content of an attachment is not base64") from None
    if begins is None or not begins(plain):
        raise InvalidRequest(f"each attachment must be what its media_type says, one of: {', '.join(BEGINS)}")
    return Attachment(name, media_type, plain)


def brought(name: str, content: bytes) -> Attachment | None:
    """What somebody chose on their device, by its ending and its first bytes; None for what may not go along.

    A name that hides something is none; signs that are only unusual make room for a plain one.
    """
    if not name.isprintable() or len(name) > LONGEST_NAME or "/" in name or "\\" in name:
        return None
    plain = UNSAFE.sub("_", name)
    kinds = (kind for kind, endings in ENDINGS.items() if plain.lower().endswith(endings) and BEGINS[kind](content))
    kind = next(kinds, None)
    return Attachment(plain, kind, content) if kind and NAME.fullmatch(plain) else None


def message_digest(text: str, attachments: tuple[Attachment, ...] = ()) -> str:
    """By which both sides know that they have the same: over the text alone where nothing came along with it."""
    if not attachments:
        return digest(text.encode())
    hashes = [hashlib.sha256(one.content).hexdigest() for one in attachments]
    return digest(canonical({"attachments": hashes, "text": text}))


def safe_name(one: Attachment) -> str:
    """That of a file in no other folder, with the ending of what it is."""
    seen = "".join(letter for letter in " ".join(one.name.split()) if letter.isprintable())
    name = UNSAFE.sub("_", seen).strip(" .")[:LONGEST_NAME] or "file"
    endings = ENDINGS.get(one.media_type, (".bin",))
    return name if name.lower().endswith(endings) else name + endings[0]


def inert(content: bytes, name: str) -> Response:
    """No browser opens it here, takes it for anything else, or runs what is in it."""
    answer = Response(content, content_type="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "no-store"
    return answer


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
