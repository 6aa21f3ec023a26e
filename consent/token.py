"""The consent token: a grant as a signed document. It carries names, purposes and limits, never values."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

import jwt

from consent.canonical import canonical, digest
from consent.errors import BadConsentToken
from consent.model import Grant
from consent.record import record
from consent.statement import statement
from consent.statuses import Place
from keys.did import public_key_of
from keys.errors import KeysError
from keys.relationship import RelationshipKey

TYPE: Final = "consent+jwt"
GREATEST_LENGTH: Final = 64 * 1024


def jti(consent_token_id: str) -> str:
    """The id as a consent token says it (RFC 4122)."""
    return f"urn:uuid:{consent_token_id}"


def new_id() -> str:
    """A random consent token id; random, so that it tells a vendor nothing about order or other vendors."""
    return str(uuid.uuid4())


def sign(grant: Grant, key: RelationshipKey, *, issuer: str, place: Place, now: int) -> str:
    """The grant as a JWT of type consent+jwt, signed by the relationship's key (EdDSA, `kid` is its did:key).

    `w:statement` is the digest of what receipts carry in full, so that both are proven to say the same.

    `sub` is the relationship's, so that the token proves itself, also where the person allowed another for everything
    else. `status` says where everybody can see whether it still counts. `w:gpc` is Global Privacy Control, in writing.
    """
    source = statement(grant, issuer=issuer)
    return key.sign(
        {
            "iss": key.did,
            "sub": key.sub,
            "aud": [grant.party.client_id, issuer],
            "jti": jti(grant.consent_token_id),
            "iat": now,
            "nbf": now,
            "exp": grant.expires_at,
            "grant_id": grant.grant_id,
            "status": place.claim(issuer=issuer),
            "consent": record(source),
            "w:statement": digest(canonical(source)),
            "w:access": {"mode": "VIEW", "fetch": "PERIODIC", "whileAway": source["while_away"]}
            | ({"publicSubject": True} if source["public_subject"] else {})
            | ({"deposit": True} if source["deposit"] else {})
            | ({"contact": source["contact"]} if "contact" in source else {}),
            "w:gpc": True,
            **agreement(source),
        },
        typ=TYPE,
    )


def agreement(source: Mapping[str, Any]) -> dict[str, Any]:
    """The agreement between the two (IEEE 7012), a record of its own, by its digest."""
    if "agreement" not in source:
        return {}
    said = source["agreement"]
    terms = {"@id": said["terms"], "digest": said["terms_digest"]}
    return {"w:agreement": {"@id": f"urn:uuid:{said['id']}", "digest": said["digest"], "w:terms": terms}}


def verify(token: str, *, client_id: str, issuer: str | Sequence[str], now: int) -> Mapping[str, Any]:
    """The claims of a consent token made for this vendor. Raises BadConsentToken with a reason the vendor may read.

    `issuer` is this wallet's address, or several: those at which the person's wallet was before count too.
    The key is taken from `iss` and proves who signed only together with a grant that stores this very token.
    """
    if len(token) > GREATEST_LENGTH:
        raise BadConsentToken("this is too long for a consent token")
    try:
        header, unverified = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
        key = public_key_of(signer_of(header, unverified))
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["EdDSA"],
            audience=issuer,
            options={
                "require": ["iss", "sub", "aud", "jti", "iat", "exp", "grant_id"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, KeysError, ValueError, TypeError, AttributeError):
        raise BadConsentToken("this is not a consent token of this wallet") from None
    check_claims(claims, client_id=client_id, now=now)
    return claims


def signer_of(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """The did:key that signed. Raises BadConsentToken where type, key id or critical extensions are not ours."""
    issuer = claims.get("iss")
    if header.get("typ") != TYPE or "crit" in header or not isinstance(issuer, str):
        raise BadConsentToken("this is not a consent token of this wallet")
    if header.get("kid") != f"{issuer}#{issuer.removeprefix('did:key:')}":
        raise BadConsentToken("this is not a consent token of this wallet")
    return issuer


def check_claims(claims: Mapping[str, Any], *, client_id: str, now: int) -> None:
    """Raises BadConsentToken where audience or time do not fit."""
    if not isinstance(claims["aud"], list) or client_id not in claims["aud"]:
        raise BadConsentToken("this consent token was given to another vendor")
    times = (claims["iat"], claims.get("nbf", claims["iat"]), claims["exp"])
    if any(type(time) is not int for time in times):
        raise BadConsentToken("this is not a consent token of this wallet")
    if now >= claims["exp"]:
        raise BadConsentToken("this consent token has expired")
    if now < claims["iat"] or now < times[1]:
        raise BadConsentToken("this consent token is not valid yet")
