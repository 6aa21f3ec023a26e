"""Who gets into the console of a vendor: by password, invitation, or with what the registration gave; nobody else."""

from dataclasses import replace

import pytest
from actors import SECRET
from click.testing import CliRunner
from staffing import STAFF_PASSWORD, StaffActor, form_token, link_on
from storage import nothing_changes, on_sqlite_alone, rows

from keys.throttle import FREE_ATTEMPTS
from vendor_api.console.sessions import IDLE_LIFETIME, LIFETIME
from wallet.app import create_app
from wallet.cli import main


@pytest.fixture
def kim(app, house, vendor):
    return StaffActor(app, house, vendor.client_id)


def is_in(actor) -> bool:
    return actor.get("/console").status_code == 200


def test_staff_sign_in_by_password_and_out_again(kim):
    assert kim.get("/console").location == "/console/sign-in"

    assert kim.signs_in().location == "/console"
    assert "Stadtwerke" in kim.get("/console").text

    kim.post("/console/sign-out", form_at="/console")
    assert not is_in(kim)


@on_sqlite_alone
def test_a_wrong_password_an_unknown_login_and_another_vendor_are_one_sentence(kim):
    said = {"client_id": "stadtwerke", "login": "kim", "password": STAFF_PASSWORD}
    answers = [
        kim.post("/console/sign-in", **{**said, **wrong})
        for wrong in ({"password": "wrong wrong wrong"}, {"login": "nobody"}, {"client_id": "bank"})
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert all("do not belong together" in answer.text for answer in answers)
    assert not is_in(kim)


@on_sqlite_alone
@pytest.mark.parametrize("login", ["kim", "nobody"])
def test_who_guesses_has_to_wait_whether_the_login_exists_or_not(kim, clock, login):
    kim.login = login
    for _ in range(FREE_ATTEMPTS):
        assert kim.signs_in("wrong wrong wrong").status_code == 403

    assert kim.signs_in("wrong wrong wrong").status_code == 429
    assert kim.signs_in().status_code == 429

    clock.now += 30
    assert kim.signs_in().status_code == (303 if login == "kim" else 403)


@pytest.mark.parametrize("passes", [IDLE_LIFETIME, LIFETIME])
@on_sqlite_alone
def test_a_session_ends_when_it_is_not_used_and_at_last_in_any_case(kim, clock, passes):
    kim.signs_in()
    step = IDLE_LIFETIME - 60 if passes == LIFETIME else passes
    for _ in range(passes // step):
        clock.now += step
        if clock.now < 1_800_000_000 + passes - step:
            assert is_in(kim)
    clock.now += passes % step

    assert not is_in(kim)


@on_sqlite_alone
def test_a_token_that_was_there_before_the_sign_in_is_worth_nothing(app, house, kim):
    kim.get("/console/sign-in")
    before = kim.client.get_cookie("console", path="/console").value
    kim.signs_in()
    after = kim.client.get_cookie("console", path="/console").value

    thief = app.test_client()
    thief.set_cookie("console", before, path="/console")
    assert after != before
    assert thief.get("/console").status_code == 303
    assert after not in str(rows(house, "staff_sessions"))


@on_sqlite_alone
def test_no_form_counts_without_the_token_of_this_browser(app, house, kim):
    kim.signs_in()
    other = StaffActor(app, house, "stadtwerke", "lee")
    other.signs_in()
    foreign = form_token(other.get("/console"))

    with nothing_changes(house):
        for token in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": foreign}, {"csrf_token": "ü"}):
            said = {"login": "new", "role": "admin", **token}
            assert kim.client.post("/console/staff", data=said).status_code == 400


@on_sqlite_alone
def test_the_cookies_of_person_and_staff_know_nothing_of_each_other(person, kim):
    person.signs_in()
    kim.client = person.browser.client
    kim.signs_in()

    cookie = kim.client.get_cookie("console", path="/console")
    assert (cookie.path, cookie.http_only, cookie.same_site) == ("/console", True, "Lax")
    assert kim.get("/console/staff").request.cookies.keys() >= {"wallet", "console"}
    assert "Set-Cookie" not in kim.get("/console/staff").headers
    assert "console" not in person.browser.get("/data").request.cookies
    person.signs_out()
    assert is_in(kim)


@on_sqlite_alone
def test_an_admin_invites_and_the_link_works_once(app, kim):
    kim.signs_in()
    path = link_on(kim.post("/console/staff", login="Léa", name="Léa Roux", role="agent"))
    lea = StaffActor.__new__(StaffActor)
    lea.client = app.test_client()

    assert "Léa Roux" in lea.get(path).text
    assert lea.post(path, password="too short", password_again="too short").status_code == 422
    assert lea.post(path, password=STAFF_PASSWORD, password_again=STAFF_PASSWORD).location == "/console"
    assert is_in(lea)
    assert lea.get(path).status_code == 410


@on_sqlite_alone
def test_an_invitation_is_over_after_a_week_and_when_a_new_one_is_made(kim, clock, house):
    kim.signs_in()
    first = link_on(kim.post("/console/staff", login="lea", role="agent"))
    lea = next(row for row in rows(house, "staff") if row["role"] == "agent")["staff_id"]
    second = link_on(kim.post(f"/console/staff/{lea}/invitation", form_at="/console/staff"))

    assert kim.get(first).status_code == 410
    assert kim.get(second).status_code == 200
    clock.now += 7 * 24 * 3600
    assert kim.get(second).status_code == 410


def first_admin(client, **changed):
    said = {"client_id": "stadtwerke", "secret": SECRET, "login": "kim", "password": STAFF_PASSWORD}
    said |= {"password_again": STAFF_PASSWORD, "csrf_token": form_token(client.get("/console/first")), **changed}
    return client.post("/console/first", data=said)


def test_what_the_registration_gave_makes_the_first_admin_once(app, house, vendor):
    client = app.test_client()

    assert first_admin(client).location == "/console"
    assert client.get("/console/staff").status_code == 200

    with nothing_changes(house):
        refused = first_admin(app.test_client(), login="thief")
        house.database.write(lambda db: db.exec_driver_sql("delete from sign_in_failures"))
    assert refused.status_code == 403


@on_sqlite_alone
def test_a_registration_access_token_does_as_well(app, house):
    client = create_app(replace(house, settings=replace(house.settings, registration="open"))).test_client()
    given = {"redirect_uris": ["https://shop.example/back"], "token_endpoint_auth_method": "none"}
    made = client.post("/oauth/register", json=given).json

    answer = first_admin(client, client_id=made["client_id"], secret=made["registration_access_token"])

    assert answer.status_code == 303


@on_sqlite_alone
@pytest.mark.parametrize("wrong", [{"secret": "x"}, {"client_id": "nobody"}, {"secret": ""}])
def test_nobody_else_becomes_the_first_admin_and_guessing_is_slow(app, house, vendor, wrong):
    client = app.test_client()

    answers = [first_admin(client, **wrong).status_code for _ in range(FREE_ATTEMPTS + 1)]

    assert set(answers[:-1]) <= {403, 422}
    assert answers[-1] in {429, 422}
    assert rows(house, "staff") == []


@on_sqlite_alone
def test_a_login_is_nowhere_in_the_clear(house, kim):
    kim.signs_in()

    kept = str([rows(house, table) for table in ("staff", "staff_sessions", "sign_in_failures")])
    assert "kim" not in kept.casefold()


def test_the_operator_lets_the_first_one_in_by_a_command(tmp_path, monkeypatch):
    monkeypatch.setenv("WALLET_HOME", str(tmp_path))
    run = CliRunner().invoke
    (tmp_path / "shop.json").write_text('{"client_id": "shop", "redirect_uris": ["https://shop.example/back"]}')
    run(main, ["vendor", "add", str(tmp_path / "shop.json")])

    link = run(main, ["vendor", "staff", "add", "shop", "kim"])
    by_password = run(
        main,
        ["vendor", "staff", "add", "shop", "lee", "--role", "agent", "--password-stdin"],
        input=STAFF_PASSWORD + "\n",
    )
    short = run(main, ["vendor", "staff", "add", "shop", "ann", "--password-stdin"], input="short\n")
    nowhere = run(main, ["vendor", "staff", "add", "nobody", "kim"])

    assert "/console/invitation/" in link.output
    assert by_password.exit_code == 0
    assert (short.exit_code, nowhere.exit_code) == (1, 1)
    assert run(main, ["vendor", "staff", "list", "shop"]).output == "kim\tadmin\tkim\nlee\tagent\tlee\n"


@on_sqlite_alone
@pytest.mark.parametrize(
    ("page", "leads_to"),
    [
        ("/console/staff", "/console/staff"),
        ("//evil.example", "/console"),
        ("https://evil.example/console/", "/console"),
        ("/console/\\\\evil.example", "/console"),
        ("/consoles", "/console"),
        ("/data", "/console"),
    ],
)
def test_the_console_keeps_a_language_of_its_own_and_leads_nowhere_else(kim, person, page, leads_to):
    kim.signs_in()

    answer = kim.post("/console/language", form_at="/console", language="de", next=page)

    assert answer.location == leads_to
    assert "Übersicht" in kim.get("/console").text
    assert "Anmelden" not in person.browser.get("/sign-in", headers={"Accept-Language": "en"}).text


@on_sqlite_alone
@pytest.mark.parametrize("language", ["fr", "", "de; x", "x" * 500])
def test_a_language_that_is_none_changes_nothing(kim, language):
    kim.signs_in()
    kim.post("/console/language", form_at="/console", language=language)

    assert "Overview" in kim.get("/console").text
