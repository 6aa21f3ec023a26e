"""What can go wrong with copies of the house, each in one sentence for the operator."""

from wallet.errors import SetupError


class BackupFailed(SetupError):
    """No backup was made; those that are there stay as they are."""


class BackupRuns(BackupFailed):
    """Somebody else is making one just now."""


class BackupDamaged(SetupError):
    """A backup, or the keyring beside it, is not what was written."""


class RestoreRefused(SetupError):
    """Nothing was restored, and nothing was changed."""
