"""A new password for who knows the old one."""

import pytest
from actors import Browser, PersonActor
from recovering import NEW, errors
from storage import nothing_changes, on_sqlite_alone, rows


@pytest.fixture
def at_home(person):
    person.signs_in()
    return person


@pytest.fixture
def phone(app, house, ana, at_home):
    phone = PersonActor(app, house, ana, password=at_home.password)
    phone.signs_in()
    return phone


def changes(person, old=None, new=NEW, **more):
    fields = {"old": old or person.password, "password": new, "password_again": new, **more}
    return person.browser.post("/wallet/password", **fields)


def is_signed_in(person):
    return person.browser.get("/data").status_code == 200


def signs_in(app, password):
    return Browser(app).post("/sign-in", login="Ana", password=password).status_code == 303


@pytest.mark.parametrize("stay", [True, False])
def test_the_new_password_counts_and_other_browsers_stay_only_if_one_says_so(at_home, phone, app, stay):
    answer = changes(at_home, **{"stay": "y"} if stay else {})

    assert answer.status_code == 303
    assert (is_signed_in(at_home), is_signed_in(phone)) == (True, stay)
    assert signs_in(app, NEW)
    assert not signs_in(app, at_home.password)


def test_a_wrong_old_password_changes_nothing(at_home, phone, house):
    before = rows(house, "people"), rows(house, "sessions")

    answer = changes(at_home, old="wrong wrong wrong")

    assert answer.status_code == 403
    assert errors(answer) == "This is not your password until now."
    assert (rows(house, "people"), rows(house, "sessions")) == before


@on_sqlite_alone
def test_guessing_the_old_password_is_slow(at_home, app):
    answers = [changes(at_home, old="wrong wrong wrong").status_code for _ in range(5)]

    assert answers == [403] * 5
    assert changes(at_home).status_code == 429
    assert signs_in(app, at_home.password)


@on_sqlite_alone
@pytest.mark.parametrize("more", [{"new": "short"}, {"password_again": "something else here"}], ids=["short", "differ"])
def test_a_bad_new_password_is_refused(at_home, house, more):
    with nothing_changes(house):
        assert changes(at_home, **more).status_code == 422


@on_sqlite_alone
def test_a_stranger_and_a_forged_form_change_nothing(at_home, house, app):
    with nothing_changes(house):
        assert Browser(app).get("/wallet/password").location.startswith("/sign-in")
        assert at_home.browser.client.post("/wallet/password", data={"old": at_home.password}).status_code in {400, 422}
