"""People who make themselves a way back, forget their password, and come in again."""

import re
from html import unescape

from actors import Browser, PersonActor
from reading import Page, controls, words_in
from werkzeug.test import TestResponse

NEW = "a new and longer sentence"


def hidden(response: TestResponse, name: str) -> str:
    return str(controls(response, name=name)[0]["value"])


def sends(browser: Browser, page: TestResponse, path: str, **fields: str) -> TestResponse:
    """Send a form of this very page, with the token that stands in it."""
    return browser.client.post(path, data={"csrf_token": hidden(page, "csrf_token"), **fields})


def paper(page: TestResponse) -> list[str]:
    """The words on a kit or a share."""
    [found] = re.findall(r'<ol class="paper-words".*?</ol>', page.text, re.S)
    return [unescape(word) for word in re.findall(r"<li>(\w+)</li>", found)]


def proof(person: PersonActor) -> dict[str, str]:
    """The password, where the page asks for it."""
    asks = 'name="proof"' in person.browser.get("/recovery").text
    return {"proof": person.password} if asks else {}


def draws_kit(person: PersonActor) -> TestResponse:
    return person.browser.post("/recovery/kit", form_at="/recovery", **proof(person))


def asks(person: PersonActor, page: TestResponse) -> TestResponse:
    return sends(person.browser, page, "/recovery/kit/ask", drawn=hidden(page, "drawn"))


def confirms(person: PersonActor, page: TestResponse, **changed: str) -> TestResponse:
    """Answer the three questions about the kit on this page."""
    asked, words = asks(person, page), paper(page)
    wanted = [control["name"] for control in Page(asked).controls if str(control.get("name", "")).startswith("word_")]
    answers = {name: words[int(name[5:]) - 1] for name in wanted}
    fields = {**answers, "drawn": hidden(asked, "drawn"), **changed}
    return sends(person.browser, asked, "/recovery/kit/confirm", **fields)


def makes_kit(person: PersonActor) -> str:
    """The words of a kit that counts."""
    page = draws_kit(person)
    assert confirms(person, page).status_code == 303
    return " ".join(paper(page))


def draws_shares(person: PersonActor, names: str, needed: int) -> TestResponse:
    wanted = {"names": names, "needed": str(needed)}
    return person.browser.post("/recovery/shares", form_at="/recovery", **wanted, **proof(person))


def makes_shares(person: PersonActor, names: str = "Ben\nCleo\nDora", needed: int = 2) -> list[str]:
    """The words of each, in the order of the names."""
    page, found = draws_shares(person, names, needed), []
    drawn = hidden(page, "drawn")
    for number in range(1, len(names.split("\n")) + 1):
        page = sends(person.browser, page, "/recovery/shares/show", drawn=drawn, number=str(number))
        found.append(" ".join(paper(page)))
    assert sends(person.browser, page, "/recovery/shares/confirm", drawn=drawn).status_code == 303
    return found


def enters(browser: Browser, *papers: str, login: str = "Ana") -> TestResponse:
    """Type one paper after the other; ends at the page for the new password, or at what was wrong."""
    page = browser.get("/recover")
    for words in papers:
        shares = [control["value"] for control in controls(page, name="shares")]
        given = {"shares": shares[0]} if shares else {}
        page = sends(browser, page, "/recover", login=login, words=words, **given)
    return page


def chooses(browser: Browser, page: TestResponse, password: str = NEW, **fields: str) -> TestResponse:
    """Set the new password on the page that came after the right words."""
    fields = {"password": password, "password_again": password, "ticket": hidden(page, "ticket"), **fields}
    return sends(browser, page, "/recover/password", **fields)


def errors(page: TestResponse) -> str:
    return " ".join(words_in(page, "field-error") + words_in(page, "notice"))
