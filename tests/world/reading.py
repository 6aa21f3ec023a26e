"""Pages as a person sees them: words, fields and buttons, however the markup is laid out."""

from html.parser import HTMLParser
from typing import Any

from werkzeug.test import TestResponse


class Page(HTMLParser):
    """`controls` are the attributes of inputs, buttons and options, in order; `words` all text, in order."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__()
        self.controls: list[dict[str, Any]] = []
        self.classes: list[list[str]] = []
        self.words: list[str] = []
        self.marked: list[tuple[list[str], str]] = []
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag in {"input", "button", "option"}:
            self.controls.append({"tag": tag, **attributes})
        if tag not in {"input", "link", "meta", "img", "br"}:
            self.classes.append((attributes.get("class") or "").split())

    def handle_endtag(self, tag: str) -> None:
        self.classes.pop()

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        self.marked.append(([name for names in self.classes for name in names], data))


def words(response: TestResponse) -> str:
    """All a person reads, with single spaces."""
    return " ".join(" ".join(Page(response).words).split())


def words_in(response: TestResponse, look: str) -> list[str]:
    """What stands in elements of this class, one text for each run of them."""
    found: list[str] = []
    inside = False
    for classes, data in Page(response).marked:
        if look in classes and inside:
            found[-1] += data
        elif look in classes:
            found.append(data)
        inside = look in classes
    return [" ".join(text.split()) for text in found]


def controls(response: TestResponse, **wanted: str) -> list[dict[str, Any]]:
    """Inputs, buttons and options that have these attributes."""
    return [control for control in Page(response).controls if wanted.items() <= control.items()]


def csrf_token(response: TestResponse) -> str:
    return str(controls(response, name="csrf_token")[0]["value"])
