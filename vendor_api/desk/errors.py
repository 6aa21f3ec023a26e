"""What the desk refuses: sentences for the vendor, as everything in vendor_api.errors."""

from vendor_api.errors import InvalidRequest, NotFound, VendorApiError


class UnknownThread(NotFound):
    """Also where it is another vendor's."""

    def __init__(self) -> None:
        super().__init__("there is no such thread, or it is not yours")


class UnknownAttachment(NotFound):
    def __init__(self) -> None:
        super().__init__("there is no such attachment in a thread of yours")


class UnknownContactPerson(InvalidRequest):
    def __init__(self) -> None:
        super().__init__("whoever is named must be a contact person of your directory who is active")


class WrongState(VendorApiError):
    """RFC 9110 section 15.5.10: somebody was quicker, or a step was left out."""

    error, status = "wrong_state", 409


class OtherMessage(VendorApiError):
    """RFC 9110 section 15.5.10."""

    error, status = "message_conflict", 409

    def __init__(self) -> None:
        super().__init__("another message was sent under this id")
