"""A person's own data: which attributes there are, what they may hold, and what they have held."""
