"""The consent token: a grant as a signed document. It carries names, purposes and limits, never values."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import jwt

from consent.errors import BadConsentToken
from consent.model import NO_DATA, PUBLIC, WHILE_AWAY, Grant, Item, Limits, Party, Range, Span
from consent.statuses import Place
from consent.tightening import DAY, SECONDS
from consent.vocabulary import kind_of
from keys.did import public_key_of
from keys.errors import KeysError
from keys.relationship import RelationshipKey

TYPE: Final = "consent+jwt"
CONFORMS_TO: Final = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
CONTEXT: Final = ("https://w3id.org/dpv/2.3", {"w": "urn:hausrecht:consent:1#"})
RIGHTS: Final = ("eu-gdpr:A15", "eu-gdpr:A16", "eu-gdpr:A17", "eu-gdpr:A20", "eu-gdpr:A21", "eu-gdpr:A77")
NOT_STATED: Final = "w:NotStated"
HOUR: Final = SECONDS["hour"]
GREATEST_LENGTH: Final = 64 * 1024


def jti(consent_token_id: str) -> str:
    """The id as a consent token says it (RFC 4122)."""
    return f"urn:uuid:{consent_token_id}"


def new_id() -> str:
    """A random consent token id; random, so that it tells a vendor nothing about order or other vendors."""
    return str(uuid.uuid4())


def sign(grant: Grant, key: RelationshipKey, *, issuer: str, place: Place, now: int) -> str:
    """The grant as a JWT of type consent+jwt, signed by the relationship's key (EdDSA, `kid` is its did:key).

    `sub` is the relationship's, so that the token proves itself, also where the person allowed another for everything
    else. `status` says where everybody can see whether it still counts.
    """
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
            "consent": record(grant, issuer=issuer),
            "w:access": {"mode": "VIEW", "fetch": "PERIODIC", "whileAway": WHILE_AWAY in grant.attributes}
            | ({"publicSubject": True} if PUBLIC in grant.attributes else {}),
        },
        typ=TYPE,
    )


def record(grant: Grant, *, issuer: str) -> dict[str, Any]:
    """The grant as a consent record: what ISO/IEC TS 27560 demands, in DPV terms. One process for each purpose."""
    data = [item for item in grant.items if item.attribute not in NO_DATA]
    alike = dict.fromkeys(map(in_one_process, data))
    return {
        "@context": list(CONTEXT),
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": [CONFORMS_TO],
        "dct:identifier": grant.consent_token_id,
        "dpv:hasDataSubject": grant.pairwise_sub,
        "dpv:hasNotice": notice(grant.party),
        "dpv:hasProcess": [
            process(grant, [item for item in data if in_one_process(item) == these], issuer=issuer) for these in alike
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


def in_one_process(item: Item) -> tuple[object, ...]:
    """Values for which all this is the same are processed alike."""
    return item.purpose, item.purpose_type, item.in_force, item.terms


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
        "dpv:hasPurpose": {
            **({"@id": first.purpose_type} if first.purpose_type else {}),
            "@type": "dpv:Purpose",
            "w:text": first.purpose or NOT_STATED,
        },
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
        "dpv:hasRecipient": recipients(party, first.in_force),
        "dpv:hasStorageCondition": storage(party, first.in_force),
        "dpv:hasJurisdiction": party.jurisdiction or NOT_STATED,
        "dpv:hasConsentControl": {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": f"{issuer}/vendors"},
        "dpv:hasRight": list(RIGHTS),
        **({"w:access": access(first.in_force)} if first.in_force else {}),
        **({"w:terms": {"@id": first.terms.uri, "digest": first.terms.digest}} if first.terms else {}),
    }


def recipients(party: Party, limits: Limits | None) -> list[str]:
    """Those named for these values, else all whom the vendor names."""
    named = limits.recipients if limits else None
    return list(party.recipients if named is None else named)


def storage(party: Party, limits: Limits | None) -> dict[str, Any]:
    """Where and how long a copy is kept: as promised for these values, else as the vendor says of all it keeps."""
    held = limits or Limits()
    places = [f"loc:{place}" for place in held.storage_place or ()]
    return {
        "dpv:hasLocation": places or party.storage_location or NOT_STATED,
        "dpv:hasDuration": duration(held.data_life) if held.data_life else party.retention or NOT_STATED,
    }


def duration(span: Span) -> str:
    """ISO 8601, with months and years as the days they have here."""
    length = span.value * SECONDS[span.unit]
    return f"P{length // DAY}D" if length % DAY == 0 else f"PT{length // HOUR}H"


def access(limits: Limits) -> dict[str, Any]:
    """The limits in the words of the Account Aggregator artefact."""
    spans = {"frequency": limits.frequency, "dataLife": limits.data_life}
    return {
        "mode": limits.mode.upper(),
        "fetch": limits.fetch.upper(),
        **{name: {"value": span.value, "unit": span.unit.upper()} for name, span in spans.items() if span},
        **({"until": moment(limits.until)} if limits.until else {}),
        **({"dataRange": stretch(limits.data_range)} if limits.data_range else {}),
        **({"recipients": list(limits.recipients)} if limits.recipients is not None else {}),
        **({"storagePlace": list(limits.storage_place)} if limits.storage_place is not None else {}),
    }


def stretch(data_range: Range) -> dict[str, str]:
    ends = {"from": data_range.since, "to": data_range.until}
    return {name: moment(at) for name, at in ends.items() if at is not None}


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
