"""What a vendor reads of a publication that is not taken."""

from vendor_api.errors import NotFound, VendorApiError


class UnknownPublication(NotFound):
    """Also where it is another vendor's."""

    def __init__(self) -> None:
        super().__init__("there is no such publication, or it is not yours")


class OtherPublication(VendorApiError):
    """RFC 9110 section 15.5.10."""

    error, status = "message_conflict", 409

    def __init__(self) -> None:
        super().__init__("another publication was made under this id")
