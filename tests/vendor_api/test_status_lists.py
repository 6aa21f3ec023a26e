"""Whether a consent token still counts: everybody can see it, and nobody learns anything about anybody else."""

import base64
import re
import time
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import pytest
from actors import PersonActor, VendorActor
from cryptography.hazmat.primitives.asymmetric import ec
from journeys import refused, tokens_for
from storage import nothing_changes, on_sqlite_alone

VENDORS = Path(__file__).parents[2] / "docs" / "vendors.md"
OPEN = {"verify_signature": False}


@pytest.fixture(autouse=True)
def today(clock):
    """Vendors' libraries look at their own clock."""
    clock.now = int(time.time()) - 30
    return clock


@pytest.fixture
def fetch(app):
    """What stands at an address of this wallet, for anybody."""
    client = app.test_client()
    return lambda address: client.get(urlsplit(address).path).text


@pytest.fixture(scope="module")
def documented():
    """The function that docs/vendors.md has vendors copy: PyJWT and nothing of ours."""
    blocks = re.findall(r"^```python\n(.*?)^```", VENDORS.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    [source] = [block for block in blocks if "def status_of" in block]
    copied = {}
    exec(source, copied)  # noqa: S102 - our own docs
    return copied["status_of"]


@pytest.fixture
def tokens(person, vendor):
    return tokens_for(person, vendor)


def place(tokens):
    return jwt.decode(tokens["consent_token"], options=OPEN)["status"]["status_list"]


def statuses(listed):
    """All statuses of a list, by place, taken apart by hand."""
    said = jwt.decode(listed, options=OPEN)["status_list"]
    assert said["bits"] == 2
    array = zlib.decompress(base64.urlsafe_b64decode(said["lst"] + "=="))
    return [byte >> shift & 3 for byte in array for shift in (0, 2, 4, 6)]


def test_the_documented_example_sees_that_a_token_counts_and_that_it_no_longer_does(
    person, vendor, tokens, documented, fetch, clock
):
    assert documented(tokens["consent_token"], fetch) == 0

    person.revokes(tokens["grant_id"])
    clock.now += 10

    assert documented(tokens["consent_token"], fetch) == 1


def test_a_paused_grant_is_suspended_until_it_goes_on(person, tokens, documented, fetch, clock):
    page = f"/vendors/{tokens['grant_id']}"
    person.browser.post(f"{page}/pause", form_at=page)
    clock.now += 10
    paused = documented(tokens["consent_token"], fetch)

    person.browser.post(f"{page}/resume", form_at=page)
    clock.now += 10

    assert paused == 2
    assert documented(tokens["consent_token"], fetch) == 0


def test_a_grant_that_was_narrowed_has_a_newer_token_that_counts(person, vendor, tokens, documented, fetch, clock):
    page = f"/vendors/{tokens['grant_id']}"
    person.browser.post(f"{page}/narrow", form_at=page, attribute="email")
    newer = vendor.refreshes(tokens["refresh_token"]).json["consent_token"]
    clock.now += 10

    assert documented(tokens["consent_token"], fetch) == 1
    assert documented(newer, fetch) == 0


def test_a_newer_answer_leaves_one_token_that_counts(person, vendor, tokens, documented, fetch, clock):
    newer = tokens_for(person, vendor, ["birthdate"])
    clock.now += 10

    assert documented(tokens["consent_token"], fetch) == 1
    assert documented(newer["consent_token"], fetch) == 0
    assert place(newer)["uri"] == place(tokens)["uri"]
    assert place(newer)["idx"] != place(tokens)["idx"]


def test_a_list_is_a_signed_text_of_the_standard_that_everybody_may_fetch_and_keep_for_a_minute_at_most(
    vendor, tokens, clock, house
):
    answer = vendor.client.get(urlsplit(place(tokens)["uri"]).path)

    header, said = jwt.get_unverified_header(answer.text), jwt.decode(answer.text, options=OPEN)
    assert answer.headers["Content-Type"] == "application/statuslist+jwt"
    assert answer.headers["Cache-Control"] == "public, max-age=50"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    assert header["typ"] == "statuslist+jwt"
    assert header["alg"] == "ES256"
    assert header["kid"] in [key["kid"] for key in vendor.client.get("/oauth/jwks").json["keys"]]
    assert said.keys() == {"iss", "sub", "iat", "exp", "ttl", "status_list"}
    assert (said["iss"], said["sub"]) == (house.settings.issuer, place(tokens)["uri"])
    assert (said["iat"], said["exp"], said["ttl"]) == (clock.now, clock.now + 300, 50)


def test_whoever_keeps_to_ttl_sees_a_change_within_a_minute(person, tokens, fetch, clock):
    """The worst case: the list was signed just before the change, and fetched when it was nearly signed anew."""
    uri, idx = place(tokens)["uri"], place(tokens)["idx"]
    fetch(uri)
    clock.now += 1
    person.revokes(tokens["grant_id"])
    changed_at = clock.now
    clock.now += 8
    fetched_at, listed = clock.now, fetch(uri)
    assert statuses(listed)[idx] == 0

    clock.now = fetched_at + jwt.decode(listed, options=OPEN)["ttl"]

    assert statuses(fetch(uri))[idx] == 1
    assert clock.now - changed_at <= 60


def test_a_list_is_made_once_in_ten_seconds_however_many_ask(tokens, fetch, clock):
    uri, lists = place(tokens)["uri"], []
    for _ in range(24):
        lists.append(fetch(uri))
        clock.now += 1

    assert len(set(lists)) == 3
    assert lists[:10] == [lists[0]] * 10


def test_the_place_of_another_is_not_to_be_guessed(app, house, person, vendor, moves_in, fetch):
    """Free places look like taken ones; after an end one more place is different, and nobody knows whose it was."""
    ben = PersonActor(app, house, moves_in("Ben"), password="correct horse battery")
    ben.has({"email": "ben@elsewhere.example"})
    mine, theirs = tokens_for(person, vendor), tokens_for(ben, VendorActor(app, house, "bookshop"))
    assert statuses(fetch(place(mine)["uri"])) == [0] * 131_072

    ben.revokes(theirs["grant_id"])
    house.clock.now += 10

    listed = statuses(fetch(place(mine)["uri"]))
    assert len(listed) == 131_072
    assert [idx for idx, status in enumerate(listed) if status] == [place(theirs)["idx"]]


def test_asking_for_one_place_or_as_one_vendor_gives_the_whole_list_to_everybody(vendor, tokens):
    path = urlsplit(place(tokens)["uri"]).path
    plain = vendor.client.get(path)

    answers = [
        vendor.client.get(f"{path}?idx={place(tokens)['idx']}"),
        vendor.client.get(path, headers=vendor.credentials),
        vendor.client.get(path, headers={"Authorization": f"Bearer {tokens['access_token']}"}),
        vendor.client.get(path, headers={"Accept": "application/statuslist+jwt"}),
    ]

    assert [answer.text for answer in answers] == [plain.text] * 4


def test_there_are_no_lists_but_ours_and_none_of_earlier_days(vendor, tokens, house):
    path = urlsplit(place(tokens)["uri"]).path

    with nothing_changes(house):
        for other in ("x", "1", "0", "ü", path.rpartition("/")[2][:-1], tokens["grant_id"], "a" * 5000):
            assert refused(vendor.client.get(f"/oauth/status/{other}"), "invalid_request", status=404)
        assert refused(vendor.client.get("/oauth/status/"), "invalid_request", status=404)
        assert refused(vendor.client.get(f"{path}?time=1700000000"), "invalid_request", status=501)
        assert refused(vendor.client.post(path), "invalid_request", status=405)
        assert refused(vendor.client.get("/oauth/status/%00"), "invalid_request")


def forged(listed, *, key=None, alg="ES256", typ="statuslist+jwt", **changed):
    """The list with everything VALID, signed by somebody else."""
    header, said = jwt.get_unverified_header(listed), jwt.decode(listed, options=OPEN)
    empty = base64.urlsafe_b64encode(zlib.compress(bytes(2**15))).rstrip(b"=").decode()
    said |= {"status_list": {"bits": 2, "lst": empty}, **changed}
    key = key if key is not None else ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(said, key, algorithm=alg, headers={"kid": header["kid"], "typ": typ})


def altered(listed):
    """The real signature under a list with everything VALID."""
    head, _, signature = listed.split(".")
    return ".".join([head, forged(listed).split(".")[1], signature])


FORGERIES = {
    "another key": forged,
    "no signature": lambda listed: forged(listed, key="", alg="none"),
    "a shared secret": lambda listed: forged(listed, key=b"k" * 32, alg="HS256"),
    "altered": altered,
}


@on_sqlite_alone
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_list_is_worth_nothing(person, tokens, documented, fetch, clock, forgery):
    person.revokes(tokens["grant_id"])
    uri = place(tokens)["uri"]

    with pytest.raises(jwt.PyJWTError):
        documented(tokens["consent_token"], lambda url: FORGERIES[forgery](fetch(url)) if url == uri else fetch(url))


@on_sqlite_alone
def test_nothing_else_the_wallet_signs_passes_for_a_list(tokens, documented, fetch):
    uri = place(tokens)["uri"]

    with pytest.raises(ValueError, match="no status list"):
        documented(tokens["consent_token"], lambda url: tokens["id_token"] if url == uri else fetch(url))


@on_sqlite_alone
def test_another_list_of_this_wallet_does_not_pass_for_the_right_one(
    app, house, person, tokens, documented, fetch, monkeypatch
):
    with monkeypatch.context() as crowded:
        crowded.setattr("consent.statuses.SIZE", 2)
        all_tokens = [tokens_for(person, VendorActor(app, house, f"shop-{number}")) for number in range(3)]
    mine, other = place(tokens)["uri"], place(all_tokens[-1])["uri"]
    assert mine != other

    with pytest.raises(jwt.exceptions.InvalidSubjectError):
        documented(tokens["consent_token"], lambda url: fetch(other if url == mine else url))


@on_sqlite_alone
def test_an_old_list_counts_for_five_minutes_and_no_longer(person, tokens, documented, fetch, clock):
    uri, keys = place(tokens)["uri"], fetch("/oauth/jwks")
    clock.now = int(time.time()) - 301
    old = fetch(uri)

    with pytest.raises(jwt.ExpiredSignatureError):
        documented(tokens["consent_token"], lambda url: old if url == uri else keys)


@on_sqlite_alone
def test_a_consent_token_that_names_a_list_elsewhere_is_not_believed(tokens, documented):
    claims = jwt.decode(tokens["consent_token"], options=OPEN)
    claims["status"]["status_list"]["uri"] = "https://evil.example/oauth/status/1"
    other = jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256")

    with pytest.raises(ValueError, match="not the wallet's"):
        documented(other, lambda _url: pytest.fail("nothing may be fetched there"))
