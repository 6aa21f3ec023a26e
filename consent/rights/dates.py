"""Until when a vendor has to answer."""

import calendar
from datetime import UTC, datetime, timedelta


def due(at: int, *, months: int) -> int:
    """The end of the day so many months later, or of the Monday after it where that is on a weekend (epoch seconds).

    Article 12 (3), counted as Regulation 1182/71 article 3 has it; public holidays are not known here.
    """
    day = datetime.fromtimestamp(at, UTC)
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    end = datetime(day.year + years, month + 1, min(day.day, last), tzinfo=UTC)
    end += timedelta(days={5: 2, 6: 1}.get(end.weekday(), 0))
    return int((end + timedelta(days=1)).timestamp())
