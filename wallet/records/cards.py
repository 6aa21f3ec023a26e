"""Read a vCard (2.1, 3.0, 4.0) that a stranger may have made, into values of attributes."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import vobject
from flask_babel import lazy_gettext as _
from vobject.base import VObjectError

from wallet.records.errors import BadFile

logging.getLogger("vobject.base").disabled = True  # it would write lines it can not read, values and all, into the log

LARGEST_CARD = 256 * 1024
_MOST_LINES = 2000
_MORE = (AssertionError, RecursionError, StopIteration, LookupError, UnicodeError)
_BIRTH = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:T.*)?", re.ASCII)
_SIMPLE = {
    "fn": "name",
    "nickname": "nickname",
    "email": "email",
    "tel": "phone_number",
    "url": "website",
    "org": "company.name",
    "tz": "zoneinfo",
    "lang": "locale",
}
_HEAVY = re.compile(r"^(?:item[0-9]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:]", re.IGNORECASE)


def values_of(text: str) -> dict[str, str]:
    """What the first card says, by the names of attributes. Raises BadFile."""
    card = _card(_light(text))
    found: dict[str, str] = {}
    for member, attribute in _SIMPLE.items():
        value = _first(card, member)
        if value:
            found[attribute] = value.removeprefix("tel:").removeprefix("mailto:").strip()
    found |= _name(card) | _address(card)
    if birth := _BIRTH.fullmatch(_first(card, "bday")):
        found["birthdate"] = "-".join(birth.groups())
    if not found:
        raise BadFile(_("There is nothing in this card that can be taken over."))
    return found


def _light(text: str) -> str:
    """The first card without pictures and keys. Raises BadFile."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff\n ").split("\n")
    if len(text) > LARGEST_CARD or len(lines) > _MOST_LINES * 3 or lines[0].strip().upper() != "BEGIN:VCARD":
        raise BadFile(_("This is no vCard, or it is too large."))
    kept = list(_kept(lines))
    if len(kept) > _MOST_LINES:
        raise BadFile(_("This is no vCard, or it is too large."))
    return "\r\n".join(kept) + "\r\n"


def _kept(lines: list[str]) -> Iterator[str]:
    heavy = False
    for line in lines:
        heavy = (heavy and line[:1] in {" ", "\t"}) or bool(_HEAVY.match(line))
        if not heavy:
            yield line
        if line.strip().upper() == "END:VCARD":
            return


def _card(text: str) -> Any:
    try:
        return vobject.readOne(text, ignoreUnreadable=True)
    except (VObjectError, ValueError, AttributeError, KeyError, IndexError, TypeError, *_MORE):
        raise BadFile(_("This vCard can not be read.")) from None


def _first(card: Any, member: str) -> str:
    """The preferred one, else the first."""
    lines = card.contents.get(member, []) if card is not None else []
    lines = sorted(lines, key=lambda line: not _is_preferred(line))
    return _text(lines[0].value) if lines else ""


def _is_preferred(line: Any) -> bool:
    kinds = {str(kind).casefold() for kind in [*line.params.get("TYPE", []), *line.singletonparams]}
    return "pref" in kinds or line.params.get("PREF", [""])[0] == "1"


def _text(value: Any) -> str:
    while isinstance(value, (list, tuple)):
        value = value[0] if value else ""
    return " ".join(str(value or "").split())


def _name(card: Any) -> dict[str, str]:
    for line in card.contents.get("n", []):
        parts = {"given_name": "given", "family_name": "family", "middle_name": "additional"}
        named = {attribute: _text(getattr(line.value, part, "")) for attribute, part in parts.items()}
        return {attribute: text for attribute, text in named.items() if text}
    return {}


def _address(card: Any) -> dict[str, str]:
    for line in sorted(card.contents.get("adr", []), key=lambda line: not _is_preferred(line)):
        parts = {"street_address": "street", "postal_code": "code", "locality": "city", "region": "region"}
        parts["country"] = "country"
        found = {f"address.{name}": _text(getattr(line.value, part, "")) for name, part in parts.items()}
        return {name: text for name, text in found.items() if text}
    return {}
