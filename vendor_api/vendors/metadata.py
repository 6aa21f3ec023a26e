"""Client metadata (RFC 7591, OpenID Connect Registration 1.0): what a vendor may register, check by check."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from vendor_api.errors import InvalidClientMetadata, InvalidRedirectUri
from vendor_api.scopes import NOT_BY_DEFAULT, SCOPES
from vendor_api.texts import is_line
from vendor_api.uris import is_link, is_redirect_uri, origin
from vendor_api.vendors import (
    certificates,
    ciba,
    client_credentials,
    fapi,
    myterms,
    purpose_types,
    request_uris,
    response_types,
    sector,
    topics,
)
from vendor_api.vendors.ciba import CIBA
from vendor_api.vendors.client_credentials import CLIENT_CREDENTIALS
from vendor_api.vendors.encryption import CONTENT_ALGORITHMS, KEY_ALGORITHMS, usable
from vendor_api.vendors.keys import SIGNING_ALGORITHMS, has_key_for, is_public
from vendor_api.vendors.model import DEVICE_CODE

JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
USUAL_GRANT_TYPES: Final = ("authorization_code", "refresh_token", JWT_BEARER)
GRANT_TYPES: Final = (*USUAL_GRANT_TYPES, TOKEN_EXCHANGE, DEVICE_CODE, CIBA, CLIENT_CREDENTIALS)
# RFC 7518 section 3.1: what an assertion may be signed with, by method.
ASSERTION_ALGORITHMS: Final[Mapping[str, tuple[str, ...]]] = {
    "private_key_jwt": SIGNING_ALGORITHMS,
    "client_secret_jwt": ("HS256",),
}
SECRET_METHODS: Final = ("client_secret_basic", "client_secret_post", "client_secret_jwt")
PROVING_METHODS: Final = ("client_secret_basic", "client_secret_post", *ASSERTION_ALGORITHMS, *certificates.METHODS)
AUTH_METHODS: Final = (*PROVING_METHODS, "none")
ID_TOKEN_ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
LONGEST_TEXT: Final = 300
MOST_ENTRIES: Final = 100
DEFAULT_SCOPES: Final = tuple(scope for scope in SCOPES if scope not in NOT_BY_DEFAULT)
LINKS: Final = ("client_uri", "logo_uri", "policy_uri", "tos_uri")
TEXTS: Final = (
    "client_name",
    "postal_address",
    "jurisdiction",
    "storage_location",
    "data_retention",
    "software_id",
    "software_version",
)
SIGNED_ANSWERS: Final = (
    "authorization_signed_response_alg",
    "userinfo_signed_response_alg",
    "introspection_signed_response_alg",
)
ENCRYPTED_ANSWERS: Final = tuple(
    f"{what}_encrypted_response_{name}" for what in ("id_token", "userinfo") for name in ("alg", "enc")
)
CONSENT_DETAIL: Final = "urn:hausrecht:consent"  # of authorization_details (RFC 9396)
PURPOSES: Final = "purposes"
SPOKEN: Final = frozenset({*LINKS, *TEXTS, PURPOSES, topics.MEMBER})
LOGOUT_URIS: Final = ("backchannel_logout_uri", "frontchannel_logout_uri")
FLAGS: Final = (
    "backchannel_logout_session_required",
    "frontchannel_logout_session_required",
    "require_pkce",
    "require_pushed_authorization_requests",
    "require_signed_request_object",
    "dpop_bound_access_tokens",
    certificates.BOUND,
)
DEFAULTS: Final[Mapping[str, Any]] = {
    "application_type": "web",
    "token_endpoint_auth_method": "client_secret_basic",
    "grant_types": list(USUAL_GRANT_TYPES),
    "response_types": list(response_types.USUAL),
    "scope": " ".join(DEFAULT_SCOPES),
    "id_token_signed_response_alg": "RS256",
    "subject_type": "pairwise",
}
KNOWN: Final = frozenset(
    {
        *DEFAULTS,
        *LINKS,
        *TEXTS,
        *FLAGS,
        *certificates.NAMES,
        PURPOSES,
        purpose_types.MEMBER,
        topics.MEMBER,
        *LOGOUT_URIS,
        "redirect_uris",
        "post_logout_redirect_uris",
        "contacts",
        "recipients",
        "jwks",
        "jwks_uri",
        "token_endpoint_auth_signing_alg",
        *SIGNED_ANSWERS,
        *ENCRYPTED_ANSWERS,
        "authorization_details_types",
        "fapi_profile",
        "request_object_signing_alg",
        "request_uris",
        sector.MEMBER,
        *ciba.MEMBERS,
        *myterms.MEMBERS,
    }
)


def checked(given: object, *, offered: Collection[str] = response_types.USUAL) -> dict[str, Any]:
    """The members we understand, with defaults filled in; `offered` are the response types one may register.

    Raises InvalidRedirectUri or InvalidClientMetadata.
    """
    if not isinstance(given, dict):
        raise InvalidClientMetadata("send the client metadata as one JSON object")
    known = {name: value for name, value in given.items() if is_known(name) and value is not None}
    metadata = {**DEFAULTS, **fapi.usual(known), **known}
    metadata |= fapi.forced(metadata)
    for check in CHECKS:
        check(metadata)
    response_types.check(metadata, offered, grant_types=GRANT_TYPES)
    return metadata


def is_known(name: str) -> bool:
    """RFC 7591 section 2.2: what people read may be there in several languages, and nothing else."""
    plain, tag, _ = name.partition("#")
    return plain in SPOKEN if tag else plain in KNOWN


def check_redirect_uris(metadata: Mapping[str, Any]) -> None:
    """RFC 9700 section 4.1.3: only addresses that can be compared letter by letter."""
    uris = metadata.get("redirect_uris")
    if not isinstance(uris, list) or not 0 < len(uris) <= MOST_ENTRIES:
        raise InvalidRedirectUri("redirect_uris must list at least one address")
    for uri in uris:
        if not is_redirect_uri(uri):
            raise InvalidRedirectUri(
                "each redirect URI must be https (http only on loopback) or an app scheme such as com.example.app:/cb, "
                "without fragment, wildcard, user name or dot segments"
            )


def check_post_logout_redirect_uris(metadata: Mapping[str, Any]) -> None:
    """OpenID Connect RP-Initiated Logout 1.0 section 3.1."""
    uris = metadata.get("post_logout_redirect_uris", [])
    if not isinstance(uris, list) or len(uris) > MOST_ENTRIES or not all(map(is_redirect_uri, uris)):
        raise InvalidClientMetadata("post_logout_redirect_uris must list addresses of the same kinds as redirect_uris")


def check_logout_uris(metadata: Mapping[str, Any]) -> None:
    """Back-Channel Logout 1.0 section 2.2; Front-Channel Logout 1.0 section 2: framed only where redirects go too."""
    for name in LOGOUT_URIS:
        if name in metadata and not is_link(metadata[name]):
            raise InvalidClientMetadata(f"{name} must be an https address without fragment")
    framed = metadata.get("frontchannel_logout_uri")
    if framed and origin(framed) not in map(origin, metadata["redirect_uris"]):
        raise InvalidClientMetadata("frontchannel_logout_uri must have the scheme, host and port of a redirect URI")


def check_choices(metadata: Mapping[str, Any]) -> None:
    for name, allowed in (
        ("application_type", ("web", "native")),
        ("token_endpoint_auth_method", AUTH_METHODS),
        ("id_token_signed_response_alg", ID_TOKEN_ALGORITHMS),
        *((name, ID_TOKEN_ALGORITHMS) for name in SIGNED_ANSWERS),
        ("request_object_signing_alg", SIGNING_ALGORITHMS),
        ("authorization_details_types", ([CONSENT_DETAIL],)),
        ("subject_type", ("pairwise", "public")),
    ):
        if name in metadata and metadata[name] not in allowed:
            raise InvalidClientMetadata(f"{name} must be one of: {', '.join(map(str, allowed))}")


def check_scope(metadata: Mapping[str, Any]) -> None:
    scope = metadata["scope"]
    if scope != "" and not (is_text(scope) and scope.isascii()):
        raise InvalidClientMetadata("scope must be a list of scope names separated by spaces")


def check_links(metadata: Mapping[str, Any]) -> None:
    for name, value in metadata.items():
        if name.partition("#")[0] in LINKS and not is_link(value):
            raise InvalidClientMetadata(f"{name.partition('#')[0]} must be an https address")


def check_texts(metadata: Mapping[str, Any]) -> None:
    for name, value in metadata.items():
        plain = name.partition("#")[0]
        if plain in TEXTS and not is_text(value):
            raise InvalidClientMetadata(
                f"{plain} must be a text of at most {LONGEST_TEXT} characters without control characters"
            )
    for name in ("contacts", "recipients"):
        values = metadata.get(name, [])
        if not isinstance(values, list) or len(values) > MOST_ENTRIES or not all(is_text(value) for value in values):
            raise InvalidClientMetadata(f"{name} must be a list of short texts")


def check_purposes(metadata: Mapping[str, Any]) -> None:
    """Ours: attribute or scope name -> the sentence the person reads."""
    for name, purposes in metadata.items():
        if name.partition("#")[0] != PURPOSES:
            continue
        if (
            not isinstance(purposes, dict)
            or len(purposes) > MOST_ENTRIES
            or not all(map(is_text, [*purposes, *purposes.values()]))
        ):
            raise InvalidClientMetadata("purposes must map attribute or scope names to short sentences")


def check_flags(metadata: Mapping[str, Any]) -> None:
    for name in FLAGS:
        if not isinstance(metadata.get(name, True), bool):
            raise InvalidClientMetadata(f"{name} must be true or false")


def check_require_pkce(metadata: Mapping[str, Any]) -> None:
    if metadata.get("require_pkce") is False and metadata["token_endpoint_auth_method"] == "none":
        raise InvalidClientMetadata("a vendor without a secret always needs PKCE")


def check_keys(metadata: Mapping[str, Any]) -> None:
    """Public keys only, inline or behind an address (RFC 7591 section 2); a change makes every person decide anew."""
    jwks, jwks_uri = metadata.get("jwks", {"keys": []}), metadata.get("jwks_uri", "https://")
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) and is_public(key) for key in keys):
        raise InvalidClientMetadata("jwks must be a JWK set of public keys")
    if "jwks_uri" in metadata and not (is_link(jwks_uri) and jwks_uri.startswith("https:")):
        raise InvalidClientMetadata("jwks_uri must be an https address")
    if "jwks" in metadata and "jwks_uri" in metadata:
        raise InvalidClientMetadata("register jwks or jwks_uri, not both")


def check_assertion_keys(metadata: Mapping[str, Any]) -> None:
    """OpenID Connect Core section 9: a method with a JWT needs what verifies it."""
    method, alg = metadata["token_endpoint_auth_method"], metadata.get("token_endpoint_auth_signing_alg")
    allowed = ASSERTION_ALGORITHMS.get(method, (*SIGNING_ALGORITHMS, "HS256"))
    if alg is not None and alg not in allowed:
        raise InvalidClientMetadata(f"token_endpoint_auth_signing_alg must be one of: {', '.join(allowed)}")
    if method != "private_key_jwt" or "jwks_uri" in metadata:
        return
    if not has_key_for(metadata.get("jwks"), [alg] if alg else allowed):
        raise InvalidClientMetadata(
            "private_key_jwt needs jwks_uri, or jwks with a key for its alg: EC P-256, Ed25519, or RSA of 2048 bits"
        )


def check_encryption(metadata: Mapping[str, Any]) -> None:
    """OpenID Connect Registration section 2. The key must be in `jwks`: nothing is fetched while a token is made."""
    for what in ("id_token", "userinfo"):
        alg, enc = (metadata.get(f"{what}_encrypted_response_{name}") for name in ("alg", "enc"))
        if enc is not None and (alg is None or enc not in CONTENT_ALGORITHMS):
            raise InvalidClientMetadata(
                f"{what}_encrypted_response_enc needs {what}_encrypted_response_alg, and is one of: "
                f"{', '.join(CONTENT_ALGORITHMS)}"
            )
        if alg is not None and (alg not in KEY_ALGORITHMS or not usable(metadata.get("jwks"), alg)):
            raise InvalidClientMetadata(
                f"{what}_encrypted_response_alg needs a key for it in jwks, and is one of: {', '.join(KEY_ALGORITHMS)}"
            )


def is_text(value: object) -> bool:
    return is_line(value, LONGEST_TEXT)


CHECKS: Final[tuple[Callable[[Mapping[str, Any]], None], ...]] = (
    check_redirect_uris,
    check_post_logout_redirect_uris,
    check_logout_uris,
    check_choices,
    check_scope,
    check_links,
    check_texts,
    check_purposes,
    purpose_types.check_metadata,
    topics.check_metadata,
    check_flags,
    check_require_pkce,
    check_keys,
    check_assertion_keys,
    check_encryption,
    request_uris.check_metadata,
    sector.check_metadata,
    certificates.check_registered,
    ciba.check,
    client_credentials.check,
    myterms.check,
)
