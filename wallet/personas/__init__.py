"""The room of the personas: what each of them is called, shows, takes from another, and prefers."""
