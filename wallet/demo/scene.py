"""What the steps of the journey share: where Ana is, and what she expects to see there."""

from collections.abc import Callable
from dataclasses import dataclass, field

from wallet.demo.browser import Browser, Page
from wallet.demo.stage import Stage


class DoesNotHold(Exception):
    """A step did not do what it promises. The message says what was seen instead."""


@dataclass(slots=True)
class Scene:
    """Where Ana is, what the shop showed her of its tokens, and what of her is being watched since when."""

    stage: Stage
    browser: Browser
    page: Page
    access_token: str = ""
    meter: str = ""
    trigger: str = ""
    watched_since: float = field(default=0.0)


@dataclass(frozen=True, slots=True)
class Step:
    """`play` does it and returns what travelled. It raises DoesNotHold or NotThere."""

    title: str
    play: Callable[[Scene], str]


def hold(condition: bool, otherwise: str) -> None:
    if not condition:
        raise DoesNotHold(otherwise)
