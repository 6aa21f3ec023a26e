"""What vendors are told where an agreement holds something back, or can not be made."""

from vendor_api.errors import InvalidRequest, VendorApiError


class TermsEnded(VendorApiError):
    error, status = "terms_ended", 403

    def __init__(self, _next_at: int | None = None, *, now: int) -> None:
        super().__init__("the agreement this grant stands under has ended; ask the person again")


class TermsForbid(VendorApiError):
    error, status = "terms_prohibit", 403

    def __init__(self, _next_at: int | None = None, *, now: int) -> None:
        super().__init__("your agreement with this person prohibits the purpose this was asked for")


class InvalidAgreement(InvalidRequest):
    """What was sent about an agreement does not fit it."""

    error = "invalid_agreement"


class NegotiationOver(VendorApiError):
    """RFC 9110 section 15.5.10: the round has gone on without it."""

    error, status = "negotiation_over", 409


class NoAgreement(InvalidRequest):
    status = 404

    def __init__(self) -> None:
        super().__init__("there is no such agreement; /.well-known/myterms.json lists those there are")
