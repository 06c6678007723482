"""An empty temporary history, for tests of other parts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from northstar.domain.calendar import Calendar
from northstar.history.database import open_temporary_database
from northstar.history.retention import Retention
from northstar.history.store import Store
from northstar.history.writer import History

RETENTION = Retention(seconds=timedelta(hours=48), minutes=timedelta(days=90), days=None)


def history(now: Callable[[], datetime]) -> History:
    """Return a history of days in UTC."""
    return History(Store(open_temporary_database(), Calendar(UTC)), RETENTION, now)
