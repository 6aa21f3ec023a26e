"""The host's secrets: one per job, all from one root, and never in a log."""

import hashlib
import hmac
from dataclasses import astuple

import pytest

from keys.secrets import HostSecrets


def test_every_job_has_a_secret_of_its_own() -> None:
    secrets = astuple(HostSecrets.derive(b"m" * 32))

    assert len(set(secrets)) == 10
    assert {len(secret) for secret in secrets} == {32}
    assert b"m" * 32 not in secrets


def test_secrets_stay_the_same_for_the_same_root_and_differ_for_another() -> None:
    assert HostSecrets.derive(b"m" * 32) == HostSecrets.derive(b"m" * 32)
    assert not set(astuple(HostSecrets.derive(b"m" * 32))) & set(astuple(HostSecrets.derive(b"n" * 32)))


@pytest.mark.parametrize(
    "name", ["sealing", "tokens", "ledger", "logins", "cookies", "nonces", "user_codes", "backups", "desks"]
)
def test_secrets_are_derived_as_written_down_so_that_old_data_opens_in_every_release(name: str) -> None:
    extracted = hmac.digest(bytes(32), b"m" * 32, "sha256")
    expected = hmac.new(extracted, b"hausrecht/host/v1/" + name.encode() + b"\x01", hashlib.sha256).digest()

    assert getattr(HostSecrets.derive(b"m" * 32), name) == expected


def test_secrets_do_not_show_when_printed(secrets: HostSecrets) -> None:
    assert repr(secrets) == "HostSecrets()"


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_root_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        HostSecrets.derive(b"m" * length)
