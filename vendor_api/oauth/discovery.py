"""What vendors' libraries read first: discovery document and public keys (OpenID Connect Discovery 1.0, RFC 8414)."""

from collections.abc import Collection
from typing import Any, Final

from vendor_api import certificates, scopes
from vendor_api.call import Call
from vendor_api.ciba_registration import MODES as DELIVERY_MODES
from vendor_api.encryption import CONTENT_ALGORITHMS, KEY_ALGORITHMS
from vendor_api.host import Host
from vendor_api.metadata import (
    ASSERTION_ALGORITHMS,
    AUTH_METHODS,
    CONSENT_DETAIL,
    GRANT_TYPES,
    ID_TOKEN_ALGORITHMS,
    PROVING_METHODS,
)
from vendor_api.oauth import ciba, device, end_session, grant_management, registration, session_management
from vendor_api.oauth.acr import ACR
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.checks import PROMPTS
from vendor_api.oauth.proofs import ALGORITHMS as DPOP_ALGORITHMS
from vendor_api.oauth.responses import MODES
from vendor_api.response_types import implicit
from vendor_api.vendor_keys import SIGNING_ALGORITHMS

SIGNED: Final = [alg for algorithms in ASSERTION_ALGORITHMS.values() for alg in algorithms]
CACHED: Final = {"Cache-Control": "public, max-age=300"}


def configuration(host: Host, _call: Call) -> Answer:
    return as_json(document(host), headers=CACHED)


def jwks(host: Host, _call: Call) -> Answer:
    return as_json(host.signing_keys().jwks(), headers=CACHED)


def resource(host: Host, _call: Call) -> Answer:
    """RFC 9728: the wallet as the place where values are read."""
    described: dict[str, Any] = {
        "resource": host.issuer,
        "authorization_servers": [host.issuer],
        "jwks_uri": f"{host.issuer}/oauth/jwks",
        "scopes_supported": list(scopes.SCOPES),
        "bearer_methods_supported": ["header", "body"],
        "resource_signing_alg_values_supported": list(ID_TOKEN_ALGORITHMS),
        "dpop_signing_alg_values_supported": list(DPOP_ALGORITHMS),
    }
    if host.proxies:
        described[certificates.BOUND] = True
    return as_json(described, headers=CACHED)


def offered(host: Host, methods: Collection[str]) -> list[str]:
    """Without the certificates that nobody hands on (RFC 8705 section 2)."""
    missing = set(certificates.METHODS) - set(certificates.offered(host.proxies))
    return [method for method in methods if method not in missing]


def document(host: Host) -> dict[str, Any]:
    """Only what is really there."""
    issuer = host.issuer
    described = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth/par",
        "device_authorization_endpoint": f"{issuer}{device.PATH}",
        "backchannel_authentication_endpoint": f"{issuer}{ciba.PATH}",
        "backchannel_token_delivery_modes_supported": list(DELIVERY_MODES),
        "backchannel_authentication_request_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "backchannel_user_code_parameter_supported": False,
        "jwks_uri": f"{issuer}/oauth/jwks",
        "end_session_endpoint": f"{issuer}{end_session.PATH}",
        "check_session_iframe": f"{issuer}{session_management.PATH}",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
        "scopes_supported": list(scopes.SCOPES),
        "claims_supported": scopes.supported_claims(host.attributes),
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "response_types_supported": list(host.response_types),
        "response_modes_supported": list(MODES),
        "authorization_signing_alg_values_supported": list(ID_TOKEN_ALGORITHMS),
        "grant_types_supported": [*GRANT_TYPES, *implicit(host.response_types)],
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": list(ID_TOKEN_ALGORITHMS),
        "userinfo_signing_alg_values_supported": list(ID_TOKEN_ALGORITHMS),
        "introspection_signing_alg_values_supported": list(ID_TOKEN_ALGORITHMS),
        "protected_resources": [issuer],
        "authorization_details_types_supported": [CONSENT_DETAIL],
        **{
            f"{what}_encryption_{name}_values_supported": list(values)
            for what in ("id_token", "userinfo")
            for name, values in (("alg", KEY_ALGORITHMS), ("enc", CONTENT_ALGORITHMS))
        },
        "grant_management_endpoint": f"{issuer}{grant_management.PATH}",
        "grant_management_actions_supported": ["query", "revoke", *grant_management.ACTIONS],
        "grant_management_action_required": False,
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(DPOP_ALGORITHMS),
        "token_endpoint_auth_methods_supported": offered(host, AUTH_METHODS),
        "introspection_endpoint_auth_methods_supported": offered(host, PROVING_METHODS),
        "revocation_endpoint_auth_methods_supported": offered(host, AUTH_METHODS),
        **{
            f"{name}_endpoint_auth_signing_alg_values_supported": SIGNED
            for name in ("token", "introspection", "revocation")
        },
        "prompt_values_supported": sorted(PROMPTS),
        "acr_values_supported": [ACR],
        "display_values_supported": ["page", "popup", "touch", "wap"],
        "ui_locales_supported": ["en", "de"],
        "authorization_response_iss_parameter_supported": True,
    }
    if host.proxies:
        described[certificates.BOUND] = True
    if host.registration == "open":
        described["client_id_metadata_document_supported"] = True
    if host.registration != "closed":
        described["registration_endpoint"] = f"{issuer}{registration.PATH}"
    return described
