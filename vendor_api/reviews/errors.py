"""What a vendor or a reader is refused about reviews."""

from vendor_api.errors import InvalidRequest


class UnknownReview(InvalidRequest):
    """Also for one of another vendor, and one that its author took back."""

    status = 404

    def __init__(self) -> None:
        super().__init__("there is no such review of this vendor")


class AnsweredBefore(InvalidRequest):
    """RFC 9110 section 15.5.10."""

    status = 409

    def __init__(self) -> None:
        super().__init__("this review has its answer, and that is given once")
