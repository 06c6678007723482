"""Build the pipeline that the settings describe."""

import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from secrets import token_hex

from websockets.typing import Subprotocol

from northstar.coordination.clock import DatabaseClock
from northstar.coordination.lease import require_free, require_writable
from northstar.coordination.truths import Truths, leaders_state, require_notifications
from northstar.domain.calendar import Calendar
from northstar.domain.currency import decimals_of, half_a_unit
from northstar.domain.day import Moment
from northstar.domain.freshness import LinkState
from northstar.domain.intraday import is_surrounded
from northstar.domain.snapshot import Snapshot
from northstar.domain.trading import TradingDays
from northstar.errors import ConfigurationError
from northstar.feeds.demo.feed import DemoFeed
from northstar.feeds.demo.scenes import Scene, earlier_updates
from northstar.feeds.live import LiveFeed
from northstar.feeds.recording import Recorder
from northstar.feeds.replay import ReplayFeed
from northstar.feeds.upstream import KB, Protocol, Upstream
from northstar.history import database
from northstar.history.database import (
    DatabaseUrl,
    open_database,
    open_temporary_database,
    opening,
    read_url,
)
from northstar.history.fence import lease_fence
from northstar.history.requests import Requests
from northstar.history.retention import Retention
from northstar.history.schema import MINUTES
from northstar.history.store import Accepted, Store
from northstar.history.writer import History
from northstar.live.alerts import Alerts
from northstar.live.cluster.alerts import Answering, FollowedAlerts
from northstar.live.cluster.leadership import Term
from northstar.live.cluster.leading import Leading
from northstar.live.cluster.pipeline import Clustered
from northstar.live.cluster.publishing import Publishing
from northstar.live.cluster.replica import Replica
from northstar.live.cluster.truth import require_common_settings
from northstar.live.composing import Composer, light_colours
from northstar.live.intake import Intake
from northstar.live.pictures import draw_png
from northstar.live.pipeline import Pipeline, Standalone
from northstar.live.report_message import ReportWriter
from northstar.receivers import sending
from northstar.reports.report import MINUTES_OF_A_DAY
from northstar.settings.alert_file import AlertFile, read_alert_file
from northstar.settings.cluster import common
from northstar.settings.parsing import masked
from northstar.settings.table import Settings, flag, variable
from northstar.view.alerts.messages import Context
from northstar.view.shared.money import Notation

log = logging.getLogger(__name__)

# The transports of each value of `socketio_transport`; none for those that the server offers.
TRANSPORTS = {"auto": [], "websocket": ["websocket"], "polling": ["polling"]}


def create_pipeline(settings: Settings) -> Pipeline:
    """Return the pipeline of the configured source.

    Raises `ConfigurationError` if a recording or the rules cannot be read, a recording cannot be
    written, or the database URL is invalid, and `StoreError` if the database cannot be used.
    """
    file = read_alert_file(settings.alerts) if settings.alerts else None
    if file:
        sending.check(file.receivers.values())
    if settings.cluster:
        return _clustered(settings, file)
    pipeline = _standalone(settings)
    if file:
        pipeline.evaluate(_alerts(settings, file, pipeline.intake))
    return pipeline


def _standalone(settings: Settings) -> Standalone:
    recorder = _recorder(settings)
    if settings.demo:
        return _demo(settings, recorder)
    if settings.replay:
        replay = ReplayFeed(settings.replay, settings.speed)
        history = _temporary_history(settings, replay.now)
        return Standalone(replay, settings, history, now=replay.now)
    return _live(settings, recorder)


def _recorder(settings: Settings) -> Recorder | None:
    return Recorder(settings.record) if settings.record else None


def _recorder_of_a_term(settings: Settings) -> Recorder | None:
    """Return the recording of a leader; None if it cannot be written: it then leads without."""
    try:
        return _recorder(settings)
    except ConfigurationError as error:
        log.error("not recorded: %s", error)  # noqa: TRY400 (no traceback for a user)
        return None


def _live(settings: Settings, recorder: Recorder | None) -> Standalone:
    url = _database(settings)
    history = _open_history(settings, url)
    with opening(url):
        if url.get_backend_name() == "postgresql":
            require_free(url)
        stored, minutes = _read(history, settings)
        history.notebook.read_newest()
    history.notebook.publish()
    feed = LiveFeed(create_upstream(settings))
    pipeline = Standalone(feed, settings, history, recorder=recorder)
    if stored:
        pipeline.intake.restore(stored, minutes)
    return pipeline


def _clustered(settings: Settings, file: AlertFile | None) -> Clustered:
    url, clock = _database(settings), DatabaseClock()
    history = _open_history(settings, url, clock.now)
    with ExitStack() as unused:
        unused.callback(history.store.close)
        _require_place(settings, url)
        unused.pop_all()
    # To refuse now what cannot be written; of several workers, the leader has the file open.
    if settings.workers == 1 and (recorder := _recorder(settings)):
        recorder.close()

    requests = Requests(history.store.engine, history.turn)

    def lead(term: Term, replica: Replica, truths: Truths) -> Leading:
        fence = lease_fence(term.epoch)
        history.begin(fence)
        stored, minutes = _read(history, settings)
        feed = LiveFeed(create_upstream(settings))
        with ExitStack() as unused:
            recorder = _recorder_of_a_term(settings)
            intake = Intake(feed, settings, history, recorder=recorder, now=clock.now)
            unused.callback(intake.close)
            if stored:
                intake.restore(stored, minutes)
            known = replica.snapshot
            if known and (stored is None or known.instant >= stored.snapshot.instant):
                intake.resume(replica.status(), known, replica.receipt)
            alerts = _alerts(settings, file, intake, clock.now) if file else None
            gap_s = 1 / settings.max_fps
            publishing = Publishing(term, intake, alerts, truths, replica, gap_s=gap_s)
            answering = Answering(requests, alerts.alerting, fence) if alerts else None
            was_reached = replica.truth is None or replica.truth.status.link == LinkState.OPEN
            unused.pop_all()
        return Leading(term, intake, publishing, alerts, answering, was_reached=was_reached)

    pipeline = Clustered(settings, history, url, instance_name(settings), lead, clock=clock)
    if file:
        pipeline.alerts = FollowedAlerts(file, pipeline.replica, requests)
    return pipeline


def _require_place(settings: Settings, url: DatabaseUrl) -> None:
    """Raise `StoreError` or `ConfigurationError` if this instance cannot be one of the cluster."""
    with opening(url):
        require_writable(url)
        require_notifications(url)
        theirs = leaders_state(url)
    if theirs:
        require_common_settings(theirs, common(settings))


def instance_name(settings: Settings) -> str:
    """Return a unique name for this process among the instances of a cluster."""
    return f"{socket.gethostname()}:{settings.port}/{os.getpid()}-{token_hex(3)}"


def _database(settings: Settings) -> DatabaseUrl:
    with _naming_the_database(settings):
        return read_url(settings.db)


def _open_history(
    settings: Settings,
    url: DatabaseUrl,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> History:
    engine, calendar = open_database(url), create_calendar(settings)
    store = Store(engine, calendar, settings.stream_name, tolerance(settings))
    return History(store, _retention(settings), now)


def _read(history: History, settings: Settings) -> tuple[Accepted | None, list[Moment]]:
    """Read the state to go on from, and the minutes of its day; and the days before it."""
    stored = history.store.latest(settings.timezone)
    # A state of the future was kept while a clock was ahead; it would hold up those of today.
    if stored is None or stored.snapshot.instant >= history.now() + timedelta(days=1):
        return None, []
    history.read_days(stored.snapshot)
    return stored, _last_minutes(history.store, stored.snapshot.instant)


def open_for_reading(settings: Settings) -> Store:
    """Return the history of the settings, for reading only.

    Raises `ConfigurationError` if the database URL is invalid, and `StoreError` if the database
    cannot be read.
    """
    url = _database(settings)
    engine = database.open_for_reading(url)
    return Store(engine, create_calendar(settings), settings.stream_name, tolerance(settings))


def _last_minutes(store: Store, at: datetime) -> list[Moment]:
    """Return the minutes of the day of `at` and of the trading day before, oldest first."""
    if not is_surrounded(at):
        return []
    calendar = store.calendar
    day = calendar.day_of(at)
    return [
        moment
        for each in (calendar.trading.before(day), day)
        for moment in store.moments(
            MINUTES, calendar.start(each), calendar.end(each), MINUTES_OF_A_DAY
        )
    ]


def _demo(settings: Settings, recorder: Recorder | None) -> Standalone:
    zoned_now = partial(datetime.now, settings.timezone)
    history = _temporary_history(settings, zoned_now)
    scene, seed, calendar = (
        Scene(settings.demo_scene),
        settings.demo_seed,
        create_calendar(settings),
    )
    feed = DemoFeed(seed, settings.demo_rate, zoned_now, scene)
    pipeline = Standalone(feed, settings, history, recorder=recorder)
    day_before = calendar.start(calendar.trading.before(calendar.day_of(zoned_now())))
    for update in earlier_updates(scene, seed, zoned_now(), calendar.end):
        history.add(Snapshot(update), update.timestamp)
        if update.timestamp >= day_before:
            pipeline.intake.day.add(update)
    return pipeline


def _temporary_history(settings: Settings, now: Callable[[], datetime]) -> History:
    """Return a history for a demo or replay, in a temporary database apart from the real one."""
    calendar = create_calendar(settings)
    store = Store(open_temporary_database(), calendar, tolerance=tolerance(settings))
    retention = _retention(settings)
    return History(store, retention, now, lambda: now().timestamp(), temporary=True)


def _alerts(
    settings: Settings,
    file: AlertFile,
    intake: Intake,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Alerts:
    notation = Notation(settings.locale, settings.currency, settings.decimals)
    rules = {rule.name: rule for rule in file.rules}
    composer = Composer(intake, rules, notation, create_context(settings))
    senders = {name: sending.create(each) for name, each in file.receivers.items()}
    writer = ReportWriter(
        settings.title,
        notation,
        light_colours(),
        draw_png,
        file.report.attach if file.report else "none",
        settings.public_url,
    )
    return Alerts.of(
        intake, file, senders, composer.compose, settings.timezone, writer=writer, now=now
    )


def create_context(settings: Settings, *, is_test: bool = False) -> Context:
    """Return what all messages of alerts share."""
    unreal = "DEMO" if settings.demo else "REPLAY" if settings.replay else ""
    return Context(
        settings.title,
        create_calendar(settings),
        settings.public_url,
        settings.stream_name if settings.ws_url else "",
        unreal,
        is_test=is_test,
    )


@contextmanager
def _naming_the_database(settings: Settings) -> Iterator[None]:
    """Add the setting and its value to any `ConfigurationError`."""
    try:
        yield
    except ConfigurationError as error:
        given = f"{variable('db')} / {flag('db')} is {masked(settings.db)!r}"
        raise ConfigurationError(f"{given}: {error}") from error


def create_calendar(settings: Settings) -> Calendar:
    """Return the days of the settings."""
    trading = TradingDays(settings.trading_days, settings.holidays)
    return Calendar(settings.timezone, settings.day_close, trading)


def tolerance(settings: Settings) -> Decimal:
    """Return the difference to the figure of a closed day that is no restatement."""
    if settings.restatement_tolerance is not None:
        return settings.restatement_tolerance
    return half_a_unit(decimals_of(settings.currency, settings.decimals))


def _retention(settings: Settings) -> Retention:
    return Retention(
        seconds=timedelta(hours=settings.keep_seconds_h),
        minutes=timedelta(days=settings.keep_minutes_d),
        days=timedelta(days=settings.keep_days_d) if settings.keep_days_d else None,
    )


def create_upstream(settings: Settings) -> Upstream:
    """Return the address, credentials and limits of the stream."""
    return Upstream(
        url=settings.stream_url,
        name=settings.stream_name,
        max_message_bytes=settings.max_message_kb * KB,
        max_rate=settings.max_rate,
        protocol=Protocol(settings.ws_protocol),
        headers={name: value.get_secret_value() for name, value in settings.headers.items()},
        token=settings.token.get_secret_value(),
        api_url=settings.api_url,
        tls=settings.tls,
        ca_file=settings.ca_file,
        own=(settings.host, settings.port),
        transports=TRANSPORTS[settings.socketio_transport],
        subprotocols=list(map(Subprotocol, settings.ws_subprotocols)),
    )
