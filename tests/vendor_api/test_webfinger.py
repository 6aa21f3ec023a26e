"""From a person's address to the wallet, without saying who lives here (RFC 7033)."""

import pytest
from storage import on_sqlite_alone

pytestmark = on_sqlite_alone

ISSUER = {"rel": "http://openid.net/specs/connect/1.0/issuer", "href": "http://localhost"}


def asks(app, **query):
    return app.test_client().get("/.well-known/webfinger", query_string=query)


@pytest.mark.parametrize("resource", ["acct:Ana@localhost", "acct:nobody@LOCALHOST", "http://localhost/anything"])
def test_everybody_at_this_host_is_led_to_the_issuer_known_or_not(app, ana, resource):
    answer = asks(app, resource=resource, rel=ISSUER["rel"])

    assert answer.status_code == 200
    assert answer.mimetype == "application/jrd+json"
    assert answer.json == {"subject": resource, "links": [ISSUER]}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_without_rel_all_links_come_and_with_another_none(app):
    assert asks(app, resource="acct:x@localhost").json["links"] == [ISSUER]
    assert asks(app, resource="acct:x@localhost", rel="avatar").json["links"] == []


@pytest.mark.parametrize(
    "resource",
    ["acct:ana@elsewhere.example", "acct:@localhost", "acct:localhost", "mailto:ana@localhost", "http://evil/", "x"],
)
def test_what_is_not_at_this_host_is_not_found(app, resource):
    answer = asks(app, resource=resource)

    assert answer.status_code == 404
    assert answer.json["error_description"] == "resource must be at localhost, such as acct:name@localhost"


@pytest.mark.parametrize("query", [{}, {"resource": ""}, {"resource": ["acct:a@localhost", "acct:b@localhost"]}])
def test_there_must_be_one_resource(app, query):
    answer = asks(app, **query)

    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
