"""Why nothing was searched for."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class TooMuch(WalletError):
    """More than a person types into a field."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("That is too much at once. Type a few words."))
