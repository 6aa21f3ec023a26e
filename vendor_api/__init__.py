"""The door for vendors: OAuth 2.0 and OpenID Connect endpoints over the consent engine."""
