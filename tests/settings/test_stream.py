"""The settings of the stream and of recordings: values, refusals and secrets."""

import ssl
from pathlib import Path

import pytest
import trustme

from northstar.settings.loading import load
from northstar.wiring import create_upstream
from support.command_line import refusal

URL = "ws://host/stream"
HEADERS = 'expected "Name: value", one a line, or a JSON object of strings'


def headers_of(text: str) -> dict[str, str]:
    """Return the headers as sent."""
    headers = load(["--ws-url", URL, "--headers", text]).headers
    return {name: value.get_secret_value() for name, value in headers.items()}


def test_defaults() -> None:
    """By default the protocol is detected, the event is the guide's, and there is no login."""
    settings = load(["--ws-url", URL])

    assert (settings.ws_protocol, settings.event, settings.api_url) == ("auto", "pnl-update", "")
    assert (settings.token.get_secret_value(), settings.headers, settings.ca_file) == ("", {}, "")
    assert (settings.record, settings.replay, settings.speed) == (None, None, 1.0)


@pytest.mark.parametrize("protocol", ["auto", "websocket", "socketio"])
def test_protocol(protocol: str) -> None:
    """There are three protocols."""
    assert load(["--ws-url", URL, "--ws-protocol", protocol]).ws_protocol == protocol


@pytest.mark.parametrize("protocol", ["Socket.IO", "ws", "AUTO"])
def test_other_protocol(protocol: str) -> None:
    """Another protocol is refused with the valid ones."""
    said = refusal("--ws-url", URL, "--ws-protocol", protocol)

    assert said.startswith(f"NORTHSTAR_WS_PROTOCOL / --ws-protocol is '{protocol}': expected ")
    assert "auto, websocket or socketio" in said


@pytest.mark.parametrize("transport", ["auto", "websocket", "polling"])
def test_socketio_transport(transport: str) -> None:
    """There are three transports, each passed to the feed."""
    settings = load(["--ws-url", URL, "--socketio-transport", transport])

    transports = [] if transport == "auto" else [transport]
    assert create_upstream(settings).transports == transports


def test_other_socketio_transport() -> None:
    """Another transport is refused with the valid ones."""
    said = refusal("--ws-url", URL, "--socketio-transport", "webtransport")

    assert "expected auto, websocket or polling" in said


def test_subprotocols() -> None:
    """Several subprotocols are accepted; each is an HTTP token."""
    settings = load(["--ws-url", URL, "--ws-subprotocols", "v2.pnl, v1.pnl"])
    assert create_upstream(settings).subprotocols == ["v2.pnl", "v1.pnl"]
    assert create_upstream(load(["--ws-url", URL])).subprotocols == []

    said = refusal("--ws-url", URL, "--ws-subprotocols", "a b")
    assert "expected names such as v1.pnl.example, comma-separated" in said


def test_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any event name is accepted except an empty one."""
    monkeypatch.setenv("NORTHSTAR_EVENT", "pnl tick – EU")
    assert load(["--ws-url", URL]).event == "pnl tick – EU"

    assert "--event is ''" in refusal("--ws-url", URL, "--event", "")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://host/api", "https://host/api"),
        ("HTTP://host:8000", "http://host:8000"),
        ("  https://host/api/ ", "https://host/api/"),
        ("https://host/api?key=1", "https://host/api?key=1"),
        ("", ""),
    ],
)
def test_api_url(given: str, read: str) -> None:
    """An API address is an HTTP URL or empty."""
    assert load(["--ws-url", URL, "--api-url", given]).api_url == read


@pytest.mark.parametrize(
    "given", ["host/api", "ws://host/api", "https://", "https:///api", "https://host:0", "//host"]
)
def test_bad_api_url(given: str) -> None:
    """Any other API address is refused with an example."""
    said = refusal("--ws-url", URL, "--api-url", given)

    assert f"--api-url / VITE_API_URL is {given!r}: " in said
    assert "expected a web address such as https://host/api" in said


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("X-Desk: 7", {"X-Desk": "7"}),
        ("X-Desk:7", {"X-Desk": "7"}),
        ("X-Time: 12:30:00", {"X-Time": "12:30:00"}),
        ("X-Desk: 7\nX-Key:  a b \n", {"X-Desk": "7", "X-Key": "a b"}),
        ("X-Desk: 7\r\nX-Key: a", {"X-Desk": "7", "X-Key": "a"}),
        ('{"X-Desk": "7", "X-Key": "a: b"}', {"X-Desk": "7", "X-Key": "a: b"}),
        (' {"X-Desk": "7"}', {"X-Desk": "7"}),
        ("X-Empty:", {"X-Empty": ""}),
        ("", {}),
        ("{}", {}),
    ],
)
def test_headers(text: str, headers: dict[str, str]) -> None:
    """Headers are given one per line or as a JSON object."""
    assert headers_of(text) == headers


def test_headers_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers in the environment and in `.env` have the same forms."""
    monkeypatch.setenv("NORTHSTAR_HEADERS", "X-Desk: 7\nX-Key: a")
    assert set(load(["--ws-url", URL]).headers) == {"X-Desk", "X-Key"}

    monkeypatch.delenv("NORTHSTAR_HEADERS")
    Path(".env").write_text('NORTHSTAR_HEADERS=\'{"X-Desk": "7"}\'\n')
    assert set(load(["--ws-url", URL]).headers) == {"X-Desk"}


@pytest.mark.parametrize(
    "text",
    [
        "secret",
        "X Desk: secret",
        ": secret",
        "X-Desk: secret\n\nX-Key: a",
        "X-Desk: sec\x00ret",
        '{"X-Desk": secret}',
        '{"X-Desk": ["secret"]}',
        '{"X-Desk": 7}',
        '{"X-Desk": "secret\\r\\nX-Other: 1"}',
        '{"": "secret"}',
        '["secret"]',
        "X-Désk: secret",
    ],
)
def test_bad_headers(text: str) -> None:
    """Bad headers are refused without being printed."""
    said = refusal("--ws-url", URL, "--headers", text)

    assert said == f"NORTHSTAR_HEADERS / --headers is …: {HEADERS}"


@pytest.mark.parametrize(
    "text", ["X-Desk: 7\nx-desk: secret", '{"X-Desk": "7", "X-Desk": "secret"}']
)
def test_header_twice(text: str) -> None:
    """A header with two values is refused."""
    said = refusal("--ws-url", URL, "--headers", text)

    assert said == "NORTHSTAR_HEADERS / --headers is …: expected each header once"


@pytest.mark.parametrize("value", ["7 – 8", "\N{PILE OF POO}", "a\tsecret\x7f"])
def test_headers_that_cannot_be_sent(value: str) -> None:
    """A header value that HTTP cannot carry is refused at the start."""
    assert refusal("--ws-url", URL, "--headers", f"X-Desk: {value}").endswith(HEADERS)


@pytest.mark.parametrize("token", ["sec\r\nret", "secret – 8", "secret\x00"])
def test_token_that_cannot_be_sent(token: str) -> None:
    """A token that HTTP cannot carry is refused at the start without printing it."""
    said = refusal("--ws-url", URL, "--token", token)

    assert said.startswith("NORTHSTAR_TOKEN / --token is …: ")
    assert "secret" not in said


def test_token_from_a_file() -> None:
    """The line end of a file of secrets is not part of the token."""
    assert load(["--ws-url", URL, "--token", "tick\n"]).token.get_secret_value() == "tick"


def test_ca_file(tmp_path: Path) -> None:
    """Its certificates are trusted in addition to the system's."""
    path = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(path))

    trusted = load(["--ws-url", URL, "--ca-file", str(path)]).tls
    usual = load(["--ws-url", URL]).tls

    assert len(trusted.get_ca_certs()) == len(usual.get_ca_certs()) + 1
    assert trusted.verify_mode == usual.verify_mode == ssl.CERT_REQUIRED
    assert trusted.check_hostname


@pytest.mark.parametrize("content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nx"])
def test_bad_ca_file(content: str | None, tmp_path: Path) -> None:
    """A file that is missing or has no certificate is refused with its name."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)

    said = refusal("--ws-url", URL, "--ca-file", str(path))

    assert f"--ca-file is {str(path)!r}: expected a readable PEM file" in said


def test_recording_and_replay() -> None:
    """Both are files; a replay needs no stream and has a speed."""
    recording = load(["--demo", "--record", "day.jsonl.gz"])
    replay = load(["--replay", "day.jsonl.gz", "--speed", "0.5"])

    assert recording.record == Path("day.jsonl.gz")
    assert (replay.replay, replay.speed, replay.demo) == (Path("day.jsonl.gz"), 0.5, False)


@pytest.mark.parametrize("speed", ["0", "-1", "1001", "nan", "fast"])
def test_bad_speed(speed: str) -> None:
    """An invalid speed is refused."""
    assert f"--speed is '{speed}'" in refusal("--replay", "day.jsonl", "--speed", speed)


def test_recording_of_a_replay() -> None:
    """A replay cannot be recorded."""
    assert "--record or --replay" in refusal("--replay", "a.jsonl", "--record", "b.jsonl")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--demo", "--replay", "day.jsonl"],
        ["--ws-url", URL, "--replay", "day.jsonl"],
        ["--demo", "--ws-url", URL],
        ["--demo", "--ws-url", URL, "--replay", "day.jsonl"],
    ],
)
def test_several_sources(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Several sources on the command line are refused with their names."""
    with pytest.raises(SystemExit) as end:
        load(arguments)

    assert end.value.code == 2
    said = capsys.readouterr().err
    assert all(flag in said for flag in arguments if flag.startswith("--"))


SOURCES = {
    "NORTHSTAR_WS_URL": "ws://elsewhere",
    "NORTHSTAR_DEMO": "true",
    "NORTHSTAR_REPLAY": "elsewhere.jsonl",
}


@pytest.mark.parametrize(
    ("arguments", "demo", "replay"),
    [
        (["--ws-url", URL], False, None),
        (["--demo"], True, None),
        (["--replay", "day.jsonl"], False, Path("day.jsonl")),
    ],
)
def test_source_of_the_command_line(
    arguments: list[str], demo: object, replay: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source on the command line overrides any in the environment and `.env`."""
    for name, text in SOURCES.items():
        monkeypatch.setenv(name, text)

    settings = load(arguments)

    assert (settings.demo, settings.replay) == (demo, replay)
    assert arguments != ["--ws-url", URL] or settings.ws_url == URL


LOGINS = {
    "a user in the stream's URL": ["--ws-url", "ws://me:secret@host/stream"],
    "an Authorization header": ["--headers", "authorization: Basic secret"],
    "a token": ["--token", "secret"],
}


@pytest.mark.parametrize(
    "names",
    [list(LOGINS)[:2], list(LOGINS)[1:], list(LOGINS)[::2], list(LOGINS)],
    ids=lambda names: f"{len(names)} of them",
)
def test_several_logins(names: list[str]) -> None:
    """Several logins are refused with their names, but not their values."""
    url = [] if "a user in the stream's URL" in names else ["--ws-url", URL]

    said = refusal(*url, *[argument for name in names for argument in LOGINS[name]])

    assert said == f"more than one credential for the stream: {' and '.join(names)}"


@pytest.mark.parametrize("login", LOGINS)
def test_one_login(login: str) -> None:
    """Each login alone is accepted, and is not printed with the settings."""
    url = [] if "--ws-url" in LOGINS[login] else ["--ws-url", URL]

    settings = load([*url, *LOGINS[login], "--api-url", "https://me:secret@host/?key=secret"])

    assert "secret" not in repr(settings)
    assert "secret" not in str(settings)
    assert "secret" not in settings.stream_name


@pytest.mark.parametrize(
    "arguments",
    [
        ["--ws-url", "ws://host/?key=secret#part"],
        ["--ws-url", "ws://me:secret@host:port/it's?key=secret"],
        ["--ws-url", URL, "--api-url", "ftp://me:secret@host/?key=secret"],
        ["--ws-url", URL, "--api-url", "https://me:sec/ret@:0/it's?key=secret"],
        ["--ws-url", URL, "--headers", "secret"],
        ["--ws-url", "ws://host/it's?key=a'secret#part"],
        ["--ws-url", "ws:/me:secret@host"],
        ["--ws-url", "me:secret@host:port"],
    ],
)
def test_secret_in_a_bad_value(arguments: list[str]) -> None:
    """A refused value that may be secret is not printed."""
    said = refusal(*arguments)

    assert "secret" not in said
    assert "expected" in said


def test_dump() -> None:
    """Token and headers are masked in a dump."""
    settings = load(["--ws-url", URL, "--token", "secret", "--headers", "X-Key: secret"])

    assert "secret" not in str(settings.model_dump())


def test_replay_of_what_is_recorded_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """--replay on the command line overrides a recording set in the environment."""
    monkeypatch.setenv("NORTHSTAR_RECORD", "today.jsonl")

    assert load(["--replay", "yesterday.jsonl"]).record is None
