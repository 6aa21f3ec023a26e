"""What can go wrong with keys, in sentences that say what to do."""


class KeysError(Exception):
    """Base of everything this package raises on purpose."""


class MasterKeyMissing(KeysError):
    """There is no master key file, or we may not read it."""


class MasterKeyUnsafe(KeysError):
    """Others than the owner can reach the master key file."""


class MasterKeyDamaged(KeysError):
    """The master key file does not hold a master key."""


class CannotOpen(KeysError):
    """Sealed bytes were changed, moved to another place, or sealed under another key."""


class BadToken(KeysError):
    """A token that this host did not mint, or minted for something else."""


class UnknownKey(KeysError):
    """A key that we do not have, or a name that does not describe a key we can use."""


class WrongPassword(KeysError):
    """A password that does not belong to this hash."""


class TooManyTries(KeysError):
    """Somebody guesses; they have to wait."""
