"""Alerts over HTTP: open alerts, events, acknowledging and silencing."""

from http import HTTPStatus
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from northstar.errors import StoreError
from northstar.feeds import Source
from northstar.history.outbox import Outbox
from northstar.history.schema import AUDIT
from support.guards import BEARER, SCREEN_TOKEN, TOKEN
from support.notes import ORIGIN, TWO_USERS, token, viewer
from support.waiting import eventually
from support.watched import Watched, watched

DAY = "from=2026-02-25&to=2026-02-25"
CLOSED: dict[str, Any] = {
    "auth_users": TWO_USERS,
    "auth_token": SecretStr(TOKEN),
    "screen_token": SecretStr(SCREEN_TOKEN),
}


async def post(
    client: httpx.AsyncClient, number: str, action: str, said: Any, **headers: str
) -> httpx.Response:
    """Change an alert as a page does, with these `headers`."""
    sent = {"X-CSRF-Token": await token(client), **ORIGIN}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(f"/api/alerts/{number}/{action}", json=said, headers=sent)


async def audit(at: Watched) -> list[tuple[Any, ...]]:
    """Return the rows of the audit once it has any."""

    def rows() -> list[tuple[Any, ...]]:
        with at.pipeline.history.store.engine.connect() as connection:
            return [tuple(row)[2:] for row in connection.execute(select(AUDIT))]

    await eventually(rows)
    return rows()


async def test_without_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rules the answers are empty and say so."""
    async with watched(monkeypatch, "") as at, viewer(at.server) as client:
        alerts = (await client.get("/api/alerts")).json()
        events = await client.get("/api/alerts/events")
        missing = await post(client, "abc", "acknowledge", {})

    assert alerts == {
        "configured": False,
        "isReal": True,
        "evaluatedAt": None,
        "problem": None,
        "rules": [],
        "alerts": [],
        "silences": [],
    }
    assert events.json() == []
    assert missing.status_code == HTTPStatus.NOT_FOUND


async def test_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules are listed as sentences, with their state and the time of the last evaluation."""
    async with watched(monkeypatch) as at, viewer(at.server) as client:
        at.send(5)
        alerting = at.pipeline.evaluated and at.pipeline.evaluated.alerting
        await eventually(lambda: alerting and alerting.evaluated_at)
        alerts = (await client.get("/api/alerts")).json()

    assert alerts["configured"]
    assert alerts["evaluatedAt"].startswith("2026-02-25T22:24:01")
    assert alerts["rules"][0] == {
        "name": "floor",
        "kind": "net_below",
        "severity": "critical",
        "sentence": "critical when net is below $0.00; to all receivers",
        "state": "ok",
        "to": None,
    }


async def test_open_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    """An open alert has its first, current and worst value, and its deliveries."""
    async with watched(monkeypatch) as at, viewer(at.server) as client:
        number = await at.fire()
        at.send(-9)
        at.send(-7)
        await at.reaches(-7)
        await eventually(lambda: at.sink.messages)
        await at.settled()
        answer = (await client.get("/api/alerts")).json()

    (alert,) = answer["alerts"]
    (sent,) = alert.pop("deliveries")
    assert (sent["receiver"], sent["result"], sent["attempts"]) == ("desk", "delivered", 1)
    assert sent["sentAt"] is not None
    assert alert == {
        "id": number,
        "rule": "floor",
        "subject": "",
        "severity": "critical",
        "unit": "money",
        "phase": "firing",
        "since": "2026-02-25T22:24:01Z",
        "firstValue": -5,
        "value": -7,
        "worst": -9,
        "limit": 0,
        "acknowledged": None,
        "silenced": None,
    }
    assert [rule["state"] for rule in answer["rules"]] == ["firing", "ok"]


async def test_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alerts of a demo are marked as not real and not sent."""
    async with watched(monkeypatch, source=Source.DEMO) as at, viewer(at.server) as client:
        await at.fire()
        await at.settled()
        answer = (await client.get("/api/alerts")).json()

    assert not answer["isReal"]
    assert answer["alerts"][0]["deliveries"][0]["result"] == "not sent: the data is not real"


async def test_acknowledge(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alert is acknowledged once by the signed-in user; the audit has user and action."""
    async with watched(monkeypatch, **CLOSED) as at:
        number = await at.fire()
        async with viewer(at.server, "alice") as alice, viewer(at.server, "bob") as bob:
            done = await post(alice, number, "acknowledge", {"note": " on  it "})
            twice = await post(bob, number, "acknowledge", {})
        rows = await audit(at)

    assert done.status_code == HTTPStatus.OK
    assert done.json()["acknowledged"] == {
        "who": "alice",
        "at": "2026-02-25T22:24:01Z",
        "note": "on it",
    }
    assert twice.status_code == HTTPStatus.CONFLICT
    assert twice.json() == {"error": "alice acknowledged this alert at 22:24:01"}
    what = ("alert acknowledged", f"alert {number}: floor")
    assert rows == [("alice", "user", "127.0.0.1", *what)]


async def test_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alert is silenced for minutes or until a time, and the silence can be ended."""
    async with watched(monkeypatch) as at, viewer(at.server) as client:
        number = await at.fire()
        hour = await post(client, number, "silence", {"minutes": 60, "note": "lunch"})
        until = await post(client, number, "silence", {"until": "2026-02-26T08:00"})
        listed = (await client.get("/api/alerts")).json()["silences"]
        ended = await post(client, number, "silence", {"minutes": 0})
        rows = await audit(at)

    assert hour.json()["silenced"]["until"] == "2026-02-25T23:24:01Z"
    assert hour.json()["silenced"]["note"] == "lunch"
    assert until.json()["silenced"]["until"] == "2026-02-26T08:00:00Z"
    assert [(each["rule"], each["who"]) for each in listed] == [("floor", "anonymous")]
    assert ended.json()["silenced"] is None
    assert rows[0][3] == "alert silenced until 2026-02-25 23:24:01 UTC"


@pytest.mark.parametrize(
    ("said", "field", "reason"),
    [
        ({}, "body", "expected either minutes or until"),
        ({"minutes": 5, "until": "2026-02-26T08:00"}, "body", "expected either minutes or until"),
        ({"minutes": -1}, "minutes", "expected 0 or more"),
        ({"minutes": 10081}, "minutes", "expected 10080 or less"),
        ({"until": "2026-02-25T22:00Z"}, "until", "expected a time to come, at most 7 days ahead"),
        ({"until": "2026-03-05T22:25Z"}, "until", "expected a time to come, at most 7 days ahead"),
        ({"minutes": 5, "note": "x" * 301}, "note", "expected at most 300 characters, got 301"),
        ({"minutes": 5, "note": "a\x00"}, "note", "expected text without control characters"),
        ({"minutes": 5, "who": "alice"}, "who", "unknown"),
    ],
)
async def test_invalid_silence(
    monkeypatch: pytest.MonkeyPatch, said: Any, field: str, reason: str
) -> None:
    """A silence that is too long or overspecified is refused with what was expected."""
    async with watched(monkeypatch) as at, viewer(at.server) as client:
        refused = await post(client, await at.fire(), "silence", said)

    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    [detail] = refused.json()["detail"]
    assert (detail["loc"][-1], detail["msg"]) == (field, reason)


@pytest.mark.parametrize("action", ["acknowledge", "silence"])
async def test_alert_that_is_over(monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """An ended or unknown alert can be neither acknowledged nor silenced."""
    said = {"minutes": 5} if action == "silence" else {}
    async with watched(monkeypatch) as at, viewer(at.server) as client:
        number = await at.fire()
        at.send(5)
        alerts = at.pipeline.alerts
        await eventually(lambda: alerts and not alerts.alert_status.open)
        over = await post(client, number, action, said)
        never = await post(client, "0" * 12, action, said)
        wrong = await post(client, "floor", action, said)

    assert (over.status_code, never.status_code) == (HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND)
    assert over.json() == {"error": f"there is no open alert {number}: it may be over"}
    assert wrong.status_code == HTTPStatus.METHOD_NOT_ALLOWED  # not a path for changes


async def test_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """The events of a period are listed oldest first, with their user and the deliveries."""
    async with watched(monkeypatch) as at, viewer(at.server) as client:
        number = await at.fire()
        await post(client, number, "acknowledge", {"note": "on it"})
        at.send(5)
        await at.settled(2)
        events = (await client.get(f"/api/alerts/events?{DAY}")).json()
        earlier = (await client.get("/api/alerts/events?from=2026-02-24&to=2026-02-24")).json()
        wrong = await client.get("/api/alerts/events?from=yesterday")

    assert [event["kind"] for event in events] == ["began", "acknowledged", "over"]
    assert {event["alert"] for event in events} == {number}
    assert (events[1]["who"], events[1]["reason"]) == ("anonymous", "on it")
    assert [len(event["deliveries"]) for event in events] == [1, 0, 1]
    assert (events[0]["value"], events[0]["limit"]) == (-5, 0)
    assert earlier == []
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize("action", ["acknowledge", "silence"])
async def test_other_site(monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """A request from another site or without the viewer's token changes nothing."""
    async with watched(monkeypatch) as at, viewer(at.server) as client:
        number = await at.fire()
        refused = [
            await post(client, number, action, {"minutes": 5}, Origin="https://evil.example"),
            await post(client, number, action, {"minutes": 5}, X_CSRF_Token="0" * 64),
        ]
        (alert,) = (await client.get("/api/alerts")).json()["alerts"]

    assert [each.status_code for each in refused] == [HTTPStatus.FORBIDDEN] * 2
    assert alert["acknowledged"] is alert["silenced"] is None


async def test_who_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program with the token can read alerts but not change them; a wall screen can neither."""
    async with watched(monkeypatch, **CLOSED) as at:
        number = await at.fire()
        address = f"/api/alerts/{number}/acknowledge"
        async with viewer(at.server, **BEARER) as program:
            refused = await program.post(address, json={}, headers=ORIGIN)
            read = await program.get("/api/alerts")
        async with viewer(at.server, Authorization=f"Bearer {SCREEN_TOKEN}") as screen:
            answers = [
                await screen.post(address, json={}, headers=ORIGIN),
                await screen.get("/api/alerts"),
            ]

    assert refused.json() == {"error": "a token changes nothing: sign in on the page"}
    assert len(read.json()["alerts"]) == 1
    assert [answer.status_code for answer in answers] == [HTTPStatus.FORBIDDEN] * 2


async def test_unreadable_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the history cannot be read, alerts are shown without their deliveries."""

    def fail(*_: object) -> None:
        raise StoreError("the disk is gone")

    async with watched(monkeypatch) as at, viewer(at.server) as client:
        await at.fire()
        monkeypatch.setattr(Outbox, "deliveries", fail)
        monkeypatch.setattr(Outbox, "events", fail)
        answer = (await client.get("/api/alerts")).json()
        events = await client.get("/api/alerts/events")

    assert answer["problem"] == "the disk is gone"
    assert answer["alerts"][0]["deliveries"] is None
    assert events.status_code == HTTPStatus.SERVICE_UNAVAILABLE
