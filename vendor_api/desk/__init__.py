"""The vendor's side of a conversation: what people say to it, who answers, and what was done with it.

A copy of the vendor's own, by its `client_id`; the person's copy is in wallet/dialogue. Whoever writes knows of the
person only the `sub` that this vendor knows them by.
"""
