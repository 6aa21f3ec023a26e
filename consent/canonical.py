"""Canonical JSON (RFC 8785): the one spelling of a document, over which digests and signatures are made."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson


def canonical(content: Mapping[str, Any]) -> bytes:
    """Sorted, unspaced. orjson writes texts as RFC 8785 does; here all names are ASCII, no number is a fraction."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def digest(document: bytes) -> str:
    """Written as everywhere in what the wallet signs: "sha-256:" and 64 hex digits."""
    return f"sha-256:{hashlib.sha256(document).hexdigest()}"
