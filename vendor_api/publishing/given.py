"""A publication as a vendor sends it, read and checked."""

import re
from collections.abc import Collection
from typing import Any, Final

from vendor_api.call import from_json
from vendor_api.contact.speaking import LONGEST_REASON, LONGEST_SUBJECT, LONGEST_TEXT
from vendor_api.errors import InvalidRequest
from vendor_api.publishing.model import NewPublication
from vendor_api.texts import is_clean, is_line

MEMBERS: Final = frozenset({"id", "topic", "title", "text", "reason", "valid_until", "for"})
LONGEST_VALID: Final = 366 * 24 * 3600
ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
PREDICATE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


def publication(given: str, *, topics: Collection[str], now: int) -> NewPublication:
    """From JSON. `topics` are those the vendor declared. Raises InvalidRequest."""
    try:
        said = from_json(given)
    except ValueError:
        raise InvalidRequest("publication is not JSON, or nested too deeply") from None
    if not isinstance(said, dict) or not said.keys() <= MEMBERS:
        raise InvalidRequest(f"publication must be an object with no other members than {', '.join(sorted(MEMBERS))}")
    return checked(said, topics=topics, now=now)


def checked(said: dict[str, Any], *, topics: Collection[str], now: int) -> NewPublication:
    """Raises InvalidRequest."""
    if not isinstance(said.get("id"), str) or not ID.fullmatch(said["id"]):
        raise InvalidRequest("id must be 1 to 64 of A-Z, a-z, 0-9, - and _")
    if not is_line(said.get("title"), LONGEST_SUBJECT):
        raise InvalidRequest(f"title must be one line of 1 to {LONGEST_SUBJECT} characters")
    text, until, predicate = said.get("text"), said.get("valid_until"), said.get("for")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT or not is_clean(text):
        raise InvalidRequest(f"text must be plain text of 1 to {LONGEST_TEXT} characters")
    for problem, is_wrong in (
        (f"reason must be one line of 1 to {LONGEST_REASON} characters", not is_reason(said)),
        ("topic must be one of your contact_topics", said.get("topic") not in topics),
        ("valid_until must be epoch seconds to come, at most a year away", not is_until(until, now)),
        ("for must be the name of a predicate", predicate is not None and not is_predicate(predicate)),
    ):
        if is_wrong:
            raise InvalidRequest(problem)
    how = {"predicate": predicate, "valid_until": until, "reason": said.get("reason", "")}
    return NewPublication(said["id"], said["topic"], said["title"], text, **how)


def is_reason(said: dict[str, Any]) -> bool:
    return "reason" not in said or is_line(said["reason"], LONGEST_REASON)


def is_until(given: object, now: int) -> bool:
    return type(given) is int and now < given <= now + LONGEST_VALID


def is_predicate(given: object) -> bool:
    return isinstance(given, str) and PREDICATE.fullmatch(given) is not None
