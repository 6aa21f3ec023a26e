"""What the contact endpoints refuse: sentences for the vendor."""

from typing import Final

from vendor_api.errors import NotFound, VendorApiError

HOUR: Final = 3600


class Refused(VendorApiError):
    """The person does not want this, or not now."""

    error, status = "contact_refused", 403


class TooManyTries(VendorApiError):
    """RFC 6585 section 4."""

    error, status = "too_many_requests", 429
    headers = {"Retry-After": str(HOUR)}


class NoSuchAppointment(NotFound):
    """Also where it is another vendor's."""

    def __init__(self) -> None:
        super().__init__("there is no such appointment, or it is not yours")


class AppointmentEnded(VendorApiError):
    """RFC 9110 section 15.5.10."""

    error, status = "wrong_state", 409

    def __init__(self) -> None:
        super().__init__("this can not be done with the appointment as it is now; look at its state")
