"""What a person's browser does, as far as the journey needs it: follow links, keep cookies, fill in forms."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx


class NotThere(Exception):
    """The page lacks what the person looks for. The message is a sentence."""


@dataclass(slots=True)
class Form:
    """One form of a page; `fields` is what a submit would send, `choices` are the values it offers, unticked."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """Of a list to choose from, what is chosen, else the first; of radio buttons, what is pressed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(had.get("action", "")))
        elif tag in {"input", "button"} and self.found and "name" in had:
            self.add(self.found[-1], "submit" if tag == "button" else had.get("type", "text"), had)
        elif tag in {"select", "textarea"} and self.found and "name" in had:
            self.select = had["name"]
            self.found[-1].names.add(had["name"])
        elif tag == "option" and self.found and ("selected" in had or self.select not in self.found[-1].fields):
            self.found[-1].fields[self.select] = had.get("value", "")

    def add(self, form: Form, kind: str, had: Mapping[str, str]) -> None:
        name, value = had["name"], had.get("value", "")
        form.names.add(name)
        if kind == "checkbox" and name == "attribute":
            form.choices.append(value)
        elif kind not in {"submit", "checkbox", "radio"} or (kind == "radio" and "checked" in had):
            form.fields[name] = value


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was shown, after all redirects; `visited` is the way there."""

    url: str
    status: int
    text: str
    visited: tuple[str, ...]

    def form(self, *names: str, action: str = "") -> Form:
        """The form that has these fields or buttons and leads to an address with `action` in it. Raises NotThere."""
        for form in Forms(self.text).found:
            if form.names.issuperset(names) and action in form.action:
                return form
        raise NotThere(f"{self.url} ({self.status}) has no form for {', '.join(names) or action}")

    def link(self, pattern: str) -> str:
        """The first link whose address matches. Raises NotThere."""
        found = re.search(rf'href="({pattern})"', self.text)
        if found is None:
            raise NotThere(f"{self.url} ({self.status}) has no link to {pattern}")
        return urljoin(self.url, unescape(found[1]))

    def marked(self, mark: str) -> dict[str, str]:
        """The texts of the elements that carry this attribute, by its value."""
        found = re.findall(rf'{mark}="([^"]+)"[^>]*>\s*(?:<bdi>)?([^<]*)', self.text)
        return {value: unescape(text).strip() for value, text in found}

    def kinds(self, family: str) -> list[str]:
        """The page's classes that begin with `family`, in order, without it: `ledger-line ledger-` finds `read`."""
        return re.findall(rf'class="{family}(\w+)"', self.text)

    def parameter(self, name: str) -> str:
        """A query parameter of the last address on the way that had one. Raises NotThere."""
        for url in reversed((*self.visited, self.url)):
            if name in (query := parse_qs(urlsplit(url).query)):
                return query[name][0]
        raise NotThere(f"nothing called {name} travelled on the way to {self.url}")


class Browser:
    """One person's browser."""

    def __init__(self) -> None:
        headers = {"Accept": "text/html", "Accept-Language": "en"}
        self.client = httpx.Client(headers=headers, follow_redirects=True, timeout=30, trust_env=False)

    def open(self, url: str) -> Page:
        return page_from(self.client.get(url))

    def submit(self, page: Page, form: Form, *, ticked: Collection[str] = (), **typed: str | list[str]) -> Page:
        """Send a form of a page as it was shown, with what the person typed, ticked or pressed."""
        fields: dict[str, str | list[str]] = {**form.fields, **typed, "attribute": list(ticked)}
        return page_from(self.client.post(urljoin(page.url, form.action), data=fields))

    def upload(self, page: Page, form: Form, field: str, name: str, content: bytes) -> Page:
        """Send a form with a file that the person chose."""
        fields = {each: value for each, value in form.fields.items() if each != field}
        return page_from(self.client.post(urljoin(page.url, form.action), data=fields, files={field: (name, content)}))

    def close(self) -> None:
        self.client.close()


def page_from(answer: httpx.Response) -> Page:
    visited = tuple(str(step.url) for step in answer.history)
    return Page(str(answer.url), answer.status_code, answer.text, visited)
