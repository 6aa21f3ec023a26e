"""Wherever a vendor appears, a person can tell it something: every page of a full life is looked at."""

import re
from html import unescape

from packing import has_lived
from storage import on_sqlite_alone, rows

BEGIN = ("/wallet", "/vendors", "/inbox", "/ledger", "/data", "/requests", "/vendors?over=1", "/rules", "/reviews")
OF_ONE_KIND = 3  # pages that are looked at
BY_THE_FOOT = {  # where a vendor stands among others, in a list to choose from or before something is done
    *("inbox.write", "inbox.note", "triggers.new", "intents.new", "intents.edit", "data.attribute"),
    *("erasing.value", "erasing.persona", "erasing.data", "erasing.everything"),
}
SAY = "/feedback/"
PATH = re.compile(r'href="(/[^"#]*)"')


def main_of(page):
    return page.text.partition("<main")[2].partition("</main>")[0]


def walked(app, person):
    """The pages to which others lead, a few of each kind, by what shows them."""
    found, waiting, kinds = {}, list(BEGIN), {}
    urls = app.url_map.bind("localhost")
    while waiting:
        path = waiting.pop(0)
        endpoint = urls.match(path.partition("?")[0])[0] if urls.test(path.partition("?")[0]) else "static"
        kinds[endpoint] = kinds.get(endpoint, 0) + 1
        if path in found or endpoint == "static" or kinds[endpoint] > OF_ONE_KIND:
            continue
        answer = person.browser.get(path)
        answer.get_data()  # a file is read to its end
        if answer.status_code == 200 and answer.mimetype == "text/html":
            found[path] = (endpoint, main_of(answer))
            waiting += [unescape(one) for one in PATH.findall(found[path][1])]
    return found


@on_sqlite_alone
def test_from_every_page_that_names_a_vendor_one_can_tell_it_something(app, house, person, clock):
    has_lived(app, house, person, clock)
    person.signs_in()
    names = {row["metadata"].get("client_name") for row in rows(house, "vendors")} - {None}

    found = walked(app, person)

    naming = {path: (endpoint, text) for path, (endpoint, text) in found.items() if any(name in text for name in names)}
    without = {path for path, (endpoint, text) in naming.items() if SAY not in text and endpoint not in BY_THE_FOOT}
    rooms = {endpoint.partition(".")[0] for endpoint, _text in found.values()}
    assert len(found) > 60
    assert {
        "inbox",
        "sharing",
        "rights",
        "triggers",
        "intents",
        "appointments",
        "deposits",
        "feeds",
        "reviews",
    } <= rooms
    assert without == set()
    assert all('href="/feedback/new"' in person.browser.get(path).text for path in list(naming)[:OF_ONE_KIND])
