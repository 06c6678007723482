"""Parse the values of settings.

Each function raises `ValueError` with the expected form.
"""

import json
import re
import ssl
from datetime import time
from decimal import Decimal, InvalidOperation
from io import StringIO
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency
from pydantic import SecretStr, ValidationInfo

from northstar.settings.paths import expanded, read_path

# The default locale, also used for C and POSIX, which have no country.
LOCALE = "en_US"
WS_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
DATABASES = {"sqlite", "postgresql", "postgres"}
NO_FILE = re.compile(r"(sqlite|postgres(ql)?):|.*\b(password|dbname)\s*=", re.IGNORECASE)
KEY_LENGTH = 16
TITLE_LENGTH = 60
CONTACT_LENGTH = 200
# A unit that is no ISO 4217 currency: a currency sign, or letters, then digits too.
UNIT = re.compile(r"[$\u20a0-\u20bf]|[^\W\d_][^\W_]{0,11}")
# A name in HTTP.
HTTP_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# Headers that the client of the stream sets itself; a second one breaks the handshake.
OF_CONNECTION = {"connection", "upgrade", "content-length", "transfer-encoding"}
# Headers that any request may have, so none of them can carry the signed-in user.
OF_REQUESTS = ("x-forwarded-", "host", "cookie", "authorization", "accept", "user-agent", "origin")

Network: TypeAlias = IPv4Network | IPv6Network


def decode(content: bytes, name: str) -> str:
    """Return the text of the file `name`, with line ends as in Python.

    Raises `ValueError` with the number of the first line that is not UTF-8.
    """
    text, wrong = "", content.find(b"\0")  # UTF-16
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = error.start
    if wrong >= 0:
        number = content.count(b"\n", 0, wrong) + 1
        raise ValueError(f"line {number} of {name} is not UTF-8: save it as UTF-8")
    return StringIO(text, newline=None).read()


def read_title(text: str) -> str:
    """Accept a name of one line."""
    name = text.strip()
    if not (name and name.isprintable() and len(name) <= TITLE_LENGTH):
        raise ValueError(f"expected a name of at most {TITLE_LENGTH} characters, in one line")
    return name


def read_contact(text: str) -> str:
    """Accept nothing, or one line: an e-mail address, a URL or words."""
    contact = text.strip()
    if not contact.isprintable() or len(contact) > CONTACT_LENGTH:
        raise ValueError(
            f"expected an e-mail address, a URL or at most {CONTACT_LENGTH} characters in one line"
        )
    return contact


def read_zone(name: object) -> ZoneInfo:
    """Return the time zone of an IANA name."""
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("expected an IANA time zone such as Europe/Berlin") from error


def read_locale(name: object) -> str:
    """Return babel's form of a locale such as `de-DE` or `de_DE.UTF-8`; `LOCALE` for C."""
    text = str(name).strip().replace("-", "_")
    if text.partition(".")[0].upper() in {"C", "POSIX"}:
        return LOCALE
    try:
        return str(Locale.parse(text))
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError("expected a locale such as de_DE") from error


def read_currency(code: object, info: ValidationInfo) -> str:
    """Return an ISO 4217 code in capitals, or another unit as written, if decimals are given."""
    currency = str(code).strip()
    if is_currency(currency.upper()):
        return currency.upper()
    if info.data.get("decimals", 0) is None or not UNIT.fullmatch(currency):
        raise ValueError(
            "expected an ISO 4217 currency code such as EUR, or another unit such as BTC together"
            " with NORTHSTAR_DECIMALS"
        )
    return currency


def read_amount(text: object) -> object:
    """Accept an amount of money from 0 up, with a decimal point and without a currency."""
    amount = _read_decimal(text)
    if isinstance(amount, Decimal) and not (amount.is_finite() and amount >= 0):
        raise ValueError("expected an amount of 0 or more, such as 0.5")
    return amount


def read_target(text: object) -> object:
    """Accept an amount of money above 0, with a decimal point and without a currency."""
    amount = _read_decimal(text)
    if isinstance(amount, Decimal) and not (amount.is_finite() and amount > 0):
        raise ValueError("expected an amount above 0, such as 84000")
    return amount


def _read_decimal(text: object) -> object:
    """Return a text as a number, NaN if it is none, and anything else as it is."""
    if not isinstance(text, str):
        return text
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return Decimal("NaN")


def read_ws_url(text: object) -> str:
    """Accept a URL with or without a scheme, as the old front end did; empty is none."""
    if not text:
        return ""
    url = str(text).strip()
    head, separator, rest = url.partition("://")
    scheme, rest = (head.lower(), rest) if separator and head.isalnum() else ("ws", url)
    slip = re.match(r"(ws|http)s?[:/]", rest, re.IGNORECASE) and rest == url  # http//host
    if scheme not in WS_SCHEMES or slip or not _has_host(rest):
        raise ValueError("expected a WebSocket URL such as ws://host:8000/pnl-stream")
    return f"{WS_SCHEMES[scheme]}://{rest}"


def read_api_url(text: object) -> str:
    """Accept a URL with http:// or https://; empty is none."""
    if not text:
        return ""
    head, separator, rest = str(text).strip().partition("://")
    if not separator or head.lower() not in {"http", "https"} or not _has_host(rest):
        raise ValueError("expected a web address such as https://host/api")
    return f"{head.lower()}://{rest}"


def read_headers(text: object) -> object:
    """Accept `Name: value`, one per line, or a JSON object."""
    if not isinstance(text, str):
        return text
    try:
        headers: list[tuple[str, object]] = (
            json.loads(text, object_pairs_hook=list)
            if text.lstrip().startswith("{")
            else list(map(_read_header, text.strip().splitlines()))
        )
    except ValueError as error:
        raise ValueError(HEADERS_EXPECTED) from error
    if not all(_is_header(name, value) for name, value in headers):
        raise ValueError(HEADERS_EXPECTED)
    names = [name.lower() for name, _ in headers]
    if len({*names}) < len(names):
        raise ValueError("expected each header once")
    if any(name in OF_CONNECTION or name.startswith("sec-websocket-") for name in names):
        raise ValueError(
            "expected no header of the connection itself, such as Upgrade; subprotocols are set"
            " with NORTHSTAR_WS_SUBPROTOCOLS"
        )
    return dict(headers)


HEADERS_EXPECTED = 'expected "Name: value", one a line, or a JSON object of strings'


def _read_header(line: str) -> tuple[str, str]:
    name, value = line.split(":", 1)
    return name.strip(), value.strip()


def _is_header(name: str, value: object) -> bool:
    return _fits_a_header(value) and bool(re.fullmatch(HTTP_NAME, name))


def _fits_a_header(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


def read_token(text: object) -> object:
    """Accept printable ASCII, which an HTTP header can carry."""
    if isinstance(text, str) and not _fits_a_header(text.strip()):
        raise ValueError("expected printable ASCII characters")
    return text.strip() if isinstance(text, str) else text


def read_key(text: object) -> object:
    """Accept a sign-in token that is too long to be guessed."""
    if isinstance(text, str) and len(text.strip()) < KEY_LENGTH:
        raise ValueError(
            f"expected at least {KEY_LENGTH} characters, for example from `openssl rand -hex 16`"
        )
    return read_token(text)


def read_ca_file(text: object) -> object:
    """Accept a readable PEM file of certificates; empty is none.

    It is read again while the program runs, so that a pipe or a device is refused.
    """
    text, expected = read_path(text), "expected a readable PEM file of certificates"
    if text and not Path(str(text)).is_file():
        raise ValueError(expected)
    if text:
        try:
            ssl.create_default_context().load_verify_locations(cafile=str(text))
        except OSError as error:
            raise ValueError(expected) from error
    return text


def _has_host(rest: str) -> bool:
    """Return whether the text after the scheme has a valid host, port and login."""
    try:
        parts = urlsplit(f"ws://{rest}")
        host = (parts.hostname or "").encode("idna")
        whole_login = (parts.username is None) == (parts.password is None)
        return bool(host) and parts.port != 0 and whole_login and not {" ", "#"} & set(rest)
    except ValueError:  # invalid port or host name
        return False


def read_time(text: object) -> object:
    """Return a time of day, given as HH:MM."""
    if isinstance(text, time):
        return text
    clock = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(text).strip(), re.ASCII)
    if clock is None:
        raise ValueError("expected a time of day such as 17:00")
    return time(int(clock[1]), int(clock[2]))


def read_db(db: str) -> str:
    """Accept a file path or a database URL.

    Refuses a URL that lacks a slash, and libpq's `host=… password=…`, which would be file names.
    """
    scheme, separator, _ = db.partition("://")
    known = scheme in DATABASES if separator else not NO_FILE.match(db)
    if db.endswith(":memory:") or not known:
        raise ValueError("expected a file path or postgresql://user@host/database")
    if separator and db.partition("?")[0].count("@") > 1:  # the rest would be read as the host
        raise ValueError("expected each @ in user or password as %40")
    return db if separator and scheme != "sqlite" else expanded(db)


def read_list(text: object) -> object:
    """Split a comma-separated text."""
    if not isinstance(text, str):
        return text
    return tuple(part for part in map(str.strip, text.split(",")) if part)


def read_origin(text: str) -> str:
    """Return a web origin without a trailing slash."""
    origin = text.removesuffix("/")
    if not re.fullmatch(r"https?://[^/\s;,'\"]+", origin):
        raise ValueError("expected web origins such as https://host:8443, comma-separated")
    return origin


def read_public_url(text: object) -> object:
    """Return the address of the dashboard without a trailing slash; empty is none."""
    if not isinstance(text, str) or not text.strip():
        return text
    url = text.strip().rstrip("/")
    if not re.fullmatch(r"https?://[^/\s?#@]+(/[^\s?#]*)?", url):
        raise ValueError("expected an address such as https://pnl.example.com/desk")
    return url


def read_subprotocol(text: str) -> str:
    """Accept a token of HTTP."""
    if not re.fullmatch(HTTP_NAME, text):
        raise ValueError("expected names such as v1.pnl.example, comma-separated")
    return text


def read_header_name(text: object) -> str:
    """Return the name of an HTTP header, in lower case."""
    name = str(text).strip().lower()
    if not _is_header(name, "") or "_" in name or name.startswith(OF_REQUESTS):
        raise ValueError("expected the name of an HTTP header such as Remote-User")
    return name


def read_network(text: object) -> Network:
    """Return a network; an address is a network of one address."""
    try:
        return ip_network(str(text).strip(), strict=False)
    except ValueError as error:
        raise ValueError("expected addresses or networks such as 10.0.0.0/8") from error


def read_base_path(text: object) -> str:
    """Return a path with a leading and without a trailing slash; the root is empty."""
    path = str(text).strip().strip("/")
    if path and not re.fullmatch(r"[\w~-][\w.~-]*(/[\w~-][\w.~-]*)*", path, re.ASCII):
        raise ValueError("expected a path such as /pnl")
    return f"/{path}" if path else ""


def read_alive_url(url: SecretStr) -> SecretStr:
    """Accept a URL with http:// or https://; empty is none."""
    return SecretStr(read_api_url(url.get_secret_value()))


def read_host(text: str) -> str:
    """Return a host name in lower case; * means any."""
    host = text.lower().removesuffix(".")
    if host != "*" and not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", host):
        raise ValueError("expected host names such as pnl.example.com, without https:// and port")
    return host


def is_loopback(host: str) -> bool:
    """Return whether a host is a loopback address or `localhost`; names are not resolved."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def masked(text: str) -> str:
    """Mask user, password, query and fragment of a URL, and the password of libpq's form."""
    text = re.sub(r"(?s)[?#].*", "?…", re.sub(r"(?s).*@", "…@", text))
    return re.sub(r"(?is)(password\s*=).*", r"\1…", text)
