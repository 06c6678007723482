"""A real HAProxy with deploy/haproxy.cfg, on free ports and without TLS."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import trustme

from support.checkout import ROOT
from support.programs import HOST, Program, find_program, running, unused_port

CONFIGURATION = ROOT / "deploy" / "haproxy.cfg"
SERVERS = "    server one one:8050\n    server two two:8050\n"


@contextmanager
def haproxy(behind: Sequence[int], folder: Path) -> Iterator[Program]:
    """Run HAProxy in front of these ports while the context is open; without it, skip."""
    program, port = find_program("haproxy", "make proxies"), unused_port()
    text = CONFIGURATION.read_text()
    servers = "".join(f"    server s{each} {HOST}:{each}\n" for each in behind)
    moves = {
        SERVERS: servers,
        "maxconn 65536": "maxconn 1000",  # within the limits of any machine
        "bind :80\n": f"bind {HOST}:{port}\n",
        "    bind :443 ssl crt /etc/haproxy/tls/northstar.pem alpn h2,http/1.1\n": "",
        "    http-request redirect scheme https code 301 unless { ssl_fc }\n": "",
        "X-Forwarded-Proto https": "X-Forwarded-Proto http",
    }
    for old, new in moves.items():
        assert old in text, f"{old} is not in {CONFIGURATION}"
        text = text.replace(old, new)
    configuration = folder / "haproxy.cfg"
    configuration.write_text(text)
    with running(Program([program, "-db", "-f", str(configuration)], port)) as proxy:
        yield proxy


def check_configuration(folder: Path) -> str:
    """Return HAProxy's messages for the unchanged configuration, with a certificate of ours."""
    certificate = folder / "northstar.pem"
    trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(
        str(certificate)
    )
    text = CONFIGURATION.read_text()
    for old, new in (
        ("/etc/haproxy/tls/northstar.pem", str(certificate)),
        (" one:8050", " 192.0.2.1:8050"),  # the name must resolve
        (" two:8050", " 192.0.2.2:8050"),
    ):
        assert old in text
        text = text.replace(old, new)
    configuration = folder / "checked.cfg"
    configuration.write_text(text)
    checked = subprocess.run(
        [find_program("haproxy", "make proxies"), "-c", "-V", "-f", str(configuration)],
        capture_output=True,
        text=True,
        check=False,
    )
    return checked.stdout + checked.stderr
