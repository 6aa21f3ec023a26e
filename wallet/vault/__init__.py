"""The portable vault: everything of one person in one file, and back."""
