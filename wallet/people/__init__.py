"""Who lives here: people, their personas, their sessions, and how they sign in."""
