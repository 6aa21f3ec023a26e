"""oidc-client-ts, an application in Chromium, works with the wallet's address and a client_id alone."""

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
import tls

from wallet.demo.stage import HOST, LOGIN, PASSWORD, VALUES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

READ_WITH_PROOF = """
    async (address) => {
      const user = await manager.getUser()
      const read = async (nonce) => {
        const proof = await manager.dpopProof(address, user, "GET", nonce)
        return fetch(address, { headers: { Authorization: `DPoP ${user.access_token}`, DPoP: proof } })
      }
      const refused = await read()
      return (await read(refused.headers.get("DPoP-Nonce"))).json()
    }
"""
BUNDLE = "oidc-client-ts/dist/browser/oidc-client-ts.min.js"


@pytest.fixture
def site(packages, authority):
    """A host of files: the page at every address, the library, and what the page is told."""
    page, library = (packages.parent / "single_page.html").read_bytes(), (packages / BUNDLE).read_bytes()
    files = {"/oidc-client-ts.js": ("text/javascript", library)}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            kind, content = files.get(self.path.partition("?")[0], ("text/html", page))
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_): ...

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with tls.before(server.server_port, authority) as address:
            yield Site(address, files)
        server.shutdown()


class Site:
    def __init__(self, address, files):
        self.address, self.files = address, files

    def joins(self, wallet, *, metadata=None, **settings):
        """Register as a public vendor; the page is told nothing that discovery says."""
        registered = wallet.registers(
            client_name="Page",
            redirect_uris=[f"{self.address}/back"],
            post_logout_redirect_uris=[f"{self.address}/bye"],
            token_endpoint_auth_method="none",
            **metadata or {},
        )
        told = {
            "authority": wallet.issuer,
            "client_id": registered["client_id"],
            "redirect_uri": f"{self.address}/back",
            "post_logout_redirect_uri": f"{self.address}/bye",
            "scope": "openid email",
            "loadUserInfo": True,
            **settings,
        }
        self.files["/settings.json"] = ("application/json", json.dumps(told).encode())


@pytest.fixture
def complaints():
    """Of the browser: nobody may have any when the test ends."""
    heard = []
    yield heard
    assert heard == []


@pytest.fixture
def page(chromium, complaints, site, wallet):
    """Closed before what it reads from: a page that is cut off in the middle of a file complains."""
    context = chromium.new_context(locale="en-GB", ignore_https_errors=True)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()


def opens(page, address):
    page.goto(address)
    is_ready(page)


def is_ready(page):
    page.wait_for_selector("body[data-ready]")
    assert page.get_attribute("body", "data-ready") == "yes"


def signs_in(page, site):
    """The library leads away, the person answers, and the library takes over again."""
    opens(page, site.address)
    page.evaluate("void manager.signinRedirect()")
    page.fill("[name=login]", LOGIN)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button")
    page.click("[name=attribute][value=email]")
    page.click("[name=answer][value=allow]")
    page.wait_for_url(f"{site.address}/back?*")
    is_ready(page)
    return user(page)


def user(page):
    return page.evaluate("manager.getUser()")


def test_a_person_signs_in_and_the_page_reads_what_they_allowed(page, wallet, site):
    site.joins(wallet)

    found = signs_in(page, site)

    assert found["profile"]["email"] == VALUES["email"]
    assert found["profile"]["iss"] == wallet.issuer
    assert found["refresh_token"]


def test_tokens_are_renewed_by_the_refresh_token(page, wallet, site):
    site.joins(wallet)
    first = signs_in(page, site)

    again = page.evaluate("manager.signinSilent()")

    assert again["access_token"] != first["access_token"]
    assert again["profile"]["sub"] == first["profile"]["sub"]


def test_tokens_are_renewed_by_themselves_before_they_end(page, wallet, site):
    site.joins(wallet, accessTokenExpiringNotificationTimeInSeconds=3598)
    first = signs_in(page, site)

    page.wait_for_function("events.length >= 2")

    assert user(page)["access_token"] != first["access_token"]
    assert not [event for event in page.evaluate("events") if "Error" in event]


def test_without_refresh_token_they_are_renewed_in_a_frame(page, wallet, site):
    site.joins(wallet, metadata={"grant_types": ["authorization_code"]})
    first = signs_in(page, site)
    assert first["refresh_token"] is None

    again = page.evaluate("manager.signinSilent()")

    assert again["access_token"] != first["access_token"]
    assert again["profile"]["email"] == VALUES["email"]


def test_a_frame_on_another_site_finds_nobody_signed_in(page, wallet, site):
    """The wallet's cookie is SameSite=Lax: to a browser, two host names are two sites."""
    site.address = site.address.replace(HOST, "localhost")
    site.joins(wallet, metadata={"grant_types": ["authorization_code"]})
    signs_in(page, site)

    said = page.evaluate("manager.signinSilent().catch((error) => error.error)")

    assert said == "login_required"


def test_tokens_bound_to_a_key_of_the_browser(page, wallet, site, complaints):
    """The library itself reads userinfo by the Bearer scheme alone, so the page does it by a proof from the library."""
    site.joins(wallet, metadata={"dpop_bound_access_tokens": True}, proving=True, loadUserInfo=False)
    first = signs_in(page, site)

    again = page.evaluate("manager.signinSilent()")

    assert first["token_type"] == again["token_type"] == "DPoP"
    assert again["access_token"] != first["access_token"]
    assert page.evaluate(READ_WITH_PROOF, f"{wallet.issuer}/oauth/userinfo")["email"] == VALUES["email"]
    without_nonce = [int(status) for status in re.findall(r"status of (\d+)", " ".join(complaints))]
    assert without_nonce == [400, 401]
    complaints.clear()


def test_the_person_signs_out_from_the_page_and_comes_back_to_it(page, wallet, site):
    site.joins(wallet)
    signs_in(page, site)

    page.evaluate("void manager.signoutRedirect()")
    page.click("[name=where][value=everywhere]")
    page.wait_for_url(f"{site.address}/bye*")
    is_ready(page)

    assert user(page) is None
    page.goto(f"{wallet.issuer}/data")
    assert page.locator("[name=password]").count() == 1


def test_the_page_ends_its_tokens_itself(page, wallet, site):
    site.joins(wallet)
    token = signs_in(page, site)["access_token"]

    page.evaluate("manager.revokeTokens()")

    assert user(page)["refresh_token"] is None
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{wallet.address}/oauth/userinfo", headers=headers, trust_env=False).status_code == 401


WATCHING = {"monitorSession": True, "checkSessionIntervalInSeconds": 1}
ASK_FRAME = """
    (asked) => new Promise((resolve) => {
      const frame = document.querySelector("iframe")
      addEventListener("message", ({ data, source }) => source === frame.contentWindow && resolve(data), { once: true })
      frame.contentWindow.postMessage(asked, new URL(frame.src).origin)
    })
"""


def test_the_page_notices_that_the_person_signed_out_in_another_tab(page, wallet, site):
    site.joins(wallet, **WATCHING)
    signs_in(page, site)
    page.wait_for_timeout(1500)
    assert "signed out" not in page.evaluate("events")

    tab = page.context.new_page()
    tab.goto(f"{wallet.issuer}/sign-out")
    tab.click("[name=where][value=everywhere]")
    tab.wait_for_url("**/sign-in*")

    page.wait_for_function("events.includes('signed out')")


def test_the_page_goes_on_where_the_person_only_proved_anew_who_they_are(page, wallet, site):
    site.joins(wallet, **WATCHING)
    first = signs_in(page, site)

    tab = page.context.new_page()
    tab.goto(f"{wallet.issuer}/sign-in")
    tab.fill("[name=login]", LOGIN)
    tab.fill("[name=password]", PASSWORD)
    tab.click("main form button")
    tab.wait_for_url("**/data*")
    page.wait_for_timeout(3000)

    assert "signed out" not in page.evaluate("events")
    assert user(page)["profile"]["sub"] == first["profile"]["sub"]


def test_a_page_learns_nothing_from_a_state_that_is_not_its_own(page, wallet, site):
    site.joins(wallet, **WATCHING)
    found = signs_in(page, site)
    client_id, known = json.loads(site.files["/settings.json"][1])["client_id"], found["session_state"]
    page.wait_for_selector("iframe", state="attached")
    page.wait_for_timeout(500)

    said = {
        asked: page.evaluate(ASK_FRAME, asked)
        for asked in (f"{client_id} {known}", f"other {known}", f"{client_id} {'A' * 43}.salt", known, "", "{}")
    }

    assert list(said.values()) == ["unchanged", *["error"] * 5]


def test_a_page_of_another_site_hears_the_same_of_a_browser_that_was_never_here(page, wallet, site):
    page.goto(site.address.replace(HOST, "localhost"))
    page.evaluate(
        """(address) => new Promise((resolve) => {
             const frame = document.body.appendChild(document.createElement("iframe"))
             frame.onload = resolve
             frame.src = address
           })""",
        f"{wallet.issuer}/oauth/check-session",
    )

    assert page.evaluate(ASK_FRAME, f"shop {'A' * 43}.salt") == "error"
