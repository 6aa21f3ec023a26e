"""The ask this browser is on its way to answer, as the pages at the door see it."""

from flask import session

from consent import asks
from consent.errors import ConsentError
from consent.model import Ask
from wallet.house import House
from wallet.people.visitor import browser

PAGE = "/consent"
CHOSEN = "chosen"
FACE_CHOSEN = "face_chosen"


def waiting_ask(house: House, next_page: str | None) -> Ask | None:
    """What a vendor wants, if this very browser is on its way to answer it."""
    ask_id = ask_in(next_page)
    if ask_id is None:
        return None
    try:
        return house.database.read(asks.find, ask_id, browser=browser(), now=house.clock())
    except ConsentError:
        return None


def choose_here(next_page: str | None) -> None:
    """Whoever goes on from here to an ask has just said who they are."""
    if ask_id := ask_in(next_page):
        session[CHOSEN] = ask_id


def choose_face_here(next_page: str | None) -> None:
    """And as which persona."""
    choose_here(next_page)
    if ask_id := ask_in(next_page):
        session[FACE_CHOSEN] = ask_id


def is_face_chosen(ask_id: str) -> bool:
    """Whether they have said so by hand, and not only signed in."""
    return bool(session.get(FACE_CHOSEN) == ask_id)


def is_chosen(ask_id: str) -> bool:
    """Whether the person has just said who answers this ask, and as which persona."""
    return bool(session.get(CHOSEN) == ask_id)


def ask_in(next_page: str | None) -> str | None:
    page, _slash, ask_id = (next_page or "").partition("?")[0].rpartition("/")
    return ask_id if page == PAGE and ask_id else None
