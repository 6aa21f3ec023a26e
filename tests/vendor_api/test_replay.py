"""What may be shown once: the second time is noticed, also when both come at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from vendor_api.oauth import replay
from wallet.upkeep import sweep


def shown(house, *what, expires_at=2_000_000_000):
    return house.database.write(replay.is_first_time, *what, expires_at=expires_at)


def test_only_the_first_of_two_counts(house):
    assert shown(house, "assertion", "shop", "id") is True
    assert shown(house, "assertion", "shop", "id") is False


@pytest.mark.parametrize("other", [("proof", "shop", "id"), ("assertion", "other", "id"), ("assertion", "sho", "pid")])
def test_what_differs_in_kind_vendor_or_id_is_another(house, other):
    shown(house, "assertion", "shop", "id")

    assert shown(house, *other) is True


def test_of_many_at_once_one_is_the_first(house):
    with ThreadPoolExecutor(8) as at_once:
        answers = list(at_once.map(lambda _: shown(house, "assertion", "shop", "id"), range(8)))

    assert sorted(answers) == [False] * 7 + [True]


def test_what_expired_is_forgotten_and_the_rest_is_not(house, clock):
    shown(house, "assertion", "shop", "old", expires_at=clock())
    shown(house, "assertion", "shop", "new", expires_at=clock() + 1)

    house.database.write(sweep, now=clock())

    assert shown(house, "assertion", "shop", "old") is True
    assert shown(house, "assertion", "shop", "new") is False
