"""Limits of the day's net, beyond which an alert begins."""

from decimal import Decimal
from typing import NamedTuple


class Limit(NamedTuple):
    """A limit of net and the name of its rule; `is_floor` is whether an alert begins below it."""

    rule: str
    net: Decimal
    is_floor: bool
