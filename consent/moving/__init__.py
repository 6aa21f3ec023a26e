"""A person moves to another host, and everything between them and their vendors goes on."""
