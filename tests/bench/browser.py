"""Sign in and agree once through the real HTML forms, as a person's browser does, and keep the cookies."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx
from client import BenchError
from steps import authorization_request
from vendor import LOGIN, PASSWORD, REDIRECT_URI, Door

PAGES = 20  # pages and redirects after which nobody would go on


@dataclass(slots=True)
class Form:
    """One form of a page: what a submit would send; `choices` are its check boxes, unticked."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def names(self) -> set[str]:
        return {*self.fields, *(name for name, _ in self.choices), *(name for name, _ in self.buttons)}


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(had.get("action", "")))
        elif tag in ("input", "button") and self.found and had.get("name"):
            self._add(self.found[-1], kind=had.get("type", "submit" if tag == "button" else "text"), had=had)

    def _add(self, form: Form, *, kind: str, had: dict[str, str]) -> None:
        pair = had["name"], had.get("value", "")
        if kind == "checkbox":
            form.choices.append(pair)
        elif kind == "submit":
            form.buttons.append(pair)
        else:
            form.fields[pair[0]] = pair[1]


def sign_in(door: Door) -> dict[str, str]:
    """Walk from authorize to the vendor once; returns the cookies this browser sends next time. Raises BenchError."""
    verifier, nonce, state = (secrets.token_urlsafe(32) for _ in range(3))
    query = authorization_request(verifier=verifier, nonce=nonce, state=state)
    headers = {"Accept": "text/html", "Accept-Language": "en"}
    with httpx.Client(trust_env=False, headers=headers) as browser:
        answer = browser.get(f"{door.issuer}{door.authorization}?{query}")
        for _ in range(PAGES):
            location = urljoin(str(answer.url), answer.headers.get("location", ""))
            if location.startswith(REDIRECT_URI):
                return _cookies(browser, location)
            answer = browser.get(location) if answer.has_redirect_location else _submit(browser, answer)
    raise BenchError(f"The way from authorize to the vendor has more than {PAGES} pages.")


def _cookies(browser: httpx.Client, location: str) -> dict[str, str]:
    if "code=" not in location:
        raise BenchError(f"The person agreed, and the vendor got no code: {location[:200]}.")
    return {cookie.name: cookie.value or "" for cookie in browser.cookies.jar if cookie.path == "/"}


def _submit(browser: httpx.Client, page: httpx.Response) -> httpx.Response:
    for form in _Forms(page.text).found:
        filled = _filled(form)
        if filled is not None:
            return browser.post(urljoin(str(page.url), form.action), data=filled)
    raise BenchError(f"A page with neither sign-in nor consent form came ({page.status_code}): {page.text[:300]}")


def _filled(form: Form) -> dict[str, str | list[str]] | None:
    """What the person sends: their password, or Allow with everything ticked; None for any other form."""
    names = form.names()
    if {"login", "password"} <= names:
        return {**form.fields, "login": LOGIN, "password": PASSWORD}
    if "answer" not in names:
        return None
    ticked: dict[str, list[str]] = {}
    for name, value in form.choices:
        ticked.setdefault(name, []).append(value)
    return {**form.fields, **ticked, "answer": "allow"}
