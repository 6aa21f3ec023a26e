"""Who may ask: vendors, what they register, and how that is checked."""
