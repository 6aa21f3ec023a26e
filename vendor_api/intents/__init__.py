"""Intents on the vendor's side: what somebody without a name looks for, and what a vendor offers them.

A copy of each vendor's own, by its `client_id`; the person's copy is in wallet/intents. Nothing here says whose an
intent is: its id is another one for each vendor, and tells nobody but this host whom it leads to.
"""
