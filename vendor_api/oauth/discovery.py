"""What vendors' libraries read first: discovery document and public keys (OpenID Connect Discovery 1.0, RFC 8414)."""

from typing import Any, Final

from vendor_api import scopes
from vendor_api.call import Call
from vendor_api.host import Host
from vendor_api.metadata import ASSERTION_ALGORITHMS, AUTH_METHODS, GRANT_TYPES, ID_TOKEN_ALGORITHMS, PROVING_METHODS
from vendor_api.oauth import registration
from vendor_api.oauth.answers import Answer, as_json

SIGNED: Final = [alg for algorithms in ASSERTION_ALGORITHMS.values() for alg in algorithms]
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
        "introspection_endpoint_auth_methods_supported": list(PROVING_METHODS),
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        **{
            f"{name}_endpoint_auth_signing_alg_values_supported": SIGNED
            for name in ("token", "introspection", "revocation")
        },
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["en", "de"],
        "authorization_response_iss_parameter_supported": True,
    }
    if host.registration != "closed":
        described["registration_endpoint"] = f"{issuer}{registration.PATH}"
    return described
