"""What a person has said once for all, as it is supposed to count."""

from collections.abc import Collection
from dataclasses import dataclass, field

from consent.model import Item
from consent.standing import ALWAYS, BLOCKED, NEVER

ANY = "*"
UNSAID = "dpv:Purpose"


@dataclass
class Ruling:
    """By vendor and purpose, of which either may be any: the answer, and the grant it renews."""

    said: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)

    def says(self, vendor: str, purpose: str) -> tuple[str | None, str | None]:
        places = ((vendor, ANY), (ANY, purpose))
        return next((self.said[place] for place in places if place in self.said), (None, None))

    def blocks(self, vendor: str) -> bool:
        return self.says(vendor, ANY)[0] == BLOCKED

    def put(self, vendor: str, purpose: str, answer: str | None, grant_id: str | None = None) -> bool:
        """Whether that is new."""
        before = self.said.pop((vendor, purpose), None)
        if answer is not None:
            self.said[vendor, purpose] = (answer, grant_id)
        return self.said.get((vendor, purpose)) != before

    def left_of(self, vendor: str, items: Collection[Item]) -> tuple[Item, ...]:
        return tuple(item for item in items if self.says(vendor, item.purpose_type or UNSAID)[0] != NEVER)

    def refuses(self, vendor: str, items: Collection[Item]) -> bool:
        """Whether something needed is left out, or the vendor may not even sign the person in."""
        left = self.left_of(vendor, items)
        silent = not left and self.says(vendor, ANY)[0] == NEVER
        return silent or any(item.required for item in items if item not in left)

    def renews(self, vendor: str, items: Collection[Item], grant_id: str) -> bool:
        purposes = {item.purpose_type or UNSAID for item in items} or {ANY}
        return all(self.says(vendor, purpose) == (ALWAYS, grant_id) for purpose in purposes)
