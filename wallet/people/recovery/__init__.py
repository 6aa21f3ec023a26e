"""The ways back for a person who forgot their password: a kit on paper, and shares with people they trust."""
