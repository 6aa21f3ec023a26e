"""The person's application: pages, personal data and settings; the one place where things are put together."""
