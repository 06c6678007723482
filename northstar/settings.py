"""Every setting, in one table: name, default, bounds and help; read once, then frozen.

Sources, the first that has a value winning: command line, environment, `.env` in the current
folder, and last the `VITE_` names of the front end that this page replaces, from either.
"""

import argparse
import json
import re
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from northstar.errors import ConfigurationError

# Where updates may come from, one of them.
SOURCES = ("ws_url", "demo", "replay")
# Settings whose value is never printed.
SECRETS = {"token", "headers"}
# The locale of a page that nobody has chosen one for, and what C means, which has no country.
LOCALE = "en_US"
WS_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


def _read_zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("expected an IANA time zone such as Europe/Berlin") from error


def _read_locale(name: object) -> str:
    """Accept any spelling, `de-DE` or `de_DE.UTF-8`, and return babel's; C is the default's."""
    text = str(name).strip().replace("-", "_")
    if text.partition(".")[0].upper() in {"C", "POSIX"}:
        return LOCALE
    try:
        return str(Locale.parse(text))
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError("expected a locale such as de_DE") from error


def _read_currency(code: object) -> str:
    currency = str(code).strip().upper()
    if not is_currency(currency):
        raise ValueError("expected an ISO 4217 currency code such as EUR")
    return currency


def _read_ws_url(text: object) -> str:
    """Accept a URL with or without its scheme, as the old front end did; empty is none."""
    if not text:
        return ""
    url = str(text).strip()
    head, separator, rest = url.partition("://")
    scheme, rest = (head.lower(), rest) if separator and head.isalnum() else ("ws", url)
    slip = re.match(r"(ws|http)s?[:/]", rest, re.IGNORECASE) and rest == url  # http//host
    if scheme not in WS_SCHEMES or slip or not _has_host(rest):
        raise ValueError("expected a WebSocket URL such as ws://host:8000/pnl-stream")
    return f"{WS_SCHEMES[scheme]}://{rest}"


def _read_api_url(text: object) -> str:
    if not text:
        return ""
    head, separator, rest = str(text).strip().partition("://")
    if not separator or head.lower() not in {"http", "https"} or not _has_host(rest):
        raise ValueError("expected a web address such as https://host/api")
    return f"{head.lower()}://{rest}"


def _read_headers(text: object) -> object:
    """Accept `Name: value`, one a line, or a JSON object."""
    if not isinstance(text, str):
        return text
    try:
        headers = (
            json.loads(text)
            if text.lstrip().startswith("{")
            else dict(map(_read_header, text.strip().splitlines()))
        )
    except ValueError as error:
        raise ValueError(HEADERS_EXPECTED) from error
    if not all(_is_header(name, value) for name, value in headers.items()):
        raise ValueError(HEADERS_EXPECTED)
    return headers


HEADERS_EXPECTED = 'expected "Name: value", one a line, or a JSON object of texts'


def _read_header(line: str) -> tuple[str, str]:
    name, value = line.split(":", 1)
    return name.strip(), value.strip()


def _is_header(name: str, value: object) -> bool:
    return _fits_a_header(value) and bool(re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name))


def _fits_a_header(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _read_token(text: object) -> object:
    if isinstance(text, str) and not _fits_a_header(text.strip()):
        raise ValueError("expected printable ASCII characters")
    return text.strip() if isinstance(text, str) else text


def _read_ca_file(text: object) -> object:
    if text:
        try:
            ssl.create_default_context().load_verify_locations(cafile=str(text))
        except OSError as error:
            raise ValueError("expected a PEM file of certificates that can be read") from error
    return text


def _has_host(rest: str) -> bool:
    """Tell whether what follows the scheme can be connected to."""
    try:
        parts = urlsplit(f"ws://{rest}")
        host = (parts.hostname or "").encode("idna")
        whole_login = (parts.username is None) == (parts.password is None)
        return bool(host) and parts.port != 0 and whole_login and not {" ", "#"} & set(rest)
    except ValueError:  # a port that is no number, a host that is no name
        return False


def _read_list(text: object) -> object:
    return tuple(part.strip() for part in text.split(",")) if isinstance(text, str) else text


def _read_origin(text: str) -> str:
    origin = text.removesuffix("/")
    if not re.fullmatch(r"https?://[^/\s]+", origin):
        raise ValueError("expected web origins such as https://host:8443, comma-separated")
    return origin


class _OldFrontEnd(BaseSettings):
    """What is taken over from the `.env` of the React page."""

    model_config = SettingsConfigDict(env_prefix="VITE_", env_file=".env", extra="ignore")

    ws_url: str = ""
    ws_secure: str = ""
    api_url: str = ""


class Settings(BaseSettings):
    """What the program was told. Built by `load`; does not change afterwards."""

    model_config = SettingsConfigDict(
        env_prefix="NORTHSTAR_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    demo: bool = Field(default=False, description="run on the bundled emitter instead of a stream")
    ws_url: Annotated[str, BeforeValidator(_read_ws_url)] = Field(
        "", repr=False, description="the stream to show, ws://host:port/path or http://host:port"
    )
    ws_secure: bool = Field(default=False, description="true turns ws:// into wss://")
    ws_protocol: Literal["auto", "websocket", "socketio"] = Field(
        "auto", description="auto, websocket or socketio; auto finds out from what it answers"
    )
    event: str = Field("pnl-update", min_length=1, description="name of the stream's event")
    api_url: Annotated[str, BeforeValidator(_read_api_url)] = Field(
        "", repr=False, description="where GET <url>/pnl tells the stream's present state"
    )
    token: Annotated[SecretStr, BeforeValidator(_read_token)] = Field(
        SecretStr(""), description="sent to the stream as a bearer token and Socket.IO auth"
    )
    headers: Annotated[Mapping[str, SecretStr], NoDecode, BeforeValidator(_read_headers)] = Field(
        {}, description='HTTP headers for the stream, "Name: value", one a line'
    )
    ca_file: Annotated[str, BeforeValidator(_read_ca_file)] = Field(
        "", description="certificates of a private authority to trust as well, PEM"
    )
    record: Path | None = Field(
        None, description="append every accepted message to this file, .jsonl or .jsonl.gz"
    )
    replay: Path | None = Field(None, description="play a recorded file instead of a stream")
    speed: float = Field(1.0, gt=0, le=1000, description="how many times as fast to replay")
    host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(8050, ge=1, le=65535, description="port to listen on")
    demo_rate: float = Field(
        1.0, gt=0, le=1000, description="messages a second of the bundled emitter"
    )
    demo_seed: int = Field(1, description="the same seed emits the same values")
    timezone: Annotated[ZoneInfo, BeforeValidator(_read_zone)] = Field(
        ZoneInfo("UTC"), description="zone of the page, and of timestamps that name none"
    )
    locale: Annotated[str, BeforeValidator(_read_locale)] = Field(
        LOCALE, description="how numbers and dates are written, such as de_DE"
    )
    currency: Annotated[str, BeforeValidator(_read_currency)] = Field(
        "USD", description="what amounts are in, as a code of ISO 4217; nothing is converted"
    )
    stale_after: float = Field(
        10.0, ge=1, le=86400, description="age in seconds from which data is no longer live"
    )
    max_fps: float = Field(
        10.0, ge=1, le=60, description="frames a second sent to a page, at the most"
    )
    allowed_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_read_origin)], ...],
        NoDecode,
        BeforeValidator(_read_list),
    ] = Field((), description="other web origins whose pages may open the sockets, comma-separated")

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # file_secret_settings: not used
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        **_: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the old front end's names last, so that every `NORTHSTAR_` name wins."""
        old = {name: text for name, text in _OldFrontEnd().model_dump().items() if text}
        return (
            init_settings,
            env_settings,
            dotenv_settings,
            InitSettingsSource(settings_cls, old),
        )

    @model_validator(mode="after")
    def _require_source(self) -> Self:
        if not (self.demo or self.replay or self.ws_url):
            raise ConfigurationError(
                "no stream to show: give its address with --ws-url ws://host:port/path or in"
                " NORTHSTAR_WS_URL,\nor run on invented numbers with --demo, or on a recording with"
                " --replay FILE."
            )
        return self

    @model_validator(mode="after")
    def _refuse_copying(self) -> Self:
        if self.record and self.replay:
            raise ConfigurationError("give --record or --replay: a replay is recorded already")
        return self

    @model_validator(mode="after")
    def _require_one_login(self) -> Self:
        logins = {
            "a user in the stream's URL": "@" in urlsplit(self.ws_url).netloc,
            "an Authorization header": "authorization" in map(str.lower, self.headers),
            "a token": bool(self.token.get_secret_value()),
        }
        given = [name for name, is_given in logins.items() if is_given]
        if len(given) > 1:
            raise ConfigurationError(f"more than one login for the stream: {' and '.join(given)}")
        return self

    @property
    def stream_url(self) -> str:
        """The source's URL, wss:// where the settings ask for it."""
        return self.ws_url.replace("ws://", "wss://", 1) if self.ws_secure else self.ws_url

    @property
    def stream_name(self) -> str:
        """The source as it may be shown: without credentials, query or fragment."""
        parts = urlsplit(self.stream_url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def tls(self) -> ssl.SSLContext:
        """What certificates are checked against: the system's authorities, and the private one."""
        context = ssl.create_default_context()
        if self.ca_file:
            context.load_verify_locations(cafile=self.ca_file)
        return context


def load(arguments: Sequence[str] = ()) -> Settings:
    """Read the settings; `arguments` are the command line's, without the program's name.

    Raises `ConfigurationError` naming variable, value and what was expected. `--help`, and an
    argument that does not exist, end the program as argparse does.
    """
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    sources = [name for name in SOURCES if name in given]
    if len(sources) > 1:
        parser.error(f"give {' or '.join(map(flag, sources))}, not both")
    if sources:  # the command line's choice sets aside the environment's
        aside = {"demo": False, "replay": None} | ({"record": None} if "replay" in given else {})
        given = aside | given
    try:
        return Settings(**given)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise ConfigurationError("\n".join(_explain(detail) for detail in details)) from error
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f".env cannot be read: {error}") from error


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"NORTHSTAR_{name.upper()}"


def flag(name: str) -> str:
    """Return the command-line flag of a setting."""
    return f"--{name.replace('_', '-')}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="app.py",
        description="Live profit-and-loss dashboard for one stream of pnl-update messages.",
        epilog="Each option can also be set in the environment or .env, by the name in brackets.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    for name, field in Settings.model_fields.items():
        default = f", default {field.default}" if field.default else ""
        text = f"{field.description} [{variable(name)}{default}]"
        if field.annotation is bool:
            parser.add_argument(flag(name), help=text, action="store_true")
        else:
            parser.add_argument(flag(name), help=text, metavar="VALUE")
    return parser


def _explain(detail: ErrorDetails) -> str:
    name = str(detail["loc"][0])
    names = [variable(name), flag(name)]
    if name in _OldFrontEnd.model_fields:
        names.append(f"VITE_{name.upper()}")
    given = "…" if name in SECRETS else _mask(repr(detail["input"]))
    reason = detail["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    return f"{' / '.join(names)} is {given}: {reason}"


def _mask(text: str) -> str:
    """Hide what may be secret in a URL: user and password, query and fragment."""
    return re.sub(r"[?#].*", "?…", re.sub(r"[^'\"]*@", "…@", text))
