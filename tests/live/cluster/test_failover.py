"""The viewers of a cluster during each fault: three instances as real processes."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from dash.testing.browser import Browser

from support import faults
from support.checkout import ROOT
from support.clocks import wrong_clock
from support.clusters import STALE_AFTER_S, Cluster, Instance, check, cluster
from support.crowd import Crowd
from support.databases import Postgres, empty_database
from support.haproxy import haproxy
from support.isolation import isolate
from support.page import Page
from support.releases import write_release
from support.waiting import SLOWNESS, until

DRAIN_S = 2
BEHIND = ("--trusted-proxies", "127.0.0.1", "--insecure")
FAULT_S = 20
VIEWERS = 300


@pytest.fixture(scope="module")
def shared(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Run one cluster for all tests; each leaves it intact."""
    with pytest.MonkeyPatch.context() as patch, empty_database(postgres) as db:
        isolate(patch, tmp_path_factory.mktemp("cluster"))
        with cluster(db, "--drain-s", str(DRAIN_S), *BEHIND) as running:
            yield running


@pytest.fixture
def three(shared: Cluster) -> Iterator[Cluster]:
    """Return the cluster; after the test, check its invariants and restore it."""
    yield shared
    shared.mend()
    check(shared)


def states(three: Cluster) -> set[str]:
    """Return the states that the instances show."""
    return {three.witness(each).seen[-1].state for each in three.instances}


def test_leader_killed(three: Cluster) -> None:
    """Within 5 s of the leader's death, the others show new data under another leader."""
    leader, others = three.roles()
    leader.stop(signal.SIGKILL)
    three.shows_news(*others, within_s=5)
    assert three.roles()[0] in others


def test_leader_stopped(three: Cluster) -> None:
    """A stopped leader hands over: the others' viewers are not affected, and its own are moved."""
    leader, others = three.roles()
    began_s = time.monotonic()
    code, _ = leader.stop()
    assert code == 0
    three.shows_news(*others, within_s=5)
    gaps_s = [three.witness(each).longest_gap_s(began_s) for each in others]
    assert max(gaps_s) < 1 * SLOWNESS
    seen = [frame for each in others for frame in three.witness(each).seen]
    assert {frame.state for frame in seen if frame.at_s > began_s} == {"live"}
    assert three.witness(leader).closed[-1] == 1012


def test_status(three: Cluster) -> None:
    """Every instance knows the leader, all instances, and how far it is behind."""
    leader, _ = three.roles()

    def knows(instance: Instance) -> bool:
        known = instance.get("/api/feed")["cluster"]
        names = [each["name"] for each in known["instances"]]
        return (
            f":{leader.port}/" in known["leader"]
            and f":{instance.port}/" in known["name"]
            and len(names) == len(three.instances)
            and known["name"] in names
            and known["behind_s"] < STALE_AFTER_S
        )

    for each in three.instances:
        until(partial(knows, each), what="it knows the cluster")
        leads = f"northstar_cluster_leading {float(each is leader)}"
        assert leads in each.text("/metrics")


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("--cluster", "--db", "history.db"), 2, "SQLite has one writer"),
        (("--db", "{db}"), 1, "leads a cluster on it: set NORTHSTAR_CLUSTER=true"),
    ],
    ids=["cluster on SQLite", "alone on the database of a cluster"],
)
def test_refused(three: Cluster, arguments: tuple[str, ...], code: int, reason: str) -> None:
    """A start with settings that would break the cluster is refused with the reason."""
    given = [each.format(db=three.db) for each in arguments]
    ended = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "--ws-url", three.source.stream.url, *given],
        capture_output=True,
        text=True,
        timeout=20 * SLOWNESS,
        check=False,
    )
    assert ended.returncode == code
    assert reason in ended.stderr


@pytest.mark.long
def test_leader_frozen(three: Cluster) -> None:
    """Within 5 s the others show new data; the thawed leader follows and writes nothing."""
    leader, others = three.roles()
    leader.pause()
    began_s = time.monotonic()
    three.shows_news(*others, within_s=5)
    until(lambda: time.monotonic() - began_s > FAULT_S, FAULT_S + 1)
    leader.resume()
    three.shows_news(leader, *others, within_s=5)
    assert three.roles()[0] in others


@pytest.mark.long
def test_leader_cut_from_the_database(three: Cluster) -> None:
    """Another instance leads within 5 s, and the former leader's viewers are moved."""
    leader, others = three.roles()
    sockets = len(three.witness(leader).closed)
    leader.db.cut()
    three.shows_news(*others, within_s=5)
    until(lambda: three.witness(leader).closed[sockets:], 10 + DRAIN_S, "its viewers move")
    assert three.witness(leader).closed[sockets] == 1012
    assert leader.health == 503
    leader.db.mend()
    three.shows_news(leader, within_s=10)
    assert leader.health == 200


@pytest.mark.long
def test_leader_cut_from_the_source(three: Cluster) -> None:
    """A leader that cannot reach the source hands over the lease within 15 s."""
    leader, _ = three.roles()
    leader.source.break_off()
    three.shows_news(*three.instances, within_s=15)
    assert three.roles()[0] is not leader


@pytest.mark.long
def test_source_away(three: Cluster) -> None:
    """All instances show stale data as such, and new data when the source is back."""
    for each in three.instances:
        each.source.break_off()
    until(lambda: states(three) == {"offline"}, STALE_AFTER_S + 2, "all are offline")
    for each in three.instances:
        each.source.mend()
    three.shows_news(*three.instances, within_s=5)


@pytest.mark.long
def test_follower_killed(three: Cluster, tmp_path: Path) -> None:
    """The others serve a killed follower's viewers within 2 s; their own are not affected."""
    leader, others = three.roles()
    with (
        haproxy([each.port for each in three.instances], tmp_path) as proxy,
        closing(Crowd(proxy.port, 30)) as viewers,
    ):
        until(lambda: viewers.without_news_s < 1 * SLOWNESS, 20, "all viewers are connected")
        other, follower = sorted(others, key=lambda each: int(each.get("/api/feed")["viewers"]))
        viewers.begin()
        began_s = time.monotonic()
        follower.stop(signal.SIGKILL)
        three.shows_news(leader, other, within_s=1)
        until(lambda: time.monotonic() - began_s > 2, 3)
        assert viewers.closed.total() > 0
        assert viewers.without_news_s < 1 * SLOWNESS
        assert viewers.longest_gap_s < 2 * SLOWNESS
        assert viewers.backwards == 0
    assert three.roles()[0] is leader
    assert three.witness(other).longest_gap_s(began_s) < 1 * SLOWNESS


@pytest.mark.long
def test_follower_isolated(three: Cluster) -> None:
    """An isolated follower fails health checks and moves its viewers until the database is back."""
    leader, (follower, other) = three.roles()
    sockets = len(three.witness(follower).closed)
    follower.db.cut()
    until(lambda: three.witness(follower).closed[sockets:], 10 + DRAIN_S, "its viewers move")
    assert three.witness(follower).closed[sockets] == 1012
    assert follower.health == 503
    three.shows_news(leader, other, within_s=1)
    follower.db.mend()
    three.shows_news(follower, within_s=10)
    assert follower.health == 200
    assert three.roles()[0] is leader


@pytest.mark.long
def test_follower_that_hears_no_notification(three: Cluster) -> None:
    """A follower without notifications is at most 1 s behind."""
    _, (follower, _) = three.roles()
    began_s = time.monotonic()
    follower.db.deafen()
    three.shows_news(follower, within_s=1)
    until(lambda: time.monotonic() - began_s > 5, 6)
    assert three.witness(follower).longest_gap_s(began_s) < 1.5 * SLOWNESS


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "crashed"])
def test_database_restarted(three: Cluster, postgres: Postgres, how: signal.Signals) -> None:
    """All instances show new data within seconds of the database's return."""
    postgres.stop(how)
    postgres.start()
    three.shows_news(*three.instances, within_s=2)


@pytest.mark.long
def test_database_frozen(three: Cluster, postgres: Postgres) -> None:
    """No viewer is shown Live for long; all show new data within seconds of the thaw."""
    began_s = time.monotonic()
    postgres.pause()
    until(lambda: time.monotonic() - began_s > FAULT_S, FAULT_S + 1)
    assert "live" not in states(three)
    postgres.resume()
    three.shows_news(*three.instances, within_s=2)


@pytest.mark.long
def test_rolling_upgrade(three: Cluster, dash_br: Browser, tmp_path: Path) -> None:
    """Behind HAProxy, viewers are not affected while instances are upgraded one by one."""
    page = Page(dash_br)
    witness = faults.Witness(page)
    with ExitStack() as stack:
        proxy = stack.enter_context(haproxy([each.port for each in three.instances], tmp_path))
        viewers = Crowd(proxy.port, VIEWERS)
        stack.callback(viewers.close)
        newer = write_release(tmp_path, "99.0.0")
        page.open(f"http://127.0.0.1:{proxy.port}")
        page.is_drawn()  # and so do all its scripts: a page without one would reload
        until(lambda: page.state == "live", 20, "the page is live")
        until(lambda: viewers.without_news_s < 1 * SLOWNESS, 20, "all viewers are connected")
        viewers.begin()
        began_at = time.time()
        for each in three.instances:
            each.stop()  # code 1 if an earlier fault has lost some history
            stack.callback(setattr, each, "script", each.script)
            each.script = newer
            each.start()
            until(lambda: viewers.without_news_s < 1 * SLOWNESS, 20, "all viewers are served")
        three.shows_news(*three.instances, within_s=20)
        said = [each for each in witness.said if each.at > began_at]
        loads = page.run("return sessionStorage.loads")

    assert loads == "1"
    assert {each.state for each in said} == {"live"}
    shown = [float(each.revenue.strip("$").replace(",", "")) for each in said]
    assert all(before <= after for before, after in pairwise(shown)), "numbers went back"
    assert viewers.closed.keys() == {1012}
    assert viewers.backwards == 0
    assert viewers.longest_gap_s < 5 * SLOWNESS


@pytest.mark.long
def test_wrong_clocks(postgres: Postgres) -> None:
    """An instance whose clock is an hour off follows and leads like the others."""
    clocks = (wrong_clock("+1h"), (), wrong_clock("-1h"))
    with empty_database(postgres) as db, cluster(db, under=clocks) as three:
        for left in (2, 1):
            leader, others = three.roles()
            leader.stop(signal.SIGKILL)
            running = [each for each in others if each.running]
            assert len(running) == left
            three.shows_news(*running, within_s=5)
        seen = [each.state for witness in three.witnesses for each in witness.seen]
        assert set(seen) <= {"connecting", "live", "reconnecting"}
        check(three)
