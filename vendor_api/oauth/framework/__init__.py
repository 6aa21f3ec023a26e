"""Authlib's server framework, tightened: every subclass of it stands here, and each says what it closes."""
