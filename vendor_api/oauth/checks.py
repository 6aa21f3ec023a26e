"""What an authorization request has to hold to, in this order: one check, one reason."""

import re
from collections.abc import Callable
from typing import Final

from vendor_api.call import REPEATABLE
from vendor_api.errors import (
    InvalidRequest,
    InvalidRequestObject,
    InvalidScope,
    RegistrationNotSupported,
    UnauthorizedClient,
    UnmetAuthenticationRequirements,
    UnsupportedResponseType,
)
from vendor_api.host import Host
from vendor_api.oauth import front_tokens
from vendor_api.oauth.asking import rar, wishes
from vendor_api.oauth.asking.acr import ACR
from vendor_api.oauth.asking.request import Request
from vendor_api.oauth.asking.resource import check_resource
from vendor_api.oauth.asking.responses import MODES, SIGNED
from vendor_api.oauth.grant_management import check_action
from vendor_api.vendors.response_types import CODE

SHA_256: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # in base64url
PROMPTS: Final = frozenset({"none", "login", "consent", "select_account", "create"})
LONGEST_PARAMETER: Final = 2000
MAY_BE_LONG: Final = frozenset({"claims", "id_token_hint", "authorization_details"})


def check_parameter_length(request: Request) -> None:
    if any(len(value) > LONGEST_PARAMETER for name, value in request.parameters.items() if name not in MAY_BE_LONG):
        raise InvalidRequest("a parameter is too long")


def check_signed_where_it_must_be(request: Request) -> None:
    """RFC 9101 section 10.5."""
    if request.vendor.signs_requests and not request.was_signed:
        raise InvalidRequestObject("this vendor is registered to sign its requests; send a request object")


def check_pushed_where_it_must_be(request: Request) -> None:
    """RFC 9126 section 6."""
    if request.vendor.pushes_requests and not request.was_pushed:
        raise InvalidRequest("this vendor is registered to push its requests; use the PAR endpoint first")


def check_registration(request: Request) -> None:
    """OpenID Connect Core section 3.1.2.6."""
    if "registration" in request.parameters:
        raise RegistrationNotSupported("register first; the registration parameter is not supported")


def check_response_mode(request: Request) -> None:
    if request.parameters.get("response_mode", "query") not in MODES:
        raise InvalidRequest(f"response_mode must be one of: {', '.join(MODES)}")
    if request.vendor.wants_signed_answers and request.parameters.get("response_mode") not in SIGNED:
        raise InvalidRequest(
            f"this vendor is registered for signed answers; response_mode must be one of: {', '.join(SIGNED)}"
        )


def check_response_type(host: Host, request: Request) -> None:
    """RFC 6749 section 3.1.1: one of those offered here, and for this vendor one that it registered."""
    if "response_type" not in request.parameters:
        raise InvalidRequest("response_type is missing; it must be code")
    if request.response_type not in host.response_types:
        raise UnsupportedResponseType(f"response_type must be {', or '.join(host.response_types)}")
    if request.response_type not in request.vendor.response_types:
        raise UnauthorizedClient("this vendor is not registered for this response_type")


def check_grant_type(request: Request) -> None:
    if request.wants_code and "authorization_code" not in request.vendor.grant_types:
        raise UnauthorizedClient("this vendor is not registered for authorization codes")


def check_scope(request: Request) -> None:
    if not request.scopes:
        raise InvalidScope("scope names nothing this vendor may ask for; begin with openid")


def check_pkce(request: Request) -> None:
    """RFC 7636 and RFC 9700 section 2.1.1: S256 always for public vendors; others may send a nonce instead."""
    if not request.wants_code:
        return
    challenge, method = (request.parameters.get(name) for name in ("code_challenge", "code_challenge_method"))
    if challenge is None and method is not None:
        raise InvalidRequest("code_challenge_method came without a code_challenge")
    if challenge is not None and method != "S256":
        raise InvalidRequest("code_challenge_method must be S256")
    if challenge is not None and not SHA_256.fullmatch(challenge):
        raise InvalidRequest("code_challenge must be the base64url SHA-256 of the verifier, 43 characters")
    if challenge is None and (request.vendor.is_public or request.vendor.is_strict):
        raise InvalidRequest("a vendor without a secret, or of FAPI 2.0, must send a code_challenge (PKCE, S256)")
    if (
        challenge is None
        and request.vendor.requires_pkce
        and not ("nonce" in request.parameters and "openid" in request.scopes)
    ):
        raise InvalidRequest("send a code_challenge (PKCE, S256), or a nonce with scope openid")


def check_dpop_jkt(request: Request) -> None:
    """RFC 9449 section 10: the code will be bound to this key."""
    if not SHA_256.fullmatch(request.parameters.get("dpop_jkt", "A" * 43)):
        raise InvalidRequest("dpop_jkt must be the base64url SHA-256 thumbprint of a key, 43 characters")


def check_details(request: Request) -> None:
    """RFC 9396 section 5."""
    rar.details(request.parameters.get("authorization_details"))


def check_wishes(request: Request) -> None:
    """What is asked can be understood, and stays within the caps of the host and of this vendor."""
    claims, details = (request.parameters.get(name) for name in ("claims", "authorization_details"))
    wishes.wanted(request.vendor, request.scopes, claims, wishes.ANY_LANGUAGE, rar.as_claims(details))


def check_prompt(request: Request) -> None:
    if not request.prompts <= PROMPTS:
        raise InvalidRequest(f"prompt must be one of: {', '.join(sorted(PROMPTS))}")
    if "none" in request.prompts and len(request.prompts) > 1:
        raise InvalidRequest("prompt=none can not be combined with another prompt")


def check_max_age(request: Request) -> None:
    if not re.fullmatch(r"[0-9]{1,9}", request.parameters.get("max_age", "0"), re.ASCII):
        raise InvalidRequest("max_age must be a whole number of seconds")


def check_acr(request: Request) -> None:
    """OpenID Connect Core section 5.5.1.1: what the vendor can not do without, and we can not give.

    RFC 9470 section 5: `acr_values` too, or a vendor that steps up would be sent round and round.
    """
    needed = wishes.essential_acr(request.parameters.get("claims"))
    stepping_up = request.parameters.get("acr_values", ACR).split()
    if ACR not in stepping_up or (needed is not None and ACR not in needed):
        raise UnmetAuthenticationRequirements(f"people sign in here as {ACR}")


CHECKS: Final[tuple[Callable[[Request], None], ...]] = (
    check_parameter_length,
    check_signed_where_it_must_be,
    check_pushed_where_it_must_be,
    check_registration,
    check_response_mode,
    check_grant_type,
    check_scope,
    check_pkce,
    check_dpop_jkt,
    check_details,
    check_wishes,
    check_prompt,
    check_max_age,
    check_acr,
    check_action,
)


def check_all(host: Host, request: Request) -> None:
    """Raises the first refusal, a VendorApiError."""
    check_response_type(host, request)
    for check in CHECKS if request.response_type == CODE else (*CHECKS, *front_tokens.CHECKS):
        check(request)
    check_resource(host, request.parameters.get(REPEATABLE))
