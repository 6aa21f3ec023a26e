"""The account chooser as a person uses it."""

import re
from collections.abc import Mapping

from actors import Browser, PersonActor
from werkzeug.test import TestResponse


def choices(page: TestResponse) -> dict[str, dict[str, str]]:
    """By login, what the form to go on as that person sends, and the ids of their personas by name."""
    found = {}
    for part in page.text.split('<li class="session')[1:]:
        login = re.search(r'class="person"><bdi>([^<]+)', part)[1]
        session = re.search(r'name="session" value="([^"]+)"', part)[1]
        named = re.findall(r'name="persona"\s+value="([^"]+)"[^>]*>\s*(?:<img[^>]*>\s*)?(?:<bdi>([^<]+)</bdi>)?', part)
        found[login] = {"session": session} | {name: persona_id for persona_id, name in named}
    return found


def goes_on(browser: Browser, login: str, *, persona: str | None = None, at: str = "/accounts") -> TestResponse:
    """Press the button of this person (and persona) in the chooser; follow where it leads."""
    chosen = choices(browser.get(at))[login]
    fields = {"session": chosen["session"]} | ({"persona": chosen[persona]} if persona else {})
    next_page = re.search(r'name="next" value="([^"]+)"', browser.get(at).text.partition("<main")[2])
    if next_page:
        fields["next"] = next_page[1]
    answer = browser.post("/accounts/choose", form_at=at, **fields)
    return browser.follow(answer.location) if answer.location.startswith("/") else answer


def adds_persona(person: PersonActor, name: str, values: Mapping[str, str]) -> str:
    """Create a persona with these values, and show it from then on; gives back its id."""
    person.browser.post("/accounts/personas", form_at="/accounts", name=name)
    persona_id = choices(person.browser.get("/accounts"))[person.person.login][name]
    person.has(values, persona_id=persona_id)
    return persona_id
