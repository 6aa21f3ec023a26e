"""What can be wrong with an intent, in sentences for the person."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class BadIntent(WalletError):
    """It can not be like that; the sentence says why."""

    status = 422


class UnknownIntent(WalletError):
    status = 404

    def __init__(self) -> None:
        super().__init__(_("You look for no such thing."))


class IntentChanged(WalletError):
    """Somebody else was first, at another window or at a vendor; nothing was done."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Meanwhile something changed here, so nothing was done. Look at it as it is now."))
