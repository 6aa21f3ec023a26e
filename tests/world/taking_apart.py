"""What a vendor can take apart of all that it was sent: names, values, ids, and places in status lists."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt

SHARED = 12
IDS = {"sub", "grant_id", "jti", "dct:identifier", "access_token", "refresh_token", "code", "at_hash", "signature"}


def members(text: str) -> dict[str, Any]:
    """The parameters of an address, or the members of a JSON body."""
    if text.startswith("http"):
        return dict(parse_qsl(urlsplit(text).query))
    found: dict[str, Any] = json.loads(text)
    return found


def unpack(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every name and value in it, JWTs opened, as pairs of the nearest name and the value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield "", key
            yield from unpack(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from unpack(inner, name)
    elif isinstance(value, str) and re.fullmatch(r"[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}", value):
        yield from unpack(jwt.get_unverified_header(value))
        yield from unpack(jwt.decode(value, options={"verify_signature": False}))
        yield "signature", value.rpartition(".")[2]
    else:
        yield name, value


def everything(seen: Sequence[str]) -> list[tuple[str, Any]]:
    return [pair for text in seen for pair in unpack(members(text))]


def values(seen: Sequence[str]) -> set[Any]:
    """What can be compared: texts of eight letters and more, and what they are made of, and large numbers."""
    found: set[Any] = set()
    for _, value in everything(seen):
        if isinstance(value, str):
            found |= {part for part in (value, *re.split(r"[/#?&=: ]", value)) if len(part) >= 8}
        elif isinstance(value, int | float) and abs(value) > 1_000_000:
            found.add(value)
    return found


def ids(seen: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in IDS}
    for name, value in everything(seen):
        if name in IDS and isinstance(value, str) and len(value) >= SHARED:
            found[name].add(value.removeprefix("urn:uuid:"))
    assert all(found.values()), found
    return found


def status(seen: Sequence[str]) -> set[tuple[str, int]]:
    """Every list and place that stands in a consent token."""
    places = [(name, value) for name, value in everything(seen) if name in {"idx", "uri"}]
    found = {(uri, idx) for (_, idx), (_, uri) in zip(places[::2], places[1::2], strict=True)}
    assert found
    return found
