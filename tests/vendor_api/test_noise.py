"""What is told of a count of people: distributed as it is said to be, never below the threshold, drawn once."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendor_api.figures.noise import EPSILON, FLOOR, LEAST, noise, part, share, told, uniform

DRAWS = 40_000


def draw_from(seed):
    source = random.Random(seed)
    return lambda: 1 - source.random()


def test_it_is_the_discrete_laplace_distribution():
    draw = draw_from(7)
    found = Counter(noise(draw) for _ in range(DRAWS))

    a = math.exp(-EPSILON)
    for k in range(-4, 5):
        expected = DRAWS * (1 - a) / (1 + a) * a ** abs(k)
        assert abs(found[k] - expected) < 6 * math.sqrt(expected)


def test_one_person_more_or_less_is_hidden_by_the_factor_that_is_said():
    """For each number that may be told: its chances with and without somebody differ by exp(EPSILON) at most."""
    a = math.exp(-EPSILON)
    chance = lambda people, said: (1 - a) / (1 + a) * a ** abs(said - people)  # noqa: E731 - the formula of the module
    for said in range(LEAST, 60):
        for people in range(FLOOR, 40):
            assert chance(people, said) / chance(people + 1, said) <= math.exp(EPSILON) * 1.000001


@given(st.integers(min_value=0, max_value=FLOOR - 1), st.integers())
def test_fewer_than_there_have_to_be_are_never_told(people, seed):
    assert told(people, draw_from(seed)) is None


@given(st.integers(min_value=FLOOR, max_value=10_000), st.integers())
def test_what_is_told_is_never_below_the_threshold(people, seed):
    found = told(people, draw_from(seed))
    assert found is None or found >= LEAST
    assert part(people, draw_from(seed)) >= 0


def test_that_the_last_one_who_was_needed_is_there_is_hardly_ever_seen():
    draw = draw_from(11)
    assert 0 < sum(told(FLOOR, draw) is not None for _ in range(DRAWS)) < DRAWS / 100


def test_of_two_weeks_that_differ_by_one_person_the_difference_is_mostly_noise():
    draw = draw_from(13)
    right = sum((told(40, draw) or 0) - (told(39, draw) or 0) == 1 for _ in range(DRAWS))
    assert right < DRAWS * 0.3


def test_the_systems_randomness_is_never_nothing():
    assert all(0 < uniform() <= 1 for _ in range(1_000))


@pytest.mark.parametrize(
    ("some", "of", "said"), [(None, 20, None), (3, None, None), (7, 20, 35), (1, 60, 0), (30, 20, 100)]
)
def test_shares_are_told_in_coarse_steps(some, of, said):
    assert share(some, of) == said
