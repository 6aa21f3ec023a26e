"""What can be wrong with an appointment, in sentences for the person."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class UnknownAppointment(WalletError):
    """This persona has none like that."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such appointment."))


class AppointmentChanged(WalletError):
    """The other side was quicker, or its time is over."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("This appointment has changed meanwhile. Look at it again."))


class BadTime(WalletError):
    """It can not be at that time; the sentence says why."""

    status = 422


class NoNumber(WalletError):
    """The vendor would have nowhere to call."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("First say where you can be called, on the page “How you are reached”."))
