"""OpenID Connect scopes and claims as attributes (Core 1.0 sections 5.1 and 5.4), and values back as claims."""

from collections.abc import Collection, Mapping
from typing import Any, Final

ADDRESS: Final = (
    "address.formatted",
    "address.street_address",
    "address.locality",
    "address.region",
    "address.postal_code",
    "address.country",
)
USUAL_ADDRESS: Final = frozenset(
    {"address.street_address", "address.locality", "address.postal_code", "address.country"}
)

SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "openid": (),
    "profile": (
        "name",
        "family_name",
        "given_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
    ),
    "email": ("email",),
    "address": ADDRESS,
    "phone": ("phone_number",),
    "offline_access": (),
    "deposit": (),
    "grant_management_query": (),
    "grant_management_revoke": (),
}
# Those a vendor has to register for by name.
NOT_BY_DEFAULT: Final = frozenset({"offline_access", "deposit", "grant_management_query", "grant_management_revoke"})

# Claims that say something about another one: they come along with it and are nothing to be asked for themselves.
COMPANIONS: Final = {"email_verified": "email", "phone_number_verified": "phone_number"}


def attributes_of_claim(claim: str) -> tuple[str, ...]:
    """The attributes behind one claim name: `address` is six, `email_verified` is part of `email`."""
    if claim == "address":
        return ADDRESS
    return (COMPANIONS.get(claim, claim),)


def is_required(attribute: str, claim: str, *, essential: bool) -> bool:
    """An essential `address` needs what a letter needs; nobody has to have a region."""
    return essential and (claim != "address" or attribute in USUAL_ADDRESS)


def claims_from(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a vendor expects them: dots become objects, and unproven addresses say so."""
    claims: dict[str, Any] = {}
    for attribute, value in values.items():
        parent, dot, child = attribute.partition(".")
        if dot and isinstance(claims.setdefault(parent, {}), dict):
            claims[parent][child] = value
        else:
            claims[attribute] = value
    claims.update({companion: False for companion, attribute in COMPANIONS.items() if attribute in values})
    return claims


def supported_claims(attributes: Collection[str]) -> list[str]:
    """For discovery: top-level claim names, companions included."""
    return sorted({"sub", *COMPANIONS, *(name.partition(".")[0] for name in attributes)})
