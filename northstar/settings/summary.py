"""Summarize the settings in the lines printed at the start."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from northstar.settings.parsing import masked
from northstar.settings.table import Settings, flag


def summary(settings: Settings) -> Sequence[str]:
    """Return a line for the source and the address, and one for each of the other choices."""
    source = "generated data (demo)" if settings.demo else settings.replay or settings.stream_name
    return [
        f"NorthStar shows {source} at {_url(settings)}",
        f"  History: {_history(settings)}",
        f"  Days: {_days(settings)}",
        f"  Sign-in: {', '.join(_sign_in(settings))}",
        f"  Recording: {settings.record or 'off'}",
        *([f"  Workers: {settings.workers}"] if settings.workers > 1 else []),
    ]


def address(settings: Settings) -> str:
    """Return host and port as in a URL."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{host}:{settings.port}"


def _url(settings: Settings) -> str:
    return f"http://{address(settings)}{settings.base_path}"


def _history(settings: Settings) -> str:
    if settings.demo or settings.replay:
        return "temporary, until the program ends"
    db = settings.db
    return masked(db) if "://" in db else str(Path(db).absolute())


def _days(settings: Settings) -> str:
    days = f"{settings.timezone}, closing at {settings.day_close:%H:%M}"
    if str(settings.trading_days) != "all":
        days += f", trading on {settings.trading_days}"
    return f"{days}, except holidays" if settings.holidays else days


def _sign_in(settings: Settings) -> Iterator[str]:
    """Yield who may sign in and how."""
    if settings.auth_token.get_secret_value():
        yield "with the token"
    if number := len(settings.auth_users):
        yield f"{number} user{'s' if number > 1 else ''} with a password"
    if settings.auth_header:
        yield f"users that a trusted proxy names in {settings.auth_header}"
    if settings.screen_token.get_secret_value():
        yield "wall screens, to the live page only"
    if not settings.guarded:
        yield f"none ({flag('insecure')})" if settings.insecure else "none, on this machine only"
