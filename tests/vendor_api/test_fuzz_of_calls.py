"""Whatever a vendor sends of events, receipts, rights and agreements: never a 500, and nothing wrong is kept."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws
from listening import GRANT_TYPES, POLL, STATUS, STREAM, VERIFY, ListeningVendor
from signatory import SCOPES, Signatory
from storage import rows

from consent.terms import standing
from vendor_api.vendors.keys import OneAlgorithm

quietly = settings(
    derandomize=True,
    deadline=None,
    max_examples=150,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ODD = (
    "",
    "\x00",
    "a\r\nX: y",
    "\N{RIGHT-TO-LEFT OVERRIDE}",
    "x" * 3000,
    "https://10.0.0.1/",
    "http://a",
    "https://a@b/",
    "%00",
)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from(ODD)
ANY_JSON = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["method", "err", "a", "\x00"]), inner, max_size=3)
    ),
    max_leaves=6,
)
# texts that only look like JSON, or that not everybody can read
RAW = st.sampled_from(
    [
        b"",
        b"\xff",
        b"[" * 3000,
        b'{"a":' * 300 + b"1" + b"}" * 300,
        b'{"ack":["\\ud800"]}',
        b'{"stream_id":1,"stream_id":2}',
    ]
    + [b'{"maxEvents":%s}' % number for number in (b"1e400", b"NaN", b"9" * 400, b"-0", b"18446744073709551615")]
)


class Caller(Signatory, ListeningVendor):
    """Listens, keeps receipts, signs."""

    def signs(self, typ, said):
        head = {"alg": "ES256", "kid": self.key.kid, "typ": typ}
        return jws.serialize_compact(head, json.dumps(said).encode(), self.key, registry=OneAlgorithm("ES256"))


@pytest.fixture
def vendor(app, house, person):
    ids = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    house.database.write(standing.put, "every", **ids, applies="conditionally", agreements=("SD-BASE",))
    vendor = Caller(app, house, "stadtwerke", grant_types=GRANT_TYPES, scope=SCOPES, myterms=["SD-BASE"])
    vendor.stream = {}
    vendor.listens()
    at = f"/vendors/{vendor.joins(person)}"
    person.browser.post(f"{at}/rights", form_at=at, right="access")
    return vendor


def is_refused_or_done(response):
    assert response.status_code < 500, response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    if response.status_code >= 400:
        assert response.json.keys() == {"error", "error_description"}
        assert response.json["error_description"].isprintable()
        assert response.json["error_description"].isascii()


def test_nothing_said_of_a_stream_breaks_anything(vendor):
    own = {"Authorization": f"Bearer {vendor.comes().json['access_token']}"}
    members = ("stream_id", "delivery", "events_requested", "description", "status", "reason", "state", "aud")
    polled = ("ack", "setErrs", "maxEvents", "returnImmediately")
    usual = {"stream_id": vendor.stream["stream_id"], "status": "paused"}
    delivery = st.fixed_dictionaries(
        {"method": st.just("urn:ietf:rfc:8935"), "endpoint_url": SCALAR}, optional={"authorization_header": SCALAR}
    )
    said = st.dictionaries(st.sampled_from(members), ANY_JSON | delivery, max_size=3).map(lambda more: usual | more)
    body = (said | st.dictionaries(st.sampled_from(polled), ANY_JSON, max_size=3) | ANY_JSON).map(
        lambda said: json.dumps(said).encode()
    )
    calls = [("POST", STREAM), ("PATCH", STREAM), ("PUT", STREAM), ("POST", STATUS), ("POST", VERIFY), ("POST", POLL)]

    @quietly
    @given(st.sampled_from(calls), body | RAW)
    def sent(call, body):
        method, path = call
        is_refused_or_done(
            vendor.client.open(path, method=method, data=body, headers=own, content_type="application/json")
        )

    sent()
    assert vendor.client.get(STREAM, headers=own).status_code == 200


def test_nothing_signed_that_does_not_fit_is_kept_or_breaks_anything(vendor, house):
    [asked] = vendor.client.post("/oauth/rights", data={"client_id": "stadtwerke"}, headers=vendor.credentials).json[
        "requests"
    ]
    [receipt] = vendor.lists().json["receipts"]
    terms = f"/oauth/agreements/{vendor.tokens['grant_id']}"
    document = json.loads(vendor.client.get(terms, headers=vendor.bearer).json["agreement"]["document"])
    said = {"iss": "stadtwerke", "aud": "http://localhost", "iat": house.clock(), "digest": receipt["digest"]}
    said |= {name: asked[name] for name in ("request_id", "request_digest")} | {"outcome": "declined", "reason": "no"}
    member = st.sampled_from([*said, "until", "exp", "\x00"])
    kinds = ("consent-countersignature+jwt", "rights-answer+jwt", "agreement+jwt", "JWT", "")

    @quietly
    @given(
        st.sampled_from(kinds), st.sampled_from(kinds[:3]), st.dictionaries(member, ANY_JSON, min_size=1, max_size=3)
    )
    def sent(typ, to, changed):
        about = document if to == "agreement+jwt" else said
        given, bearer = vendor.signs(typ, about | changed), {"headers": vendor.bearer}
        fitting = all(name in {"exp", "\x00"} or about.get(name) == value for name, value in changed.items())
        if to == kinds[0]:
            path = f"/oauth/receipts/{receipt['receipt_id']}"
            answer = vendor.client.post(path, data={"countersignature": given}, **bearer)
        elif to == kinds[1]:
            path = f"/oauth/rights/{asked['request_id']}"
            answer = vendor.client.post(path, data={"answer": given}, headers=vendor.credentials)
        else:
            answer = vendor.client.post(terms, data={"action": "sign", "signature": given}, **bearer)
        is_refused_or_done(answer)
        assert typ == to or fitting or answer.status_code >= 400

    sent()
    assert rows(house, "agreements")[0]["vendor_signature"] is None


def test_no_form_and_no_address_breaks_anything(vendor):
    fields = ("grant_id", "digest", "countersignature", "answer", "signature", "action", "agreement", "access_token")
    values = st.sampled_from(
        [*ODD, vendor.tokens["grant_id"], vendor.tokens["consent_token"], "accept", "sign", "a.b.c"]
    )
    path = st.sampled_from(["receipts", "receipts/check", "receipts/{}", "rights", "rights/{}", "agreements/{}"])

    @quietly
    @given(
        path, values | st.text(max_size=20), st.dictionaries(st.sampled_from(fields), values, max_size=3), st.booleans()
    )
    def sent(path, rest, form, by_token):
        headers = vendor.bearer if by_token else vendor.credentials
        try:
            address = "/oauth/" + path.format(quote(rest, safe=""))
        except UnicodeEncodeError:
            return
        is_refused_or_done(vendor.client.post(address, data={"a": "b", **form}, headers=headers))

    sent()
