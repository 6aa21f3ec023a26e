"""What is erased here is to be gone from backups too: they lose its key as soon as the erasure is committed."""

from wallet.backup import keyring
from wallet.house import House


def after_erasing(house: House) -> None:
    """Called once for each erasure, when it is committed. Where no backups are made, nothing has to follow."""
    keyring.rewrite(house)
