"""What can be wrong with an address, in sentences for the person that never repeat it."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class BadAddress(WalletError):
    """Nothing can be delivered there; the sentence says what would be an address."""

    status = 422


class UnknownAddress(WalletError):
    """There is no such address, or it was removed meanwhile."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such address; perhaps it was removed in another window."))


class UnknownChannel(WalletError):
    status = 404

    def __init__(self) -> None:
        super().__init__(_("This wallet has no such channel."))


class WrongCode(WalletError):
    status = 422

    def __init__(self) -> None:
        super().__init__(_("This is not the code, or it is too old. Look again, or have a new one sent."))


class TooManyCodes(WalletError):
    status = 429

    def __init__(self) -> None:
        super().__init__(_("Too many codes were sent already. Wait a day, then try again."))


class TooManyAddresses(WalletError):
    status = 422

    def __init__(self) -> None:
        super().__init__(_("There are enough addresses of this kind. Remove one first."))


class DidNotGo(WalletError):
    """What the person asked to be sent could not be handed over."""

    status = 502

    def __init__(self) -> None:
        super().__init__(_("This could not be sent just now. Check the address, and try again in a few minutes."))
