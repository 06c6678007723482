"""A real nginx with deploy/nginx.conf, on free ports and in its own folder."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import trustme

from support.checkout import ROOT
from support.programs import Program, find_program, running, unused_port

CONFIGURATION = ROOT / "deploy" / "nginx.conf"
# Nginx stores these on disk, used or not, by default in folders of the machine.
KEPT = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
# One process in the foreground, so that ending it ends nginx.
DIRECTIVES = "daemon off; master_process off;"


class Nginx:
    """A proxy in front of the server on `behind`, with a certificate of our authority.

    `changes` replace texts of the configuration.
    """

    def __init__(self, behind: int, folder: Path, changes: Mapping[str, str]) -> None:
        self.port, self.plain_port = unused_port(), unused_port()
        self.tls = _certify(folder)
        self._folder = folder
        configuration = folder / "nginx.conf"
        configuration.write_text(self._moved(behind, changes))
        places = ("-p", str(folder), "-e", str(folder / "error.log"), "-c", str(configuration))
        self.program = Program(
            [find_program("nginx", "make proxies"), *places, "-g", DIRECTIVES], self.port
        )

    @property
    def host(self) -> str:
        """Host and port as in a URL."""
        return f"127.0.0.1:{self.port}"

    def count(self, path: str) -> int:
        """Return the number of finished requests for a path."""
        return (self._folder / "access.log").read_text().count(f' {path}"')

    def _moved(self, behind: int, changes: Mapping[str, str]) -> str:
        folder = str(self._folder)
        kept = "".join(f"{name}_temp_path {folder}/{name};" for name in KEPT)
        text = CONFIGURATION.read_text()
        moves = {
            "server dashboard:8050;": f"server 127.0.0.1:{behind};",
            "listen 80 ": f"listen 127.0.0.1:{self.plain_port} ",
            "listen 443 ": f"listen {self.host} ",
            "/etc/nginx/tls/": f"{folder}/",
            "/run/": f"{folder}/",
            "/var/log/nginx/": f"{folder}/",
            "http {": f"http {{{kept}",
        }
        for old, new in {**moves, **changes}.items():
            assert old in text, f"{old} is not in {CONFIGURATION}"
            text = text.replace(old, new)
        return text


@contextmanager
def nginx(behind: int, folder: Path, changes: Mapping[str, str]) -> Iterator[Nginx]:
    """Run nginx while the context is open; without it, skip the test."""
    proxy = Nginx(behind, folder, changes)
    with running(proxy.program):
        yield proxy


def _certify(folder: Path) -> ssl.SSLContext:
    """Write a key and a certificate for this machine; return a context that trusts only these."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(str(folder / "privkey.pem"))
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(str(folder / "fullchain.pem"), append=True)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(trusting)
    return trusting
