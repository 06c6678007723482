r"""Record the outputs of a dashboard, to compare them before and after a refactoring.

    python tools/record_outputs.py before --checkout ../old
    python tools/record_outputs.py after
    python tools/record_outputs.py --compare before after

The dashboard runs as `python app.py` in a separate process. None of its modules are imported, so
that they may move. It shows a fixed recording (`replay`), the same recording with a sign-in and
other settings (`elsewhere`), and a WebSocket server that stops sending and then closes (`live`);
`command` has the output of the command line. The rules in `MASKS` mask values that differ from run
to run. Line breaks are added to long texts; they are not changed otherwise.
"""

import argparse
import difflib
import hashlib
import http.client
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.sync.server import Server, ServerConnection, serve

ROOT = Path(__file__).parent.parent


class Mask(NamedTuple):
    """A value that differs from run to run; the first group of `pattern` is not masked."""

    reason: str
    pattern: re.Pattern[str]


def _field(*names: str) -> re.Pattern[str]:
    """Match a time or a number in JSON; null is not masked."""
    return re.compile(rf'("(?:{"|".join(names)})":)(?:"[^"]*"|-?[\d.e+-]+)')


def _detail(*names: str) -> re.Pattern[str]:
    """Match a row of the details panel, in a frame or as an element of the page."""
    return re.compile(rf'(\bdetails-(?:{"|".join(names)})"(?::"|[^<>]*>))[^"<]*')


MASKS = (
    Mask("random, chosen at the start", _field("epoch")),
    Mask("the same on the page", _detail("epoch")),
    Mask("ages on a running clock", _field("age_s", "silence_s", "sent_ms", "retry_in_s")),
    Mask("time until the data is stale", re.compile(r'(\bdata-young-for-s=")[\d.]+')),
    Mask("random, chosen by Dash for each page", _field("end_id")),
    Mask("the replay's clock runs while a frame is rendered", _field("replaying")),
    Mask("the same on the page", _detail("replaying")),
    Mask("number of frames before the first message", _field("seq", "frames", "skipped")),
    Mask("the same on the page", _detail("skipped")),
    Mask("number of our open sockets", _field("viewers")),
    Mask("the same on the page", _detail("viewers")),
    Mask("free ports", re.compile(r"(\b127\.0\.0\.1:)\d+")),
    Mask("time of the checkout", re.compile(r"(\?m=)[\d.]+")),
    Mask("time of the installation", re.compile(r"(\.v\w+m)\d{10}\b")),
    Mask("time of the checkout", re.compile(r"(?m)^((?:etag|last-modified): ).+")),
    Mask("length of masked content", re.compile(r"(?m)^(content-length: ).+")),
    Mask("the port in a cookie's name", re.compile(r"(?m)^(set-cookie: northstar-)\d+")),
    Mask("a cookie's time and signature", re.compile(r"(?m)^(set-cookie: [^.;\n]*\.)[^;\n]+")),
    Mask("expiry of a deleted cookie", re.compile(r"(?m)^(set-cookie: .*\bexpires=)[^;\n]+")),
    Mask("the time of a log line", re.compile(r"(?m)^()\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+")),
    Mask("duration of a request", re.compile(r"( in )\d+(?= ms for )")),
)
# Ages and arrival times of live messages, which have fixed timestamps.
LIVE_MASKS = (
    *MASKS,
    Mask("the age of February 2026", _field("clock_ahead_s")),
    Mask("the same as text", re.compile(r"()\b\d+ h \d+ m\b")),
    Mask("age of the last message as text", re.compile(r"()\b(?:\d+ m )?\d+ s(?= ago| old)")),
    Mask("time of a rejection", _field("last_rejected_at")),
    Mask("the same as text", re.compile(r"( at )\d+:\d\d:\d\d(?:.[AP]M)?")),
)

# ---- Source data ---------------------------------------------------------------------------

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


# ---- Requests ------------------------------------------------------------------------------

PERIODS = (
    "",
    "range=today&compare=none",
    "range=7d&compare=year",
    "range=90d",
    "range=month&compare=previous",
    "range=quarter",
    "range=year",
    "from=2026-02-24&to=2026-02-24",
    "from=2026-02-10&to=2026-02-26&compare=previous",
    "from=2025-01-01&to=2025-01-31",
)
QUERIES = (
    *("/", "/?kiosk", "/healthz", "/readyz", "/api/docs", "/api/openapi.json"),
    *("/api/pnl", "/api/feed", "/api/trend", "/api/trend?days=3"),
    *("/api/days", "/api/days?range=90d", "/api/days?from=2026-02-20&to=2026-02-24"),
    "/api/history?from=2026-02-24",
    "/api/history?from=2026-02-25T17:00:00Z&to=2026-02-25T19:00:00Z&step=second",
    "/api/history?from=2026-02-23T23:30:00Z&to=2026-02-24T00:30:00Z&step=minute",
    "/api/history?from=2026-02-01&step=day",
    *(f"/history?{period}".rstrip("?") for period in PERIODS),
    *(
        f"/api/export.{kind}?{period}".rstrip("?")
        for kind in ("csv", "xlsx")
        for period in PERIODS[:5]
    ),
)
REFUSALS = (
    *("/nothing", "/explain/kpi-nothing", "/assets/nothing.js", "/api/nothing", "/history/"),
    *("/history?range=8d", "/history?from=2026-02-30", "/history?period=7d"),
    *("/api/days?range=8d", "/api/trend?days=0", "/api/history", "/api/history?from=x"),
    *("/api/history?from=2026-01-01&to=2026-02-26&step=second", "/api/export.csv?compare=x"),
)
REFUSED_COMMANDS: tuple[tuple[str, ...], ...] = (
    (),
    ("--speed", "0", "--demo"),
    ("--ws-url", "ftp://x"),
    ("--demmo",),
    ("--replay", "missing.jsonl"),
    ("--demo", "--host", "0.0.0.0"),  # noqa: S104 (it is refused)
    ("--demo", "--timezone", "Mars/Base", "--locale", "xx_YY", "--currency", "EURO"),
)
ELSEWHERE = {
    "AUTH_TOKEN": "a-token-of-24-characters",
    "SCREEN_TOKEN": "a-screen-of-24-characters",
    "BASE_PATH": "/pnl",
    "LOCALE": "de_DE",
    "CURRENCY": "EUR",
    "TIMEZONE": "America/New_York",
    "DAY_CLOSE": "17:00",
}

# ---- Writing -------------------------------------------------------------------------------

BREAK = re.compile(r'(?<=>)(?=<)|(?<=,)(?=["{\[])|(?<=;)(?= )')


class Output:
    """A folder of masked texts."""

    def __init__(self, folder: Path, masks: Sequence[Mask] = MASKS) -> None:
        self._folder = folder
        self._masks = masks
        folder.mkdir(parents=True)

    def write(self, name: str, text: str) -> None:
        """Write a text, broken into lines."""
        for mask in self._masks:
            text = mask.pattern.sub(r"\1…", text)
        with (self._folder / name.replace("/", "_")).open("xb") as file:
            file.write(BREAK.sub("\n", text).encode())

    def write_answer(self, name: str, answer: "Answer") -> None:
        """Write status, headers and body; of a workbook every member."""
        if answer.body.startswith(b"PK"):
            self.write(name, f"{answer.head}\n")
            with zipfile.ZipFile(io.BytesIO(answer.body)) as book:
                for member in book.namelist():
                    self.write(f"{name}--{member}", book.read(member).decode())
        else:
            self.write(name, f"{answer.head}\n\n{_text(answer.body)}")


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"sha256 {hashlib.sha256(body).hexdigest()}"


# ---- The dashboard and its clients ---------------------------------------------------------

TIMEOUT_S = 60
HEARTBEAT_TIMEOUT_S = 15


class Answer(NamedTuple):
    """An HTTP response; `head` is its status and its headers by name."""

    status: int
    head: str
    body: bytes


class Dashboard:
    """`python app.py` of a checkout, started in its own folder."""

    def __init__(self, checkout: Path, folder: Path, *options: str, **settings: str) -> None:
        self.port = _free_port()
        self._log = folder / "log"
        self._base = settings.get("BASE_PATH", "")
        self._token = settings.get("AUTH_TOKEN")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*_command(checkout), "--port", str(self.port), *options],
                cwd=folder,
                env=_environment(settings),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until_it_answers(self) -> None:
        """Return once the server accepts requests."""
        _wait_for(self._answers, "the dashboard answers")

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            sys.exit(f"the dashboard has ended:\n{self._log.read_text()}")
        with suppress(ConnectionError):
            return bool(self.request("/healthz", name="poll").status)
        return False

    def request(
        self,
        path: str,
        method: str = "GET",
        body: str | None = None,
        *,
        name: str = "recorded",
        **headers: str,
    ) -> Answer:
        """Send a request, with the token if there is one, and return the response.

        `path` may have the base path already. Requests named “poll” are not recorded.
        """
        sent = {"X-Request-ID": name}
        if self._token and not headers.pop("Anonymous", ""):
            sent["Authorization"] = f"Bearer {self._token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            sent |= {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, f"{self._base}{path.removeprefix(self._base)}", body, sent)
            response = connection.getresponse()
            known = sorted((name.lower(), value) for name, value in response.getheaders())
            lines = [f"{name}: {value}" for name, value in known if name != "date"]
            head = "\n".join([f"HTTP {response.status} {response.reason}", *lines])
            return Answer(response.status, head, response.read())
        finally:
            connection.close()

    def feed(self) -> dict[str, Any]:
        """Return the status of the feed."""
        status: dict[str, Any] = json.loads(self.request("/api/feed", name="poll").body)
        return status

    def receive(self, path: str, **options: Any) -> Iterator[str]:
        """Yield the messages of a socket until it closes; raise `TimeoutError` after a silence."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        url = f"ws://127.0.0.1:{self.port}{self._base}{path}"
        with connect(url, additional_headers=headers, proxy=None, **options) as stream:
            while True:
                yield str(stream.recv(HEARTBEAT_TIMEOUT_S))

    def stop(self) -> tuple[str, str]:
        """Stop the dashboard; return its log with the exit code, and its request log."""
        self._process.terminate()
        try:
            code = self._process.wait(TIMEOUT_S)
        finally:
            self._process.kill()
        lines = self._log.read_text().splitlines(keepends=True)
        requests = "".join(line for line in lines if "[recorded]" in line)
        rest = "".join(line for line in lines if not re.search(r"\[(?:recorded|poll)\]$", line))
        return f"{rest}exit code {code}\n", requests


def _command(checkout: Path) -> list[str]:
    return [sys.executable, str(checkout / "app.py")]


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with `settings` in place of any NORTHSTAR_ variables.

    The order of attributes in Dash's components is that of a set, which depends on the hash seed.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith("NORTHSTAR_")}
    named = {f"NORTHSTAR_{name}": value for name, value in settings.items()}
    fixed = {"COLUMNS": "80", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    return {**ours, **fixed, **named}


@contextmanager
def _running(
    output: Output, checkout: Path, folder: Path, *options: str, **settings: str
) -> Iterator[Dashboard]:
    """Run a dashboard for the duration of the context, and write its log."""
    dashboard = Dashboard(checkout, folder, *options, **settings)
    try:
        dashboard.wait_until_it_answers()
        yield dashboard
    finally:
        log, requests = dashboard.stop()
        output.write("log.txt", log)
        output.write("log of requests.txt", requests)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"not within {TIMEOUT_S} s: {what}")
        time.sleep(0.1)


# ---- Captures ------------------------------------------------------------------------------


class Missed(Exception):
    """The machine was too slow to render a frame for every message."""


def record_replay(output: Output, checkout: Path, folder: Path) -> None:
    """Record the frame of every message, and the response to every request at the end."""
    with _replaying(output, checkout, folder) as dashboard, ThreadPoolExecutor() as threads:
        frames = threads.submit(_frames, dashboard)
        messages = threads.submit(_messages, dashboard)
        for name, frame in frames.result().items():
            output.write(f"view-stream-{name}.json", frame)
        output.write("pnl-stream.jsonl", "".join(f"{text}\n" for text in messages.result()))
        _wait_until_written(dashboard)
        _record_answers(output, dashboard)
        _record_edges(output, dashboard)


@contextmanager
def _replaying(
    output: Output, checkout: Path, folder: Path, **settings: str
) -> Iterator[Dashboard]:
    (folder / "recorded.jsonl").write_text(recording())
    options = "--replay", "recorded.jsonl", "--speed", str(SPEED)
    with _running(output, checkout, folder, *options, **settings) as dashboard:
        yield dashboard


def _accepted(frame: Mapping[str, Any]) -> int:
    return int(frame["feed"]["tally"]["accepted"])


def _frames(dashboard: Dashboard) -> dict[str, str]:
    """Return the first whole frame after each message, the last one, and a heartbeat."""
    frames: dict[str, str] = {}
    ended = False
    for text in dashboard.receive("/view-stream"):
        frame = json.loads(text)
        if "props" not in frame:
            if ended:
                frames["heartbeat"] = text
                break
        elif frame["feed"]["state"] == "ended":
            frames["ended"], ended = text, True
        else:
            frames.setdefault(f"{_accepted(frame):02}", text)
    if len(frames) != MESSAGES + 1:  # the last one and “ended” are one frame
        raise Missed
    return frames


def _messages(dashboard: Dashboard) -> list[str]:
    try:
        return list(islice(dashboard.receive("/pnl-stream"), MESSAGES))
    except TimeoutError as error:
        raise Missed from error


def _wait_until_written(dashboard: Dashboard) -> None:
    """Return once the recording has ended and its history is written."""
    _wait_for(lambda: dashboard.feed()["state"] == "ended", "the recording has ended")
    written = b"\nnorthstar_history_waiting_states 0.0\n"
    _wait_for(
        lambda: written in dashboard.request("/metrics", name="poll").body, "history is written"
    )


def _record_answers(output: Output, dashboard: Dashboard) -> None:
    for path in QUERIES:
        output.write_answer(f"GET {path}", dashboard.request(path))
    page = dashboard.request("/", name="poll").body.decode()
    for kpi in sorted(set(re.findall(r'id="(kpi-\w+)"', page))):
        output.write_answer(f"GET /explain/{kpi}", dashboard.request(f"/explain/{kpi}"))
    metrics = dashboard.request("/metrics")
    kinds = re.findall(r"^# .+$", metrics.body.decode(), re.MULTILINE)
    output.write("GET /metrics", "\n".join([metrics.head, *kinds]))
    _record_files(output, dashboard, page)


def _record_files(output: Output, dashboard: Dashboard, page: str) -> None:
    """Record the response headers of the page's files, not their content."""
    addresses = sorted(set(re.findall(r'(?:src|href)="(/[^"?#]*\.\w+(?:\?[^"]*)?)"', page)))
    assert addresses
    heads = [
        f"{address}\n{dashboard.request(address, name='poll', Accept_Encoding=encoding).head}\n"
        for address in addresses
        for encoding in ("identity", "gzip", "br")
    ]
    output.write("files", "\n".join(heads))


def _record_edges(output: Output, dashboard: Dashboard) -> None:
    """Record refusals, and responses that depend on request headers."""
    for path in REFUSALS:
        output.write_answer(f"GET {path}", dashboard.request(path))
    for method in ("HEAD", "POST"):
        output.write_answer(f"{method} /", dashboard.request("/", method))
    heads = [dashboard.request("/", Accept_Encoding=encoding).head for encoding in ("gzip", "br")]
    output.write("compressed", "\n\n".join(heads))
    output.write_answer("foreign host", dashboard.request("/", Host="evil.example"))
    output.write("foreign origin", _closed(dashboard, "/view-stream"))


def _closed(dashboard: Dashboard, path: str) -> str:
    try:
        return next(dashboard.receive(path, origin="http://evil.example"))
    except (ConnectionClosed, InvalidStatus) as error:
        return f"{error}\n"


def record_elsewhere(output: Output, checkout: Path, folder: Path) -> None:
    """Record the end of the same recording with other settings, and the sign-in."""
    with _replaying(output, checkout, folder, **ELSEWHERE) as dashboard:
        _wait_until_written(dashboard)
        _record_sign_in(output, dashboard)
        _record_answers(output, dashboard)


def _record_sign_in(output: Output, dashboard: Dashboard) -> None:
    def record(name: str, *request: str, **headers: str) -> None:
        output.write_answer(name, dashboard.request(*request, Anonymous="yes", **headers))

    for path in ("/", "/history?range=7d", "/api/pnl", "/sign-in", "/sign-in?next=/history"):
        record(f"anonymous GET {path}", path, Accept="text/html" if "api" not in path else "*/*")
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    right = urlencode({"token": ELSEWHERE["AUTH_TOKEN"], "next": "/history"})
    record("sign in", "/sign-in", "POST", right, **form)
    record("sign in wrongly", "/sign-in", "POST", "token=wrong", **form)
    record(
        "sign in from elsewhere", "/sign-in", "POST", right, Origin="http://evil.example", **form
    )
    record("sign out", "/sign-out", "POST", "", **form)
    record("screen", f"/screen?token={ELSEWHERE['SCREEN_TOKEN']}")
    record("screen wrongly", "/screen?token=wrong")
    record("wrong bearer", "/api/pnl", Authorization="Bearer wrong")


LIVE_MESSAGES = 10
LIVE_STEP_S = 0.5
STALE_AFTER_S = "4"
LOGGED_AFTER_S = 8  # then the log has it, too


def record_live(output: Output, checkout: Path, folder: Path) -> None:
    """Record the status of a source that is live, then silent, then closed."""
    with _source() as source:
        url = f"ws://127.0.0.1:{source.socket.getsockname()[1]}/stream"
        options = "--ws-url", url, "--ws-protocol", "websocket", "--stale-after", STALE_AFTER_S
        with _running(output, checkout, folder, *options) as dashboard:
            _wait_for(lambda: dashboard.feed()["tally"]["accepted"] == LIVE_MESSAGES, "all come")
            if dashboard.feed()["state"] != "live":
                raise Missed
            _record_status(output, dashboard, "live")
            _wait_for(lambda: dashboard.feed()["age_s"] > LOGGED_AFTER_S, "the data is old")
            _record_status(output, dashboard, "stale")
            source.shutdown()
            _wait_for(lambda: _is_refused(dashboard), "the source is gone")
            _record_status(output, dashboard, "offline")


@contextmanager
def _source() -> Iterator[Server]:
    """Run a WebSocket server whose timestamps advance with the clock, but are old."""

    def send(viewer: ServerConnection) -> None:
        at = datetime(2026, 2, 25, 22, 24, tzinfo=UTC)
        viewer.send("{not JSON")
        viewer.send('{"event": "heartbeat"}')
        for number in range(LIVE_MESSAGES):
            update = {"revenue": 125_450 + number, "expenses": 48_320}
            viewer.send(json.dumps({"timestamp": at.isoformat(), **update}))
            at += timedelta(seconds=LIVE_STEP_S)
            time.sleep(LIVE_STEP_S)
        with suppress(ConnectionClosed):
            viewer.recv()

    with serve(send, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _is_refused(dashboard: Dashboard) -> bool:
    feed = dashboard.feed()
    return feed["state"] == "offline" and feed["retry_in_s"] is not None


def _record_status(output: Output, dashboard: Dashboard, name: str) -> None:
    for path in ("/", "/api/feed", "/api/pnl", "/readyz"):
        output.write_answer(f"{name} GET {path}", dashboard.request(path))
    output.write(f"{name} view-stream.json", next(dashboard.receive("/view-stream")))


def record_commands(output: Output, checkout: Path, folder: Path) -> None:
    """Record the output and exit code of the command line."""
    for arguments in (("--help",), ("--version",), *REFUSED_COMMANDS):
        done = subprocess.run(
            [*_command(checkout), *arguments],
            cwd=folder,
            env=_environment({}),
            capture_output=True,
            text=True,
            check=False,
        )
        printed = f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        output.write(" ".join(["app", *arguments]), printed)


CAPTURES: Mapping[str, tuple[Callable[[Output, Path, Path], None], Sequence[Mask]]] = {
    "command": (record_commands, MASKS),
    "replay": (record_replay, MASKS),
    "elsewhere": (record_elsewhere, MASKS),
    "live": (record_live, LIVE_MASKS),
}
ATTEMPTS = 3


def record(folder: Path, checkout: Path) -> None:
    """Write all captures to `folder`, which must not exist."""
    folder.mkdir(parents=True)
    for name, (capture, masks) in CAPTURES.items():
        for _ in range(ATTEMPTS):
            shutil.rmtree(folder / name, ignore_errors=True)
            with tempfile.TemporaryDirectory() as own, suppress(Missed):
                capture(Output(folder / name, masks), checkout, Path(own))
                break
            print(f"{name}: the machine was too slow to render a frame for every message")
        else:
            sys.exit(f"{name}: not recorded in {ATTEMPTS} attempts")
    print(f"{len(_files(folder))} files in {folder}")


# ---- Comparing -----------------------------------------------------------------------------


def _files(folder: Path) -> dict[str, str]:
    """Return the texts below `folder` by their paths."""
    return {
        str(file.relative_to(folder)): file.read_bytes().decode()
        for file in folder.rglob("*")
        if file.is_file()
    }


def compare(before: Path, after: Path) -> int:
    """Print the differences; return the number of different files."""
    old, new = _files(before), _files(after)
    if not old:
        sys.exit(f"nothing is recorded in {before}")
    different = sorted(name for name in old | new if old.get(name) != new.get(name))
    for name in different:
        was, now = (texts.get(name, "").split("\n") for texts in (old, new))
        sides = f"{before}/{name}", f"{after}/{name}"
        print("\n".join(difflib.unified_diff(was, now, *sides, n=1, lineterm="")))
    print(f"{len(different)} files differ" if different else f"{len(old)} files equal")
    return len(different)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("out", nargs="?", type=Path, help="the folder to write")
    parser.add_argument("--checkout", type=Path, default=ROOT, help="the checkout to record")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("A", "B"))
    given = parser.parse_args()
    if given.compare:
        sys.exit(1 if compare(*given.compare) else 0)
    if given.out is None:
        parser.error("give a folder to write, or --compare A B")
    if given.out.exists():
        parser.error(f"{given.out} already exists")
    record(given.out, given.checkout.resolve())


if __name__ == "__main__":
    main()
