"""How vendors may speak to a person: the pages of the contact policy, and whoever asks it before a delivery."""
