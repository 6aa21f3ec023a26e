"""The page on which a person says how vendors may speak to them, as a form to fill in."""

import re
from collections.abc import Sequence
from html import unescape

from actors import PersonActor
from werkzeug.test import TestResponse


def fields(text: str) -> dict[str, list[str]]:
    """The form below, as it was shown."""
    form = text.partition('class="fields policy"')[2].partition("</form>")[0]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        if said.get("type") != "checkbox" or " checked" in tag:
            found.setdefault(said["name"], []).append(unescape(said.get("value", "")))
    for name, options in re.findall(r'<select name="([a-z_]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', options)
        first = re.search(r'<option value="([^"]*)"', options)
        found[name] = [(chosen[1] if chosen[1] is not None else chosen[2]) if chosen else first[1] if first else ""]
    return found


def saves(person: PersonActor, path: str, **changed: str | Sequence[str]) -> TestResponse:
    """Send that form with what was changed."""
    given = fields(person.browser.get(path).text) | changed
    return person.browser.client.post(path, data=given)
