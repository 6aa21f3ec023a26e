"""Ours: attribute or scope name -> the kind of purpose it is asked for, as a term of the Data Privacy Vocabulary."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from consent.purposes import LIST, PURPOSES, term_of
from vendor_api.errors import InvalidClientMetadata

MEMBER: Final = "purpose_types"
SUPPORTED: Final = "purpose_types_supported"  # in the discovery document
MOST: Final = 100
MUST_BE: Final = f"one of {SUPPORTED} in the discovery document, such as dpv:ServiceProvision; they are told at {LIST}"


def check_metadata(metadata: Mapping[str, Any]) -> None:
    """Raises InvalidClientMetadata."""
    given = metadata.get(MEMBER, {})
    if not isinstance(given, dict) or len(given) > MOST or not all(map(term_of, given.values())):
        raise InvalidClientMetadata(f"{MEMBER} must map attribute or scope names to {MUST_BE}")


def registered(metadata: Mapping[str, Any], names: Iterable[str]) -> str | None:
    """The kind of purpose registered for the first of these names that has one."""
    given: Mapping[str, Any] = metadata.get(MEMBER, {})
    return next((term_of(given[name]) for name in names if name in given), None)


def supported() -> list[str]:
    return list(PURPOSES)
