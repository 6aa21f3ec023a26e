"""What is refused about intents: sentences for the vendor, as everything in vendor_api.errors."""

from vendor_api.errors import NotFound, VendorApiError


class UnknownIntent(NotFound):
    """Also where it is another vendor's."""

    def __init__(self) -> None:
        super().__init__("there is no such intent, or it was not sent to you")


class IntentOver(VendorApiError):
    """RFC 9110 section 15.5.10."""

    error, status = "intent_over", 409

    def __init__(self) -> None:
        super().__init__("the time to answer is over, or the person has decided")


class TooManyOffers(VendorApiError):
    """RFC 6585 section 4."""

    error, status = "too_many_requests", 429

    def __init__(self) -> None:
        super().__init__("this offer was changed too often")
