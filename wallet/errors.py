"""What the wallet refuses, each in one sentence for the person or the operator. wallet.error_pages shows them."""


class WalletError(Exception):
    """A sentence for the person, shown as a page with this status."""

    status = 400


class SetupError(Exception):
    """A sentence for the operator, shown on stderr; the command ends with 1."""
