"""Staff manage their clients: register, change, another secret, remove; and see what people would see."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest
from actors import SECRET, VendorActor, basic
from reading import Page
from staffing import StaffActor, form_token
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.vendors import registry
from wallet.app import create_app
from wallet.data.catalogue import CATALOGUE, EVERYBODYS

pytestmark = on_sqlite_alone
NEW = {"client_name": "Second", "redirect_uris": "https://second.example/back", "scope": "openid email"}


@pytest.fixture
def kim(house, vendor):
    app = create_app(replace(house, settings=replace(house.settings, registration="open")))
    actor = StaffActor(app, house, vendor.client_id)
    actor.signs_in()
    return actor


def shown_secret(page, name="client_secret"):
    return unescape(re.search(rf"<code>{name}</code></dt>\s*<dd>\s*<code>([^<]+)", page.text)[1])


def registered(house, client_id):
    [found] = [row for row in rows(house, "vendors") if row["client_id"] == client_id]
    return found["metadata"]


def registers(kim, **changed):
    page = kim.post("/console/clients", **{**NEW, **changed})
    assert page.status_code == 200, page.text
    return shown_secret(page, "client_id"), page


def knows(kim, client_id, secret):
    """Whether the token endpoint accepts this secret: what fails then is only the code."""
    headers = {"Authorization": basic(client_id, secret)}
    form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://x.example"}
    return kim.client.post("/oauth/token", data=form, headers=headers).json["error"] != "invalid_client"


def test_a_client_is_registered_and_its_secret_works_and_is_never_shown_again(kim, house):
    client_id, page = registers(kim, token_endpoint_auth_method="client_secret_basic")
    secret = shown_secret(page)

    assert knows(kim, client_id, secret)
    assert registered(house, client_id)["scope"] == "openid email"
    for path in ("/console/clients", f"/console/clients/{client_id}"):
        assert secret not in kim.get(path).text
        assert "Second" in kim.get(path).text


def test_metadata_may_be_given_as_json_and_counts_instead_of_the_fields(kim, house):
    given = {"redirect_uris": ["https://j.example/b"], "client_name": "Jot", "client_name#de": "Jott"}

    client_id, _ = registers(kim, metadata=json.dumps(given))

    assert registered(house, client_id)["client_name#de"] == "Jott"


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uris": "http://evil.example/back"},
        {"redirect_uris": ""},
        {"metadata": "{"},
        {"metadata": "[]"},
        {"metadata": '{"redirect_uris": ["https://a.example/b"], "require_pkce": false}'},
    ],
)
def test_what_can_not_be_registered_is_told_in_one_sentence_and_nothing_is_kept(kim, house, wrong):
    with nothing_changes(house):
        assert kim.post("/console/clients", **{**NEW, **wrong}).status_code == 422


def test_where_registration_is_closed_or_by_token_the_console_is_no_way_round(house, vendor):
    for setting, said in (("closed", {}), ("token", {}), ("token", {"initial_access_token": "x"})):
        app = create_app(replace(house, settings=replace(house.settings, registration=setting)))
        kim = StaffActor(app, house, vendor.client_id, f"kim{len(rows(house, 'staff'))}")
        kim.signs_in()
        with nothing_changes(house):
            assert kim.post("/console/clients", form_at="/console", **NEW, **said).status_code == 422


def test_a_change_counts_and_one_made_meanwhile_is_not_lost(kim, house):
    page = kim.get("/console/clients/stadtwerke")
    seen = re.search(r'name="seen" value="(\w+)"', page.text)[1]
    said = {"redirect_uris": "https://stadtwerke.example/back", "scope": "openid email", "seen": seen}
    said |= {"token_endpoint_auth_method": "client_secret_basic", "csrf_token": form_token(page)}

    assert kim.client.post("/console/clients/stadtwerke", data={**said, "client_name": "Werke"}).status_code == 303
    with nothing_changes(house):
        late = kim.client.post("/console/clients/stadtwerke", data={**said, "client_name": "Other"})

    assert late.status_code == 409
    assert registered(house, "stadtwerke")["client_name"] == "Werke"
    assert registered(house, "stadtwerke")["purposes"]["email"] == "To send your bill"


def test_a_client_can_not_move_to_another_host(kim, house):
    page = kim.get("/console/clients/stadtwerke")
    seen = re.search(r'name="seen" value="(\w+)"', page.text)[1]

    with nothing_changes(house):
        said = {"redirect_uris": "https://bank.example/back", "scope": "openid", "seen": seen}
        answer = kim.post("/console/clients/stadtwerke", token_endpoint_auth_method="client_secret_basic", **said)

    assert answer.status_code == 422


def test_a_new_secret_takes_the_place_of_the_old_one(kim):
    page = kim.post("/console/clients/stadtwerke/secret", form_at="/console/clients/stadtwerke")

    assert knows(kim, "stadtwerke", shown_secret(page))
    assert not knows(kim, "stadtwerke", SECRET)


def test_another_client_can_be_removed_and_the_one_of_the_console_not(kim, house):
    client_id, _ = registers(kim)

    with nothing_changes(house):
        assert kim.post("/console/clients/stadtwerke/remove", form_at="/console").status_code == 409
    assert kim.post(f"/console/clients/{client_id}/remove", form_at="/console").status_code == 303
    assert client_id not in str(rows(house, "vendors"))
    assert rows(house, "console_clients") == []
    assert kim.get(f"/console/clients/{client_id}").status_code == 404


def test_with_its_client_the_whole_staff_goes(kim, house, app):
    house.database.write(registry.remove, "stadtwerke")

    assert rows(house, "staff") == rows(house, "staff_sessions") == []
    assert kim.get("/console").status_code == 303


def test_the_preview_says_word_for_word_what_a_person_then_sees(kim, house, person, vendor):
    said = {
        "scope": "openid offline_access",
        "claims": '{"userinfo": {"email": {"essential": true}, "nickname": null}}',
    }
    preview = kim.get("/console/clients/stadtwerke/preview", query_string=said)
    person.has({"nickname": "Annie"})
    real = person.opens(vendor.link(**said))

    def words(page):
        own = {"ana@example.org", "Annie", "Ana", "ana", "jane@example.org"}
        found = [" ".join(run.split()) for run in Page(page).words]
        return [run for run in found if run and run not in own and "preview" not in run]

    examples = {CATALOGUE[name].example for name in ("email", "nickname")}
    assert [run for run in words(preview) if run not in examples][-20:] == words(real)[-20:]
    assert "Needed" in words(preview)


def test_in_a_preview_nothing_can_be_answered(kim, house):
    with nothing_changes(house):
        page = kim.get("/console/clients/stadtwerke/preview?scope=openid+email")
        assert "This is a preview" in page.text
        assert "form-action 'none'" in page.headers["Content-Security-Policy"]
        for button in re.findall(r"<button[^>]*(?:answer|Block)[^>]*>", page.text):
            assert "disabled" in button
        assert kim.client.post("/consent/preview", data={"answer": "allow"}).status_code >= 400


@pytest.mark.parametrize("claims", ["{", "[]", '{"userinfo": [1]}', "x" * 30_000])
def test_a_preview_of_what_can_not_be_asked_says_why(kim, claims):
    assert kim.get("/console/clients/stadtwerke/preview", query_string={"claims": claims}).status_code == 422


def test_whatever_may_be_asked_has_a_preview(kim):
    names = [*EVERYBODYS, "made.up"]
    for part in range(0, len(names), 90):
        claims = json.dumps({"userinfo": dict.fromkeys(names[part : part + 90])})
        for language in ("en", "de"):
            answer = kim.get(
                "/console/clients/stadtwerke/preview",
                query_string={"claims": claims},
                headers={"Accept-Language": language},
            )
            assert answer.status_code == 200


def test_clients_of_another_vendor_are_not_there(kim, app, house):
    VendorActor(app, house, "bank")

    for path in ("/console/clients/bank", "/console/clients/bank/preview"):
        assert kim.get(path).status_code == 404
    assert "bank" not in kim.get("/console/clients").text
