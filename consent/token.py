"""The consent token: a grant as a signed document. It carries names, purposes and limits, never values."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import jwt

from consent.errors import BadConsentToken
from consent.model import NO_DATA, PUBLIC, WHILE_AWAY, Grant, Item, Limits, Party
from consent.statuses import Place
from consent.terms import roster
from consent.terms.roster import ROSTER
from consent.vocabulary import kind_of
from keys.did import public_key_of
from keys.errors import KeysError
from keys.relationship import RelationshipKey

TYPE: Final = "consent+jwt"
CONFORMS_TO: Final = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
CONTEXT: Final = ("https://w3id.org/dpv/2.3", {"w": "urn:hausrecht:consent:1#"})
RIGHTS: Final = ("eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A17", "eu-gdpr:A20", "eu-gdpr:A21", "eu-gdpr:A77")
NOT_STATED: Final = "w:NotStated"
GREATEST_LENGTH: Final = 64 * 1024


def new_id() -> str:
    """A random consent token id; random, so that it tells a vendor nothing about order or other vendors."""
    return str(uuid.uuid4())


def sign(grant: Grant, key: RelationshipKey, *, issuer: str, place: Place, now: int) -> str:
    """The grant as a JWT of type consent+jwt, signed by the relationship's key (EdDSA, `kid` is its did:key).

    `sub` is the relationship's, so that the token proves itself, also where the person allowed another for everything
    else. `status` says where everybody can see whether it still counts. `w:gpc` is Global Privacy Control, in writing.
    """
    return key.sign(
        {
            "iss": key.did,
            "sub": key.sub,
            "aud": [grant.party.client_id, issuer],
            "jti": f"urn:uuid:{grant.consent_token_id}",
            "iat": now,
            "nbf": now,
            "exp": grant.expires_at,
            "grant_id": grant.grant_id,
            "status": place.claim(issuer=issuer),
            "consent": record(grant, issuer=issuer),
            "w:access": {"mode": "VIEW", "fetch": "PERIODIC", "whileAway": WHILE_AWAY in grant.attributes}
            | ({"publicSubject": True} if PUBLIC in grant.attributes else {}),
            "w:gpc": True,
            **agreement(grant),
        },
        typ=TYPE,
    )


def agreement(grant: Grant) -> dict[str, Any]:
    """The agreement between the two (IEEE 7012), a record of its own, by its digest."""
    agreed = grant.agreed
    if agreed is None or agreed.over is not None:
        return {}
    return {
        "w:agreement": {
            "@id": f"urn:uuid:{agreed.agreement_id}",
            "digest": agreed.digest,
            "w:terms": {"@id": ROSTER[agreed.agreement].uri, "digest": roster.digest(agreed.agreement)},
        }
    }


def record(grant: Grant, *, issuer: str) -> dict[str, Any]:
    """The grant as a consent record: what ISO/IEC TS 27560 demands, in DPV terms. One process for each purpose."""
    data = [item for item in grant.items if item.attribute not in NO_DATA]
    alike = dict.fromkeys((item.purpose, item.in_force, item.terms) for item in data)
    return {
        "@context": list(CONTEXT),
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": [CONFORMS_TO],
        "dct:identifier": grant.consent_token_id,
        "dpv:hasDataSubject": grant.pairwise_sub,
        "dpv:hasNotice": notice(grant.party),
        "dpv:hasProcess": [
            process(grant, [item for item in data if (item.purpose, item.in_force, item.terms) == these], issuer=issuer)
            for these in alike
        ],
        "dpv:hasConsentStatus": [
            {
                "@type": ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"],
                "dpv:isIndicatedAtTime": moment(grant.granted_at),
                "dpv:hasDuration": f"PT{grant.expires_at - grant.granted_at}S",
                "dpv:isIndicatedBy": grant.pairwise_sub,
                "dpv:hasIndicationMethod": "w:ConsentPage",
            }
        ],
    }


def notice(party: Party) -> dict[str, Any]:
    return {
        "@type": "dpv:ConsentNotice",
        "@id": party.policy_uri or NOT_STATED,
        "dct:language": party.language,
        "w:digest": f"sha-256:{party.notice}",
    }


def process(grant: Grant, items: Sequence[Item], *, issuer: str) -> dict[str, Any]:
    """What is done for one purpose, by whom, with which data, under which limits and terms, and how it is stopped."""
    party, (first, *_others) = grant.party, items
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {"@type": "dpv:Purpose", "w:text": first.purpose or NOT_STATED},
        "dpv:hasLegalBasis": ["eu-gdpr:A6-1-a", "dpv:ExplicitlyExpressedConsent"],
        "dpv:hasPersonalData": [personal_data(item) for item in items],
        "dpv:hasDataController": {
            "@id": party.client_id,
            "dpv:hasName": party.name,
            "dpv:hasAddress": party.address or NOT_STATED,
            "dpv:hasContact": party.contact or NOT_STATED,
            "w:host": party.host,
            "w:role": "dpv:DataController",
            "w:type": "dpv:Recipient",
        },
        "dpv:hasRecipient": list(party.recipients),
        "dpv:hasStorageCondition": {
            "dpv:hasLocation": party.storage_location or NOT_STATED,
            "dpv:hasDuration": party.retention or NOT_STATED,
        },
        "dpv:hasJurisdiction": party.jurisdiction or NOT_STATED,
        "dpv:hasConsentControl": {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": f"{issuer}/vendors"},
        "dpv:hasRight": list(RIGHTS),
        **({"w:access": access(first.in_force)} if first.in_force else {}),
        **({"w:terms": {"@id": first.terms.uri, "digest": first.terms.digest}} if first.terms else {}),
    }


def access(limits: Limits) -> dict[str, Any]:
    """The limits in the words of the Account Aggregator artefact."""
    spans = {"frequency": limits.frequency, "dataLife": limits.data_life}
    return {
        "mode": limits.mode.upper(),
        "fetch": limits.fetch.upper(),
        **{name: {"value": span.value, "unit": span.unit.upper()} for name, span in spans.items() if span},
        **({"until": moment(limits.until)} if limits.until else {}),
    }


def personal_data(item: Item) -> dict[str, Any]:
    return {
        "@id": kind_of(item.attribute),
        "dct:identifier": item.attribute,
        "dpv:hasNecessity": "dpv:Required" if item.required else "dpv:Optional",
    }


def moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def verify(token: str, *, client_id: str, issuer: str, now: int) -> Mapping[str, Any]:
    """The claims of a consent token made for this vendor. Raises BadConsentToken with a reason the vendor may read.

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
