"""Agreements under people's own terms (IEEE 7012), as vendors meet them."""
