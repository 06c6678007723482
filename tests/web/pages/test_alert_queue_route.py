"""The panel of open alerts: its content, and who gets forms."""

from typing import Any

import pytest
from pydantic import SecretStr

from northstar.errors import DeliveryError
from northstar.feeds import Source
from northstar.settings.users import Role, User
from support.guards import HASH, SCREEN_TOKEN
from support.notes import viewer
from support.waiting import eventually
from support.watched import RULES, watched

USERS: dict[str, Any] = {
    "auth_users": {
        "ann": User(SecretStr(HASH)),
        "vic": User(SecretStr(HASH), Role.VIEWER),
    },
    "screen_token": SecretStr(SCREEN_TOKEN),
}


async def test_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an open alert the panel has the number of rules and the time of the last check."""
    async with watched(monkeypatch) as at, viewer(at.server) as client:
        at.send(5)
        alerts = at.pipeline.evaluated
        await eventually(lambda: alerts and alerts.alerting.evaluated_at)
        at.clock.passed_s += 3
        shown = (await client.get("/alerts/queue")).text
        page = (await client.get("/")).text

    assert "2 rules, checked 3 s ago" in shown or "2 rules, checked 0 s ago" in shown
    assert "No alert is open." in shown
    assert "critical when net is below $0.00" in shown
    assert "nothing needs you" in page


async def test_open_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    """An open alert shows its value at the start and its worst, but not the current one."""
    async with watched(monkeypatch) as at, viewer(at.server) as client:
        await at.fire()
        at.send(-9)
        at.send(-7)
        await at.reaches(-7)
        await at.settled()
        shown = await client.get("/alerts/queue")
        page = (await client.get("/")).text

    assert "-$5.00 when it began, worst -$9.00, limit $0.00" in shown.text
    assert "$7.00" not in shown.text
    assert "Acknowledge" in shown.text
    assert len(shown.headers["X-CSRF-Token"]) == 64
    assert ">1 needs you</button>" in page
    assert ">1 alert needs you</button>" in page


async def test_failed_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    """A finally failed delivery is shown with the receiver's reason as text."""
    async with watched(monkeypatch) as at, viewer(at.server) as client:
        at.sink.failure = DeliveryError("550 <b>no such user</b>", is_final=True)
        await at.fire()
        await at.settled()
        shown = (await client.get("/alerts/queue")).text

    assert "desk: not delivered, " in shown
    assert "550 &lt;b&gt;no such user" in shown


async def test_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo shows that nothing is sent, and what would have been."""
    async with watched(monkeypatch, source=Source.DEMO) as at, viewer(at.server) as client:
        await at.fire()
        await at.settled()
        shown = (await client.get("/alerts/queue")).text

    assert "These numbers are those of a demo: nothing is sent." in shown
    assert "desk: would have been sent" in shown


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ann", ""),
        ("vic", "your role is viewer, which reads everything and changes nothing"),
        ("", "a wall screen changes nothing"),
    ],
)
async def test_forms(monkeypatch: pytest.MonkeyPatch, name: str, reason: str) -> None:
    """A viewer who may not change anything gets the reason instead of the forms."""
    bearer = {} if name else {"Authorization": f"Bearer {SCREEN_TOKEN}"}
    async with watched(monkeypatch, RULES, **USERS) as at:
        await at.fire()
        async with viewer(at.server, name, **bearer) as client:
            shown = await client.get("/alerts/queue")

    assert ("<form" in shown.text) is (reason == "")
    assert reason in shown.text
    assert bool(shown.headers["X-CSRF-Token"]) is (reason == "")


async def test_without_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rules there is no pill and no panel."""
    async with watched(monkeypatch, "") as at, viewer(at.server) as client:
        shown = (await client.get("/alerts/queue")).text
        at.send(5)
        page = (await client.get("/")).text

    assert shown == "There are no rules."
    (pill,) = [each for each in page.split("<button") if 'id="alerts-pill"' in each]
    assert " hidden" in pill.partition(">")[0]
