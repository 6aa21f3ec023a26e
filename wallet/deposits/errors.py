"""What can be wrong with answering a deposit, in sentences for the person."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class UnknownDeposit(WalletError):
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such deposit."))


class DepositDecided(WalletError):
    """The transaction it was raised in can not go on."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("You have answered this already, perhaps in another window."))
