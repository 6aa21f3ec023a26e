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


class DefinitionChanged(WalletError):
    status = 409

    def __init__(self) -> None:
        super().__init__(_("Meanwhile this was changed in another window. Look at it before you save yours."))


class InUse(WalletError):
    """A vendor may read the attribute, or a fact follows from it; nothing was removed."""

    status = 409

    def __init__(self, users: list[str]) -> None:
        super().__init__(_("This can not be removed while it is in use by: %(users)s.", users=", ".join(users)))


class NothingToTake(WalletError):
    """The other persona has no value of its own for the attribute, or there is no other persona of that name."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("That persona has no value for this, so there is nothing to take."))


class TakesItself(WalletError):
    """Chains are not made: who takes a value always takes it from where it stands."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("That persona takes this value from another one itself. Take it from there."))


class TakenByAnother(WalletError):
    """Another persona takes the value from this one, which therefore keeps one of its own."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Another persona takes this value from here. First let it have a value of its own."))
