"""Build the pipeline that the settings describe."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

from websockets.typing import Subprotocol

from northstar.domain.calendar import Calendar
from northstar.domain.currency import decimals_of, half_a_unit
from northstar.domain.day import Moment
from northstar.domain.intraday import is_surrounded
from northstar.domain.ledger import Snapshot
from northstar.domain.trading import TradingDays
from northstar.errors import ConfigurationError
from northstar.feeds.demo.feed import DemoFeed
from northstar.feeds.demo.scenes import Scene, earlier_updates
from northstar.feeds.live import LiveFeed
from northstar.feeds.recording import Recorder
from northstar.feeds.replay import ReplayFeed
from northstar.feeds.upstream import KB, Protocol, Upstream
from northstar.history.database import open_database, open_temporary_database, opening, read_url
from northstar.history.schema import MINUTES
from northstar.history.store import Retention, Store
from northstar.history.writer import History
from northstar.live.pipeline import Pipeline
from northstar.reports.report import MINUTES_OF_A_DAY
from northstar.settings.parsing import masked
from northstar.settings.table import Settings, flag, variable

# The transports of each value of `socketio_transport`; none for those that the server offers.
TRANSPORTS = {"auto": [], "websocket": ["websocket"], "polling": ["polling"]}


def create_pipeline(settings: Settings) -> Pipeline:
    """Return the pipeline of the configured source.

    Raises `ConfigurationError` if a recording cannot be read or written or the database URL is
    invalid, and `StoreError` if the database cannot be used.
    """
    recorder = Recorder(settings.record) if settings.record else None
    if settings.demo:
        return _demo(settings, recorder)
    if settings.replay:
        replay = ReplayFeed(settings.replay, settings.speed)
        return Pipeline(replay, settings, _temporary_history(settings, replay.now), now=replay.now)
    return _live(settings, recorder)


def _live(settings: Settings, recorder: Recorder | None) -> Pipeline:
    with _naming_the_database(settings):
        url = read_url(settings.db)
    engine, calendar = open_database(url), _calendar(settings)
    store = Store(engine, calendar, settings.stream_name, tolerance(settings))
    with opening(url):
        stored = store.latest(settings.timezone)
        minutes = _last_minutes(store, stored.snapshot.instant) if stored else []
    history = History(store, _retention(settings), partial(datetime.now, UTC))
    pipeline = Pipeline(LiveFeed(create_upstream(settings)), settings, history, recorder=recorder)
    # A state of the future was kept while a clock was ahead; it would hold up those of today.
    if stored and stored.snapshot.instant < datetime.now(UTC) + timedelta(days=1):
        pipeline.intake.restore(stored, minutes)
    return pipeline


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


def _demo(settings: Settings, recorder: Recorder | None) -> Pipeline:
    zoned_now = partial(datetime.now, settings.timezone)
    history = _temporary_history(settings, zoned_now)
    scene, seed, calendar = Scene(settings.demo_scene), settings.demo_seed, _calendar(settings)
    feed = DemoFeed(seed, settings.demo_rate, zoned_now, scene)
    pipeline = Pipeline(feed, settings, history, recorder=recorder)
    day_before = calendar.start(calendar.trading.before(calendar.day_of(zoned_now())))
    for update in earlier_updates(scene, seed, zoned_now(), calendar.end):
        history.add(Snapshot(update), update.timestamp)
        if update.timestamp >= day_before:
            pipeline.intake.day.add(Snapshot(update))
    return pipeline


def _temporary_history(settings: Settings, now: Callable[[], datetime]) -> History:
    """Return a history for a demo or replay, in a temporary database apart from the real one."""
    calendar = _calendar(settings)
    store = Store(open_temporary_database(), calendar, tolerance=tolerance(settings))
    retention = _retention(settings)
    return History(store, retention, now, lambda: now().timestamp(), temporary=True)


@contextmanager
def _naming_the_database(settings: Settings) -> Iterator[None]:
    """Add the setting and its value to any `ConfigurationError`."""
    try:
        yield
    except ConfigurationError as error:
        given = f"{variable('db')} / {flag('db')} is {masked(settings.db)!r}"
        raise ConfigurationError(f"{given}: {error}") from error


def _calendar(settings: Settings) -> Calendar:
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
