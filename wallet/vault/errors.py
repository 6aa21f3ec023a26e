"""What can be wrong with a vault, in sentences that never repeat what is in it."""

from flask_babel import lazy_gettext as _

from wallet.errors import WalletError


class BadVault(WalletError):
    """This file is not taken in; nothing was changed."""

    status = 422


class WrongPassphrase(BadVault):
    """It does not open with this passphrase, or at all."""


class IsBeingErased(WalletError):
    """Half of it is gone already, so that the file would be of no use."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Something of this wallet is being erased at the moment. Wait a minute, then try again."))


class TooLarge(WalletError):
    """More than a page can hand out."""

    status = 413

    def __init__(self) -> None:
        super().__init__(
            _("Your wallet is too large for a page. Ask who runs this wallet to write the file with: wallet export")
        )
