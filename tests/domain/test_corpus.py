"""The corpus: bad messages and unusual valid ones, each with its expected outcome.

`corpus/index.toml` has it for every file beside it, and for messages too large for a file.
"""

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.calendar import Calendar
from northstar.domain.ledger import Ledger, merge
from northstar.domain.messages import decode
from northstar.errors import Ignored, OutOfOrder, Rejected
from northstar.view.shared.money import Notation
from support import guide
from support.dashboard import Dashboard
from support.messages_corpus import CORPUS, FILES, FOLDER, OUTCOMES, Message
from support.page import Page
from support.sources import Stream

ZONE = ZoneInfo("UTC")
CPU_LIMIT_S = 1
WIRE_LIMIT = 1 << 20  # a longer message closes the connection


ON_THE_WIRE = [message for message in CORPUS if len(message.raw) < WIRE_LIMIT]
every_message = pytest.mark.parametrize("message", CORPUS, ids=lambda message: message.name)


def good() -> Ledger:
    """Return a ledger with the guide's example."""
    ledger = Ledger(Calendar(ZONE))
    assert ledger.receive(guide.EXAMPLE).accepted
    return ledger


def verdict(raw: bytes | str) -> tuple[str, Any]:
    """Return the outcome of a message in the index's terms; let any other error through."""
    try:
        return "accepted", merge(good().snapshot, decode(raw, ZONE)).revenue
    except Rejected as error:
        return "rejected", [error.field, error.reason]
    except Ignored as error:
        return "ignored", str(error)
    except OutOfOrder:
        return "out_of_order", None


def due(message: Message, got: Any) -> Any:
    """Return the expected outcome in the form of the actual one."""
    match message.outcome, message.becomes:
        case "accepted", [revenue, _]:
            return Decimal(revenue)
        case "rejected", [field, reason] if reason.endswith("…"):
            assert got[1].startswith(reason[:-1])
            return [field, got[1]]
        case "out_of_order", _:
            return None
        case _, becomes:
            return becomes


def test_index_of_the_corpus() -> None:
    """The index lists every file, and every file's name contains its outcome."""
    files = {path.name for path in FOLDER.iterdir()} - {"index.toml", ".gitattributes"}

    assert {message.name for message in FILES} == files
    for message in CORPUS:
        assert message.name.replace("-", "_").startswith(message.outcome)


@every_message
def test_verdict_on(message: Message) -> None:
    """Outcome, field and reason are as expected, for bytes and text, within a second."""
    for raw in {message.raw, message.as_sent}:
        started = time.process_time()
        outcome, becomes = verdict(raw)

        assert time.process_time() - started < CPU_LIMIT_S
        assert outcome == message.outcome
        assert becomes == due(message, becomes)


@every_message
def test_ledger_after(message: Message) -> None:
    """The message is counted once; the last good state stays unless the message is accepted."""
    ledger = good()
    before = ledger.snapshot

    accepted = ledger.receive(message.raw).accepted

    assert accepted == (message.outcome == "accepted")
    assert accepted or ledger.snapshot is before
    counts = {outcome: getattr(ledger.tally, outcome) for outcome in OUTCOMES}
    assert counts == dict.fromkeys(OUTCOMES, 0) | {"accepted": 1 + accepted} | (
        {} if accepted else {message.outcome: 1}
    )
    if message.outcome == "rejected":
        field, reason = message.becomes
        told = f"{field}: {reason}" if field else reason
        assert (ledger.tally.last_rejection or "").startswith(told.removesuffix("…"))
    assert ledger.receive(guide.text(timestamp="2026-02-27T00:00:00Z")).accepted


# No value of JavaScript or Python may be shown to a person.
FOUND = """
    const parts = [document.body.innerText];
    for (const shown of document.querySelectorAll('[title]')) parts.push(shown.title);
    for (const label of document.querySelectorAll('svg text')) parts.push(label.textContent);
    const words = ['NaN', 'undefined', 'null', 'Infinity', '[object'];
    return parts.filter(part => words.some(word => part.includes(word)));
"""


def at(revenue: int, timestamp: str) -> str:
    """Return the guide's example with another revenue and time."""
    return guide.text(revenue=revenue, timestamp=timestamp)


def present() -> str:
    """Return the current time as a timestamp."""
    return datetime.now(UTC).isoformat()


def moment(message: Message) -> datetime:
    """Return the timestamp of a valid message."""
    return decode(message.raw, ZONE).timestamp


@pytest.mark.long
@pytest.mark.browser
def test_page_after_the_corpus(page: Page, server: Dashboard, source: Stream) -> None:
    """After any invalid messages the page shows the last good one without artefacts."""
    source.send(guide.text(timestamp=present()))
    page.open(server.url)
    page.shows("#kpi-revenue .kpi-value", "$125,450.00")

    for start in range(0, len(ON_THE_WIRE), 25):
        for message in ON_THE_WIRE[start : start + 25]:
            source.send(message.as_sent)
        source.send(at(200_000 + start, present()))
        page.shows("#kpi-revenue .kpi-value", f"${200_000 + start:,}.00")
    source.send("{")  # the page names the last refusal; this reason has none of those texts

    source.send(at(125_450, present()))
    page.shows("#kpi-revenue .kpi-value", "$125,450.00")
    page.shows("#kpi-net .kpi-value", "$77,130.00")
    steps = [125450, -18500, -12800, -11200, -5820, 77130]
    page.draws("chart-waterfall", lambda data: data[0]["y"] == steps)
    page.is_in_state("live")
    assert page.run(FOUND) == []
    assert source.clients == 1


@pytest.mark.long
@pytest.mark.browser
def test_page_of_odd_messages(page: Page, server: Dashboard, source: Stream) -> None:
    """An unusual but valid message is shown without artefacts."""
    source.send(guide.EXAMPLE)
    page.open(server.url)
    odd = [message for message in ON_THE_WIRE if message.outcome == "accepted"]

    for message in sorted(odd, key=moment):
        source.send(at(200_000, server.get("/api/pnl")["timestamp"]))
        page.shows("#kpi-revenue .kpi-value", "$200,000.00")
        source.send(message.as_sent)
        page.shows("#kpi-revenue .kpi-value", Notation().money(Decimal(message.becomes[0])))
        assert page.run(FOUND) == [], message.name
