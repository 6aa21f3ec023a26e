"""Response types (OAuth 2.0 Multiple Response Types): which there are, which this wallet offers, who may register them.

All but `code` carry a token through the browser, so an operator has to switch them on (docs/decisions/0017). `token`
alone, which says nothing of who signed in where, does not exist here.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from vendor_api.errors import InvalidClientMetadata
from vendor_api.uris import is_loopback_host

CODE: Final = "code"
IMPLICIT: Final = "implicit"  # the grant type of OpenID Connect Registration 1.0 for what the browser carries
USUAL: Final = (CODE,)
FRONT_CHANNEL: Final = ("code id_token", "code id_token token", "code token", "id_token", "id_token token")
ALL: Final = (*USUAL, *FRONT_CHANNEL)
NOT_WITH_TOKENS: Final = ("query", "query.jwt")


def offered(*, front_channel: bool) -> tuple[str, ...]:
    return ALL if front_channel else USUAL


def implicit(offered: Collection[str]) -> tuple[str, ...]:
    """The grant type that comes along where more than codes is offered."""
    return () if set(offered) <= set(USUAL) else (IMPLICIT,)


def in_order(response_type: str) -> str:
    """RFC 6749 section 3.1.1: the order of the words does not matter; ours is that of the alphabet."""
    return " ".join(sorted(response_type.split(" ")))


def usual_mode(response_type: str) -> str:
    """OAuth 2.0 Multiple Response Types sections 3 and 5."""
    return "fragment" if response_type in FRONT_CHANNEL else "query"


def check(metadata: Mapping[str, Any], offered: Collection[str], *, grant_types: Collection[str]) -> None:
    """What a vendor may register where these response types are offered. Raises InvalidClientMetadata."""
    check_lists(metadata, grant_types=(*grant_types, *implicit(offered)), response_types=offered)
    registered = {in_order(one) for one in metadata["response_types"]}
    check_grant_types_fit(metadata["grant_types"], registered)
    if registered.intersection(FRONT_CHANNEL):
        check_addresses(metadata["redirect_uris"])
        check_nothing_bound(metadata, registered)


def check_lists(metadata: Mapping[str, Any], **allowed: Collection[str]) -> None:
    for name, known in allowed.items():
        values = metadata[name]
        good = (
            isinstance(values, list)
            and values
            and all(isinstance(one, str) and in_order(one) in known for one in values)
        )
        if not good:
            raise InvalidClientMetadata(f"{name} may list: {', '.join(known)}")


def check_grant_types_fit(grant_types: Collection[str], registered: Collection[str]) -> None:
    """RFC 7591 section 2.1, OpenID Connect Registration 1.0 section 2."""
    words = {word for response_type in registered for word in response_type.split()}
    if CODE in words and "authorization_code" not in grant_types:
        raise InvalidClientMetadata("grant_types must include authorization_code, because response_types has code")
    if words != {CODE} and IMPLICIT not in grant_types:
        raise InvalidClientMetadata("grant_types must include implicit, because response_types has more than code")


def check_addresses(redirect_uris: Collection[str]) -> None:
    """OpenID Connect Registration 1.0 section 2, and no app: its answers could be caught, and no code protects them."""
    for parts in map(urlsplit, redirect_uris):
        if parts.scheme != "https" or is_loopback_host(parts.hostname or ""):
            raise InvalidClientMetadata(
                "with response_types beyond code, redirect_uris must be https and not localhost"
            )


def check_nothing_bound(metadata: Mapping[str, Any], registered: Collection[str]) -> None:
    """RFC 9449 binds what comes from the token endpoint; nobody can show a proof on the way through a browser."""
    if metadata.get("dpop_bound_access_tokens") and any("token" in one.split() for one in registered):
        raise InvalidClientMetadata("response_types with token can not be had with dpop_bound_access_tokens")
