"""A zero byte is in no text a person or a vendor means, and one of our databases can not even be asked for it."""

import pytest
from journeys import code_for
from storage import nothing_changes


@pytest.mark.parametrize(
    "address",
    [
        "/consent/%00",
        "/vendors/%00",
        "/data/%00",
        "/data/email%00",
        "/ledger?vendor=%00",
        "/ledger?vendor=x&vendor=%00",
        "/sign-in?next=%00",
        "/oauth/resume?ask=%00",
        "/oauth/authorize?client_id=%00",
        "/oauth/authorize?client_id=stadtwerke%00&redirect_uri=https://stadtwerke.example/back",
        "/oauth/register/%00",
        "/%00",
        "/?a=%00",
    ],
)
def test_an_address_with_a_zero_byte_is_a_bad_request(person, vendor, house, address):
    code_for(person, vendor)

    with nothing_changes(house):
        response = person.browser.get(address)

    assert response.status_code == 400
    assert "Location" not in response.headers


@pytest.mark.parametrize("field", ["login", "password", "next", "anything"])
def test_a_form_with_a_zero_byte_is_a_bad_request(person, house, field):
    form = {"login": "ana", "password": "correct horse battery"}

    with nothing_changes(house):
        response = person.browser.post("/sign-in", **{**form, field: form.get(field, "") + "\x00"})

    assert response.status_code == 400
    assert person.browser.get("/data").status_code != 200


def test_a_value_with_a_zero_byte_is_not_kept(person, house):
    person.signs_in()

    with nothing_changes(house):
        response = person.browser.post("/data/email", value="ana\x00@example.org")

    assert response.status_code == 400
