r"""Record the outputs of a dashboard, to compare them before and after a refactoring.

    export PYTHONPATH=tests
    python tools/record_outputs.py before --checkout ../old
    python tools/record_outputs.py after
    python tools/record_outputs.py --compare before after

The dashboard runs as `python app.py` in a separate process. None of its modules are imported, so
that they may move. It shows a fixed recording (`replay`), the same recording with a sign-in and
other settings (`elsewhere`), and a WebSocket server that stops sending and then closes (`live`);
`command` has the output of the command line. The rules in `recorded_texts.py` mask values that
differ from run to run. Line breaks are added to long texts; they are not changed otherwise.
`recorded_stream.py` has the recording, `recorded_dashboard.py` runs the dashboard.
"""

import argparse
import difflib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.server import Server, ServerConnection, serve

from recorded_dashboard import Dashboard, command, environment, wait_for
from recorded_stream import MESSAGES, SPEED, recording
from recorded_texts import LIVE_MASKS, MASKS, Mask, Output
from support.frames import Reader

ROOT = Path(__file__).parent.parent

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
    """Return the content of the first frame after each message, the last one, and a heartbeat."""
    frames: dict[str, str] = {}
    reader = Reader()
    for text in dashboard.receive("/view-stream"):
        frame = reader.read(text)
        whole = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        if "ended" in frames:
            frames["heartbeat"] = whole
            break
        name = "ended" if frame["feed"]["state"] == "ended" else f"{_accepted(frame):02}"
        frames.setdefault(name, whole)
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
    wait_for(lambda: dashboard.feed()["state"] == "ended", "the recording has ended")
    written = b"\nnorthstar_history_waiting_states 0.0\n"
    wait_for(
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

    def head(address: str, encoding: str) -> str:
        return dashboard.request(address, name="poll", Accept_Encoding=encoding).head

    def compressed(address: str, encoding: str) -> str:
        """Return the head of a file once it is compressed: before, proxies must not keep it."""
        wait_for(lambda: ": private" not in head(address, encoding), f"{address} is compressed")
        return f"{address}\n{head(address, encoding)}\n"

    encodings = ("identity", "gzip", "br")
    heads = [compressed(address, encoding) for address in addresses for encoding in encodings]
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
            wait_for(lambda: dashboard.feed()["tally"]["accepted"] == LIVE_MESSAGES, "all come")
            if dashboard.feed()["state"] != "live":
                raise Missed
            _record_status(output, dashboard, "live")
            wait_for(lambda: dashboard.feed()["age_s"] > LOGGED_AFTER_S, "the data is old")
            _record_status(output, dashboard, "stale")
            source.shutdown()
            wait_for(lambda: _is_refused(dashboard), "the source is gone")
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
            [*command(checkout), *arguments],
            cwd=folder,
            env=environment({}),
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
