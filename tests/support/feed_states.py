"""Feed states for tests."""

from northstar.domain.freshness import StreamStatus
from northstar.domain.ledger import Tally

QUIET = StreamStatus(
    state="connecting",
    source="live",
    name="ws://host/pnl-stream",
    namespace=None,
    protocol=None,
    link="connecting",
    age_s=None,
    silence_s=0.0,
    stale_after_s=10.0,
    retry_in_s=None,
    problem=None,
    reconnects=0,
    api=None,
    recording=None,
    history="kept",
    history_problem=None,
    replaying=None,
    clock_ahead_s=None,
    tally=Tally(),
    epoch="abc",
    frames=0,
    skipped=0,
    viewers=0,
)


FEED = StreamStatus(
    state="live",
    source="live",
    name="wss://example.org/pnl",
    namespace=None,
    protocol="websocket",
    link="open",
    age_s=0.25,
    silence_s=0.25,
    stale_after_s=10.0,
    retry_in_s=None,
    problem=None,
    reconnects=2,
    api="fetched",
    recording=None,
    history="kept",
    history_problem=None,
    replaying=None,
    clock_ahead_s=-0.25,
    tally=Tally(accepted=7, rejected=1, last_rejection="revenue: missing"),
    epoch="e1",
    frames=3,
    skipped=4,
    viewers=1,
)
