"""What can be wrong with a vault, in sentences that never repeat what is in it."""

from wallet.errors import WalletError


class BadVault(WalletError):
    """This file is not taken in; nothing was changed."""

    status = 422


class WrongPassphrase(BadVault):
    """It does not open with this passphrase, or at all."""


class TooLarge(WalletError):
    """More than a page can hand out."""

    status = 413
