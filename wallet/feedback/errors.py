"""What is refused about feedback, in sentences for the person."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class UnknownAddressee(WalletError):
    """Nobody is registered under this client_id."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such vendor here."))


class BadFeedback(WalletError):
    """What was typed can not be sent like this."""

    status = 422


class TooMuchToday(WalletError):
    """This vendor was told enough for one day."""

    status = 429

    def __init__(self) -> None:
        super().__init__(_("You have told this vendor a lot today. Go on tomorrow, or answer in one of the threads."))
