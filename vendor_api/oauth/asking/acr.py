"""How a person signed in, in the words of OpenID Connect Core section 2: told only to vendors that ask."""

from typing import Final

ACR: Final = "urn:hausrecht:acr:password"
AMR: Final = ("pwd",)  # RFC 8176
