"""What a vendor wants, said by scopes, by the `claims` parameter or in its metadata, becomes one list of items."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import orjson

from consent.model import CONTACT, DEPOSIT, PUBLIC, WHILE_AWAY, Item, Limits, Terms, Trimmed, carries_data
from consent.purposes import term_of
from vendor_api.errors import InvalidRequest
from vendor_api.oauth.asking.capped import capped
from vendor_api.scopes import SCOPES, attributes_of_claim, is_required
from vendor_api.vendors import topics
from vendor_api.vendors.metadata import LONGEST_TEXT, is_text
from vendor_api.vendors.model import Vendor
from vendor_api.vendors.purpose_types import MUST_BE, registered

# A vendor can not know what people defined for themselves, so any well-formed name may be asked for.
ANY_LANGUAGE: Final = "en"  # where nobody is shown what is asked; whether it can be asked does not depend on it
ATTRIBUTE_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,3}")
LONGEST_NAME: Final = 64
MOST_ITEMS: Final = 100
LONGEST_CLAIMS: Final = 20_000
# Claims of the protocol itself, and updated_at, whose value would be the same at two vendors and link them.
NEVER_ASKED: Final = frozenset(
    {
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "nbf",
        "jti",
        "azp",
        "nonce",
        "auth_time",
        "acr",
        "amr",
        "sid",
        "at_hash",
        "c_hash",
        "s_hash",
        "cnf",
        "updated_at",
    }
)
PLACES: Final = ("userinfo", "id_token")


@dataclass(frozen=True, slots=True)
class Claim:
    """One wish of the vendor's: a member of the `claims` parameter (OpenID Connect Core 5.5.1), or of a detail."""

    name: str
    place: str
    essential: bool
    purpose: str | None
    limits: Limits | None = None
    terms: Terms | None = None
    purpose_type: str | None = None


def parse_claims(given: str | None) -> tuple[Claim, ...]:
    """OpenID Connect Core section 5.5, which says to ignore unknown members. Raises InvalidRequest."""
    if given is None:
        return ()
    if len(given) > LONGEST_CLAIMS:
        raise InvalidRequest("the claims parameter is too long")
    try:
        asked = orjson.loads(given)
    except ValueError:
        raise InvalidRequest("the claims parameter is not JSON") from None
    if not isinstance(asked, dict) or not all(isinstance(asked.get(place) or {}, dict) for place in PLACES):
        raise InvalidRequest("the claims parameter must be an object with userinfo and id_token objects")
    return tuple(
        parse_claim(place, name, wish)
        for place in PLACES
        for name, wish in (asked.get(place) or {}).items()
        if is_attribute(name)
    )


def parse_claim(place: str, name: str, wish: object) -> Claim:
    if wish is None:
        return Claim(name, place, essential=False, purpose=None)
    if not isinstance(wish, dict) or not isinstance(wish.get("essential", False), bool):
        raise InvalidRequest("each claim must be null or an object whose essential is true or false")
    purpose = wish.get("purpose")
    if purpose is not None and not is_text(purpose):
        raise InvalidRequest(f"each purpose must be a sentence of at most {LONGEST_TEXT} characters")
    purpose_type = term_of(wish["purpose_type"]) if "purpose_type" in wish else None
    if "purpose_type" in wish and purpose_type is None:
        raise InvalidRequest(f"each purpose_type must be {MUST_BE}")
    return Claim(name, place, wish.get("essential", False), purpose, purpose_type=purpose_type)


def is_attribute(name: str) -> bool:
    well_formed = len(name) <= LONGEST_NAME and ATTRIBUTE_NAME.fullmatch(name) is not None
    return well_formed and carries_data(name) and name not in NEVER_ASKED


def items(vendor: Vendor, scopes: Collection[str], claims: Collection[Claim], *, language: str) -> tuple[Item, ...]:
    """One item for each attribute, however often it was asked for: required if anywhere, with the nearest purpose."""
    check_one_kind(claims)
    found: dict[str, Item] = {}
    for claim in claims:
        for attribute in attributes_of_claim(claim.name):
            required = is_required(attribute, claim.name, essential=claim.essential)
            new = item(vendor, attribute, claim.name, said=claim.purpose, required=required, language=language)
            purpose_type = claim.purpose_type or new.purpose_type
            new = replace(new, limits=claim.limits, terms=claim.terms, purpose_type=purpose_type)
            found[attribute] = stricter(found.get(attribute), new)
    for scope in scopes:
        for attribute in SCOPES.get(scope, ()):
            new = item(vendor, attribute, scope, said=None, required=False, language=language)
            found[attribute] = stricter(found.get(attribute), new)
    for name in no_data(vendor, scopes):
        found[name] = item(vendor, name, name, said=None, required=False, language=language)
    if len(found) > MOST_ITEMS:
        raise InvalidRequest(f"ask for at most {MOST_ITEMS} attributes at once")
    return tuple(found.values())


def no_data(vendor: Vendor, scopes: Collection[str]) -> list[str]:
    """What the person answers besides, like an attribute of its own."""
    asked = [scope for scope in (WHILE_AWAY, DEPOSIT) if scope in scopes]
    asked += [scope for scope in scopes if topics.asked(vendor.metadata, scope)]
    return [*asked, PUBLIC] if vendor.wants_public_subject else asked


def check_one_kind(claims: Collection[Claim]) -> None:
    kinds = {(name, claim.purpose_type) for claim in claims for name in attributes_of_claim(claim.name)}
    said = [name for name, kind in kinds if kind is not None]
    if len(said) != len(set(said)):
        raise InvalidRequest("an attribute stands under different kinds of purpose; ask for it once")


def item(vendor: Vendor, attribute: str, asked_as: str, *, said: str | None, required: bool, language: str) -> Item:
    """With the purpose said in the request, else the one registered for the attribute, its claim or its scope."""
    scopes = (scope for scope, attributes in SCOPES.items() if attribute in attributes)
    names = (attribute, attribute.partition(".")[0], asked_as, *scopes)
    if topics.asked(vendor.metadata, attribute):
        return topic_item(vendor, attribute, language=language)
    shown, meant = said or vendor.purpose(names, language), said or vendor.purpose(names, None)
    return Item(attribute, shown, required, meant, purpose_type=registered(vendor.metadata, names))


def topic_item(vendor: Vendor, scope: str, *, language: str) -> Item:
    topic = scope.removeprefix(CONTACT)
    shown, meant = (topics.name_of(vendor.metadata, topic, spoken) for spoken in (language, None))
    return Item(scope, shown, False, meant)


def stricter(before: Item | None, new: Item) -> Item:
    """A person answers once for an attribute. Raises InvalidRequest where it stands under different limits or terms."""
    if before is None:
        return new
    if before.limits != new.limits and before.limits and new.limits:
        raise InvalidRequest("an attribute stands under different limits; ask for it once")
    if before.terms != new.terms and before.terms and new.terms:
        raise InvalidRequest("an attribute stands under different terms; ask for it once")
    known = before if before.purpose else new
    required, limits, terms = before.required or new.required, before.limits or new.limits, before.terms or new.terms
    purpose_type = before.purpose_type or new.purpose_type
    return replace(known, required=required, limits=limits, terms=terms, purpose_type=purpose_type)


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that follows from what a vendor asks: what for, read where, and what of the sign-in itself."""

    items: tuple[Item, ...]
    userinfo: tuple[str, ...]
    id_token: tuple[str, ...]
    sign_in: tuple[str, ...]
    trimmed: tuple[Trimmed, ...]


@lru_cache(maxsize=500)
def wanted(
    vendor: Vendor, scopes: tuple[str, ...], claims: str | None, language: str, more: tuple[Claim, ...] = ()
) -> Wanted:
    """Worked out once, because vendors ask for the same again and again. `more` are wishes said in another way.

    Raises InvalidRequest, BeyondCaps.
    """
    asked = (*parse_claims(claims), *more)
    found, trimmed = capped(vendor, items(vendor, scopes, asked, language=language))
    in_token = in_id_token(found, asked)
    return Wanted(found, in_userinfo(found, scopes, asked), in_token, asks_about_sign_in(claims), trimmed)


def in_id_token(all_items: Collection[Item], claims: Collection[Claim]) -> tuple[str, ...]:
    """The attributes that were asked for in the ID token itself."""
    named = {name for claim in claims if claim.place == "id_token" for name in attributes_of_claim(claim.name)}
    return tuple(sorted({item.attribute for item in all_items} & named))


def in_userinfo(all_items: Collection[Item], scopes: Collection[str], claims: Collection[Claim]) -> tuple[str, ...]:
    """Everything but what was asked for in the ID token alone."""
    by_scope = {attribute for scope in scopes for attribute in SCOPES.get(scope, ())}
    by_claim = {
        attribute for claim in claims if claim.place == "userinfo" for attribute in attributes_of_claim(claim.name)
    }
    return tuple(sorted({item.attribute for item in all_items} & (by_scope | by_claim)))


def request_of(parameters: Mapping[str, str], scopes: Collection[str], asked: Wanted) -> dict[str, Any]:
    """What the code must remember of the authorization request, as JSON."""
    return {
        **{name: parameters[name] for name in ("nonce", "code_challenge", "dpop_jkt") if name in parameters},
        "scope": " ".join(scopes),
        "userinfo": asked.userinfo,
        "id_token": asked.id_token,
        "tells": tells(parameters, asked),
    }


def tells(parameters: Mapping[str, str], asked: Wanted) -> list[str]:
    """OpenID Connect Core section 2: auth_time is told only where asked for, as it is the same everywhere and links."""
    told = {*asked.sign_in}
    if wants_fresh_sign_in(parameters):
        told.add("auth_time")
    if "acr_values" in parameters:
        told |= {"acr", "amr"}
    return sorted(told)


def wants_fresh_sign_in(parameters: Mapping[str, str]) -> bool:
    return "max_age" in parameters or "login" in parameters.get("prompt", "").split()


SIGN_IN: Final = ("auth_time", "acr", "amr")


def asks_about_sign_in(claims: str | None) -> tuple[str, ...]:
    return tuple(name for name in SIGN_IN if name in about_sign_in(claims))


@lru_cache(maxsize=500)
def about_sign_in(claims: str | None) -> Mapping[str, Any]:
    """What the `claims` parameter wants in the ID token, the protocol's own claims included. Raises InvalidRequest."""
    parse_claims(claims)
    asked: Mapping[str, Any] = (orjson.loads(claims) if claims else {}).get("id_token") or {}
    return asked


def essential_acr(claims: str | None) -> list[object] | None:
    """OpenID Connect Core section 5.5.1.1: the acr values one of which the vendor needs; None if any will do."""
    wish = about_sign_in(claims).get("acr")
    if not isinstance(wish, dict) or wish.get("essential") is not True:
        return None
    values = wish["values"] if "values" in wish else [wish["value"]] if "value" in wish else None
    if values is not None and not isinstance(values, list):
        raise InvalidRequest("the values of acr must be a list")
    return values


def expected_subject(claims: str | None) -> str | None:
    """OpenID Connect Core section 5.5.1: the one `sub` the vendor wants to hear of, or None."""
    wish = about_sign_in(claims).get("sub")
    value = wish.get("value") if isinstance(wish, dict) else None
    if value is not None and not isinstance(value, str):
        raise InvalidRequest("the value of sub must be a text")
    return value
