"""What vendors are told: an error code of the standards and one sentence they may read, and nothing else."""

from collections.abc import Mapping


class CannotFetch(Exception):
    """What a vendor named could not be fetched, or sent there; the message says what is wrong with "it"."""


class VendorApiError(Exception):
    """Base of all refusals. The message is the public error_description (RFC 6749 section 5.2: printable ASCII)."""

    error = "invalid_request"
    status = 400
    headers: Mapping[str, str] = {}


class InvalidRequest(VendorApiError):
    error = "invalid_request"


class NotFound(InvalidRequest):
    """RFC 9110 section 15.5.5."""

    status = 404


class NoEndpoint(NotFound):
    def __init__(self) -> None:
        super().__init__("there is no such endpoint")


class MethodNotAllowed(InvalidRequest):
    """RFC 9110 section 15.5.6: with the methods that can be used."""

    status = 405

    def __init__(self, allow: str) -> None:
        super().__init__("this endpoint wants another method")
        self.headers = {"Allow": allow}


class NoStatusList(InvalidRequest):
    status = 404

    def __init__(self) -> None:
        super().__init__("there is no such status list")


class NoHistory(InvalidRequest):
    """draft-ietf-oauth-status-list section 8.4."""

    status = 501

    def __init__(self) -> None:
        super().__init__("a status list says what counts now, and never what counted earlier; leave time out")


class BodyTooLarge(InvalidRequest):
    status = 413

    def __init__(self) -> None:
        super().__init__("the body is too large")


class OutOfOrder(VendorApiError):
    error, status = "temporarily_unavailable", 503


class TooManyRegistrations(VendorApiError):
    """RFC 6585 section 4."""

    error, status = "temporarily_unavailable", 429

    def __init__(self, *, retry_after: int) -> None:
        super().__init__("too many vendors have registered here lately; try again later")
        self.headers = {"Retry-After": str(retry_after)}


class ServerError(VendorApiError):
    error, status = "server_error", 500


class InvalidClient(VendorApiError):
    """RFC 6749 section 5.2: 401 with the scheme that can be used."""

    error, status = "invalid_client", 401
    headers = {"WWW-Authenticate": 'Basic realm="wallet"'}


class InvalidGrant(VendorApiError):
    error = "invalid_grant"


class SpentTwice(InvalidGrant):
    """RFC 6749 section 4.1.2 and RFC 9700 section 4.14: what was given for it dies as well. `family` names it."""

    def __init__(self, person_id: str, family: str) -> None:
        super().__init__("this was already used, so everything it gave has been revoked")
        self.person_id, self.family = person_id, family


class AuthorizationPending(VendorApiError):
    """RFC 8628 section 3.5: no end, but a reason to ask again."""

    error = "authorization_pending"


class SlowDown(VendorApiError):
    """RFC 8628 section 3.5."""

    error = "slow_down"


class ExpiredToken(VendorApiError):
    """RFC 8628 section 3.5."""

    error = "expired_token"


class InvalidGrantId(VendorApiError):
    """Grant Management for OAuth 2.0."""

    error = "invalid_grant_id"


class UnauthorizedClient(VendorApiError):
    error = "unauthorized_client"


class UnsupportedGrantType(VendorApiError):
    error = "unsupported_grant_type"


class UnsupportedResponseType(VendorApiError):
    error = "unsupported_response_type"


class InvalidScope(VendorApiError):
    error = "invalid_scope"


class AccessDenied(VendorApiError):
    error = "access_denied"


class LoginRequired(VendorApiError):
    error = "login_required"


class ConsentRequired(VendorApiError):
    error = "consent_required"


class InteractionRequired(VendorApiError):
    error = "interaction_required"


class InvalidAuthorizationDetails(VendorApiError):
    """RFC 9396 section 5."""

    error = "invalid_authorization_details"


class InvalidRequestObject(VendorApiError):
    """RFC 9101 section 7."""

    error = "invalid_request_object"


class InvalidRequestUri(VendorApiError):
    """OpenID Connect Core section 3.1.2.6 and RFC 9101 section 7."""

    error = "invalid_request_uri"


class RegistrationNotSupported(VendorApiError):
    error = "registration_not_supported"


class UnmetAuthenticationRequirements(VendorApiError):
    """OpenID Connect Core Error Code unmet_authentication_requirements 1.0."""

    error = "unmet_authentication_requirements"


class InvalidRedirectUri(VendorApiError):
    error = "invalid_redirect_uri"


class InvalidClientMetadata(VendorApiError):
    error = "invalid_client_metadata"


class InvalidToken(VendorApiError):
    """RFC 6750 section 3.1."""

    error, status = "invalid_token", 401

    @property
    def headers(self) -> Mapping[str, str]:  # type: ignore[override]
        return {"WWW-Authenticate": f'Bearer realm="wallet", error="invalid_token", error_description="{self}"'}


class InsufficientScope(VendorApiError):
    """RFC 6750 section 3.1."""

    error, status = "insufficient_scope", 403

    def __init__(self, scope: str) -> None:
        super().__init__(f"this needs an access token with scope {scope}")
        self.headers = {"WWW-Authenticate": f'Bearer realm="wallet", error="insufficient_scope", scope="{scope}"'}


class TokenMissing(VendorApiError):
    """RFC 6750 section 3.1: without any credentials the answer names only the scheme."""

    error, status = "invalid_token", 401
    headers = {"WWW-Authenticate": 'Bearer realm="wallet"'}


class InvalidTarget(VendorApiError):
    """RFC 8707 section 2."""

    error = "invalid_target"


class InvalidDpopProof(VendorApiError):
    """RFC 9449 section 5; at userinfo it comes with 401 and a challenge (section 7.1)."""

    error = "invalid_dpop_proof"


class UseDpopNonce(VendorApiError):
    """RFC 9449 sections 8 and 9; the nonce itself goes with every answer to a proof."""

    error = "use_dpop_nonce"


class UnknownUserId(VendorApiError):
    """OpenID Connect CIBA Core section 13: one answer for all people a vendor can not ask, whatever the reason."""

    error = "unknown_user_id"

    def __init__(self) -> None:
        super().__init__("you can ask nobody by this hint")


class InvalidBindingMessage(VendorApiError):
    """OpenID Connect CIBA Core section 13."""

    error = "invalid_binding_message"


class TooManyAsks(AccessDenied):
    """OpenID Connect CIBA Core section 13: denied before the person was asked."""

    status = 403


class UnknownVendor(VendorApiError):
    """Nobody we know asks, or the answer would go to an address that is not theirs: a page, never a redirect.

    `reason` is one of: unnamed, unknown, no_address, wrong_address, spent_request,
    bad_request_object, bad_request_uri. The house says it in the person's
    language.
    """

    error = "invalid_client"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
