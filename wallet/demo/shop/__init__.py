"""Stadtwerke Beispiel: a small shop that signs people in through Authlib's Flask client, as any vendor would.

All it knows of the wallet is a discovery address, a client_id and a client_secret; all it keeps is tokens, in memory.
"""
