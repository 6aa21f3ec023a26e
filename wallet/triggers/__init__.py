"""Triggers: conditions of the person's own, at which a vendor is told something."""
