"""Vendors that prove themselves by a certificate (RFC 8705 section 2), which a trusted proxy hands on (RFC 9440)."""

import base64
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import quote

import pytest
from actors import SECRET, VendorActor, basic
from certified import DAY, HEADER, CertifiedVendor, authority, certify
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from journeys import code_for, refused, tokens_for
from sites import allowed
from storage import nothing_changes, on_sqlite_alone

from vendor_api.errors import InvalidClientMetadata
from wallet.app import create_app

SUBJECT = "CN=shop,O=Shop GmbH,C=DE"
MINE, OTHERS = certify("CN=shop"), certify("CN=shop")
BOTH = ["tls_client_auth", "self_signed_tls_client_auth"]


@pytest.fixture
def settings(settings, tmp_path):
    certificates = tmp_path / "authorities.pem"
    certificates.write_text(authority().pem)
    header = {"client_certificate_header": HEADER, "trusted_proxies": "127.0.0.1/32"}
    return replace(settings, **header, client_ca_file=str(certificates))


@pytest.fixture
def shop(app, house):
    """Registered with its own certificate."""
    return CertifiedVendor(app, house, "shop", MINE, token_endpoint_auth_method=BOTH[1], jwks=MINE.jwks)


@pytest.fixture
def certified(app, house):
    """A vendor that an authority names."""

    def certified(client_id="shop", *, by=None, subject=SUBJECT, name=("subject_dn", SUBJECT), **more):
        credential = certify(subject, by=by or authority(), **more)
        named = {f"tls_client_auth_{name[0]}": name[1]}
        return CertifiedVendor(app, house, client_id, credential, token_endpoint_auth_method=BOTH[0], **named)

    return certified


def is_known(vendor):
    return vendor.introspects("nothing").get("active") is False


def refuses(house, vendor, *, error="invalid_client", status=401):
    """Whether the vendor is refused, and nothing is written."""
    with nothing_changes(house):
        return refused(vendor.post("/oauth/introspect", {"token": "x"}), error, status=status)


def test_a_certificate_that_was_registered_opens_every_door_for_vendors(person, shop):
    tokens = tokens_for(person, shop)

    assert shop.reads(tokens["access_token"]).json["email"] == "ana@example.org"
    assert shop.introspects(tokens["access_token"])["active"] is True
    assert "cnf" not in shop.introspects(tokens["access_token"])
    assert shop.post("/oauth/par", {"redirect_uri": shop.redirect_uri, "scope": "openid"}).status_code == 400
    renewed = shop.refreshes(tokens["refresh_token"]).json
    assert shop.asserts(renewed["consent_token"]).status_code == 200
    assert shop.post("/oauth/revoke", {"token": renewed["refresh_token"]}).status_code == 200


def test_a_certificate_of_an_authority_opens_them_too(person, certified):
    shop = certified()

    assert shop.reads(tokens_for(person, shop)["access_token"]).json["email"] == "ana@example.org"


def test_without_the_certificate_or_with_another_no_code_is_spent(person, shop, house):
    code = code_for(person, shop)

    for credential in (None, OTHERS, certify(SUBJECT, by=authority())):
        shop.credential = credential
        with nothing_changes(house):
            assert refused(shop.redeems(code), "invalid_client", status=401)

    shop.credential = MINE
    assert shop.redeems(code).status_code == 200


@on_sqlite_alone
@pytest.mark.parametrize("form", ["in_bytes", "escaped"])
def test_the_two_ways_to_write_a_certificate_into_a_header(shop, form):
    headers = {HEADER: getattr(MINE, form)}

    assert shop.post("/oauth/introspect", {"token": "x"}, headers=headers).json == {"active": False}


@on_sqlite_alone
@pytest.mark.parametrize("peer", ["10.0.0.1", "127.0.0.2", "::1", "", "unix:", "::ffff:10.0.0.1"])
def test_what_somebody_else_than_the_proxy_says_counts_as_not_said(shop, house, peer):
    environment = {"REMOTE_ADDR": peer}
    form = {"token": "x", "client_id": "shop"}

    with nothing_changes(house):
        answer = shop.client.post("/oauth/introspect", data=form, headers=shop.by_proxy, environ_overrides=environment)

    assert refused(answer, "invalid_client", status=401)


@on_sqlite_alone
@pytest.mark.parametrize(
    "path",
    [
        "/oauth/token",
        "/oauth/revoke",
        "/oauth/introspect",
        "/oauth/par",
        "/oauth/device_authorization",
        "/oauth/backchannel",
    ],
)
def test_no_door_believes_a_certificate_that_did_not_come_through_the_proxy(app, house, person, shop, path):
    usual = {"grant_type": "authorization_code", "code": code_for(person, shop), "token": "x", "scope": "openid"}
    form = {**usual, "redirect_uri": shop.redirect_uri, "response_type": "code", "client_id": "shop"}

    with nothing_changes(house):
        for peer, credential in (("10.0.0.1", MINE), ("127.0.0.1", OTHERS)):
            headers, environment = {HEADER: credential.in_bytes}, {"REMOTE_ADDR": peer}
            answer = shop.client.post(path, data=form, headers=headers, environ_overrides=environment)
            assert refused(answer, "invalid_client", status=401), (peer, path)


@on_sqlite_alone
def test_a_trusted_proxy_is_known_by_the_other_way_to_write_its_address_too(shop):
    environment = {"REMOTE_ADDR": "::ffff:127.0.0.1"}
    form = {"token": "x", "client_id": "shop"}

    answer = shop.client.post("/oauth/introspect", data=form, headers=shop.by_proxy, environ_overrides=environment)

    assert answer.json == {"active": False}


@on_sqlite_alone
@pytest.mark.parametrize("name", ["Client-Cert", "Client_Cert", "X-ClientCert", "SSL-Client-Cert", "ClientCert_"])
def test_a_header_of_another_name_proves_nothing(shop, house, name):
    with nothing_changes(house):
        answer = shop.client.post(
            "/oauth/introspect", data={"token": "x", "client_id": "shop"}, headers={name: MINE.in_bytes}
        )

    assert refused(answer, "invalid_client", status=401)


GARBAGE = {
    "nonsense": "nonsense",
    "no_base64": ":???:",
    "no_end": MINE.in_bytes[:-1],
    "cut": MINE.in_bytes[:-41] + ":",
    "more_behind": MINE.in_bytes[:-1].rstrip("=") + "AAAA:",
    "with_a_parameter": f"{MINE.in_bytes};q=1",
    "twice": f"{MINE.in_bytes},{MINE.in_bytes}",
    "twice_with_another": f"{OTHERS.in_bytes}, {MINE.in_bytes}",
    "bare_base64": MINE.in_bytes.strip(":"),
    "two_in_one": quote(OTHERS.pem + MINE.pem, safe=""),
    "escaped_twice": f"{MINE.escaped},{MINE.escaped}",
    "text_before": quote("shop\n" + MINE.pem, safe=""),
    "key_instead": quote(MINE.pem.replace("CERTIFICATE", "PUBLIC KEY"), safe=""),
    "bytes_of_two": f":{base64.b64encode(MINE.der + OTHERS.der).decode()}:",
    "no_utf8": "%ff%fe",
    "too_long": certify("CN=shop", names=[x509.DNSName(f"{n:04}.shop.example") for n in range(700)]).in_bytes,
    "apache_without": "(null)",
}


@on_sqlite_alone
@pytest.mark.parametrize("given", GARBAGE.values(), ids=GARBAGE.keys())
def test_a_header_that_is_not_exactly_one_certificate_is_refused(shop, house, person, given):
    token = tokens_for(person, shop)["access_token"]
    headers = {HEADER: given}

    with nothing_changes(house):
        assert refused(shop.post("/oauth/introspect", {"token": token}, headers=headers), "invalid_request")
        headers["Authorization"] = f"Bearer {token}"
        assert refused(shop.client.get("/oauth/userinfo", headers=headers), "invalid_request")


@on_sqlite_alone
@pytest.mark.parametrize("given", ["", "::"])
def test_an_empty_header_is_no_certificate(shop, vendor, given):
    headers = {HEADER: given}

    assert refused(shop.post("/oauth/introspect", {"token": "x"}, headers=headers), "invalid_client", status=401)
    plain = vendor.post("/oauth/introspect", {"token": "x"}, headers=headers | vendor.credentials)
    assert plain.json == {"active": False}


@on_sqlite_alone
@pytest.mark.parametrize(
    "more",
    [{"client_secret": SECRET}, {"client_id": "nobody"}, {"client_id": ""}, {"client_id": "x" * 501}],
    ids=["secret_as_well", "unknown", "unnamed", "long_name"],
)
def test_a_certificate_goes_with_one_client_id_and_no_other_method(shop, house, more):
    with nothing_changes(house):
        assert refused(shop.post("/oauth/introspect", {"token": "x", **more}), "invalid_client", status=401)


@on_sqlite_alone
@pytest.mark.parametrize(
    "given", [basic("shop", SECRET), basic("shop", ""), "Bearer x"], ids=["secret", "empty", "token"]
)
def test_a_certificate_beside_another_proof_in_the_header_is_refused(shop, house, given):
    with nothing_changes(house):
        answer = shop.client.post(
            "/oauth/introspect",
            data={"token": "x", "client_id": "shop"},
            headers={**shop.by_proxy, "Authorization": given},
        )

    assert refused(answer, "invalid_client", status=401)


@on_sqlite_alone
def test_a_certificate_is_no_proof_for_a_vendor_with_a_secret_and_does_not_disturb_one(app, house):
    vendor = CertifiedVendor(app, house, "old", MINE)

    assert is_known(vendor)
    with nothing_changes(house):
        assert refused(vendor.post("/oauth/introspect", {"token": "x"}, headers={}), "invalid_client", status=401)


@on_sqlite_alone
@pytest.mark.parametrize(
    ("seconds", "known"), [(-DAY - 40, False), (-DAY - 20, True), (DAY + 20, True), (DAY + 40, False)]
)
def test_a_certificate_counts_between_its_dates_and_clocks_may_differ_a_little(shop, certified, clock, seconds, known):
    named = certified("named")
    clock.now += seconds

    assert (is_known(shop), is_known(named)) == (known, known)


NAMES = [
    x509.DNSName("Shop.example"),
    x509.UniformResourceIdentifier("https://shop.example/client"),
    x509.IPAddress(ip_address("2001:db8::1")),
    x509.RFC822Name("it@shop.example"),
]
RIGHT = {
    "subject_dn": "CN=shop,O=Shop GmbH,C=DE",
    "san_dns": "shop.example",
    "san_uri": "https://shop.example/client",
    "san_ip": "2001:0db8:0:0::1",
    "san_email": "it@shop.example",
}
WRONG = [
    ("subject_dn", "CN=shop"),
    ("subject_dn", "C=DE,O=Shop GmbH,CN=shop"),
    ("subject_dn", "CN=shop,O=Shop GmbH,C=FR"),
    ("san_dns", "example"),
    ("san_dns", "a.shop.example"),
    ("san_dns", "it@shop.example"),
    ("san_uri", "https://shop.example/"),
    ("san_ip", "2001:db8::2"),
    ("san_email", "boss@shop.example"),
    ("san_email", "shop.example"),
]


@on_sqlite_alone
@pytest.mark.parametrize("kind", RIGHT)
def test_an_authority_names_the_vendor_in_the_way_it_registered(certified, kind):
    assert is_known(certified(name=(kind, RIGHT[kind]), names=NAMES))


@on_sqlite_alone
@pytest.mark.parametrize("name", WRONG, ids=" ".join)
def test_a_certificate_of_somebody_else_by_the_same_authority_is_refused(certified, house, name):
    assert refuses(house, certified(name=name, names=NAMES))


@on_sqlite_alone
def test_a_certificate_without_any_other_name_has_only_its_subject(certified, house):
    assert refuses(house, certified(name=("san_dns", "shop")))


@on_sqlite_alone
def test_a_star_in_a_certificate_names_nobody(certified, house):
    assert refuses(house, certified(name=("san_dns", "shop.example"), names=[x509.DNSName("*.example")]))


@on_sqlite_alone
@pytest.mark.parametrize("who", ["itself", "a_stranger", "a_namesake", "not_an_authority", "for_servers", "is_one"])
def test_what_no_trusted_authority_has_issued_for_a_client_is_refused(certified, house, who):
    shop = certified()
    stranger = certify("CN=somebody else", is_authority=True)
    namesake = certify("CN=Vendors of Berlin", is_authority=True)
    shop.credential = {
        "itself": lambda: certify(SUBJECT),
        "a_stranger": lambda: certify(SUBJECT, by=stranger),
        "a_namesake": lambda: certify(SUBJECT, by=namesake),
        "not_an_authority": lambda: certify(SUBJECT, by=shop.credential),
        "for_servers": lambda: certify(SUBJECT, by=authority(), usage=ExtendedKeyUsageOID.SERVER_AUTH),
        "is_one": lambda: certify(SUBJECT, by=authority(), is_authority=True),
    }[who]()

    assert refuses(house, shop)


@on_sqlite_alone
def test_a_weak_key_is_refused(shop, house):
    shop.credential = certify("CN=shop", key=rsa.generate_private_key(65537, 1024))  # noqa: S505 - that is the point

    assert refuses(house, shop, error="invalid_request", status=400)


@on_sqlite_alone
def test_a_registered_certificate_is_compared_as_a_whole_and_not_by_its_key(shop, house):
    shop.credential = certify("CN=shop", key=MINE.key)

    assert refuses(house, shop)


@on_sqlite_alone
class TestBehindAnAddress:
    @pytest.fixture
    def settings(self, settings, authority):
        return replace(settings, **allowed(authority))

    @pytest.fixture
    def shop(self, app, house, site):
        site.shows(MINE.jwks)
        return CertifiedVendor(app, house, "shop", MINE, token_endpoint_auth_method=BOTH[1], jwks_uri=site.url)

    def test_a_new_certificate_is_found_where_the_vendor_publishes_it(self, shop, site, clock):
        assert is_known(shop)
        site.shows({"keys": [*MINE.jwks["keys"], *OTHERS.jwks["keys"]]})
        shop.credential = OTHERS
        clock.now += 61

        assert is_known(shop)
        assert len(site.seen) == 2

    def test_a_wrong_one_is_looked_for_once_a_minute(self, shop, site, house):
        shop.credential = OTHERS
        for _ in range(4):
            assert refuses(house, shop)
        assert len(site.seen) <= 2

    def test_an_address_that_gives_none_is_told(self, shop, site, house):
        site.status = 500

        assert refuses(house, shop)


@on_sqlite_alone
def test_the_certificate_of_one_vendor_does_not_open_another(shop, house, app):
    other = CertifiedVendor(app, house, "other", MINE, token_endpoint_auth_method=BOTH[1], jwks=OTHERS.jwks)

    assert refuses(house, other)
    assert is_known(shop)


@on_sqlite_alone
@pytest.mark.parametrize(
    "metadata",
    [
        {"token_endpoint_auth_method": BOTH[0]},
        {"token_endpoint_auth_method": BOTH[0], "tls_client_auth_subject_dn": ""},
        {"token_endpoint_auth_method": BOTH[0], "tls_client_auth_subject_dn": "shop"},
        {"token_endpoint_auth_method": BOTH[0], "tls_client_auth_subject_dn": 5},
        {"token_endpoint_auth_method": BOTH[0], "tls_client_auth_subject_dn": ["CN=shop"]},
        {"token_endpoint_auth_method": BOTH[0], "tls_client_auth_san_ip": "shop"},
        {"token_endpoint_auth_method": BOTH[0], "tls_client_auth_san_dns": "a", "tls_client_auth_san_email": "b"},
        {"token_endpoint_auth_method": BOTH[1], "jwks": MINE.jwks, "tls_client_auth_san_dns": "shop.example"},
        {"tls_client_auth_san_dns": "shop.example"},
        {"token_endpoint_auth_method": BOTH[1]},
        {"token_endpoint_auth_method": BOTH[1], "jwks": {"keys": []}},
        {"token_endpoint_auth_method": BOTH[1], "jwks": {"keys": [{**MINE.jwks["keys"][0], "x5c": ["AAAA"]}]}},
        {"token_endpoint_auth_method": BOTH[1], "jwks": {"keys": [{**MINE.jwks["keys"][0], "x5c": "AAAA"}]}},
        {"tls_client_certificate_bound_access_tokens": "yes"},
        {"tls_client_certificate_bound_access_tokens": True, "dpop_bound_access_tokens": True},
    ],
    ids="-".join,
)
def test_a_registration_that_could_prove_nothing_is_refused(app, house, metadata):
    with nothing_changes(house), pytest.raises(InvalidClientMetadata):
        VendorActor(app, house, "shop", **metadata)


@on_sqlite_alone
def test_a_vendor_registers_itself_with_its_certificate(app, house):
    house = replace(house, settings=replace(house.settings, registration="open"))
    client = create_app(house).test_client()
    metadata = {"redirect_uris": ["https://shop.example/back"], "token_endpoint_auth_method": BOTH[1]}

    made = client.post("/oauth/register", json={**metadata, "jwks": MINE.jwks})

    assert made.status_code == 201, made.text
    assert "client_secret" not in made.json
    form = {"token": "x", "client_id": made.json["client_id"]}
    assert client.post("/oauth/introspect", data=form, headers={HEADER: MINE.in_bytes}).json == {"active": False}


@on_sqlite_alone
def test_discovery_says_what_there_is(app):
    document = app.test_client().get("/.well-known/openid-configuration").json
    resource = app.test_client().get("/.well-known/oauth-protected-resource").json

    for endpoint in ("token", "introspection", "revocation"):
        assert set(document[f"{endpoint}_endpoint_auth_methods_supported"]) >= set(BOTH)
    assert document["tls_client_certificate_bound_access_tokens"] is True
    assert resource["tls_client_certificate_bound_access_tokens"] is True
    assert "mtls_endpoint_aliases" not in document
