"""A vendor speaks to a person: it asks whether it may, and says what it has to say. No address leaves the wallet."""
