"""What a person sees of how vendors hear of changes: confirmed when, tried how often, or not told at all."""

from actors import VendorActor
from journeys import tokens_for
from listening import STATUS, STREAM, ListeningVendor, sends
from reading import words
from storage import on_sqlite_alone

from wallet.upkeep import sweep

DAY = 24 * 3600
pytestmark = on_sqlite_alone


def shown(person, made):
    """The vendor's page and the ledger."""
    return words(person.browser.get(f"/vendors/{made['grant_id']}")), words(person.browser.get("/ledger"))


def listening(app, house, site=None, name="shop"):
    shop = ListeningVendor(app, house, name)
    shop.listens(site)
    return shop


def test_a_change_is_shown_as_waiting_then_as_confirmed(app, house, person, site, authority, clock):
    made = tokens_for(person, listening(app, house, site))
    person.revokes(made["grant_id"])
    assert all("Being told now" in page for page in shown(person, made))

    site.status = 503
    sends(house, authority)
    clock.now += 10
    sends(house, authority)
    for page in shown(person, made):
        assert "Not confirmed yet, tried 2 times; next on 15 January 2027, 08:00 UTC" in page
    assert "One is not confirmed, since" in shown(person, made)[0]
    assert "At the last try it answered with an error (http_503)." in shown(person, made)[0]

    site.status = 202
    clock.now += 40
    sends(house, authority)
    for page in shown(person, made):
        assert "Confirmed by the vendor on 15 January 2027, 08:00 UTC" in page
        assert "Not confirmed" not in page
    assert "It last confirmed one on 15 January 2027" in shown(person, made)[0]


def test_what_follows_in_its_lane_says_so_and_what_was_given_up_too(app, house, person, site, authority, clock):
    made = tokens_for(person, listening(app, house, site))
    at = f"/vendors/{made['grant_id']}"
    person.browser.post(f"{at}/pause", form_at=at)
    person.revokes(made["grant_id"])
    site.speaks = lambda wire: wire.write(b"nothing")
    sends(house, authority)

    page = shown(person, made)[0]
    assert "Not confirmed yet, tried once; next on" in page
    assert "it follows as soon as the vendor has confirmed what was before" in page
    assert "2 are not confirmed, the first since" in page
    assert "At the last try it did not answer." in page

    clock.now += 30 * DAY
    house.database.write(sweep, now=clock.now)
    person.signs_in()
    assert "Never confirmed, tried once" in shown(person, made)[0]


def test_a_vendor_that_takes_no_notices_is_shown_as_one(app, house, person):
    quiet = VendorActor(app, house, "quiet")
    made = tokens_for(person, quiet)
    person.revokes(made["grant_id"])

    page, ledger = shown(person, made)
    assert "Quiet takes no notices. It learns of a change the next time it wants to read something." in page
    for text in (page, ledger):
        assert text.count("The vendor takes no notices; it finds this when it next looks.") == 1


def test_a_vendor_that_fetches_or_pauses_is_shown_as_one(app, house, person):
    shop = listening(app, house)
    made = tokens_for(person, shop)
    person.revokes(made["grant_id"])
    assert "the vendor comes for it by itself" in shown(person, made)[0]

    shop.polls()
    assert "the vendor has fetched it once" in shown(person, made)[1]

    shop.says("POST", STATUS, {"stream_id": shop.stream["stream_id"], "status": "paused"})
    assert "takes no notices for the moment" in shown(person, made)[0]

    shop.says("DELETE", f"{STREAM}?stream_id={shop.stream['stream_id']}")
    assert "The vendor takes no notices" in shown(person, made)[1]


def test_it_stands_there_in_german(app, house, person, site, authority):
    made = tokens_for(person, listening(app, house, site))
    person.revokes(made["grant_id"])
    sends(house, authority)

    german = {"Accept-Language": "de"}
    page = words(person.browser.get(f"/vendors/{made['grant_id']}", headers=german))
    assert "Wie der Anbieter von Ihren Änderungen erfährt" in page
    assert "Noch nicht bestätigt, einmal versucht; das nächste Mal am 15. Januar 2027" in page
