"""The state after a message, as the pages show it."""

from typing import Any
from zoneinfo import ZoneInfo

from northstar.domain.ledger import merge
from northstar.domain.messages import decode
from northstar.domain.snapshot import Snapshot
from support import guide


def snapshot(**changes: Any) -> Snapshot:
    """Return the state after one variation of the example."""
    return merge(None, decode(guide.text(**changes), ZoneInfo("UTC")))
