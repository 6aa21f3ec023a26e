"""A row is inserted unless there is one, and on both engines it is known which of the two happened."""

from keys.inserts import insert_if_new
from vendor_api.tables import seen


def test_the_first_is_new_and_the_second_is_not(house):
    row = {"digest": "of something", "expires_at": 1}

    assert [house.database.write(insert_if_new, seen, row) for _ in range(2)] == [True, False]
