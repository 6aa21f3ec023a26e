"""The engine: ask, grant, refuse, revoke, consent token and ledger. Knows nothing of the web."""
