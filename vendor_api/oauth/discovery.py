"""What vendors' libraries read first: discovery document and public keys (OpenID Connect Discovery 1.0, RFC 8414)."""

from typing import Any, Final

from vendor_api import scopes
from vendor_api.call import Call
from vendor_api.host import Host
from vendor_api.metadata import AUTH_METHODS, GRANT_TYPES, ID_TOKEN_ALGORITHMS
from vendor_api.oauth import end_session, registration
from vendor_api.oauth.answers import Answer, as_json

CACHED: Final = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}


def configuration(host: Host, _call: Call) -> Answer:
    return as_json(document(host), headers=CACHED)


def jwks(host: Host, _call: Call) -> Answer:
    return as_json(host.signing_keys().jwks(), headers=CACHED)


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
        "jwks_uri": f"{issuer}/oauth/jwks",
        "end_session_endpoint": f"{issuer}{end_session.PATH}",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
        "scopes_supported": list(scopes.SCOPES),
        "claims_supported": scopes.supported_claims(host.attributes),
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": list(ID_TOKEN_ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "introspection_endpoint_auth_methods_supported": list(AUTH_METHODS[:2]),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["en", "de"],
        "authorization_response_iss_parameter_supported": True,
    }
    if host.registration != "closed":
        described["registration_endpoint"] = f"{issuer}{registration.PATH}"
    return described
