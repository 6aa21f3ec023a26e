"""The main job: a person consents, a vendor redeems and reads, the person sees it and revokes."""


def test_vendor_gets_only_the_attributes_the_person_ticked(person, vendor):
    page = person.opens(vendor.link(asking=["email", "birthdate"], needing=["given_name"]))

    answer = vendor.receives(person.allows(page, only=["email"]))
    tokens = vendor.redeems(answer["code"]).json
    claims = vendor.reads(tokens["access_token"]).json

    assert claims.keys() == {"sub", "given_name", "email", "email_verified"}
    assert (claims["given_name"], claims["email"]) == ("Ana", "ana@example.org")
    assert person.log() == ["asked", "granted", "redeemed", "read"]
    assert answer["state"] == vendor.state
