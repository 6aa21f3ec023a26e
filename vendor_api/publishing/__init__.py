"""A vendor publishes an item to a topic once; the house brings it to whoever allowed that topic."""
