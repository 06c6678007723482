"""Sets of weekdays, and their notation in settings."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FULL_NAMES = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
WEEKDAYS_EXPECTED = "expected all, or weekdays such as mon-fri or mon,wed,fri"


class Weekdays(frozenset[int]):
    """Weekdays, as numbers of `date.weekday`: 0 is Monday."""

    __slots__ = ()

    def __str__(self) -> str:
        is_all = len(self) == len(WEEKDAYS)
        return "all" if is_all else ",".join(WEEKDAYS[number] for number in sorted(self))


EVERY_WEEKDAY = Weekdays(range(len(WEEKDAYS)))


def read_weekdays(text: object) -> object:
    """Return the weekdays of `all`, or of names and ranges such as `mon-thu,sat`.

    Raises `ValueError` with the expected form.
    """
    if not isinstance(text, str):
        return text
    if text.strip().lower() == "all":
        return EVERY_WEEKDAY
    found: set[int] = set()
    for part in text.split(","):
        first, separator, last = part.partition("-")
        start = _weekday(first)
        length = (_weekday(last) - start) % len(WEEKDAYS) + 1 if separator else 1
        found |= {number % len(WEEKDAYS) for number in range(start, start + length)}
    return Weekdays(found)


def _weekday(name: str) -> int:
    name = name.strip().lower()
    for names in (WEEKDAYS, FULL_NAMES):
        if name in names:
            return names.index(name)
    raise ValueError(WEEKDAYS_EXPECTED)
