"""What can be wrong with a trigger, in sentences for the person."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class BadTrigger(WalletError):
    """It can not be made like that; the sentence says why."""

    status = 422


class UnknownTrigger(WalletError):
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such trigger."))


class TriggerChanged(WalletError):
    """Somebody else saved first; nothing was overwritten."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Meanwhile this was changed in another window. Look at it before you save yours."))
