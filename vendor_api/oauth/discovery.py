"""What vendors' libraries read first: discovery document and public keys (OpenID Connect Discovery 1.0, RFC 8414)."""

from collections.abc import Collection
from typing import Any, Final

from consent.terms.roster import ROSTER
from vendor_api import scopes
from vendor_api.call import Call
from vendor_api.host import Host
from vendor_api.oauth import (
    authorize,
    ciba,
    deposits,
    device,
    grant_management,
    inspection,
    par,
    receipts,
    registration,
    token,
    userinfo,
)
from vendor_api.oauth.agreements import calls
from vendor_api.oauth.answers import Answer, as_json
from vendor_api.oauth.asking.acr import ACR
from vendor_api.oauth.asking.responses import MODES
from vendor_api.oauth.binding.proofs import ALGORITHMS as DPOP_ALGORITHMS
from vendor_api.oauth.checks import PROMPTS
from vendor_api.oauth.leaving import end_session, session_management
from vendor_api.vendors import certificates, purpose_types
from vendor_api.vendors.ciba import MODES as DELIVERY_MODES
from vendor_api.vendors.encryption import CONTENT_ALGORITHMS, KEY_ALGORITHMS
from vendor_api.vendors.keys import SIGNING_ALGORITHMS
from vendor_api.vendors.metadata import (
    ASSERTION_ALGORITHMS,
    AUTH_METHODS,
    CONSENT_DETAIL,
    GRANT_TYPES,
    ID_TOKEN_ALGORITHMS,
    PROVING_METHODS,
)
from vendor_api.vendors.response_types import implicit

JWKS_PATH: Final = "/oauth/jwks"
ENDPOINTS: Final = {
    "authorization_endpoint": authorize.PATH,
    "token_endpoint": token.PATH,
    "userinfo_endpoint": userinfo.PATH,
    "introspection_endpoint": inspection.PATH,
    "revocation_endpoint": inspection.REVOCATION_PATH,
    "pushed_authorization_request_endpoint": par.PATH,
    "device_authorization_endpoint": device.PATH,
    "backchannel_authentication_endpoint": ciba.PATH,
    "grant_management_endpoint": grant_management.PATH,
    "consent_receipts_endpoint": receipts.PATH,
    "agreements_endpoint": calls.PATH,
    "end_session_endpoint": end_session.PATH,
    "check_session_iframe": session_management.PATH,
    "jwks_uri": JWKS_PATH,
}
SIGNED: Final = ("id_token", "userinfo", "introspection", "authorization")
PROVING: Final = ("token", "introspection", "revocation")
ASSERTED: Final = [alg for algorithms in ASSERTION_ALGORITHMS.values() for alg in algorithms]
CACHED: Final = {"Cache-Control": "public, max-age=300"}


def jwks(host: Host, _call: Call) -> Answer:
    return as_json(host.signing_keys().jwks(), headers=CACHED)


def resource(host: Host, _call: Call) -> Answer:
    """RFC 9728: the wallet as the place where values are read."""
    described: dict[str, Any] = {
        "resource": host.issuer,
        "authorization_servers": [host.issuer],
        "jwks_uri": f"{host.issuer}{JWKS_PATH}",
        "scopes_supported": list(scopes.SCOPES),
        "bearer_methods_supported": ["header", "body"],
        "deposit_endpoint": f"{host.issuer}{deposits.PATH}",
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
    """Only what is really there; what is beyond the standards is put beside it (vendor_api/advertised.py)."""
    described = {"issuer": host.issuer}
    for part in PARTS:
        described |= part(host)
    return described


def endpoints(host: Host) -> dict[str, Any]:
    paths = {**ENDPOINTS, "registration_endpoint": registration.PATH} if host.registration != "closed" else ENDPOINTS
    described = {name: f"{host.issuer}{path}" for name, path in paths.items()}
    return described | {"feedback_endpoint": host.feedback_page}


def what_may_be_asked(host: Host) -> dict[str, Any]:
    return {
        "scopes_supported": list(scopes.SCOPES),
        "claims_supported": scopes.supported_claims(host.attributes),
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": True,
        "authorization_details_types_supported": [CONSENT_DETAIL],
        purpose_types.SUPPORTED: purpose_types.supported(),
        "myterms_supported": list(ROSTER),
        "subject_types_supported": ["pairwise", "public"],
        "prompt_values_supported": sorted(PROMPTS),
        "acr_values_supported": [ACR],
        "display_values_supported": ["page", "popup", "touch", "wap"],
        "ui_locales_supported": ["en", "de"],
        "grant_management_actions_supported": ["query", "revoke", *grant_management.ACTIONS],
        "grant_management_action_required": False,
    }


def how_to_ask(host: Host) -> dict[str, Any]:
    return {
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "response_types_supported": list(host.response_types),
        "response_modes_supported": list(MODES),
        "grant_types_supported": [*GRANT_TYPES, *implicit(host.response_types)],
        "code_challenge_methods_supported": ["S256"],
        "backchannel_token_delivery_modes_supported": list(DELIVERY_MODES),
        "backchannel_authentication_request_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "backchannel_user_code_parameter_supported": False,
    }


def how_we_answer(host: Host) -> dict[str, Any]:
    return {
        "authorization_response_iss_parameter_supported": True,
        **{f"{what}_signing_alg_values_supported": list(ID_TOKEN_ALGORITHMS) for what in SIGNED},
        **{
            f"{what}_encryption_{name}_values_supported": list(values)
            for what in ("id_token", "userinfo")
            for name, values in (("alg", KEY_ALGORITHMS), ("enc", CONTENT_ALGORITHMS))
        },
        "protected_resources": [host.issuer],
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }


def how_vendors_prove_themselves(host: Host) -> dict[str, Any]:
    described: dict[str, Any] = {
        "token_endpoint_auth_methods_supported": offered(host, AUTH_METHODS),
        "introspection_endpoint_auth_methods_supported": offered(host, PROVING_METHODS),
        "revocation_endpoint_auth_methods_supported": offered(host, AUTH_METHODS),
        **{f"{name}_endpoint_auth_signing_alg_values_supported": ASSERTED for name in PROVING},
        "dpop_signing_alg_values_supported": list(DPOP_ALGORITHMS),
    }
    if host.proxies:
        described[certificates.BOUND] = True
    if host.registration == "open":
        described["client_id_metadata_document_supported"] = True
    return described


PARTS: Final = (endpoints, what_may_be_asked, how_to_ask, how_we_answer, how_vendors_prove_themselves)
