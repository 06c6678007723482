"""Ten alert rules with limits of their own, and messages by which they begin and end."""

from support.sources import Stream
from support.today import now

SPAN = 100  # nets are within it, and so are the limits
LIMITS = range(5, SPAN, 10)
RECEIVER = '[receivers.desk]\nwebhook = "{url}"\nprivate = true\n'
FLOOR = '[rules.floor-{limit}]\nkind = "net_below"\nlimit = {limit}\n'
FLOORS = "".join(FLOOR.format(limit=limit) for limit in LIMITS)


def alert_file(url: str, rules: str = FLOORS) -> str:
    """Return a file of these rules, whose receiver is at `url`."""
    return RECEIVER.format(url=url) + rules


def send(source: Stream, net: int) -> None:
    """Send a message with that net; its days stay the same."""
    source.send(now(revenue=SPAN + net, expenses=SPAN, trendsData=...))
