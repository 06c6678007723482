"""Every setting: name, default, bounds and help.

Values come from, in order of precedence: command line, environment, `.env` in the current folder,
and the `VITE_` names of the front end that this page replaces, in the environment or `.env`.
"""

import ssl
from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    InstanceOf,
    SecretStr,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from northstar import DESK
from northstar.domain.weekdays import EVERY_WEEKDAY, Weekdays, read_weekdays
from northstar.errors import ConfigurationError
from northstar.settings.cluster import check_cluster, cluster_of_workers
from northstar.settings.environment import ENV_FILE, PREFIX
from northstar.settings.old_front_end import OldFrontEnd
from northstar.settings.parsing import (
    LOCALE,
    Network,
    is_loopback,
    read_alive_url,
    read_amount,
    read_api_url,
    read_base_path,
    read_ca_file,
    read_contact,
    read_currency,
    read_db,
    read_header_name,
    read_headers,
    read_host,
    read_key,
    read_list,
    read_locale,
    read_network,
    read_origin,
    read_public_url,
    read_subprotocol,
    read_target,
    read_time,
    read_title,
    read_token,
    read_ws_url,
    read_zone,
)
from northstar.settings.paths import read_path
from northstar.settings.trading import Holidays, read_holidays
from northstar.settings.users import User, read_users


class Settings(BaseSettings):
    """The settings of one run, frozen; built by `load`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True
    )

    demo: bool = Field(default=False, description="run on generated data instead of a stream")
    ws_url: Annotated[str, BeforeValidator(read_ws_url)] = Field(
        "", repr=False, description="the stream: ws://host:port/path or http://host:port"
    )
    ws_secure: bool = Field(default=False, description="true turns ws:// into wss://")
    ws_protocol: Literal["auto", "websocket", "socketio"] = Field(
        "auto", description="auto, websocket or socketio; auto detects it"
    )
    socketio_transport: Literal["auto", "websocket", "polling"] = Field(
        "auto", description="transport of Socket.IO: auto, websocket or polling"
    )
    ws_subprotocols: Annotated[
        tuple[Annotated[str, AfterValidator(read_subprotocol)], ...],
        NoDecode,
        BeforeValidator(read_list),
    ] = Field((), description="WebSocket subprotocols to ask for, comma-separated")
    event: str = Field("pnl-update", min_length=1, description="event name of the stream")
    api_url: Annotated[str, BeforeValidator(read_api_url)] = Field(
        "", repr=False, description="base URL of an API whose GET <url>/pnl returns the state"
    )
    token: Annotated[SecretStr, BeforeValidator(read_token)] = Field(
        SecretStr(""), description="bearer token for stream and API, and Socket.IO auth.token"
    )
    headers: Annotated[Mapping[str, SecretStr], NoDecode, BeforeValidator(read_headers)] = Field(
        {}, description='HTTP headers for stream and API: "Name: value", one a line'
    )
    ca_file: Annotated[str, BeforeValidator(read_ca_file)] = Field(
        "", description="certificates of a private authority to trust in addition, PEM"
    )
    record: Annotated[Path | None, BeforeValidator(read_path)] = Field(
        None, description="append every accepted message to this file, .jsonl or .jsonl.gz"
    )
    replay: Annotated[Path | None, BeforeValidator(read_path)] = Field(
        None, description="play a recorded file instead of a stream"
    )
    speed: float = Field(1.0, gt=0, le=1000, description="replay speed as a multiple")
    host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(8050, ge=1, le=65535, description="port to listen on")
    demo_rate: float = Field(1.0, gt=0, le=1000, description="messages a second of the demo")
    demo_seed: int = Field(1, description="seed of the demo: the same values for the same seed")
    demo_scene: Literal["story", "calm", "loss", "crowd", "hostile", "offline"] = Field(
        "story", description="scene of the demo: story, calm, loss, crowd, hostile or offline"
    )
    title: Annotated[str, AfterValidator(read_title)] = Field(
        DESK, description="name of the desk, on the pages and in exports"
    )
    contact: Annotated[str, AfterValidator(read_contact)] = Field(
        "", description="whom to ask for access, on the sign-in page: address, URL or words"
    )
    timezone: Annotated[ZoneInfo, BeforeValidator(read_zone)] = Field(
        ZoneInfo("UTC"), description="time zone of the page, and of timestamps without one"
    )
    locale: Annotated[str, BeforeValidator(read_locale)] = Field(
        LOCALE, description="format of numbers and dates, such as de_DE"
    )
    decimals: int | None = Field(
        None, ge=0, le=12, description="decimal places of amounts; by default the currency's own"
    )
    currency: Annotated[str, BeforeValidator(read_currency)] = Field(
        "USD",
        description="currency of the amounts, an ISO 4217 code, or another unit together with"
        " decimals; nothing is converted",
    )
    day_close: Annotated[time, BeforeValidator(read_time)] = Field(
        time(0), description="time at which a day closes, HH:MM in the time zone"
    )
    trading_days: Annotated[InstanceOf[Weekdays], NoDecode, BeforeValidator(read_weekdays)] = Field(
        EVERY_WEEKDAY, description="weekdays with trading: all, mon-fri or mon,wed,fri"
    )
    holidays: Annotated[InstanceOf[Holidays], NoDecode, BeforeValidator(read_holidays)] = Field(
        Holidays(),
        description="days without trading: a country or market such as US, DE-BY or NYSE, or a file"
        " with a date a line; comma-separated",
    )
    restatement_tolerance: Annotated[Decimal | None, BeforeValidator(read_amount)] = Field(
        None,
        description="difference to a day's figure that is no restatement, in the currency; by"
        " default half of its last decimal",
    )
    target: Annotated[Decimal | None, BeforeValidator(read_target)] = Field(
        None, description="net to be reached by the end of a day, in the currency"
    )
    target_month: Annotated[Decimal | None, BeforeValidator(read_target)] = Field(
        None, description="net to be reached by the end of a month, in the currency"
    )
    alerts: Annotated[Path | None, BeforeValidator(read_path)] = Field(
        None, description="file of alert rules and receivers, TOML"
    )
    public_url: Annotated[str, BeforeValidator(read_public_url)] = Field(
        "", description="address of the dashboard, for the links in alerts"
    )
    db: Annotated[str, AfterValidator(read_db)] = Field(
        "data/northstar.db",
        min_length=1,
        repr=False,
        description="history database: an SQLite file, or postgresql://user@host/database",
    )
    cluster: bool = Field(
        default=False, description="true makes one cluster of all instances on the PostgreSQL of db"
    )
    workers: int = Field(
        1, ge=1, le=64, description="processes on this machine; several need PostgreSQL in db"
    )
    drain_s: float = Field(
        10.0, ge=0, le=600, description="seconds for viewers to go to other instances of a cluster"
    )
    keep_seconds_h: float = Field(48, ge=1, le=8760, description="hours to keep a state per second")
    keep_minutes_d: float = Field(90, ge=1, le=3660, description="days to keep a state per minute")
    keep_days_d: float = Field(
        0, ge=0, le=366000, description="days to keep daily figures; 0 keeps them for ever"
    )
    stale_after: float = Field(
        10.0, ge=1, le=86400, description="age in seconds at which data becomes stale"
    )
    max_fps: float = Field(10.0, ge=1, le=60, description="maximum frames a second sent to a page")
    max_message_kb: int = Field(1024, ge=1, le=65536, description="maximum size of a message in kB")
    max_rows: int = Field(500, ge=1, description="maximum days, categories or agents in a message")
    max_rate: float = Field(
        5000,
        ge=1,
        le=1e6,
        description="maximum messages a second read from the stream; a large one counts per 4 kB",
    )
    max_viewers: int = Field(10_000, ge=1, description="maximum open sockets")
    max_viewers_per_address: int = Field(
        1000, ge=1, description="maximum open sockets from one address"
    )
    admit_rate: int = Field(
        300, ge=1, le=100_000, description="maximum sockets opened a second; others come back later"
    )
    cut_after: float = Field(
        20.0, ge=1, le=3600, description="seconds until a viewer that does not read is cut off"
    )
    max_body_kb: int = Field(64, ge=1, le=65536, description="maximum size of a request body in kB")
    api_rate: int = Field(
        300, ge=1, description="maximum requests a minute from one address to API and history page"
    )
    max_attempts: int = Field(
        10, ge=1, description="maximum failed sign-ins a minute from one address"
    )
    auth_token: Annotated[SecretStr, BeforeValidator(read_key)] = Field(
        SecretStr(""), description="token that grants access, as bearer or at the sign-in page"
    )
    auth_users: Annotated[Mapping[str, InstanceOf[User]], NoDecode, BeforeValidator(read_users)] = (
        Field(
            {},
            description="users: name:hash or name:role:hash, one a line, as printed by"
            " --hash-password NAME; the role is operator (the default) or viewer",
        )
    )
    auth_header: Annotated[str, BeforeValidator(read_header_name)] = Field(
        "",
        validate_default=False,  # the default "" means none; an explicit empty value is an error
        description="header in which a trusted proxy passes the name of the signed-in user",
    )
    screen_token: Annotated[SecretStr, BeforeValidator(read_key)] = Field(
        SecretStr(""), description="token for the live page only, as /screen?token=…"
    )
    session_h: float = Field(168, gt=0, le=8760, description="hours until a sign-in expires")
    insecure: bool = Field(
        default=False, description="disable the sign-in requirement on every address"
    )
    trusted_proxies: Annotated[
        tuple[Annotated[Network, BeforeValidator(read_network)], ...],
        NoDecode,
        BeforeValidator(read_list),
    ] = Field((), description="addresses or networks whose X-Forwarded-* headers are trusted")
    base_path: Annotated[str, BeforeValidator(read_base_path)] = Field(
        "", description="path under which a proxy serves the dashboard, such as /pnl"
    )
    allowed_hosts: Annotated[
        tuple[Annotated[str, AfterValidator(read_host)], ...],
        NoDecode,
        BeforeValidator(read_list),
    ] = Field((), description="host names to accept besides localhost and IP addresses; * is any")
    allowed_origins: Annotated[
        tuple[Annotated[str, AfterValidator(read_origin)], ...],
        NoDecode,
        BeforeValidator(read_list),
    ] = Field((), description="other origins whose pages may open the sockets, comma-separated")
    frame_ancestors: Annotated[
        tuple[Annotated[str, AfterValidator(read_origin)], ...],
        NoDecode,
        BeforeValidator(read_list),
    ] = Field((), description="origins whose pages may embed the dashboard, comma-separated")
    log_format: Literal["text", "json"] = Field("text", description="text or json")
    alive_url: Annotated[SecretStr, AfterValidator(read_alive_url)] = Field(
        SecretStr(""), description="URL requested every minute while the data is fresh"
    )

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # file_secret_settings: not used
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        **_: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the old front end's names last, so that every `NORTHSTAR_` name takes precedence."""
        old = {name: text for name, text in OldFrontEnd().model_dump().items() if text}
        return (
            init_settings,
            env_settings,
            dotenv_settings,
            InitSettingsSource(settings_cls, old),
        )

    @model_validator(mode="before")
    @classmethod
    def _make_workers_a_cluster(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {**given, **cluster_of_workers(given)}

    @model_validator(mode="after")
    def _require_source(self) -> Self:
        if not (self.demo or self.replay or self.ws_url):
            raise ConfigurationError(
                "no stream to show: give its address with --ws-url ws://host:port/path or in"
                " NORTHSTAR_WS_URL,\nor run on generated data with --demo, or on a recording with"
                " --replay FILE."
            )
        return self

    @model_validator(mode="after")
    def _refuse_recording_of_replay(self) -> Self:
        if self.record and self.replay:
            raise ConfigurationError(
                "give --record or --replay, not both: a replay is already recorded"
            )
        return self

    @model_validator(mode="after")
    def _require_common_database(self) -> Self:
        unreal = self.demo or self.replay is not None
        check_cluster(self.db, self.workers, cluster=self.cluster, unreal=unreal)
        return self

    @model_validator(mode="after")
    def _require_one_credential(self) -> Self:
        logins = {
            "a user in the stream's URL": "@" in urlsplit(self.ws_url).netloc,
            "an Authorization header": "authorization" in map(str.lower, self.headers),
            "a token": bool(self.token.get_secret_value()),
        }
        given = [name for name, is_given in logins.items() if is_given]
        if len(given) > 1:
            raise ConfigurationError(
                f"more than one credential for the stream: {' and '.join(given)}"
            )
        return self

    @model_validator(mode="after")
    def _require_credential(self) -> Self:
        if self.auth_header and not self.trusted_proxies:
            raise ConfigurationError(
                f"{variable('auth_header')} is read from trusted proxies only: set"
                f" {variable('trusted_proxies')}"
            )
        if self.auth_header and any(not network.prefixlen for network in self.trusted_proxies):
            raise ConfigurationError(
                f"{variable('trusted_proxies')} has every address, so that everyone could name"
                f" any user in {variable('auth_header')}: name the proxies only"
            )
        token, screen = self.auth_token, self.screen_token
        if token == screen and token.get_secret_value():
            raise ConfigurationError(
                f"{variable('screen_token')} grants access to the live page only: it must differ"
                f" from {variable('auth_token')}"
            )
        proxied = self.trusted_proxies or self.allowed_hosts or self.base_path
        outside = proxied or not is_loopback(self.host)
        if outside and not (self.guarded or self.insecure):
            raise ConfigurationError(
                f"no sign-in is configured, and everyone who reaches {self._where} would have"
                f" access: set {variable('auth_token')} or {variable('auth_users')},\nor disable"
                f" the requirement with {flag('insecure')}."
            )
        return self

    @property
    def _where(self) -> str:
        """The host at which the server is reached, or its proxy."""
        return self.host if not is_loopback(self.host) else "the proxy in front of it"

    @property
    def guarded(self) -> bool:
        """Whether authentication is required."""
        return bool(
            self.auth_token.get_secret_value()
            or self.auth_users
            or self.auth_header
            or self.screen_token.get_secret_value()
        )

    @property
    def stream_url(self) -> str:
        """The stream's URL, with wss:// if `ws_secure` is set."""
        return self.ws_url.replace("ws://", "wss://", 1) if self.ws_secure else self.ws_url

    @property
    def stream_name(self) -> str:
        """The stream's URL without credentials, query or fragment."""
        parts = urlsplit(self.stream_url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def tls(self) -> ssl.SSLContext:
        """The TLS context: trusts the system's authorities and the private one."""
        context = ssl.create_default_context()
        if self.ca_file:
            context.load_verify_locations(cafile=self.ca_file)
        return context


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def flag(name: str) -> str:
    """Return the command-line flag of a setting."""
    return f"--{name.replace('_', '-')}"
