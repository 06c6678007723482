"""The files of deployments: existing settings, restricted containers, and the systemd unit."""

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from northstar.settings.loading import load
from northstar.settings.table import Settings, variable
from northstar.web.sockets.draining import HAND_OVER_S
from northstar.web.sockets.uvicorn_server import LIMIT_S
from support.checkout import ROOT
from support.haproxy import check_configuration

EXAMPLE = ROOT / "deploy" / "example.env"
ASSIGNMENT = re.compile(r"^#?([A-Z_]+)=(.*)$", re.MULTILINE)
FILES = ("compose.yaml", "compose.cluster.yaml")
COMPOSE = {name: yaml.safe_load((ROOT / name).read_text())["services"] for name in FILES}
PROXIES = {"compose.yaml": "nginx", "compose.cluster.yaml": "haproxy"}
OF_COMPOSE = {"POSTGRES_PASSWORD", "TLS_FOLDER"}  # read by Compose and not by us
NEVER_ROOT = re.compile(r"^USER [1-9]\d*:[1-9]\d*$", re.MULTILINE)


def unit(section: str = "Service") -> configparser.SectionProxy:
    """Return a section of the unit."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as the case is
    parser.read(ROOT / "deploy" / "northstar.service")
    return parser[section]


def settings_of(text: str) -> set[str]:
    """Return the names of our settings in a text."""
    return set(re.findall(r"NORTHSTAR_[A-Z_]+", text))


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "Makefile",
        *FILES,
        "deploy/Caddyfile",
        "deploy/example.env",
        "deploy/haproxy.cfg",
        "deploy/nginx.conf",
        "deploy/northstar.service",
        *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "docs").glob("*.md"))),
        "CONTRIBUTING.md",
        "tools/check_image.py",
        "README.md",
        "SECURITY.md",
    ],
)
def test_settings_that_are_named(name: str) -> None:
    """Every setting in these files exists."""
    known = {variable(field) for field in Settings.model_fields}

    assert settings_of((ROOT / name).read_text()) <= known


def test_example_settings(tmp_path: Path) -> None:
    """The example is valid with its suggestions filled in and a credential."""
    text = EXAMPLE.read_text()
    names = dict(ASSIGNMENT.findall(text))
    assert set(names) - settings_of(text) == OF_COMPOSE
    filled = re.sub(r"^#(\w+)=$", r"\1=a-token-for-\1", text, flags=re.MULTILINE)
    (tmp_path / ".env").write_text(f"{filled}\nNORTHSTAR_HOST=0.0.0.0\n")

    settings = load()

    assert settings.auth_token.get_secret_value() == "a-token-for-NORTHSTAR_AUTH_TOKEN"
    assert settings.base_path == "/pnl"


@pytest.mark.parametrize(
    ("file", "name"), [(file, name) for file in FILES for name in COMPOSE[file]]
)
def test_container(file: str, name: str) -> None:
    """Containers are read-only, have no privileges and have limits."""
    service: dict[str, Any] = COMPOSE[file][name]

    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"restart", "stop_grace_period", "mem_limit", "cpus", "pids_limit"} <= set(service)
    assert ("ports" in service) == (name == PROXIES[file])
    assert "healthcheck" in service or "build" in service  # otherwise the image has one


@pytest.mark.parametrize("file", FILES)
def test_compose_asks_for_what_the_example_has(file: str) -> None:
    """Compose requires no variable that is missing in the example."""
    asked = re.findall(r"\$\{(\w+):\?", (ROOT / file).read_text())

    assert set(asked) == OF_COMPOSE


def test_cluster() -> None:
    """Instances have the time to move their viewers, and trust their proxy's address."""
    drain_s = Settings.model_fields["drain_s"].default
    services = COMPOSE["compose.cluster.yaml"]
    proxy = services["haproxy"]["networks"]["front"]["ipv4_address"]
    configuration = (ROOT / "deploy" / "haproxy.cfg").read_text()
    for name in ("one", "two"):
        instance = services[name]
        assert int(instance["stop_grace_period"].rstrip("s")) > drain_s + HAND_OVER_S + LIMIT_S
        assert instance["environment"]["NORTHSTAR_TRUSTED_PROXIES"] == proxy
        assert instance["networks"]["front"]["ipv4_address"] != proxy
        assert f"server {name} {name}:8050" in configuration


def test_haproxy(tmp_path: Path) -> None:
    """HAProxy accepts the configuration without a warning."""
    assert check_configuration(tmp_path).strip() == "Configuration file is valid"


def test_image() -> None:
    """The image runs the program itself as an unprivileged user, without pip."""
    last = (ROOT / "Dockerfile").read_text().rpartition("\nFROM ")[2]

    assert NEVER_ROOT.search(last)
    assert 'ENTRYPOINT ["northstar"]' in last
    assert "pip" not in last


def test_image_is_made_of_what_is_let_in() -> None:
    """Everything copied into the image exists and is not ignored."""
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    lines = re.findall(r"^COPY ((?!--from).*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    copied = [source for line in lines for source in line.split()[:-1]]

    assert len(copied) > len(lines)
    for source in copied:
        assert [*ROOT.glob(source)]
        assert source in let_in or source.partition("/")[0] in let_in


def test_unit() -> None:
    """The service has enough time to stop, and is restarted except after an invalid setting."""
    service = unit()

    assert int(service["TimeoutStopSec"]) > LIMIT_S
    assert service["Restart"] == "on-failure"
    assert unit("Unit")["StartLimitIntervalSec"] == "0"
    assert service["RestartPreventExitStatus"] == "2"
    assert service["ProtectSystem"] == "strict"
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
