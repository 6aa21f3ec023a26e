"""What a person calls one of their browsers, from what it says of itself: no more than "Firefox, Windows"."""

from typing import Final

# The first that is found counts: nearly all of them also claim to be Safari, and Android to be Linux.
BROWSERS: Final = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Vivaldi": "Vivaldi",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chromium": "Chromium",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS: Final = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def browser_name(user_agent: str) -> str | None:
    """None for a browser that says nothing we know."""
    known = [next((name for sign, name in names.items() if sign in user_agent), None) for names in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, known)) or None
