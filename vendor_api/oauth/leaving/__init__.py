"""How sign-ins end, and how vendors hear of it."""
