"""When, how, by whom and about what a vendor may speak to a person."""
