"""Faults of the database, with real processes, disks and servers."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support import guide
from support.dashboard import Process, process
from support.databases import Postgres, empty_database
from support.feeding import Pump, feed, kept, pumping, rows, shown, whole_latest
from support.programs import unused_port
from support.recordings import record
from support.sources import Stream
from support.storage import LOSSES, fill, filled, locked, small_disk
from support.waiting import until

pytestmark = pytest.mark.long

RECOVERY_S = 30


# ---- A stream under load ----------------------------------------------------------------------


def seconds_sent(pump: Pump, wanted: int) -> Callable[[], bool]:
    """Return a condition that this many more seconds have been sent."""
    enough = len(pump.sent) + wanted
    return lambda: len(pump.sent) >= enough


def run_into(problem: str, servers: list[Process], pump: Pump) -> None:
    """Wait until history is paused for that reason, and then some while the stream continues."""

    def has_problem(server: Process) -> bool:
        found = feed(server)["history_problem"]
        return found is not None and problem in found

    for server in servers:
        # A broken connection may be the first problem.
        _until(server, has_problem)
        told = feed(server)
        assert told["history"].startswith(f"paused: {told['history_problem']}; ")
    before = pump.revenue
    until(seconds_sent(pump, 2))
    for server in servers:
        assert feed(server)["state"] == "live"
        _until(server, lambda server: server.get("/api/pnl")["revenue"] > before)


def recover(servers: list[Process]) -> None:
    """Wait until history is written again."""
    for server in servers:
        _until(server, lambda server: feed(server)["history"] == "kept")
        assert feed(server)["history_problem"] is None


def _until(server: Process, condition: Callable[[Process], object]) -> None:
    until(lambda: condition(server), RECOVERY_S)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return an empty small disk."""
    with small_disk(tmp_path / "disk") as disk:
        yield disk


def test_disk_full(disk: Path, source: Stream, free_port: int) -> None:
    """A full disk pauses only the history; with free space, waiting states are written."""
    db = str(disk / "history.db")
    with process(free_port, "--ws-url", source.url, "--db", db) as server:
        until(lambda: source.clients == 1)
        with pumping(source) as pump:
            until(lambda: kept(db))
            fill(disk / "filler")
            run_into("the disk is full", [server], pump)
            (disk / "filler").unlink()
            recover([server])
        until(lambda: kept(db) == pump.sent, what="everything sent is stored")
        assert whole_latest(db) == shown(server)
        code, printed = server.stop()

    assert (code, "Traceback" in printed) == (0, False)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["shut down", "crashed"])
def test_postgres_restarted_under_load(
    postgres: Postgres, source: Stream, free_port: int, how: signal.Signals
) -> None:
    """While PostgreSQL is unavailable the stream continues, and nothing is lost."""
    with (
        empty_database(postgres) as db,
        process(free_port, "--ws-url", source.url, "--db", db) as server,
    ):
        until(lambda: source.clients == 1)
        with pumping(source) as pump:
            until(lambda: kept(db))
            postgres.stop(how)
            try:
                run_into("", [server], pump)
            finally:
                postgres.start()
            recover([server])
        until(lambda: kept(db) == pump.sent, what="everything sent is stored")
        assert whole_latest(db) == shown(server)
        code, printed = server.stop()

    assert (code, "Traceback" in printed) == (0, False)


def test_postgres_hangs_under_load(postgres: Postgres, source: Stream, free_port: int) -> None:
    """A server that does not answer is reported, and nothing is lost."""
    with (
        empty_database(postgres) as db,
        process(free_port, "--ws-url", source.url, "--db", db) as server,
    ):
        until(lambda: source.clients == 1)
        with pumping(source) as pump:
            until(lambda: kept(db))
            postgres.pause()
            try:
                run_into("the database does not answer", [server], pump)
            finally:
                postgres.resume()
            recover([server])
        until(lambda: kept(db) == pump.sent, what="everything sent is stored")


def test_file_locked_under_load(source: Stream, free_port: int, tmp_path: Path) -> None:
    """While another program locks the file the stream continues, and nothing is lost."""
    db = str(tmp_path / "history.db")
    with process(free_port, "--ws-url", source.url, "--db", db) as server:
        until(lambda: source.clients == 1)
        with pumping(source) as pump:
            until(lambda: kept(db))
            with locked(Path(db)):
                run_into("another program has locked the file", [server], pump)
            recover([server])
        until(lambda: kept(db) == pump.sent, what="everything sent is stored")


@pytest.mark.parametrize("loss", ["removed with those beside it", "replaced", "WAL removed"])
def test_file_goes_away_under_load(source: Stream, tmp_path: Path, loss: str) -> None:
    """Two programs report that their file is gone, and store all later states in a new one."""
    file = tmp_path / "data" / "history.db"
    db = str(file)
    arguments = ("--ws-url", source.url, "--db", db)
    with (
        process(unused_port(), *arguments) as one,
        process(unused_port(), *arguments) as other,
    ):
        until(lambda: source.clients == 2)
        with pumping(source) as pump:
            until(lambda: kept(db))
            before = len(pump.sent)
            LOSSES[loss](file)
            run_into("the file was removed or replaced", [one, other], pump)
            recover([one, other])
        since = set(list(pump.sent.items())[before:])
        until(lambda: set(kept(db).items()) >= since, what="all later states are stored")
        assert whole_latest(db) == shown(one)
        for server in (one, other):
            code, printed = server.stop()
            assert (code, "Traceback" in printed) == (0, False)
    assert set(kept(db).items()) >= since


def test_postgres_database_created_anew(postgres: Postgres, source: Stream, free_port: int) -> None:
    """A database that is dropped and created anew gets its tables and all later states."""
    with (
        empty_database(postgres) as db,
        process(free_port, "--ws-url", source.url, "--db", db) as server,
    ):
        name = db.rpartition("/")[2]
        until(lambda: source.clients == 1)
        with pumping(source) as pump:
            until(lambda: kept(db))
            before = len(pump.sent)
            postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")
            run_into(f'database "{name}" does not exist', [server], pump)
            postgres.execute(f"CREATE DATABASE {name}")
            recover([server])
        since = set(list(pump.sent.items())[before:])
        until(lambda: set(kept(db).items()) >= since, what="all later states are stored")
        assert whole_latest(db) == shown(server)
        code, printed = server.stop()

    assert (code, "Traceback" in printed) == (0, False)


def test_two_dashboards_of_one_stream(database: str, source: Stream) -> None:
    """Two programs on one database store the same as one: the last state of each second."""
    arguments = ("--ws-url", source.url, "--db", database)
    with (
        process(unused_port(), *arguments) as one,
        process(unused_port(), *arguments) as other,
    ):
        until(lambda: source.clients == 2)
        with pumping(source) as pump:
            until(seconds_sent(pump, 5))
        until(lambda: kept(database) == pump.sent, what="everything sent is stored")
        recover([one, other])
        assert rows(database) == {
            "seconds": len(pump.sent),
            "minutes": len({second // 60 for second in pump.sent}),
            "latest": 1,
            # The trend's 29 days before the last, and each day with states.
            "days": 29 + len({second // 86400 for second in pump.sent}),
        }
        assert whole_latest(database) == shown(one) == shown(other)
        for server in (one, other):
            code, printed = server.stop()
            assert (code, "Traceback" in printed, "paused" in printed) == (0, False, False)
    assert kept(database) == pump.sent


# ---- Data that is not real --------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["--demo", "--replay"])
@pytest.mark.parametrize("there", [True, False], ids=["there", "not there"])
def test_unreal_numbers_leave_the_history_alone(
    tmp_path: Path,
    free_port: int,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    there: bool,  # noqa: FBT001 (a case)
) -> None:
    """A demo and a replay never create or change the file of real data."""
    file = tmp_path / "real" / "history.db"
    if there:
        filled(file)
    before = files(tmp_path / "real")
    monkeypatch.setenv("NORTHSTAR_DB", str(file))
    recording = tmp_path / "recording.jsonl"
    record(recording, *(guide.text(revenue=second) for second in range(100)))
    arguments = ("--demo",) if kind == "--demo" else ("--replay", str(recording), "--speed", "10")

    with process(free_port, *arguments) as server:
        until(lambda: feed(server)["tally"]["accepted"] >= 3)
        assert server.get("/api/days")
        server.stop()

    assert files(tmp_path / "real") == before


def test_relayed_demo_is_not_kept(database: str, demo: Process) -> None:
    """The demo of another dashboard, shown as a stream, is never stored."""
    relayed = f"ws://127.0.0.1:{demo.port}/pnl-stream"
    with process(unused_port(), "--ws-url", relayed, "--db", database) as server:
        until(lambda: feed(server)["tally"]["accepted"] >= 3)
        assert feed(server)["history"] == "not kept: demo data"
        server.stop()

    assert set(rows(database).values()) == {0}


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of every file in a folder, which may be missing."""
    return {path.name: path.read_bytes() for path in folder.glob("*")}
