"""One thing that was found."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Hit:
    """`text` is what it says, if anything; `note` what is to be known besides; `url` the page it stands on."""

    title: str = field(repr=False)
    url: str = field(repr=False)
    text: str | None = field(default=None, repr=False)
    note: str | None = field(default=None, repr=False)
