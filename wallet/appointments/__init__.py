"""Calls at an appointed time: a vendor asks, the person chooses, and the number is shown while it lasts."""
