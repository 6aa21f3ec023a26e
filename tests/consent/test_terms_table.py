"""The agreements of IEEE 7012 as a table, written out a second time: one test for each of its cells."""

import hashlib
import json

import pytest

from consent.model import Item
from consent.terms.evaluation import PERMITTED, PROHIBITED, REQUIRED, prohibits, verdict, verdict_on
from consent.terms.roster import NAMESPACE, ROSTER, USES, document, named
from consent.terms.roster import digest as digest_of
from consent.terms.uses import NAMES, USE_OF, use_of

# M must, y may, - prohibited, in the order of COLUMNS
COLUMNS = (
    "service_delivery",
    "analytics",
    "tracking",
    "profiling",
    "anonymised_sharing",
    "sharing",
    "portability",
    "intent_casting",
    "ai_development",
    "public_good",
)
TABLE = {
    "SD-BASE": "M-----y---",
    "SD-BASE-DP": "M-----M---",
    "SD-BASE-A": "My----y---",
    "SD-BASE-A-DP": "My----M---",
    "SD-BASE-AT": "Myy---y---",
    "SD-BASE-AT-DP": "Myy---M---",
    "SD-BASE-ATP": "Myyy--y---",
    "SD-BASE-ATP-DP": "Myyy--M---",
    "SD-BASE-ATP-S3P": "Myyyy-y---",
    "SD-BASE-ATP-S3P-DP": "Myyyy-M---",
    "PDC-INTENT": "M-----My--",
    "PDC-AI": "M-----M-y-",
    "PDC-GOOD": "M-----M--y",
}
MEANS = {"M": REQUIRED, "y": PERMITTED, "-": PROHIBITED}
CELLS = [(name, use, MEANS[mark]) for name, marks in TABLE.items() for use, mark in zip(COLUMNS, marks, strict=True)]
# Worked out once and for good: what was agreed to under one of these must never mean another text.
PINNED = {
    "SD-BASE": "sha-256:b98c2f0ddc73b1a660e5db468389eb8c44994046ec04dcfa519f6a98624e17fd",
    "SD-BASE-DP": "sha-256:9dbd2415bd00de362a63ebbaba9ca163cc54b7843cfbc924e27bd08ba06eced7",
    "SD-BASE-A": "sha-256:a08ca6d0f4377503d1176e471842561b5d5e962eb4b30f258e23b30e6fad3ed1",
    "SD-BASE-A-DP": "sha-256:777cdcf49084602b6ca1ae752517f273396767f2f16996a90ab87f1a88b88e32",
    "SD-BASE-AT": "sha-256:9523088437098a754f708e0f91fad87a61110b9eafb87949020d26c48e97cfa2",
    "SD-BASE-AT-DP": "sha-256:24af85b0fd9cbe86ceb3ed38a859063a0585ec540fc2c4cc492c7a25facae38d",
    "SD-BASE-ATP": "sha-256:d215bf8bc5ddb6a70bc1f5c932b84aeabf09343c1ea6909249183797e48a0c29",
    "SD-BASE-ATP-DP": "sha-256:cd73f7d18561be5d2cf3d8d03babd65392b6b71aa43027d8110586271ce8d385",
    "SD-BASE-ATP-S3P": "sha-256:9b52cd6cfa37395c59b71f2a7b16fde0802da03993ab69ddf3ccb90d02c25075",
    "SD-BASE-ATP-S3P-DP": "sha-256:f8e3dc97c00b5af1ed926b81244fd89f66ab7f112053fdd80a17ddf8b03e35a1",
    "PDC-INTENT": "sha-256:53ab0652cecfd68a85ec24be612246c2f2f5bc96ec17476cc7600a5ccfa8f527",
    "PDC-AI": "sha-256:0f159ac68fbbe671eb3131b95567033d6cbba0a14fa6831ae7c6be3c864d5732",
    "PDC-GOOD": "sha-256:81dbebc26b7f5a7cafb461573849b6a977604a9ae207b641fc55920b5711045b",
}


def test_the_roster_has_these_agreements_and_uses_and_no_others():
    assert set(ROSTER) == set(TABLE)
    assert USES == COLUMNS


@pytest.mark.parametrize(("name", "use", "meant"), CELLS, ids=lambda part: part)
def test_the_vendor(name, use, meant):
    assert verdict(name, use, actor="vendor") == meant


@pytest.mark.parametrize(("name", "use", "_meant"), CELLS, ids=lambda part: part)
def test_a_third_party_may_nothing(name, use, _meant):
    assert verdict(name, use, actor="third_party") == PROHIBITED


@pytest.mark.parametrize(("name", "use", "_meant"), CELLS, ids=lambda part: part)
def test_a_processor_helps_to_deliver_and_no_more(name, use, _meant):
    assert verdict(name, use, actor="processor") == (PERMITTED if use == "service_delivery" else PROHIBITED)


@pytest.mark.parametrize("name", TABLE)
def test_what_nobody_ruled_on_is_prohibited(name):
    assert verdict(name, None, actor="vendor") == PROHIBITED
    assert verdict_on(name, ["dpv:Advertising"], actor="vendor") == PROHIBITED
    assert verdict_on(name, ["https://stadtwerke.example/purposes#own"], actor="vendor") == PROHIBITED


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("other", ["dpv:TargetedAdvertising", "dpv:SellDataToThirdParties", "dpv:Nonsense"])
def test_a_prohibition_wins_over_what_is_permitted_beside_it(name, other):
    expected = PROHIBITED if verdict_on(name, [other], actor="vendor") == PROHIBITED else REQUIRED

    assert verdict_on(name, ["dpv:DeliveryOfGoods", other], actor="vendor") == expected
    assert verdict_on(name, [other, "dpv:DeliveryOfGoods"], actor="vendor") == expected


@pytest.mark.parametrize("name", TABLE)
def test_what_names_no_purpose_of_the_vocabulary_is_for_the_service_alone(name):
    assert verdict_on(name, (), actor="vendor") == REQUIRED
    assert verdict_on(name, (), actor="processor") == PERMITTED
    assert verdict_on(name, (), actor="third_party") == PROHIBITED


def test_being_recognised_is_no_use_of_data():
    tracking = "dpv:TargetedAdvertising"

    assert prohibits("SD-BASE", Item("email", None, False, purpose_type=tracking))
    assert not prohibits("SD-BASE", Item("offline_access", None, False, purpose_type=tracking))


@pytest.mark.parametrize("name", TABLE)
def test_the_text_of_an_agreement_is_canonical_and_its_digest_is_pinned(name):
    text = document(name)
    said = json.loads(text)

    assert text == json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    assert said["id"] == f"https://w3id.org/dpv/standards/ieee/7012#{name}"
    assert said["conflict"].endswith("#ResolvePreferringProhibition")
    assert set(said["thirdParty"].values()) == {PROHIBITED}
    assert said["secondParty"] == {use: meant for of, use, meant in CELLS if of == name}
    assert digest_of(name) == f"sha-256:{hashlib.sha256(text).hexdigest()}" == PINNED[name]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("SD-BASE", "SD-BASE"),
        (f"{NAMESPACE}SD-BASE-A-DP", "SD-BASE-A-DP"),
        ("https://w3id.org/dpv/standards/p7012#SD-BY", "SD-BASE"),
        ("SD-BY-A", "SD-BASE-A"),
        ("https://myterms.info/agreements/PDC-AI", "PDC-AI"),
        ("SD-BYE", None),
        ("sd-base", None),
        ("TPR", None),
        ("https://evil.example/#SD-BASE", None),
        (7, None),
    ],
)
def test_an_agreement_goes_by_its_id_or_address_also_in_the_old_spelling(given, found):
    assert named(given) == found


def test_a_purpose_has_one_use_and_goes_by_either_spelling():
    every = [name for names in NAMES.values() for name in names]

    assert len(every) == len(set(every))
    assert all(use_of(iri) == use for iri, use in USE_OF.items())
    assert use_of("dpv:ServiceUsageAnalytics") == use_of("https://w3id.org/dpv#ServiceUsageAnalytics") == "analytics"
    assert use_of("DeliveryOfGoods") is use_of("dpv:Marketing") is use_of("") is None
