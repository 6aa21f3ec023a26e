"""A person's own terms (IEEE 7012): which agreements there are, which they want, and what follows from those made."""
