"""Find something again: in one's own rows alone, opened in memory for the moment of the search."""
