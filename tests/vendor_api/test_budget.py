"""What one request of a vendor may cost: statements, transactions, signatures. The hot path stays short."""

from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import jwt
import pytest
from actors import VendorActor, basic
from asserting import AssertingVendor
from certified import HEADER, CertifiedVendor, certify
from dpop import ProvingVendor
from journeys import code_for, tokens_for
from jwt.api_jws import PyJWS
from sqlalchemy import event

from consent.terms import standing
from keys import prepared
from wallet.app import create_app

NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")


class Bill:
    def __init__(self):
        self.statements, self.transactions, self.signatures = [], 0, 0

    def statement(self, sql):
        if not sql.lstrip().upper().startswith(NOT_COUNTED):
            self.statements.append(sql)

    def transaction(self, _connection):
        self.transactions += 1

    def signature(self):
        self.signatures += 1


@pytest.fixture
def counting(house, monkeypatch):
    """Counts what happens inside `with counting() as bill`, be it by way of SQLAlchemy or on the driver itself."""
    engine = house.database.engine

    @contextmanager
    def counting():
        bill = Bill()
        listeners = {"before_cursor_execute": lambda *given: bill.statement(given[2]), "begin": bill.transaction}
        house.database.close()  # what is open already hears of no new listener
        for name, listener in listeners.items():
            event.listen(engine, name, listener)
        with monkeypatch.context() as patch:
            patch.setattr(prepared, "driver", after(lambda _db, sql: bill.statement(sql), prepared.driver))
            patch.setattr(PyJWS, "encode", after(lambda *_, **__: bill.signature(), PyJWS.encode))
            yield bill
        for name, listener in listeners.items():
            event.remove(engine, name, listener)

    return counting


def after(note, work):
    def noted(*args, **kwargs):
        note(*args, **kwargs)
        return work(*args, **kwargs)

    return noted


@pytest.fixture
def tokens(person, vendor):
    """An earlier journey; it also warms what is kept between requests, such as the signing keys."""
    return tokens_for(person, vendor, ["email", "birthdate"])


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_redeeming_a_code_is_one_transaction_five_statements_and_one_signature(person, app, house, counting, algorithm):
    vendor = VendorActor(app, house, "shop", id_token_signed_response_alg=algorithm)
    tokens_for(person, vendor)
    code = vendor.receives(person.opens(vendor.link(["email"])))["code"]

    with counting() as bill:
        answer = vendor.redeems(code)

    assert answer.json.keys() >= {"access_token", "refresh_token", "id_token", "consent_token"}
    assert bill.transactions == 1
    assert 3 <= len(bill.statements) <= 5, bill.statements
    assert bill.signatures == 1


def test_an_assertion_costs_a_look_up_and_a_note_before_the_transaction(person, app, house, counting):
    vendor = AssertingVendor(app, house, "shop")
    tokens_for(person, vendor)
    code = vendor.receives(person.opens(vendor.link(["email"])))["code"]

    with counting() as bill:
        assert vendor.redeems(code).status_code == 200

    assert bill.transactions == 3
    assert 5 <= len(bill.statements) <= 7, bill.statements
    assert bill.signatures == 1


def test_a_certificate_costs_a_look_up_before_the_transaction_and_binding_costs_nothing(person, house, counting):
    header = {"client_certificate_header": HEADER, "trusted_proxies": "127.0.0.1/32"}
    house, mine = replace(house, settings=replace(house.settings, **header)), certify("CN=shop")
    proof = {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": mine.jwks}
    bound = {"tls_client_certificate_bound_access_tokens": True}
    vendor = CertifiedVendor(create_app(house), house, "shop", mine, **proof, **bound)
    tokens_for(person, vendor)
    code = vendor.receives(person.opens(vendor.link(["email"])))["code"]

    with counting() as redemption:
        token = vendor.redeems(code).json["access_token"]
    with counting() as read:
        assert vendor.reads(token).status_code == 200

    assert redemption.transactions == 2
    assert 4 <= len(redemption.statements) <= 6, redemption.statements
    assert redemption.signatures == 1
    assert read.transactions == 1
    assert 2 <= len(read.statements) <= 3, read.statements


def test_a_read_is_one_transaction_and_three_statements(vendor, tokens, counting):
    with counting() as bill:
        answer = vendor.reads(tokens["access_token"])

    assert answer.json.keys() == {"sub", "email", "email_verified", "birthdate"}
    assert bill.transactions == 1
    assert 2 <= len(bill.statements) <= 3, bill.statements
    assert bill.signatures == 0


def test_who_locks_nothing_pays_nothing_and_who_does_two_statements_to_redeem_and_one_to_read(
    person, vendor, tokens, counting
):
    bills = []
    for name in ("given_name", "phone_number"):
        if name == "phone_number":
            where = f"/data/{name}"
            person.browser.post(f"{where}/lock", form_at=where, password=person.password)
        code = vendor.receives(person.allows(person.opens(vendor.link([name])), only=[name]))["code"]
        with counting() as redemption:
            token = vendor.redeems(code).json["access_token"]
        with counting() as read:
            assert name in vendor.reads(token).json
        bills.append((len(redemption.statements), len(read.statements)))

    (redemption, read), locked = bills
    assert redemption <= 5
    assert read <= 3
    assert locked == (redemption + 2, read + 1), (redemption, read)


def test_a_proof_costs_one_statement_more(person, app, house, counting):
    vendor = ProvingVendor(app, house, "shop")
    tokens = tokens_for(person, vendor)

    with counting() as read:
        assert vendor.reads(tokens["access_token"]).status_code == 200
    with counting() as renewal:
        assert vendor.refreshes(tokens["refresh_token"]).status_code == 200

    assert (read.transactions, renewal.transactions) == (1, 1)
    assert 3 <= len(read.statements) <= 4, read.statements
    assert 4 <= len(renewal.statements) <= 6, renewal.statements


def test_a_refused_proof_costs_nothing(person, app, house, counting):
    vendor = ProvingVendor(app, house, "shop")
    tokens = tokens_for(person, vendor)

    with counting() as bill:
        assert vendor.sends("proof").reads(tokens["access_token"]).status_code == 401
        assert vendor.sends("proof").refreshes(tokens["refresh_token"]).status_code == 400

    assert (bill.statements, bill.transactions) == ([], 0)


def test_the_hundredth_read_costs_what_the_first_did(vendor, tokens, counting):
    for _ in range(98):
        vendor.reads(tokens["access_token"])

    with counting() as bill:
        vendor.reads(tokens["access_token"])

    assert 2 <= len(bill.statements) <= 3, bill.statements


def test_an_agreement_costs_nothing_where_the_vendor_redeems_and_reads(app, house, person, counting):
    ids = {"person_id": person.person.person_id, "persona_id": person.person.persona_id}
    house.database.write(standing.put, "every", **ids, applies="always", agreements=["SD-BASE"])
    shop = VendorActor(app, house, "shop", myterms=["SD-BASE"])
    tokens_for(person, shop)
    code = shop.receives(person.opens(shop.link(["email"])))["code"]

    with counting() as redemption:
        token = shop.redeems(code).json["access_token"]
    with counting() as read:
        assert shop.reads(token).json["email"] == "ana@example.org"

    assert (redemption.transactions, redemption.signatures, read.transactions) == (1, 1, 1)
    assert 3 <= len(redemption.statements) <= 5, redemption.statements
    assert 2 <= len(read.statements) <= 3, read.statements


def test_renewing_costs_no_more_than_redeeming(vendor, tokens, counting):
    with counting() as bill:
        answer = vendor.refreshes(tokens["refresh_token"])

    assert answer.status_code == 200
    assert bill.transactions == 1
    assert 3 <= len(bill.statements) <= 5, bill.statements
    assert bill.signatures == 1


def test_redeeming_the_consent_token_signs_nothing(vendor, tokens, counting):
    with counting() as bill:
        answer = vendor.asserts(tokens["consent_token"])

    assert answer.status_code == 200
    assert bill.transactions == 1
    assert 3 <= len(bill.statements) <= 5, bill.statements
    assert bill.signatures == 0


def test_introspection_only_reads(vendor, tokens, counting):
    with counting() as bill:
        assert vendor.introspects(tokens["access_token"])["active"]

    assert bill.transactions == 1
    assert 1 <= len(bill.statements) <= 2, bill.statements
    assert all(statement.lstrip().upper().startswith("SELECT") for statement in bill.statements)


def test_a_token_that_is_no_token_costs_nothing(vendor, tokens, counting):
    with counting() as bill:
        assert vendor.reads("A" * 100).status_code == 401

    assert bill.statements == []


def test_a_wrong_secret_is_found_out_by_one_statement(person, vendor, counting):
    code = code_for(person, vendor)

    with counting() as bill:
        answer = vendor.post(
            "/oauth/token",
            {"grant_type": "authorization_code", "code": code},
            headers={"Authorization": basic(vendor.client_id, "guessed")},
        )

    assert answer.status_code == 401
    assert len(bill.statements) == 1


def test_remembering_a_sign_in_costs_one_statement_and_only_those_who_want_to_be_told(
    app, house, person, vendor, counting
):
    shop = VendorActor(app, house, "shop", backchannel_logout_uri="https://shop.example/logout")
    bills = []
    for each in (vendor, shop):
        tokens_for(person, each)
        person.opens(each.link(["email"]))
        link = each.link(["email"])
        with counting() as bill:
            each.receives(person.browser.get(link))
        bills.append(bill)

    plain, told = bills
    assert len(told.statements) == len(plain.statements) + 1
    assert told.transactions == plain.transactions


def test_redeeming_costs_the_same_where_the_vendor_wants_to_be_told(app, house, person, counting):
    shop = VendorActor(app, house, "shop", backchannel_logout_uri="https://shop.example/logout")
    tokens_for(person, shop)
    code = shop.receives(person.opens(shop.link(["email"])))["code"]

    with counting() as bill:
        assert shop.redeems(code).status_code == 200

    assert bill.transactions == 1
    assert 3 <= len(bill.statements) <= 5, bill.statements
    assert bill.signatures == 1


def test_a_page_that_may_watch_the_session_costs_no_statement(person, vendor, counting):
    bills = []
    for scope in ("email", "openid email"):
        page = person.opens(vendor.link(scope=scope))
        if not page.location:
            person.allows(page, only=["email"])
        link = vendor.link(scope=scope)
        with counting() as bill:
            answer = vendor.receives(person.browser.get(link))
        bills.append((len(bill.statements), bill.transactions, "session_state" in answer))

    assert bills[0][:2] == bills[1][:2]
    assert [told for *_, told in bills] == [False, True]


def test_a_status_list_costs_two_statements_and_a_signature_and_for_ten_seconds_nothing(vendor, tokens, counting):
    uri = jwt.decode(tokens["consent_token"], options={"verify_signature": False})["status"]["status_list"]["uri"]
    bills = []
    for _ in range(2):
        with counting() as bill:
            assert vendor.client.get(urlsplit(uri).path).status_code == 200
        bills.append((len(bill.statements), bill.transactions, bill.signatures))

    assert bills == [(2, 1, 1), (0, 0, 0)]


def test_a_place_for_a_consent_token_costs_one_statement_when_the_person_answers(person, vendor, tokens, counting):
    page = person.opens(vendor.link(["phone_number"]))

    with counting() as bill:
        person.allows(page, only=["phone_number"])

    assert len([sql for sql in bill.statements if "into statuses" in sql]) == 1
