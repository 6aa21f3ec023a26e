"""What can be wrong with a value or an attribute, in sentences that never repeat the value."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class BadValue(WalletError):
    """The value is not of its attribute's kind; the sentence says what would be."""

    status = 422


class BadName(WalletError):
    """An attribute can not be called that."""

    status = 422


class ChangedMeanwhile(WalletError):
    """Somebody else saved first; nothing was overwritten. The transaction it was raised in can not go on."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Meanwhile somebody changed this value. Look at the new one before you save yours."))


class LockedAway(WalletError):
    """Only the person's lock key opens or seals this value, and it is not here."""

    status = 403

    def __init__(self) -> None:
        super().__init__(_("This value is locked. Enter your password, then try again."))


class NothingToLock(WalletError):
    """There is no current value, or somebody locked or unlocked it meanwhile."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("There is no value to do this with, or it was done already."))


class UnknownAttribute(WalletError):
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such attribute."))
