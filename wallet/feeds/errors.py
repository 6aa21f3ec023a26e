"""What a person reads of a topic or an item that is not there."""

from flask_babel import gettext as _

from wallet.errors import WalletError


class UnknownTopic(WalletError):
    """No vendor may speak to this persona of it now."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("You have not allowed this topic, or it is paused. Nothing was changed."))


class UnknownItem(WalletError):
    """It is none, is over, or is not for this persona."""

    status = 404

    def __init__(self) -> None:
        super().__init__(_("This item is no longer there, or not for you."))
