"""An authorization request of a known vendor to one of its own addresses, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from consent.model import WHILE_AWAY
from vendor_api.oauth.asking.responses import MODES, SIGNED
from vendor_api.scopes import SCOPES
from vendor_api.vendors import topics
from vendor_api.vendors.model import Vendor
from vendor_api.vendors.response_types import CODE, NOT_WITH_TOKENS, in_order, usual_mode

SKIPS_PAGE: Final = frozenset({"none", "select_account"})


@dataclass(frozen=True, slots=True)
class Request:
    """`parameters` are those that count, whether they came in the address, pushed or signed."""

    vendor: Vendor
    parameters: Mapping[str, str]
    was_pushed: bool = False
    was_signed: bool = False

    @property
    def prompts(self) -> frozenset[str]:
        return frozenset(self.parameters.get("prompt", "").split())

    @property
    def scopes(self) -> tuple[str, ...]:
        """RFC 6749 section 3.3: scopes we do not know, or the vendor did not register, are left out.

        So is `offline_access` where no code can bring a refresh token (OpenID Connect Core section 11).
        """
        return tuple(
            scope
            for scope in dict.fromkeys(self.parameters.get("scope", "").split())
            if self.knows(scope) and (scope != WHILE_AWAY or self.wants_code)
        )

    def knows(self, scope: str) -> bool:
        """Topics are registered by being declared."""
        is_registered = scope in SCOPES and scope in self.vendor.scopes
        return is_registered or topics.asked(self.vendor.metadata, scope)

    @property
    def response_type(self) -> str:
        return in_order(self.parameters.get("response_type", CODE))

    @property
    def response_words(self) -> list[str]:
        return self.response_type.split()

    @property
    def wants_code(self) -> bool:
        return CODE in self.response_words

    @property
    def may_skip_page(self) -> bool:
        """RFC 8252 section 8.6: a vendor that nothing proves is never answered without the person."""
        unassured = self.vendor.is_public and not self.parameters["redirect_uri"].startswith("https://")
        return not unassured and not self.replaces and self.prompts <= SKIPS_PAGE

    @property
    def chooses_account(self) -> bool:
        """OpenID Connect Core section 3.1.2.1: who answers, and as which persona, is for the person to say first."""
        return "select_account" in self.prompts

    @property
    def replaces(self) -> bool:
        """Grant Management for OAuth 2.0: what was granted before and is not asked for again shall end."""
        return self.parameters.get("grant_management_action") == "replace"

    @property
    def reply_to(self) -> dict[str, Any]:
        """How the answer travels: all that `responses` has to know, as JSON."""
        reply = {name: self.parameters[name] for name in ("redirect_uri", "state") if name in self.parameters}
        mode = self.response_mode
        if mode != "query":
            reply["response_mode"] = mode
        if mode in SIGNED:
            reply |= {"audience": self.vendor.client_id, "signed": self.vendor.authorization_algorithm}
        return reply

    @property
    def response_mode(self) -> str:
        """What was asked for, if it will do; else what is usual for the response type."""
        usual = usual_mode(self.response_type if self.response_type in self.vendor.response_types else CODE)
        mode = self.parameters.get("response_mode", usual)
        if mode not in MODES or (usual != "query" and mode in NOT_WITH_TOKENS):
            return usual
        return f"{usual}.jwt" if mode == "jwt" else mode

    def fresh_since(self, now: int) -> int:
        """The person must have signed in at this time or later (`prompt=login`, `max_age`); 0 if any time will do."""
        if "login" in self.prompts:
            return now
        return now - int(self.parameters["max_age"]) if "max_age" in self.parameters else 0
