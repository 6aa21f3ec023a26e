"""jose, for Node.js, verifies receipts and consent tokens with nothing but themselves."""

import json
import subprocess

import npm
import pytest
from signatory import Signatory
from storage import on_sqlite_alone, rows

pytestmark = [pytest.mark.slow, on_sqlite_alone]


@pytest.fixture
def ana(moves_in):
    """A person whose wallet runs in this process: what is judged comes from no server."""
    return moves_in("Ana")


def judged(documents, folder):
    return subprocess.run(
        [npm.node(), "--no-warnings", "receipt.mjs"],
        cwd=folder,
        input=json.dumps(documents),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_jose_verifies_what_was_agreed_and_refuses_a_changed_letter(app, house, person, packages):
    vendor = Signatory(app, house, "stadtwerke")
    page = f"/vendors/{vendor.joins(person)}"
    person.browser.post(f"{page}/narrow", form_at=page, attribute="birthdate")
    documents = [one["document"] for one in vendor.lists().json["receipts"]]
    [consent_token] = [row["consent_token"] for row in rows(house, "grants")]
    head, payload, signature = documents[0].split(".")

    good = judged([*documents, consent_token], packages.parent)
    bad = judged([f"{head}.{payload[:-4]}{'AAAA' if payload[-4:] != 'AAAA' else 'BBBB'}.{signature}"], packages.parent)

    assert good.returncode == 0, good.stderr
    *receipts, token = json.loads(good.stdout)
    assert [one["event"]["kind"] for one in receipts] == ["granted", "narrowed"]
    assert (token["iss"], token["grant_id"]) == (receipts[1]["iss"], receipts[1]["grant_id"])
    assert bad.returncode != 0
    assert "signature verification failed" in bad.stderr
