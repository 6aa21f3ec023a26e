"""A vendor as it registered, and what follows from that."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from secrets import compare_digest
from typing import Any, Final
from urllib.parse import urlsplit

from consent.caps import Table
from keys.opaque import digest
from vendor_api.uris import is_loopback_uri
from vendor_api.vendors import fapi
from vendor_api.vendors.response_types import in_order

DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
PORT: Final = re.compile(r"^(http://(?:\[[^]]*\]|[^/?:]*)):[1-9][0-9]{0,4}(?=[/?]|$)")
HAS_DOCUMENT: Final = "has_document"  # a member of stored metadata that nobody can register
NOTICED = (
    "client_name",
    "policy_uri",
    "tos_uri",
    "postal_address",
    "jurisdiction",
    "storage_location",
    "data_retention",
    "recipients",
    "jwks",
    "jwks_uri",
    "tls_client_auth_subject_dn",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_uri",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_email",
)


@dataclass(frozen=True, eq=False)
class Vendor:
    """`metadata` is what was registered, after the checks of vendor_api.metadata; secrets are kept as SHA-256,
    and one that signs assertions (client_secret_jwt) sealed as well, because its digest verifies nothing.

    The same registration is the same object while it is in use, so that what follows from it is worked out once.
    """

    client_id: str
    secret_digest: str | None
    registration_digest: str | None
    metadata: Mapping[str, Any]
    created_at: int
    secret_sealed: bytes | None = field(default=None, repr=False)
    unused_until: int | None = None
    caps: Table = ()
    listens: bool = False  # to events (vendor_api/events/streams.py)

    @property
    def redirect_uris(self) -> list[str]:
        return self.metadata["redirect_uris"]  # type: ignore[no-any-return]

    @property
    def auth_method(self) -> str:
        return str(self.metadata["token_endpoint_auth_method"])

    @property
    def is_public(self) -> bool:
        return self.auth_method == "none"

    @property
    def binds_tokens(self) -> bool:
        """RFC 9449 section 5.2: no proof, no token."""
        return bool(self.metadata.get("dpop_bound_access_tokens"))

    @property
    def binds_to_certificate(self) -> bool:
        """RFC 8705 section 3.4: no certificate, no token."""
        return self.metadata.get("tls_client_certificate_bound_access_tokens") is True

    @property
    def grant_types(self) -> list[str]:
        return self.metadata["grant_types"]  # type: ignore[no-any-return]

    @cached_property
    def response_types(self) -> frozenset[str]:
        return frozenset(map(in_order, self.metadata["response_types"]))

    @cached_property
    def scopes(self) -> list[str]:
        return str(self.metadata["scope"]).split()

    @property
    def id_token_algorithm(self) -> str:
        return str(self.metadata["id_token_signed_response_alg"])

    @property
    def authorization_algorithm(self) -> str:
        """JARM section 4."""
        return str(self.metadata.get("authorization_signed_response_alg", "RS256"))

    @property
    def pushes_requests(self) -> bool:
        """RFC 9126 section 6."""
        return self.metadata.get("require_pushed_authorization_requests") is True

    @property
    def signs_requests(self) -> bool:
        """RFC 9101 section 10.5."""
        return self.metadata.get("require_signed_request_object") is True

    @property
    def wants_sign_out(self) -> bool:
        """Whether it is told when a session ends: by an event, over the back channel or the front channel."""
        return self.listens or any(
            self.metadata.get(name) for name in ("backchannel_logout_uri", "frontchannel_logout_uri")
        )

    @property
    def has_document(self) -> bool:
        """Whether its client_id is the address of its metadata, and nobody registered it."""
        return self.metadata.get(HAS_DOCUMENT) is True

    @property
    def is_strict(self) -> bool:
        """Whether it registered for FAPI 2.0."""
        return "fapi_profile" in self.metadata

    @property
    def wants_signed_answers(self) -> bool:
        """FAPI 2.0 Message Signing section 5.4.1."""
        return self.metadata.get("fapi_profile") == fapi.MESSAGE_SIGNING

    @property
    def wants_public_subject(self) -> bool:
        """OpenID Connect Core section 8; the person decides."""
        return self.metadata.get("subject_type") == "public"

    @property
    def requires_pkce(self) -> bool:
        """False only where the operator said so for an old confidential vendor."""
        return self.metadata.get("require_pkce") is not False or self.is_public

    @cached_property
    def proves_host(self) -> bool:
        """Whether all its answers go to one host that TLS proves: to no app, no loopback address and no device."""
        return DEVICE_CODE not in self.grant_types and all(
            urlsplit(uri).scheme == "https" for uri in self.redirect_uris
        )

    @cached_property
    def sector(self) -> str:
        """OpenID Connect Core section 8.1: the one host of all redirect URIs, or of the document that joins several.

        A vendor with a loopback or app address proves no host, so it is a sector of its own; and so is one that
        asks for devices, whose answers go to no host at all (docs/decisions/0014).
        """
        if not self.proves_host:
            return f"client:{self.client_id}"
        named = self.metadata.get("sector_identifier_uri", self.redirect_uris[0])
        return (urlsplit(named).hostname or "").lower()

    @cached_property
    def notice(self) -> str:
        """SHA-256 over what the vendor says of itself; when it changes, the person decides anew."""
        said = {name: value for name, value in self.metadata.items() if name.partition("#")[0] in NOTICED}
        return hashlib.sha256(
            json.dumps([self.client_id, said], sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest()

    def answers_at(self, redirect_uri: str) -> bool:
        """Whether it is one of its own, letter by letter (RFC 9700 section 2.1).

        An app on one's own machine may use any port (RFC 8252 section 7.3).
        """
        if redirect_uri in self.redirect_uris:
            return True
        if self.metadata.get("application_type") != "native" or not is_loopback_uri(redirect_uri):
            return False
        asked = without_port(redirect_uri)
        return any(is_loopback_uri(uri) and without_port(uri) == asked for uri in self.redirect_uris)

    def check_secret(self, secret: str) -> bool:
        return self.secret_digest is not None and compare_digest(self.secret_digest, digest(secret))

    def text(self, name: str, language: str) -> str | None:
        """A human-readable member in that language (RFC 7591 section 2.2: name#language), else in the vendor's own."""
        found = self.metadata.get(f"{name}#{language}") or self.metadata.get(name)
        return found if isinstance(found, str) else None

    def purpose(self, names: tuple[str, ...], language: str | None) -> str | None:
        """The registered sentence for the first of these attribute or scope names that has one.

        In this language if there is one; None is the language that stands for all others.
        """
        everywhere = sorted(name for name in self.metadata if name.startswith("purposes"))
        wanted = [f"purposes#{language}"] if language else []
        for purposes in (self.metadata.get(place) for place in (*wanted, *everywhere)):
            for name in names:
                if purposes and name in purposes:
                    return str(purposes[name])
        return None


def without_port(uri: str) -> str:
    """The rest stays as it is spelled, letter by letter."""
    return PORT.sub(r"\1", uri, count=1)
