"""The one way out: what vendors name is fetched, and sent to, by these rules alone."""
