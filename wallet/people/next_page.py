"""Where to go after signing in: a page of this wallet and never anybody else's."""

from urllib.parse import urlsplit

from flask import request

LONGEST_PATH = 4096


def local_path(path: str | None) -> str | None:
    """The path if it stays in this house, otherwise None. Browsers read a backslash as a slash and skip tabs."""
    if not path or len(path) > LONGEST_PATH or not path.isprintable() or "\\" in path:
        return None
    if not path.startswith("/") or path.startswith("//"):
        return None
    try:
        parts = urlsplit(path)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else path


def next_page() -> str | None:
    """Where this request says that it goes on, if that is a page of ours."""
    return local_path(request.values.get("next"))
