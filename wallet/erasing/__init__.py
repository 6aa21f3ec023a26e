"""Destroy what a person wants gone: one value, a persona, all their data, or everything that says they were here."""
