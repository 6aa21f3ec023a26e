"""The one way out leads to public addresses alone, and waits, reads and believes no more than it must."""

import gzip
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from sites import serving

from vendor_api.errors import CannotFetch
from vendor_api.outbound import addresses, client, copies, patience, wire
from vendor_api.outbound.addresses import is_public, networks
from vendor_api.outbound.client import Outbound, freshness

NOW = 1_800_000_000
PRIVATE = [
    "0.0.0.0",  # noqa: S104 - nobody binds to it here
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::7f00:1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001:831::200e"]


@pytest.fixture
def way_out(authority):
    return Outbound(allow="127.0.0.0/8,::1/128", ca_file=str(authority))


@pytest.fixture
def names(monkeypatch):
    """What each name leads to, whoever asks; and who asked."""

    class Names(dict):
        asked = []

    known = Names()

    def look_up(host, port, **_):
        known.asked.append(host)
        if host not in known:
            raise socket.gaierror("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port)) for found in known[host]]

    known.asked = []
    monkeypatch.setattr(addresses, "getaddrinfo", look_up)
    return known


def test_a_document_is_fetched_over_tls_with_nothing_that_tells_or_asks_more(way_out, site):
    assert way_out.get_json(site.url, now=NOW) == {"hello": "world"}

    ((method, path, headers, body),) = site.seen
    assert (method, path, body) == ("GET", "/document", b"")
    assert headers == {
        "host": f"localhost:{site.port}",
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "close",
        "user-agent": "hausrecht",
        "sec-gpc": "1",
    }


def test_a_form_is_sent_and_its_status_told(way_out, site):
    site.status = 204
    site.body = b""

    assert way_out.post_form(site.url, {"logout_token": "a b&c"}) == 204

    method, _, headers, body = site.seen[0]
    assert (method, headers["content-type"]) == ("POST", "application/x-www-form-urlencoded")
    assert body == b"logout_token=a+b%26c"


def test_a_body_of_any_kind_is_sent_and_the_answer_told(way_out, site):
    site.status, site.body = 400, b'{"err": "jws"}'

    reply = way_out.post(site.url, b"e.y.J", content_type="application/secevent+jwt", headers={"Authorization": "x"})

    assert (reply.status, reply.body) == (400, b'{"err": "jws"}')
    assert site.seen[0][2]["authorization"] == "x"


# --- where to -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_not_reached(names, address):
    names["shop.test"] = [address]

    with pytest.raises(CannotFetch, match="can not be found"):
        Outbound().get_json("https://shop.test/jwks", now=NOW)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_may_be_reached(address):
    assert is_public(addresses.ip_address(address))


def test_one_private_address_among_public_ones_spoils_all(names):
    names["shop.test"] = ["8.8.8.8", "10.0.0.1"]

    with pytest.raises(CannotFetch, match="can not be found"):
        Outbound().get_json("https://shop.test/jwks", now=NOW)


@pytest.mark.parametrize(
    "host",
    [
        "0",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "127.0.0.01",
        "127.0.0.1.",
        "1.2.3.4.5",
        "shop.0x7f",
        "localhost.",
        "shop_1.test",
        "shop..test",
        "%3127.0.0.1",
        "127。0。0。1",
        "①27.0.0.1",
        "[::1",
        "[::1%25lo]",
        "[fe80::1%lo]",
        "",
    ],
)
def test_a_host_written_in_disguise_is_not_even_looked_up(names, way_out, host):
    with pytest.raises(CannotFetch):
        way_out.get_json(f"https://{host}/", now=NOW)

    assert not names.asked


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.test/",
        "file:///etc/passwd",
        "gopher://shop.test/",
        "data:application/json,{}",
        "//shop.test/",
        "/jwks",
        "https:/shop.test/",
        "https://user@shop.test/",
        "https://user:password@shop.test/",
        "https://shop.test/#keys",
        "https://shop.test/a/../b",
        "https://shop.test/%2e%2e/b",
        "https://shop.test\\@evil.test/",
        "https://shop.test/ x",
        "https://shop.test/\r\nX-Injected: 1",
        "https://shop.test:99999/",
        "https://shop.test/" + "x" * 2000,
        "",
    ],
)
def test_an_address_that_is_not_plain_is_not_even_looked_up(names, way_out, url):
    with pytest.raises(CannotFetch):
        way_out.get_json(url, now=NOW)

    assert not names.asked


def test_plain_http_is_for_networks_the_operator_named(authority, names):
    names["public.test"], names["home.test"] = ["8.8.8.8"], ["127.0.0.1"]
    with serving(authority, scheme="http") as site:
        url = site.url.replace("localhost", "home.test")

        assert Outbound(allow="127.0.0.0/8").get_json(url, now=NOW) == {"hello": "world"}
        with pytest.raises(CannotFetch, match="https"):
            Outbound(allow="10.0.0.0/8").get_json(url, now=NOW)
        with pytest.raises(CannotFetch, match="https"):
            Outbound(allow="127.0.0.0/8").get_json("http://public.test/", now=NOW)


def test_a_network_that_is_named_opens_no_other(names):
    names["shop.test"] = ["10.0.0.1"]

    with pytest.raises(CannotFetch, match="can not be found"):
        Outbound(allow="127.0.0.0/8, 192.168.0.0/16").get_json("https://shop.test/", now=NOW)


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_checked(way_out, site, names):
    """DNS rebinding: the second answer would lead elsewhere."""
    names["shop.test"] = ["127.0.0.1"]

    assert way_out.get_json(f"https://shop.test:{site.port}/", now=NOW) == {"hello": "world"}

    assert names.asked == ["shop.test"]
    assert site.seen[0][2]["host"] == f"shop.test:{site.port}"


def test_the_next_address_is_tried_where_the_first_is_closed(way_out, site, names):
    names["shop.test"] = ["127.0.0.2", "127.0.0.1"]

    assert way_out.get_json(f"https://shop.test:{site.port}/", now=NOW) == {"hello": "world"}


def test_a_certificate_for_another_name_is_refused(way_out, site, names):
    names["other.test"] = ["127.0.0.1"]

    with pytest.raises(CannotFetch, match="certificate"):
        way_out.get_json(f"https://other.test:{site.port}/", now=NOW)
    assert site.seen == []


def test_a_certificate_of_an_unknown_authority_is_refused(site):
    with pytest.raises(CannotFetch, match="certificate"):
        Outbound(allow="127.0.0.0/8,::1/128").get_json(site.url, now=NOW)
    assert site.seen == []


def test_proxies_of_the_environment_are_left_alone(way_out, site, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert way_out.get_json(site.url, now=NOW) == {"hello": "world"}


# --- what comes back ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_redirects_are_not_followed(way_out, site, status):
    site.status, site.headers = status, {"Location": site.url, "Content-Type": "application/json"}

    with pytest.raises(CannotFetch, match="redirects"):
        way_out.get_json(site.url, now=NOW)
    with pytest.raises(CannotFetch, match="redirects"):
        way_out.post_form(site.url, {"a": "b"})

    assert len(site.seen) == 2


@pytest.mark.parametrize("status", [201, 204, 400, 401, 404, 500])
def test_anything_but_200_is_no_document(way_out, site, status):
    site.status, site.body = status, b"" if status == 204 else b"{}"

    with pytest.raises(CannotFetch, match=str(status)):
        way_out.get_json(site.url, now=NOW)


@pytest.mark.parametrize(
    "kind", ["application/json", "application/jwk-set+json", "Application/JSON; charset=utf-8", "application/x.y+json"]
)
def test_every_kind_of_json_will_do(way_out, site, kind):
    site.headers = {"Content-Type": kind}

    assert way_out.get_json(site.url, now=NOW) == {"hello": "world"}


@pytest.mark.parametrize("kind", ["text/html", "text/json", "application/jsonp", "application/json-seq", "json", ""])
def test_what_says_it_is_no_json_is_refused(way_out, site, kind):
    site.headers = {"Content-Type": kind}

    with pytest.raises(CannotFetch, match="application/json"):
        way_out.get_json(site.url, now=NOW)


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"{'a': 1}", b"<html>", b"\xff\xfe", b"[" * 60_000, b'{"a": 1} x'])
def test_what_is_no_json_is_refused(way_out, site, body):
    site.body = body

    with pytest.raises(CannotFetch, match="not JSON"):
        way_out.get_json(site.url, now=NOW)


def test_the_largest_document_is_64_kib(way_out, site):
    site.body = b'"' + b"x" * (64 * 1024 - 2) + b'"'
    assert len(way_out.get_json(site.url, now=NOW)) == 64 * 1024 - 2

    site.body = b'"' + b"x" * (64 * 1024 - 1) + b'"'
    with pytest.raises(CannotFetch, match="too large"):
        way_out.get_json(f"{site.url}?other", now=NOW)


def test_an_endless_answer_without_a_length_is_cut_off(way_out, site):
    sent = []

    def speaks(out):
        out.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(10_000):
            out.write(b"x" * 10_000)
            sent.append(10_000)

    site.speaks = speaks

    with pytest.raises(CannotFetch, match="too large"):
        way_out.get_json(site.url, now=NOW)
    assert sum(sent) < 50_000_000


def test_a_chunked_answer_has_the_same_limit(way_out, site):
    def speaks(out):
        out.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(100):
            out.write(b"2710\r\n" + b"x" * 10_000 + b"\r\n")

    site.speaks = speaks

    with pytest.raises(CannotFetch, match="too large"):
        way_out.get_json(site.url, now=NOW)


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip"])
def test_a_compressed_answer_is_refused_unopened(way_out, site, encoding):
    site.body, site.headers = gzip.compress(b"[]"), {"Content-Type": "application/json", "Content-Encoding": encoding}

    with pytest.raises(CannotFetch, match="compressed"):
        way_out.get_json(site.url, now=NOW)


DROPS = 200  # it would take ten seconds until the last


@pytest.mark.parametrize("dripping", ["nothing", "header", "body"])
def test_the_whole_fetch_has_one_deadline_also_for_a_server_that_drips(way_out, site, monkeypatch, dripping):
    monkeypatch.setattr(client, "SECONDS", 0.5)
    over, ended = threading.Event(), threading.Event()

    def speaks(out):
        if dripping == "body":
            out.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
        for _drop in range(DROPS):
            if over.wait(0.05):
                return
            out.write(b"" if dripping == "nothing" else b"x")
        ended.set()

    site.speaks = speaks

    with pytest.raises(CannotFetch, match="in time"):
        way_out.get_json(site.url, now=NOW)

    over.set()
    assert not ended.is_set()


def test_a_server_that_never_ends_its_greeting_has_the_same_deadline(way_out, monkeypatch, names):
    monkeypatch.setattr(client, "SECONDS", 0.5)
    names["shop.test"] = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(CannotFetch, match="in time"):
        way_out.get_json(f"https://shop.test:{silent.getsockname()[1]}/", now=NOW)


def test_a_name_server_that_does_not_answer_has_the_same_deadline(way_out, monkeypatch):
    monkeypatch.setattr(client, "SECONDS", 0.3)
    over, answered = threading.Event(), threading.Event()

    def waits(*_given, **_named):
        if not over.wait(DROPS * 0.05):
            answered.set()
        return []

    monkeypatch.setattr(addresses, "getaddrinfo", waits)

    with pytest.raises(CannotFetch, match="can not be found"):
        way_out.get_json("https://shop.test/", now=NOW)

    over.set()
    assert not answered.is_set()


def test_cookies_are_neither_kept_nor_sent(way_out, site):
    site.shows([], **{"Set-Cookie": "session=1"})

    way_out.get_json(site.url, now=NOW)
    way_out.get_json(site.url, now=NOW + 3600)

    assert ["cookie" in headers for _, _, headers, _ in site.seen] == [False, False]


@pytest.mark.parametrize(
    "words", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", b"", b"HTTP/1.1 xx OK\r\n\r\n"]
)
def test_what_does_not_speak_http_is_a_clean_refusal(way_out, site, words):
    site.speaks = lambda out: out.write(words)

    with pytest.raises(CannotFetch, match="HTTP"):
        way_out.get_json(site.url, now=NOW)


# --- copies ---------------------------------------------------------------------------------------------------------


def test_a_copy_serves_while_it_is_fresh(way_out, site):
    site.shows(1, **{"Cache-Control": "public, max-age=120"})
    way_out.get_json(site.url, now=NOW)
    site.shows(2)

    assert way_out.get_json(site.url, now=NOW + 119) == 1
    assert way_out.get_json(site.url, now=NOW + 120) == 2
    assert len(site.seen) == 2


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("", 300),
        ("max-age=0", 60),
        ("no-store, max-age=59", 60),
        ("max-age=61", 61),
        ("public,max-age=900", 900),
        ("Max-Age=900", 900),
        ('max-age="900"', 900),
        ("s-maxage=900", 300),
        ("x-max-age=900", 300),
        ("max-age=3601", 3600),
        ("max-age=999999999", 3600),
        ("max-age=99999999999999999999", 300),
        ("max-age=-1", 300),
        ("max-age=x", 300),
    ],
)
def test_a_copy_stays_fresh_between_a_minute_and_an_hour(said, seconds):
    assert freshness(said) == seconds


def test_one_may_ask_anew_once_a_minute(way_out, site):
    site.shows(1)
    way_out.get_json(site.url, now=NOW)
    site.shows(2)

    assert way_out.get_json(site.url, refresh=True, now=NOW + 59) == 1
    assert way_out.get_json(site.url, refresh=True, now=NOW + 60) == 2
    assert way_out.get_json(site.url, refresh=True, now=NOW + 61) == 2
    assert len(site.seen) == 2


def test_the_copy_stays_where_asking_anew_fails(way_out, site):
    site.shows(1)
    way_out.get_json(site.url, now=NOW)
    site.status = 500

    assert way_out.get_json(site.url, refresh=True, now=NOW + 60) == 1
    assert way_out.get_json(site.url, refresh=True, now=NOW + 119) == 1
    assert len(site.seen) == 2
    with pytest.raises(CannotFetch):
        way_out.get_json(site.url, now=NOW + 300)


def test_a_failure_is_remembered_for_half_a_minute(way_out, site):
    site.status = 500
    for now in (NOW, NOW + 29):
        with pytest.raises(CannotFetch):
            way_out.get_json(site.url, refresh=True, now=now)
    assert len(site.seen) == 1

    site.shows(1)
    assert way_out.get_json(site.url, now=NOW + 30) == 1


def test_slow_servers_together_keep_the_wallet_waiting_for_so_long_and_no_longer(way_out, site, authority, monkeypatch):
    monkeypatch.setattr(patience, "LONGEST", 0.2)
    monkeypatch.setattr(client, "SECONDS", 0.3)
    with serving(authority) as quick:
        way_out.get_json(quick.url, now=NOW)
        site.speaks = lambda _: time.sleep(1)
        for number in range(3):
            with pytest.raises(CannotFetch):
                way_out.get_json(f"{site.url}{number}", now=NOW + 400)
        with pytest.raises(CannotFetch, match="too many servers"):
            way_out.get_text(f"{site.url}3", types=("application/jwt",), now=NOW + 400)

        assert len(site.seen) == 1
        assert way_out.get_json(quick.url, now=NOW + 400) == {"hello": "world"}
        assert len(quick.seen) == 2

    site.speaks = None
    assert way_out.get_json(f"{site.url}4", now=NOW + 460) == {"hello": "world"}


def test_a_server_that_was_slow_is_not_taken_for_a_quick_one(way_out, site, monkeypatch):
    monkeypatch.setattr(patience, "LONGEST", 0.2)
    monkeypatch.setattr(copies, "QUICK", 0.1)
    slow = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n7"
    site.speaks = lambda out: (time.sleep(0.3), out.write(slow))

    assert way_out.get_json(site.url, now=NOW) == 7
    assert way_out.get_json(f"{site.url}2", now=NOW + 61) == 7
    assert way_out.get_json(site.url, refresh=True, now=NOW + 61) == 7
    assert len(site.seen) == 2

    assert way_out.get_json(site.url, now=NOW + 400) == 7
    with pytest.raises(CannotFetch, match="too many servers"):
        way_out.get_json(f"{site.url}2", now=NOW + 400)
    assert len(site.seen) == 3


def test_many_who_want_the_same_at_once_ask_once(way_out, site):
    reached, go = threading.Event(), threading.Event()

    def speaks(out):
        reached.set()
        go.wait(5)
        out.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n7")

    site.speaks = speaks
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(way_out.get_json, site.url, now=NOW)
        reached.wait(5)
        others = [pool.submit(way_out.get_json, site.url, now=NOW) for _ in range(7)]
        time.sleep(0.1)
        go.set()
        assert [one.result() for one in (first, *others)] == [7] * 8

    assert len(site.seen) == 1


def test_only_so_many_copies_are_kept_and_the_least_wanted_go(monkeypatch):
    monkeypatch.setattr(copies, "MOST", 2)
    kept, asked = copies.Copies(), []

    def want(url):
        kept.get(url, lambda: (asked.append(url), 300), refresh=False, now=NOW)

    for url in ("a", "b", "a", "c", "a", "b"):
        want(url)

    assert asked == ["a", "b", "c", "b"]


def test_an_accident_while_fetching_is_told_to_all_and_blocks_nobody():
    kept = copies.Copies()

    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: (1 // 0, 1), refresh=False, now=NOW)

    assert kept.get("a", lambda: (1, 60), refresh=False, now=NOW) == 1


# --- the setting ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["", "localhost", "127.0.0.1/8", "10.0.0.0/33", "10.0.0.0/8;fd00::/8", "10.0.0.0/8,"])
def test_a_network_must_be_one(given):
    with pytest.raises(ValueError, match=r".+"):
        networks(given)


def test_refusals_are_sentences_that_repeat_nothing_of_the_other_side(way_out, site):
    site.status, site.headers = 302, {"Location": "https://secret.test/<script>"}

    with pytest.raises(CannotFetch) as refusal:
        way_out.get_json(site.url, now=NOW)

    assert "secret" not in str(refusal.value)
    assert str(urlsplit(site.url).port) not in str(refusal.value)
    assert wire.LARGEST_BODY == 64 * 1024
