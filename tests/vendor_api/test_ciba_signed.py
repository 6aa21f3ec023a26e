"""Signed CIBA requests (Core section 7.1.1): all or nothing, by the registered algorithm, for this wallet, once."""

import pytest
from asserting import key, public
from calling import CallingVendor, SigningCaller, allows_call
from forging import forgeries
from journeys import refused
from storage import nothing_changes, on_sqlite_alone


@pytest.fixture
def vendor(app, house, person):
    vendor = SigningCaller(app, house, "stadtwerke")
    vendor.meets(person)
    return vendor


def test_what_was_signed_is_asked_and_each_request_counts_once(person, vendor, house):
    request = vendor.request(requested_expiry=120, claims={"userinfo": {"email": None}})

    assert vendor.calls_signed(request).json["expires_in"] == 120
    allows_call(person)
    assert vendor.polls().status_code == 200
    with nothing_changes(house):
        assert refused(vendor.calls_signed(request), "invalid_request")


BROKEN = {
    "no audience": {"aud": None},
    "another audience": {"aud": "https://other.example"},
    "an audience among others": {"aud": ["http://localhost", "https://other.example"]},
    "no issuer": {"iss": None},
    "another issuer": {"iss": "somebody"},
    "an assertion": {"sub": "stadtwerke"},
    "no end": {"exp": None},
    "an end as text": {"exp": "1800000300"},
    "no issue": {"iat": None},
    "no beginning": {"nbf": None},
    "no id": {"jti": None},
    "an empty id": {"jti": ""},
    "an id that is a number": {"jti": 5},
    "another inside": {"request": "x.y.z"},
}
TIMES = {
    "over": {"exp": -31},
    "too far away": {"exp": 3700},
    "begins later": {"nbf": 60},
    "began long ago": {"nbf": -3700},
    "lasts longer than an hour": {"nbf": -60, "exp": 3600},
    "issued later": {"iat": 60},
}


@pytest.mark.parametrize("changed", BROKEN.values(), ids=BROKEN)
@on_sqlite_alone
def test_what_is_missing_or_odd_is_refused(vendor, house, changed):
    with nothing_changes(house):
        assert refused(vendor.calls_signed(vendor.request(**changed)), "invalid_request")


@pytest.mark.parametrize("changed", TIMES.values(), ids=TIMES)
@on_sqlite_alone
def test_times_have_to_be_near(vendor, house, clock, changed):
    times = {name: clock.now + seconds for name, seconds in changed.items()}

    with nothing_changes(house):
        assert refused(vendor.calls_signed(vendor.request(**times)), "invalid_request")


@on_sqlite_alone
def test_unsigned_or_signed_otherwise_is_refused(app, house, person, vendor):
    other = SigningCaller(app, house, "radio")
    other.meets(person)
    unsigned = vendor.request().rsplit(".", 1)[0] + "."
    by_none = vendor.request(header={"alg": "ES256"}).split(".")
    by_none[0] = "eyJhbGciOiJub25lIn0"

    with nothing_changes(house):
        for request in (
            unsigned,
            ".".join([*by_none[:2], ""]),
            other.request(),
            other.request(iss="stadtwerke", login_hint=vendor.sub),
            "x.y.z",
            "x" * 9000,
        ):
            assert refused(vendor.calls_signed(request), "invalid_request")
        assert refused(vendor.calls(), "invalid_request")


@on_sqlite_alone
def test_no_forgery_asks_in_the_name_of_a_vendor(vendor, house):
    rsa = key("RS256")

    with nothing_changes(house):
        for wrong, forged in forgeries(vendor.request(), {**rsa.as_dict(private=False), "kid": rsa.kid}):
            assert refused(vendor.calls_signed(forged), "invalid_request"), wrong


@on_sqlite_alone
def test_only_the_registered_algorithm_counts(app, house, person, vendor):
    keys = public(vendor.signs_with, key("EdDSA", "second"))
    other = SigningCaller(app, house, "radio", jwks=keys)
    other.meets(person)
    other.alg, other.signs_with = "EdDSA", key("EdDSA", "second")

    with nothing_changes(house):
        assert refused(other.calls_signed(other.request()), "invalid_request")


@on_sqlite_alone
def test_nothing_may_stand_beside_it(vendor, house):
    for name, value in vendor.form().items():
        with nothing_changes(house):
            assert refused(vendor.calls_signed(vendor.request(), **{name: value}), "invalid_request")


@on_sqlite_alone
def test_what_is_signed_is_checked_like_everything(vendor, house):
    with nothing_changes(house):
        assert refused(vendor.calls_signed(vendor.request(binding_message="<b>")), "invalid_binding_message")
        assert refused(vendor.calls_signed(vendor.request(login_hint="A" * 43)), "unknown_user_id")
        assert refused(vendor.calls_signed(vendor.request(scope="email")), "invalid_scope")


@on_sqlite_alone
def test_who_did_not_register_to_sign_may_not(app, house, person):
    plain = CallingVendor(app, house, "radio")
    plain.meets(person)

    with nothing_changes(house):
        assert refused(plain.post("/oauth/backchannel", {"request": "x.y.z"}), "invalid_request")
