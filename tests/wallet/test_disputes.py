"""The file for a dispute: it holds without network, database or secret, and says what is wrong in it."""

import copy
import json
import socket

import pytest
from actors import PersonActor
from asserting import key
from click.testing import CliRunner
from signatory import Signatory
from sqlalchemy import update
from storage import nothing_changes, on_sqlite_alone

from consent.canonical import canonical, digest
from consent.ledger import chained, content_digest
from consent.receipts import payload_of
from consent.tables import ledger
from consent.terms import standing
from keys.relationship import relationship_key
from wallet.cli import main
from wallet.commands import dispute
from wallet.disputes import checks
from wallet.disputes.bundle import sealed
from wallet.people.personas import add_persona
from wallet.people.sessions import open_session

pytestmark = on_sqlite_alone


@pytest.fixture
def vendor(app, house):
    return Signatory(app, house, "stadtwerke", client_name="Stadtwerke", myterms=["SD-BASE"])


@pytest.fixture
def page(app, house, person, vendor, clock):
    """A whole story with one vendor, and beside it one with another."""
    shop = Signatory(app, house, "bookshop", client_name="Bookshop at the corner", myterms=["SD-BASE-A"])
    ids = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    terms = {"applies": "conditionally", "agreements": ["SD-BASE", "SD-BASE-A"]}
    house.database.write(standing.put, "every", **ids, **terms)
    page = f"/vendors/{vendor.joins(person)}"
    shop.joins(person, ["phone_number"])
    vendor.countersigns(vendor.lists().json["receipts"][0])
    assert vendor.signs_agreement().status_code == 200
    person.browser.post(f"{page}/rights", form_at=page, right="erasure")
    assert vendor.answers_request("declined", reason="We must keep bills.").status_code == 200
    clock.now += 60
    person.browser.post(f"{page}/narrow", form_at=page, attribute="birthdate")
    shop.reads(shop.tokens["access_token"])
    vendor.reads(vendor.tokens["access_token"])
    person.browser.post(f"{page}/revoke", form_at=page)
    clock.now += 60
    vendor.joins(person, ["nickname"])
    shop.reads(shop.tokens["access_token"])
    return page


@pytest.fixture
def file(person, page):
    answer = person.browser.get(f"{page}/dispute")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), answer.text
    return answer.data


@pytest.fixture
def verifies(monkeypatch, tmp_path):
    """`wallet dispute verify` on a machine without network and wallet; gives back what it says and how it ends."""

    def nowhere(*_, **__):
        raise AssertionError("a check of a file looked elsewhere")

    def verifies(content):
        path = tmp_path / "dispute.json"
        path.write_bytes(content)
        with monkeypatch.context() as patch:
            patch.setattr(socket, "socket", nowhere)
            patch.setattr(dispute, "open_here", nowhere)
            done = CliRunner().invoke(main, ["dispute", "verify", str(path)])
        return done.exit_code, done.output

    return verifies


def test_it_holds_without_network_and_wallet(verifies, file, vendor):
    ended, said = verifies(file)

    assert ended == 0, said
    assert said.startswith(
        "This holds: 4 receipts of http://localhost for stadtwerke, 1 of them countersigned, signed by"
    )


def test_of_all_else_in_the_ledger_it_tells_nothing_but_how_much_there_is(person, file):
    found = json.loads(file)["ledger"]["lines"]

    assert len(found) == len(person.log())
    shown = [line["action"] for line in found if isinstance(line, dict)]
    of_right = ["right_asked", "right_answered"]
    then = ["changed", "read", "revoked", "granted", "redeemed"]
    assert shown == ["granted", "redeemed", "countersigned", *of_right, *then]
    for word in (b"ookshop", b"phone_number", b"ana@example.org", person.person.persona_id.encode()):
        assert word not in file


def spoils(document):
    """One letter in the middle of a signed text becomes another."""
    head, payload, signature = document.split(".")
    middle = len(payload) // 2
    return f"{head}.{payload[:middle]}{'A' if payload[middle] != 'A' else 'B'}{payload[middle + 1 :]}.{signature}"


def first(found, action):
    return next(line for line in found["ledger"]["lines"] if isinstance(line, dict) and line["action"] == action)


def blind(found):
    return next(number for number, line in enumerate(found["ledger"]["lines"]) if isinstance(line, str))


CHANGES = {
    "a receipt": (
        lambda f: f["receipts"][1].update(document=spoils(f["receipts"][1]["document"])),
        "Receipt 2 is not signed",
    ),
    "a receipt left out": (lambda f: f["receipts"].pop(1), "Receipt 2 does not follow"),
    "the last receipt left out": (lambda f: f["receipts"].pop(), "a line for a receipt that is not in the file"),
    "receipts in another order": (lambda f: f["receipts"].reverse(), "does not follow"),
    "no receipts": (lambda f: f["receipts"].clear(), "no receipt in it"),
    "a consent token": (
        lambda f: f["receipts"][0].update(consent_token=spoils(f["receipts"][0]["consent_token"])),
        "The consent token of receipt 1 is not signed",
    ),
    "another's consent token": (
        lambda f: f["receipts"][0].update(consent_token=f["receipts"][1]["consent_token"]),
        "The consent token of receipt 1 is not the one",
    ),
    "a receipt as consent token": (
        lambda f: f["receipts"][0].update(consent_token=f["receipts"][0]["document"]),
        "document of another kind",
    ),
    "a countersignature": (
        lambda f: f["receipts"][0].update(countersignature=spoils(f["receipts"][0]["countersignature"])),
        "countersignature of receipt 1",
    ),
    "a countersignature left out": (
        lambda f: [f["receipts"][0].pop(name) for name in ("countersignature", "countersigner")],
        "changed after it was sealed",
    ),
    "the countersignature of another receipt": (
        lambda f: f["receipts"][1].update(
            {name: f["receipts"][0][name] for name in ("countersignature", "countersigner")}
        ),
        "The countersignature of receipt 2 is of another receipt",
    ),
    "another key of the vendor": (
        lambda f: f["receipts"][0].update(countersigner=key("ES256", "another").as_dict(private=False)),
        "The countersignature of receipt 1 is not signed",
    ),
    "an agreement": (
        lambda f: f["agreements"][0].update(document=f["agreements"][0]["document"].replace("standing", "call")),
        "Agreement 1 says something else than what the person signed",
    ),
    "who signed an agreement": (
        lambda f: f["agreements"][0].update(person_signature=spoils(f["agreements"][0]["person_signature"])),
        "Agreement 1 is not signed",
    ),
    "the vendor's signature of an agreement": (
        lambda f: f["agreements"][0].update(vendor_key=key("ES256", "another").as_dict(private=False)),
        "The vendor's signature of agreement 1 is not signed",
    ),
    "an agreement left out": (lambda f: f["agreements"].clear(), "An agreement that a receipt names is not in"),
    "a request by right": (
        lambda f: f["requests"][0].update(document=spoils(f["requests"][0]["document"])),
        "Request 1 is not signed",
    ),
    "a request left out": (lambda f: f["requests"].clear(), "not those that the ledger has lines for"),
    "an answer": (
        lambda f: f["requests"][0]["answers"][0].update(document=spoils(f["requests"][0]["answers"][0]["document"])),
        "An answer to request 1",
    ),
    "an answer left out": (
        lambda f: f["requests"][0]["answers"].clear(),
        "not those that the ledger has lines for",
    ),
    "a round that failed": (lambda f: f["rounds"].clear(), "changed after it was sealed"),
    "a line of the ledger": (lambda f: first(f, "read").update(at=1), "do not lead to the hash"),
    "what a line says": (lambda f: first(f, "read")["detail"].update(attributes=[]), "do not lead to the hash"),
    "a blinded line": (lambda f: f["ledger"]["lines"].__setitem__(blind(f), "0" * 64), "do not lead to the hash"),
    "a line left out": (lambda f: f["ledger"]["lines"].pop(blind(f)), "lines are missing"),
    "the last line left out": (lambda f: f["ledger"]["lines"].pop(), "do not lead to the hash"),
    "whose ledger it is": (lambda f: f["ledger"].update(person="another"), "do not lead to the hash"),
    "the stamp": (
        lambda f: f["ledger"].update(stamp=spoils(f["ledger"]["stamp"])),
        "The stamp of the ledger is not signed",
    ),
    "the seal": (lambda f: f.update(seal=spoils(f["seal"])), "The seal of the file is not signed"),
    "the stamp as seal": (lambda f: f.update(seal=f["ledger"]["stamp"]), "document of another kind"),
    "the vendor": (lambda f: f.update(vendor="bookshop"), "of another vendor or wallet"),
    "the wallet": (lambda f: f.update(wallet="https://another.example"), "of another vendor or wallet"),
    "the version": (lambda f: f.update(version="2"), "no file for a dispute"),
    "something added": (lambda f: f.update(more="than there was"), "changed after it was sealed"),
    "a part left out": (lambda f: f.pop("ledger"), "not complete"),
}


def test_what_was_changed_is_named(verifies, file):
    for change, (spoil, sentence) in CHANGES.items():
        found = json.loads(file)
        spoil(found)

        ended, said = verifies(json.dumps(found).encode())

        assert (ended, sentence in said) == (1, True), (change, said)


def test_no_value_in_it_can_be_changed_or_left_out(file):
    found = json.loads(file)
    checks.verify(json.dumps(found).encode())

    for path in ways(found):
        for spoil in (put, leave_out):
            spoilt = copy.deepcopy(found)
            spoil(spoilt, path)
            with pytest.raises(checks.Disproved):
                checks.verify(json.dumps(spoilt).encode())


def ways(document, path=()):
    """The way to every value in it."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for name, value in inner:
        yield (*path, name)
        yield from ways(value, (*path, name))


def holder(document, path):
    for step in path[:-1]:
        document = document[step]
    return document


def put(document, path):
    holder(document, path)[path[-1]] = "another"


def leave_out(document, path):
    del holder(document, path)[path[-1]]


def sealed_anew(found, by):
    content = {name: value for name, value in found.items() if name != "seal"}
    return found | {"seal": sealed(content, by, now=1)}


def made_up(found, by, grant_id):
    """A receipt that says of another grant what the first one says, with its token, in somebody else's name."""
    said = payload_of(found["receipts"][0]["document"])
    token = by.sign({"iss": by.did, "w:statement": digest(canonical(said["statement"]))}, "consent+jwt")
    ours = said | {"iss": by.did, "grant_id": grant_id, "consent_token": digest(token.encode())}
    return {"document": by.sign_bytes(canonical(ours), "consent-receipt+jwt"), "consent_token": token}


def with_lines_for(found, by, receipts):
    """Its ledger with lines for these too, stamped by another key."""
    person, lines, previous = found["ledger"]["person"], list(found["ledger"]["lines"]), ""
    for one in receipts:
        detail = {"receipt": digest(one["document"].encode())}
        lines.append({**first(found, "granted"), "seq": len(lines) + 1, "detail": detail})
    for line in lines:
        previous = chained(previous, content_digest(person, line) if isinstance(line, dict) else line)
    stamp = by.sign({"iss": by.did, "w:last": len(lines), "w:hash": previous}, "ledger-stamp+jwt")
    return found | {"ledger": {"person": person, "lines": lines, "stamp": stamp}}


def test_receipts_that_somebody_else_made_up_do_not_pass_beside_those_of_the_person(verifies, file):
    thief, found = relationship_key(b"t" * 32, "thief"), json.loads(file)
    more = made_up(found, thief, "made up")
    forged = with_lines_for(found | {"receipts": [more, *found["receipts"]]}, thief, [more])

    ended, said = verifies(json.dumps(sealed_anew(forged, thief)).encode())

    assert (ended, said) == (1, "Error: The seal of the file is of another key than the receipts.\n")


def test_a_file_does_not_write_the_sentence_about_itself(verifies, file):
    for name in ("vendor", "wallet"):
        for spelt in ("a\x1b[2K\rThis holds", "shop, 9 of them countersigned", "\N{RIGHT-TO-LEFT OVERRIDE}b", 7):
            ended, said = verifies(json.dumps(json.loads(file) | {name: spelt}).encode())

            assert (ended, said) == (1, "Error: The file names a vendor or wallet that can not be shown here.\n")


@pytest.mark.usefixtures("database_url")
def test_what_is_no_such_file_is_refused_in_a_sentence(verifies):
    for content in (b"", b"{", b"[]", b"null", b'{"version":"hausrecht-dispute/1"}', b"\xff", b"[" * 100_000):
        ended, said = verifies(content)

        assert ended == 1
        assert said.startswith("Error: ")
        assert said.count("\n") == 1


def test_another_persons_ledger_does_not_take_the_place_of_this_one(person, page, file, app, house, moves_in):
    ben = PersonActor(app, house, moves_in("Ben"), password="correct horse battery")
    vendor = Signatory(app, house, "library")
    theirs = ben.browser.get(f"/vendors/{vendor.joins(ben)}/dispute")
    found = json.loads(file) | {"ledger": json.loads(theirs.data)["ledger"]}

    with pytest.raises(checks.Disproved):
        checks.verify(json.dumps(found).encode())


def test_it_is_for_the_person_alone_and_changes_nothing(app, house, person, page, moves_in):
    ben = PersonActor(app, house, moves_in("Ben"), password="correct horse battery")
    ben.signs_in()

    with nothing_changes(house):
        assert ben.browser.get(f"{page}/dispute").status_code == 404
        assert person.browser.get(f"{page}/dispute").status_code == 200
        assert person.browser.client.post(f"{page}/dispute").status_code == 405
    become_another_persona(house, person)
    assert person.browser.get(f"{page}/dispute").status_code == 404
    person.signs_out()
    assert "/sign-in" in person.browser.get(f"{page}/dispute").location


def test_a_ledger_that_was_changed_proves_nothing(house, person, page):
    house.database.write(lambda db: db.execute(update(ledger).where(ledger.c.seq == 2).values(at=1)))

    answer = person.browser.get(f"{page}/dispute")

    assert answer.status_code == 409
    assert "it proves nothing" in answer.text


def become_another_persona(house, person):
    at = {"person_id": person.person.person_id, "now": house.clock()}
    other = house.database.write(add_persona, house.secrets, name="At work", **at)
    ids = {"persona_id": other.persona_id, "browser_digest": "0" * 64}
    token = house.database.write(open_session, house.secrets, **ids, **at)
    with person.browser.client.session_transaction() as session:
        session["session"] = token
