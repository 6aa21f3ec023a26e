"""What a vendor says, read and checked: plain text, a few inert attachments, and why it writes."""

from typing import Final

from vendor_api.call import from_json
from vendor_api.errors import InvalidRequest
from vendor_api.files import attachments_of, message_digest
from vendor_api.host import Spoken
from vendor_api.texts import is_clean, is_line

LONGEST_TEXT: Final = 10_000
LONGEST_SUBJECT: Final = 200
LONGEST_REASON: Final = 300
LONGEST_ID: Final = 64
MEMBERS: Final = frozenset({"id", "subject", "text", "reason", "thread_id", "contact_person_id", "attachments"})


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
