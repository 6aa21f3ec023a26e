"""Copies of the whole house while people live in it, and the way back from one. docs/backup.md tells operators."""
