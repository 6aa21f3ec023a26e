"""The page of sessions: every browser and where it led, what vendors have heard, and a button for each ending."""

import re

import pytest
from actors import PersonActor, VendorActor
from journeys import tokens_for
from reading import controls, words
from storage import nothing_changes, on_sqlite_alone, rows

from consent import outbox
from wallet.people.browser_names import browser_name

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Version/17.0 Mobile Safari/604.1"


@pytest.fixture
def shop(app, house):
    return VendorActor(app, house, "shop", backchannel_logout_uri="https://shop.example/logout")


@pytest.fixture
def framed(app, house):
    return VendorActor(app, house, "framed", frontchannel_logout_uri="https://framed.example/logout")


@pytest.fixture
def phone(app, house, ana, person):
    """The same person in another browser."""
    phone = PersonActor(app, house, ana, password=person.password)
    phone.browser.client.environ_base["HTTP_USER_AGENT"] = IPHONE
    phone.signs_in()
    return phone


def sessions_of(person):
    """The names under which the page's forms end each session, this browser's first."""
    page = person.browser.get("/sessions").text
    return list(dict.fromkeys(re.findall(r'name="session" value="([0-9a-f]{64})"', page)))


def ends(person, what, **more):
    return person.browser.post("/sessions/end", form_at="/sessions", what=what, **more)


def is_signed_in(person):
    return person.browser.get("/data").status_code == 200


def test_each_browser_stands_with_its_name_and_where_it_led(person, phone, shop, clock):
    person.signs_in()
    tokens_for(phone, shop)
    clock.now += 600

    page = words(person.browser.get("/sessions"))

    assert page.index("In use now") < page.index("Other browsers") < page.index("Safari, iPhone") < page.index("Shop")
    assert "Last seen on 15 January 2027, 08:00 UTC" in page
    assert "A browser that does not say its name" in page


def test_with_one_browser_and_no_vendor_the_page_says_so(person):
    person.signs_in()

    page = person.browser.get("/sessions")

    assert "You are signed in nowhere else." in words(page)
    assert "Signed in at no vendor that wants to hear when you sign out." in words(page)
    assert [button["value"] for button in controls(page, name="what")] == ["session", "all"]


def test_a_stranger_is_led_to_the_sign_in(person, house):
    assert person.browser.get("/sessions").location.startswith("/sign-in")


def test_one_vendor_is_signed_out_of_and_the_browser_stays(person, phone, shop, house):
    person.signs_in()
    tokens = tokens_for(phone, shop)
    _, there = sessions_of(person)

    ends(person, "sign_in", session=there, client_id="shop")

    assert [telling["client_id"] for telling in rows(house, "outbox")] == ["shop"]
    assert shop.reads(tokens["access_token"]).status_code == 401
    assert is_signed_in(phone)
    assert "Being told now" in words(person.browser.get("/sessions"))


def test_one_other_browser_is_signed_out_with_its_vendors(person, phone, shop, house):
    person.signs_in()
    tokens_for(phone, shop)
    _, there = sessions_of(person)

    ends(person, "session", session=there)

    assert is_signed_in(person)
    assert not is_signed_in(phone)
    assert len(rows(house, "outbox")) == 1


def test_all_other_browsers_are_signed_out_and_this_one_stays(person, phone, shop, house):
    tokens_for(person, shop)
    tokens_for(phone, shop, prompt="consent")

    ends(person, "others")

    assert (is_signed_in(person), is_signed_in(phone)) == (True, False)
    assert len(rows(house, "outbox")) == len(rows(house, "sign_ins")) == 1


def test_everywhere_means_everywhere(person, phone, shop, house, clock):
    tokens_for(phone, shop)
    clock.now += 13 * 3600  # the phone's session has run out, but the vendor's may go on
    person.signs_in()

    answer = ends(person, "all")

    assert person.browser.follow(answer.location).request.path == "/sign-in"
    assert (is_signed_in(person), is_signed_in(phone)) == (False, False)
    assert len(rows(house, "outbox")) == 1


def test_this_browser_is_signed_out_with_the_frames_of_its_vendors(person, phone, framed):
    tokens_for(person, framed)
    tokens_for(phone, framed, prompt="consent")

    page = ends(person, "session", session=sessions_of(person)[0])

    assert page.text.count("<iframe") == 1
    assert not is_signed_in(person)


def test_a_vendor_that_only_that_browser_can_tell_is_not_offered_elsewhere(person, phone, framed):
    person.signs_in()
    tokens_for(phone, framed)

    page = person.browser.get("/sessions")

    assert "It can only be told by that browser: sign out there." in words(page)
    assert controls(page, value="sign_in") == []


@pytest.mark.parametrize("what", ["session", "sign_in"])
def test_nobody_ends_what_is_somebody_elses(app, house, person, shop, moves_in, what):
    tokens_for(person, shop)
    [mine] = sessions_of(person)
    ben = PersonActor(app, house, moves_in("Ben"), password=person.password)
    ben.signs_in()

    with nothing_changes(house):
        ends(ben, what, session=mine, client_id="shop")

    assert is_signed_in(person)


@pytest.mark.parametrize("form", [{}, {"what": "all"}, {"what": "all", "csrf_token": "x"}])
def test_a_forged_form_ends_nothing(person, shop, house, form):
    tokens_for(person, shop)

    with nothing_changes(house):
        assert person.browser.client.post("/sessions/end", data=form).status_code == 400
        assert person.browser.get("/sessions/end").status_code == 405

    assert is_signed_in(person)


def test_the_person_sees_what_vendors_have_confirmed(person, shop, house, clock):
    tokens_for(person, shop)
    person.signs_out()
    person.signs_in()
    [telling] = house.database.read(outbox.due, event="logout", now=clock.now)

    seen = [words(person.browser.get("/sessions"))]
    house.database.write(outbox.claim, telling, now=clock.now)
    seen.append(words(person.browser.get("/sessions")))
    house.database.write(outbox.confirm, telling, now=clock.now)
    seen.append(words(person.browser.get("/sessions")))

    assert "Being told now" in seen[0]
    assert "Not confirmed yet, tried once" in seen[1]
    assert "Confirmed on 15 January 2027, 08:00 UTC" in seen[2]


@on_sqlite_alone
def test_a_browsers_name_is_kept_sealed(person, phone, stored):
    assert "iPhone" not in stored()


@on_sqlite_alone
def test_the_page_speaks_german(person):
    person.signs_in()

    page = person.browser.get("/sessions", headers={"Accept-Language": "de"})

    assert "Wo ich angemeldet bin" in words(page)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (IPHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/139.0 Safari/537 Edg/139.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/139.0 Mobile Safari/537", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit Version/18.0 Safari/605", "Safari, macOS"),
        ("curl/8.5", None),
        ("", None),
        ("<script>" * 1000, None),
    ],
)
def test_no_more_is_kept_of_a_browser_than_its_name_and_system(agent, name):
    assert browser_name(agent) == name
