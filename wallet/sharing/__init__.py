"""Answer a vendor's ask, see who has what, read the ledger, stop sharing."""
