"""Headers: nobody frames a page that decides, nothing foreign runs in it, nothing personal stays in a cache."""

import re
from dataclasses import replace

import pytest
from actors import VendorActor, path_of
from journeys import tokens_for
from storage import nothing_changes, on_sqlite_alone

from vendor_api.errors import VendorApiError
from wallet.app import PAGES, create_app

pytestmark = on_sqlite_alone

PUBLIC = {"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oauth/jwks"}


@pytest.fixture
def every_answer(app, person, vendor):
    """One answer of every address there is, in every method it takes, to a person with an open ask and a grant."""
    grant_id = tokens_for(person, vendor)["grant_id"]
    ask = person.opens(vendor.link(asking=["birthdate"])).request.path
    known = {"grant_id": grant_id, "ask_id": ask.rpartition("/")[2], "name": "email", "client_id": "stadtwerke"}
    known |= {"position": 1}
    answers = {}
    for rule in app.url_map.iter_rules():
        arguments = {name: known.get(name, "wallet.css") for name in rule.arguments}
        path = app.url_map.bind("localhost").build(rule.endpoint, arguments)
        for method in sorted(rule.methods):
            answers[method, path] = person.browser.client.open(path, method=method)
    answers["GET", "not found"] = person.browser.get("/nowhere")
    answers["GET", "authorize"] = person.browser.get(path_of(vendor.link(asking=["email"])))
    answers["GET", "to the vendor"] = person.browser.get(path_of(vendor.link(asking=["email"], prompt="none")))
    answers["GET", "unknown vendor"] = person.browser.get("/oauth/authorize?client_id=x")
    return answers


@pytest.fixture
def pages(every_answer):
    """The answers that a person's browser shows or follows; the rest is for vendors' servers."""
    return {
        (method, path): answer
        for (method, path), answer in every_answer.items()
        if path.startswith(("/oauth/authorize", "/oauth/resume")) or not path.startswith(("/oauth/", "/.well-known/"))
    }


def directives(answer):
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


def test_no_page_may_be_framed_or_tells_where_the_person_came_from(pages):
    for where, answer in pages.items():
        headers = answer.headers
        assert headers["X-Frame-Options"] == "DENY", where
        assert headers["Referrer-Policy"] == "no-referrer", where
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", where
        assert directives(answer)["frame-ancestors"] == ["'none'"], where


def test_no_answer_is_guessed_to_be_a_page(every_answer, pages):
    for where, answer in every_answer.items():
        assert answer.headers["X-Content-Type-Options"] == "nosniff", where
        assert where in pages or not answer.data or answer.mimetype != "text/html", where


def test_nothing_foreign_and_nothing_inline_runs_in_any_page(pages):
    for where, answer in pages.items():
        policy = directives(answer)
        assert policy["default-src"] == policy["base-uri"] == ["'none'"], where
        assert policy["script-src"] == policy["style-src"] == policy["font-src"] == ["'self'"], where
        assert policy["img-src"] == ["'self'", "data:"], where
        if answer.mimetype == "text/html":
            for inline in ("<script>", " style=", " onclick=", "javascript:", ' src="http'):
                assert inline not in answer.text, where


def test_nothing_but_what_everybody_may_know_is_kept_by_a_cache(every_answer):
    for (method, path), answer in every_answer.items():
        if path in PUBLIC and method in {"GET", "HEAD"}:
            assert answer.headers["Cache-Control"] == "public, max-age=300"
        elif not path.startswith("/static/"):
            assert answer.headers["Cache-Control"] == "no-store", (method, path)


def test_no_answer_with_a_cookie_is_kept_by_a_cache(every_answer):
    for where, answer in every_answer.items():
        if "Set-Cookie" in answer.headers:
            assert answer.headers["Cache-Control"] == "no-store", where


def test_no_answer_of_the_vendors_door_is_kept_by_a_cache(person, vendor):
    tokens = tokens_for(person, vendor)
    answers = [
        vendor.redeems("x"),
        vendor.refreshes(tokens["refresh_token"]),
        vendor.asserts(tokens["consent_token"]),
        vendor.reads(tokens["access_token"]),
        vendor.reads("x"),
        vendor.post("/oauth/introspect", {"token": tokens["access_token"]}),
        vendor.post("/oauth/revoke", {"token": tokens["access_token"]}),
        vendor.client.get("/oauth/userinfo"),
        vendor.client.post("/oauth/register", json={}),
    ]

    assert [answer.headers["Cache-Control"] for answer in answers] == ["no-store"] * len(answers)


def test_no_page_is_open_to_other_sites_scripts(every_answer):
    for (_, path), answer in every_answer.items():
        if path not in PUBLIC:
            assert "Access-Control-Allow-Origin" not in answer.headers, path
        assert "Access-Control-Allow-Credentials" not in answer.headers, path


def test_a_form_leads_nowhere_but_here_and_the_answer_where_the_vendor_wants_it(pages):
    """The scheme alone, because a vendor may lead on to another host of its own, and browsers would stop it there."""
    for (method, path), answer in pages.items():
        is_ask = path.startswith("/consent/") and method in {"GET", "HEAD"}
        wanted = ["'self'", "https:"] if is_ask else ["'self'"]
        assert directives(answer)["form-action"] == wanted, (method, path)


@pytest.mark.parametrize(
    ("redirect_uri", "scheme"),
    [
        ("https://shop.example:8443/back?x=1", "https:"),
        ("http://127.0.0.1:9999/back", "http:"),
        ("com.example.app:/back", "com.example.app:"),
    ],
)
def test_the_answer_may_go_to_the_address_it_is_for(app, house, person, redirect_uri, scheme):
    shop = VendorActor(app, house, "shop", redirect_uris=[redirect_uri], application_type="native")

    page = person.opens(shop.link(asking=["email"]))

    assert directives(page)["form-action"] == ["'self'", scheme]


@pytest.mark.parametrize("host", ["a.example;sandbox", "a.example,default-src", "a.example;form-action", "'none'"])
def test_a_vendors_address_never_writes_the_policy(app, house, person, host):
    """Either such a host can not be registered at all, or it stays one word of form-action."""
    try:
        evil = VendorActor(app, house, "evil", redirect_uris=[f"https://{host}/back"])
    except VendorApiError:
        return

    page = person.opens(evil.link(asking=["email"]))

    assert "sandbox" not in directives(page)
    assert "," not in page.headers["Content-Security-Policy"]
    assert len(directives(page)) == len(page.headers["Content-Security-Policy"].split(";")) == 8
    assert "'none'" not in directives(page)["form-action"]


def test_the_cookie_stays_with_the_browser_and_with_this_site(person):
    cookie = person.signs_in().headers["Set-Cookie"]

    assert cookie.startswith("wallet=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_on_https_the_cookie_is_bound_to_this_host_and_http_is_over(house):
    app = create_app(replace(house, settings=replace(house.settings, issuer="https://wallet.example")))

    answer = app.test_client().get("/sign-in", base_url="https://wallet.example")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-wallet=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example", ""])
def test_a_foreign_host_name_is_refused(app, host):
    """DNS rebinding: a page of evil.example that points its name at this machine gets no page of ours."""
    answer = app.test_client().get("/sign-in", headers={"Host": host})

    assert answer.status_code == 400
    assert "csrf_token" not in answer.text


def test_after_a_form_with_a_password_or_an_answer_the_browser_never_repeats_it(person, vendor):
    person.browser.get("/sign-in")
    page = person.opens(vendor.link(asking=["email"]))

    signed_in = person.signs_in()
    sent = person.browser.post(page.request.path, answer="allow", until="2027-03-01")
    resumed = person.browser.get(sent.location)

    assert [answer.status_code for answer in (signed_in, sent, resumed)] == [303] * 3


NAMED = {"name": "email"}


def test_no_form_of_any_page_works_without_its_token(person, vendor, house):
    person.signs_in()
    client, posted = person.browser.client, [route.rule for route in PAGES if "POST" in route.methods]
    paths = [re.sub(r"<int:\w+>", "0", rule) for rule in posted]
    paths = [re.sub(r"<(\w+)>", lambda found: NAMED.get(found[1], "x"), path) for path in paths]

    data = {"sure": "yes", "answer": "keep", "vendor": vendor.client_id}
    with nothing_changes(house):
        answers = {path: client.post(path, data=data).status_code for path in paths}

    assert {path for path, status in answers.items() if status != 400} <= {"/records/import"}
    assert len(answers) > 80
