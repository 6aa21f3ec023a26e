"""What a vendor may want to speak to people about: topics it declares, each asked for as a scope `contact:<topic>`."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from consent.model import CONTACT
from vendor_api.errors import InvalidClientMetadata
from vendor_api.texts import is_line

MEMBER: Final = "contact_topics"
MOST: Final = 50
LONGEST_NAME: Final = 80
TOPIC: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")


def check_metadata(metadata: Mapping[str, Any]) -> None:
    """Raises InvalidClientMetadata."""
    for name, given in metadata.items():
        if name.partition("#")[0] == MEMBER and not is_table(given):
            raise InvalidClientMetadata(
                f"{MEMBER} must map at most {MOST} topics, written as in outage or new-tariffs, "
                f"to names of at most {LONGEST_NAME} characters"
            )
        if name.startswith(f"{MEMBER}#") and not given.keys() <= metadata.get(MEMBER, {}).keys():
            raise InvalidClientMetadata(f"{name} must name topics of {MEMBER} alone")


def is_table(given: object) -> bool:
    return (
        isinstance(given, dict)
        and len(given) <= MOST
        and all(TOPIC.fullmatch(topic) is not None and is_line(name, LONGEST_NAME) for topic, name in given.items())
    )


def declared(metadata: Mapping[str, Any]) -> Collection[str]:
    return tuple(metadata.get(MEMBER, ()))


def name_of(metadata: Mapping[str, Any], topic: str, language: str | None) -> str:
    """As people read it: in their language if the vendor said it, else in its own; else the topic itself."""
    return names(metadata, language).get(topic, topic)


def names(metadata: Mapping[str, Any], language: str | None) -> Mapping[str, str]:
    """All topics by their names, likewise."""
    return {**metadata.get(MEMBER, {}), **metadata.get(f"{MEMBER}#{language}", {})}


def asked(metadata: Mapping[str, Any], scope: str) -> bool:
    """Whether this scope asks for one of the vendor's topics."""
    return scope.startswith(CONTACT) and scope.removeprefix(CONTACT) in declared(metadata)
