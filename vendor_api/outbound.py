"""The one way out: whatever a vendor names is fetched or sent here and nowhere else (docs/decisions/0007)."""

import re
from collections.abc import Mapping
from functools import cached_property
from ssl import SSLContext
from typing import Final
from urllib.parse import urlencode

import httpcore
import orjson

from vendor_api.addresses import NONE, networks, reachable, target
from vendor_api.call import FORM
from vendor_api.copies import Copies
from vendor_api.errors import CannotFetch
from vendor_api.wire import Deadline, Reply, exchange

SECONDS: Final = 5.0
LEAST_FRESH, USUALLY_FRESH, MOST_FRESH = 60, 300, 3600
MAX_AGE: Final = re.compile(r'(?:^|[\s,])max-age="?([0-9]{1,9})"?(?=$|[\s,])', re.ASCII)


class Outbound:
    """Never used inside a transaction, nor where somebody waits who did not ask for it.

    `allow` names private networks that may be reached, `ca_file` further authorities for certificates; or `none`.
    """

    def __init__(self, *, allow: str = NONE, ca_file: str = NONE) -> None:
        self._allowed, self._ca_file, self._copies = networks(allow), ca_file, Copies()

    def get_json(self, url: str, *, refresh: bool = False, now: int) -> object:
        """The JSON document at this address, or a copy of at most an hour. Raises CannotFetch.

        With `refresh` it is asked for anew, at most once a minute.
        """
        return self._copies.get(url, lambda: self._fetch(url), refresh=refresh, now=now)

    def post(self, url: str, body: bytes, *, content_type: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Raises CannotFetch."""
        return self._send("POST", url, {"Content-Type": content_type, **(headers or {})}, body)

    def post_form(self, url: str, fields: Mapping[str, str]) -> int:
        """The HTTP status. Raises CannotFetch."""
        return self.post(url, urlencode(fields).encode(), content_type=FORM).status

    def _fetch(self, url: str) -> tuple[object, int]:
        reply = self._send("GET", url, {"Accept": "application/json"}, None)
        if reply.status != 200:
            raise CannotFetch(f"its server answers {reply.status}")
        if not is_json(reply.headers.get("content-type", "")):
            raise CannotFetch("the answer is no application/json")
        try:
            return orjson.loads(reply.body), freshness(reply.headers.get("cache-control", ""))
        except ValueError:
            raise CannotFetch("the answer is not JSON") from None

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
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or re.fullmatch(r"[a-z]+/[a-z0-9.-]+\+json", media_type) is not None


def freshness(cache_control: str) -> int:
    """RFC 9111 section 5.2.2.1, within bounds."""
    found = MAX_AGE.search(cache_control.lower())
    return min(max(int(found[1]), LEAST_FRESH), MOST_FRESH) if found else USUALLY_FRESH
