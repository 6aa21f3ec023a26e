"""Whoever has many vendors sees them a page at a time, and finds the same on each."""

import re

import pytest
from sqlalchemy import insert, select

from consent.tables import grants, relationships
from wallet.sharing import grant_views, ledger_pages


@pytest.fixture
def many(person, vendor, house, monkeypatch):
    """Ana's vendors, newest first: five that may read, and four that may not any more."""
    monkeypatch.setattr(grant_views, "ON_A_PAGE", 2)
    monkeypatch.setattr(grant_views, "LAST_ENDED", 1)
    grant_id = vendor.redeems(
        vendor.receives(person.allows(person.opens(vendor.link(["email"])), only=["email"]))["code"]
    ).json["grant_id"]

    def copy(db):
        for table in (relationships, grants):
            row = dict(db.execute(select(table)).mappings().one())
            for number in range(1, 9):
                more = {
                    "client_id": f"v{number}",
                    "grant_id": f"g{number}",
                    "granted_at": row.get("granted_at", 0) - number,
                }
                more |= {"party": row.get("party", {}) | {"name": f"Vendor {number}"}}
                more |= {"ended_at": house.clock() if number > 4 else None}
                more = {name: value for name, value in more.items() if name in table.c}
                db.execute(insert(table).values(row | more | {"sector": f"v{number}.example"}))

    house.database.write(copy)
    return grant_id


def shown(page):
    return re.findall(r'<h3><a href="/vendors/([^"]+)"', page.text)


def more(page):
    found = re.search(r'<a class="button button-second" href="([^"]+)">Older ones', page.text)
    return found and found[1].replace("&amp;", "&")


def test_those_that_may_read_come_in_pages_and_none_is_left_out(person, many):
    page, seen = person.browser.get("/vendors"), []
    while page:
        seen += [one for one in shown(page) if one not in {"g5"}]
        page = more(page) and person.browser.get(more(page))

    assert seen == [many, "g1", "g2", "g3", "g4"]


def test_the_last_that_ended_are_shown_and_all_of_them_on_pages_of_their_own(person, many):
    first = person.browser.get("/vendors")
    assert shown(first)[-1] == "g5"
    page, seen = person.browser.get(re.search(r'href="(/vendors\?over=1)"', first.text)[1]), []
    while page:
        seen += shown(page)
        page = more(page) and person.browser.get(more(page))

    assert seen == ["g5", "g6", "g7", "g8"]


@pytest.mark.parametrize("skip", ["-1", "99999999999999999999", "x"])
def test_a_page_that_is_none_is_answered_with_one(person, many, skip):
    assert person.browser.get(f"/vendors?skip={skip}").status_code == 200


def test_of_a_long_ledger_the_newest_lines_are_checked_and_all_on_request(person, many, house, monkeypatch):
    monkeypatch.setattr(ledger_pages, "CHECKED_LINES", 2)

    assert "the newest 2 lines" in person.browser.get("/ledger").text
    assert "each line is tied to the one before it" in person.browser.get("/ledger?check=all").text
