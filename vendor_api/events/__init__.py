"""Security events: how vendors hear of what changed without asking (RFC 8417, OpenID Shared Signals Framework 1.0)."""
