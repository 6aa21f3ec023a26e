"""An authorization code is worth something once, for a minute, to the vendor and address it was made for."""

import pytest
from actors import VERIFIER, VendorActor
from asserting import AssertingVendor
from devices import DeviceVendor
from journeys import at_once, code_for, refused, tokens_for
from storage import nothing_changes, on_sqlite_alone, rows

from vendor_api.oauth.framework.token_exchange import ACCESS_TOKEN
from vendor_api.vendors.metadata import TOKEN_EXCHANGE


@pytest.fixture
def other(app, house):
    """Another vendor that knows as much as there is to know."""
    return VendorActor(app, house, "other")


def test_a_code_used_twice_is_refused_and_kills_its_tokens(person, vendor):
    code = code_for(person, vendor)
    tokens = vendor.redeems(code).json

    assert refused(vendor.redeems(code), "invalid_grant")

    assert refused(vendor.reads(tokens["access_token"]), "invalid_token", status=401)
    assert vendor.introspects(tokens["access_token"]) == {"active": False}
    assert vendor.introspects(tokens["refresh_token"]) == {"active": False}
    assert refused(vendor.refreshes(tokens["refresh_token"]), "invalid_grant")
    assert person.log() == ["asked", "granted", "redeemed", *["failed"] * 3]


def test_a_code_used_twice_kills_what_was_refreshed_from_it_and_nothing_else(person, vendor):
    other = tokens_for(person, vendor)
    code = code_for(person, vendor, prompt="consent")
    tokens = vendor.redeems(code).json
    later = vendor.refreshes(tokens["refresh_token"]).json

    vendor.redeems(code)

    assert vendor.reads(later["access_token"]).status_code == 401
    assert refused(vendor.refreshes(later["refresh_token"]), "invalid_grant")
    assert vendor.reads(other["access_token"]).status_code == 200


@pytest.mark.parametrize(
    "changed", [{"code_verifier": "w" * 43}, {"redirect_uri": "https://evil.test/"}, {"code_verifier": ""}]
)
def test_a_second_use_kills_the_tokens_even_where_the_rest_is_wrong(person, vendor, changed):
    code = code_for(person, vendor)
    tokens = vendor.redeems(code).json

    assert refused(vendor.redeems(code, **changed), "invalid_grant")

    assert vendor.reads(tokens["access_token"]).status_code == 401


def test_sixteen_redemptions_of_one_code_at_once_give_exactly_one_success(app, person, vendor, house):
    form = {
        "grant_type": "authorization_code",
        "code": code_for(person, vendor),
        "redirect_uri": vendor.redirect_uri,
        "code_verifier": VERIFIER,
    }

    answers = at_once(app, 16, lambda client: client.post("/oauth/token", data=form, headers=vendor.credentials))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 15
    assert all(refused(answer, "invalid_grant") for answer in answers if answer.status_code == 400)
    tokens = rows(house, "tokens")
    assert sorted(token["kind"] for token in tokens) == ["access", "refresh"]
    assert all(token["revoked_at"] for token in tokens)  # the others were second uses
    assert person.log() == ["asked", "granted", "redeemed", "failed"]


def test_a_code_of_another_vendor_is_refused_and_stays_good_for_its_own(person, vendor, other, house):
    code = code_for(person, vendor)

    with nothing_changes(house):
        stolen = other.redeems(code, redirect_uri=vendor.redirect_uri)

    assert refused(stolen, "invalid_grant")
    assert vendor.redeems(code).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize("kind", ["public", "asserting", "of_devices"])
def test_a_code_is_of_no_use_to_a_vendor_of_any_other_kind(app, house, person, vendor, kind):
    thief = {
        "public": lambda: VendorActor(app, house, "thief", token_endpoint_auth_method="none"),
        "asserting": lambda: AssertingVendor(app, house, "thief"),
        "of_devices": lambda: DeviceVendor(app, house, "thief"),
    }[kind]()
    code = code_for(person, vendor)

    stolen = thief.redeems(code, redirect_uri=vendor.redirect_uri)
    named = thief.redeems(code, redirect_uri=vendor.redirect_uri, client_id=vendor.client_id)

    assert refused(stolen, "invalid_grant")
    assert named.status_code in {400, 401}
    assert rows(house, "tokens") == []
    assert vendor.redeems(code).status_code == 200


@on_sqlite_alone
def test_a_code_used_twice_kills_what_its_tokens_were_exchanged_for(app, house, person):
    vendor = VendorActor(app, house, "shop", grant_types=["authorization_code", "refresh_token", TOKEN_EXCHANGE])
    code = code_for(person, vendor)
    tokens = vendor.redeems(code).json
    asked = {"grant_type": TOKEN_EXCHANGE, "subject_token_type": ACCESS_TOKEN}
    narrow = vendor.post("/oauth/token", {**asked, "subject_token": tokens["access_token"]}).json["access_token"]
    assert vendor.reads(narrow).status_code == 200

    assert refused(vendor.redeems(code), "invalid_grant")

    with nothing_changes(house):
        assert refused(vendor.reads(narrow), "invalid_token", status=401)
        assert refused(vendor.post("/oauth/token", {**asked, "subject_token": narrow}), "invalid_grant")


def test_another_vendor_can_not_kill_tokens_with_a_code_that_was_redeemed(person, vendor, other, house):
    code = code_for(person, vendor)
    tokens = vendor.redeems(code).json

    with nothing_changes(house):
        assert refused(other.redeems(code, redirect_uri=vendor.redirect_uri), "invalid_grant")

    assert vendor.reads(tokens["access_token"]).status_code == 200


def test_a_code_lasts_a_minute(person, vendor, clock, house):
    in_time, late = code_for(person, vendor), code_for(person, vendor, prompt="consent")
    clock.now += 59
    assert vendor.redeems(in_time).status_code == 200

    clock.now += 1
    with nothing_changes(house):
        assert refused(vendor.redeems(late), "invalid_grant")


@pytest.mark.parametrize("changed", [{"redirect_uri": ""}, {"redirect_uri": "https://stadtwerke.example/other"}])
def test_the_redirect_uri_must_be_sent_again_as_it_was(person, app, house, changed):
    vendor = VendorActor(
        app, house, "stadtwerke", redirect_uris=["https://stadtwerke.example/back", "https://stadtwerke.example/other"]
    )
    code = code_for(person, vendor)

    with nothing_changes(house):
        assert refused(vendor.redeems(code, **changed), "invalid_grant")

    assert vendor.redeems(code).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize("suffix", ["/", "?", "#", " ", "%2f", "?a=b", "\n"])
def test_the_redirect_uri_of_the_redemption_is_compared_letter_by_letter(person, vendor, house, suffix):
    code = code_for(person, vendor)

    with nothing_changes(house):
        assert refused(vendor.redeems(code, redirect_uri=vendor.redirect_uri + suffix), "invalid_grant")

    assert vendor.redeems(code).status_code == 200


@on_sqlite_alone
def test_an_app_redeems_with_the_very_port_it_asked_with(person, app, house):
    reader = VendorActor(
        app,
        house,
        "reader",
        redirect_uris=["http://127.0.0.1/back"],
        application_type="native",
        token_endpoint_auth_method="none",
    )
    reader.redirect_uri = "http://127.0.0.1:4001/back"
    code = code_for(person, reader)

    with nothing_changes(house):
        assert refused(reader.redeems(code, redirect_uri="http://127.0.0.1:4002/back"), "invalid_grant")
        assert refused(reader.redeems(code, redirect_uri="http://127.0.0.1/back"), "invalid_grant")

    assert reader.redeems(code).status_code == 200


@on_sqlite_alone
def test_only_a_code_is_a_code(person, vendor, house):
    code = code_for(person, vendor)
    tokens = tokens_for(person, vendor, prompt="consent")
    forged = [
        code[:-1] + ("A" if code[-1] != "A" else "B"),
        code + "A",
        code[:-4],
        code + "=",
        code + "\n",
        code.upper(),
    ]

    with nothing_changes(house):
        for text in (
            *forged,
            tokens["access_token"],
            tokens["refresh_token"],
            tokens["grant_id"],
            tokens["id_token"],
            "x",
            "ü",
        ):
            assert refused(vendor.redeems(text), "invalid_grant")
        assert refused(vendor.redeems(""), "invalid_request")

    assert vendor.redeems(code).status_code == 200


def test_a_code_is_worth_nothing_after_the_person_revoked(person, vendor, house):
    grant_id = tokens_for(person, vendor)["grant_id"]
    code = code_for(person, vendor, prompt="consent")
    person.revokes(grant_id)

    with nothing_changes(house):
        assert refused(vendor.redeems(code), "invalid_grant")


def test_an_answer_leaves_the_wallet_once(person, vendor, house):
    page = person.opens(vendor.link(["email"]))
    first = person.allows(page, only=["email"])
    ask_id = page.request.path.rpartition("/")[2]

    with nothing_changes(house):
        again = person.browser.get(f"/oauth/resume?ask={ask_id}")

    assert first.status_code == 303
    assert again.status_code >= 400
    assert "Location" not in again.headers
    assert len(rows(house, "codes")) == 1


def test_codes_are_stored_only_as_digests(person, vendor, house):
    code = code_for(person, vendor)

    assert code not in str(rows(house, "codes"))
