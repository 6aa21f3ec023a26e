"""What can be wrong with what a person says of being spoken to."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class BadWish(WalletError):
    """The form says something that can not be; the sentence says what would be."""

    status = 422


class NotOffered(WalletError):
    """This vendor does not speak about that topic, or never asked to."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such topic of this vendor."))
