"""Make, derive, keep, rotate, sign and seal: every key of the wallet is born and used here."""
