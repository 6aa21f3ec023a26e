"""The one way out: whatever a vendor names is fetched or sent here and nowhere else (docs/decisions/0007)."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from functools import cached_property
from hashlib import sha256
from ssl import SSLContext
from typing import Final
from urllib.parse import urlencode

import httpcore

from vendor_api.call import FORM, from_json
from vendor_api.errors import CannotFetch
from vendor_api.outbound.addresses import NONE, networks, reachable, target
from vendor_api.outbound.copies import Copies
from vendor_api.outbound.patience import Patience
from vendor_api.outbound.wire import Deadline, Reply, exchange

SECONDS: Final = 5.0
LEAST_FRESH, USUALLY_FRESH, MOST_FRESH = 60, 300, 3600
MAX_AGE: Final = re.compile(r'(?:^|[\s,])max-age="?([0-9]{1,9})"?(?=$|[\s,])', re.ASCII)


class Outbound:
    """Never used inside a transaction, nor where somebody waits who did not ask for it.

    `allow` names private networks that may be reached, `ca_file` further authorities for certificates; or `none`.
    """

    def __init__(self, *, allow: str = NONE, ca_file: str = NONE) -> None:
        self._allowed, self._ca_file = networks(allow), ca_file
        patience = Patience()
        self._copies, self._texts = Copies(patience), Copies(patience)

    def get_json(self, url: str, *, refresh: bool = False, now: int) -> object:
        """The JSON document at this address, or a copy of at most an hour. Raises CannotFetch.

        With `refresh` it is asked for anew, at most once a minute.
        """
        return self._copies.get(url, lambda: self._fetch(url), refresh=refresh, now=now)

    def get_text(self, url: str, *, types: Collection[str], now: int) -> str:
        """The text at this address, asked for each time. A copy will do for an hour, if it is what the fragment says.

        OpenID Connect Core section 6.2: a fragment may be the SHA-256 of the text, in base64url. Raises CannotFetch.
        """
        address, _, fragment = url.partition("#")
        return str(self._texts.get(url, lambda: self._fetch_text(address, types, fragment), refresh=False, now=now))

    def post(self, url: str, body: bytes, *, content_type: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Raises CannotFetch."""
        return self._send("POST", url, {"Content-Type": content_type, **(headers or {})}, body)

    def post_form(self, url: str, fields: Mapping[str, str]) -> int:
        """The HTTP status. Raises CannotFetch."""
        return self.post(url, urlencode(fields).encode(), content_type=FORM).status

    def _fetch(self, url: str) -> tuple[object, int]:
        reply = self._get(url, "application/json")
        if not is_json(reply.headers.get("content-type", "")):
            raise CannotFetch("the answer is no application/json")
        try:
            return from_json(reply.body), freshness(reply.headers.get("cache-control", ""))
        except ValueError:
            raise CannotFetch("the answer is not JSON") from None

    def _fetch_text(self, url: str, types: Collection[str], fragment: str) -> tuple[object, int]:
        reply = self._get(url, ", ".join(types))
        if media_type(reply.headers.get("content-type", "")) not in types:
            raise CannotFetch(f"the answer is none of: {', '.join(types)}")
        digest = urlsafe_b64encode(sha256(reply.body).digest()).rstrip(b"=").decode()
        try:
            return reply.body.decode("ascii"), MOST_FRESH if digest == fragment else 0
        except UnicodeDecodeError:
            raise CannotFetch("the answer is no plain text") from None

    def _get(self, url: str, accepted: str) -> Reply:
        reply = self._send("GET", url, {"Accept": accepted}, None)
        if reply.status != 200:
            raise CannotFetch(f"its server answers {reply.status}")
        return reply

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        deadline, parts = Deadline(SECONDS), target(url)
        addresses = reachable(parts, self._allowed, seconds=deadline.left())
        trust = self._trust if parts.scheme == "https" else None
        return exchange(method, parts, addresses, headers=headers, body=body, trust=trust, deadline=deadline)

    @cached_property
    def _trust(self) -> SSLContext:
        """The authorities every browser knows, and the operator's own."""
        context = httpcore.default_ssl_context()
        if self._ca_file != NONE:
            context.load_verify_locations(self._ca_file)
        return context


def is_json(content_type: str) -> bool:
    """RFC 8259 and RFC 6839 section 3.1: application/json, or anything that ends in +json."""
    kind = media_type(content_type)
    return kind == "application/json" or re.fullmatch(r"[a-z]+/[a-z0-9.-]+\+json", kind) is not None


def media_type(content_type: str) -> str:
    """Without parameters (RFC 9110 section 8.3.1)."""
    return content_type.partition(";")[0].strip().lower()


def freshness(cache_control: str) -> int:
    """RFC 9111 section 5.2.2.1, within bounds."""
    found = MAX_AGE.search(cache_control.lower())
    return min(max(int(found[1]), LEAST_FRESH), MOST_FRESH) if found else USUALLY_FRESH
