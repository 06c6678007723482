"""The fixed recording that `record_outputs.py` has a dashboard replay."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

SPEED = 1000  # the maximum
STEP = timedelta(minutes=6)  # 360 ms of the replay: a frame takes some 50, and may wait 100
START = datetime(2026, 2, 23, 23, 30, tzinfo=UTC)
MESSAGES_A_DAY = 10
DAYS = 3
MESSAGES = DAYS * MESSAGES_A_DAY + 1
# Numbers of messages that are not an ordinary update.
FETCHED, LOSS, RESTATING = 7, 6, 25
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "{%page%}{{7*7}}%{y}<b>b</b>",
    '=HYPERLINK("http://x","y")',
    "@SUM(1)",
    "\u202eevil\u202c",
    "Zoë 🙂 交易",
)
CATEGORIES = ("Trading Fees", "Infrastructure", "Personnel", *HOSTILE)
AGENTS = ("Scalper", "John", "Cliff", *HOSTILE)


def recording() -> str:
    """Return three evenings across midnight, separated by silences that the replay shortens.

    The first message is separate, so that the viewers can connect.
    """
    lines, at = [_line(START - timedelta(hours=6), _update(0, START - timedelta(hours=6)))], START
    for number in range(1, DAYS * MESSAGES_A_DAY + 1):
        lines.append(_line(at, _update(number, at), fetched=number == FETCHED))
        if number in REFUSED:
            lines.append(_line(at, REFUSED[number]))
        at += timedelta(hours=20) if number % MESSAGES_A_DAY == 0 else STEP
    return "".join(lines)


# Invalid messages, sent after the message of that number; they change only the counts. The
# dashboard does not record such messages, but accepts recordings that contain them.
REFUSED = {
    3: '{"event": "heartbeat"}',
    4: '{"timestamp": "2026-02-23T23:48:00Z", "revenue": "a lot", "expenses": 1}',
    5: '{"timestamp": "2026-02-22T10:00:00Z", "revenue": 1, "expenses": 1}',
    14: "{not JSON",
    15: '{"timestamp": "yesterday", "revenue": 1, "expenses": 1}',
}


def _line(at: datetime, message: str, *, fetched: bool = False) -> str:
    return json.dumps({"at": at.isoformat(), "message": message, "fetched": fetched}) + "\n"


def _update(number: int, at: datetime) -> str:
    """Return a message in the guide's format; its sections depend on its number."""
    revenue, expenses = 125_450.25 + 310 * number, 48_320.5 + 95 * number
    if number % 10 == LOSS:
        expenses += 150_000  # a loss
    update: dict[str, Any] = {
        "timestamp": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "revenue": revenue,
        "expenses": expenses,
    }
    if number % 3 == 0:
        update["netPnL"] = 0 if number % 2 else round(revenue - expenses + 5, 2)
    if number % 4 != 1:
        update |= {"previousRevenue": revenue - 250, "previousExpenses": expenses + 20}
    if number % 5 == 0:
        update["trendsData"] = _trend(at.date(), revenue, expenses, number)
    if number % 2 == 0:
        update["costBreakdown"] = _costs(expenses, number)
        update["agentAttribution"] = _agents(revenue, expenses, number)
    wrapped = {"event": "pnl-update", "data": update}
    return json.dumps(wrapped if number % 7 == 0 else update, ensure_ascii=False)


def _trend(today: date, revenue: float, expenses: float, number: int) -> list[dict[str, Any]]:
    """Return thirty days; some are missing, and one is restated from message `RESTATING` on."""
    rows = [_trend_row(today, revenue, expenses)]
    for back in range(1, 30):
        day = today - timedelta(days=back)
        if day.day % 11:
            restated = 777 if number >= RESTATING and back == 1 else 0
            spent = 48_000 + 4_000 * (day.day % 13 - 3) + restated
            rows.insert(0, _trend_row(day, 60_000 + 2_500 * (day.day % 7), spent))
    return rows


def _trend_row(day: date, revenue: float, expenses: float) -> dict[str, Any]:
    net = round(revenue - expenses, 2)
    return {"date": day.isoformat(), "revenue": revenue, "expenses": expenses, "net": net}


def _costs(expenses: float, number: int) -> list[dict[str, Any]]:
    """Return three or all categories; in every fourth message, they sum to 100 less."""
    names = CATEGORIES[: 3 if number % 4 else None]
    lacking = 100 if number % 4 == 0 else 0
    value = (expenses - lacking) // len(names)
    values = [*[value] * (len(names) - 1), expenses - lacking - value * (len(names) - 1)]
    return [
        {"name": name, "value": value, "percentage": round(100 * value / expenses, 1)}
        for name, value in zip(names, values, strict=True)
    ]


def _agents(revenue: float, expenses: float, number: int) -> list[dict[str, Any]]:
    names = AGENTS[: 3 if number % 4 else None]
    earned, spent = revenue // len(names), expenses // len(names)
    return [
        {"agent": name, "revenue": earned + 9 * place, "expenses": spent, "net": earned - spent}
        for place, name in enumerate(names)
    ]
