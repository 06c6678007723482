"""A private authority's certificates that change while the dashboard runs."""

import ssl
from pathlib import Path

import pytest
import trustme

from northstar.settings.table import Settings
from support.upstreams import reading, socketio_server
from support.waiting import eventually


def serving_as(authority: trustme.CA) -> ssl.SSLContext:
    """Return the TLS context of a server with a certificate of this authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.usefixtures("brief_wait")
async def test_authority_that_is_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A new authority is trusted from the next attempt on; a half-written file has no effect."""
    old, new, path = trustme.CA(), trustme.CA(), tmp_path / "ca.pem"
    old.cert_pem.write_to_path(str(path))
    tls = Settings(demo=True, ca_file=str(path)).tls
    async with (
        socketio_server(tls=serving_as(new)) as server,
        reading(f"wss://127.0.0.1:{server.port}", tls=tls, ca_file=str(path)) as reader,
    ):
        await eventually(lambda: reader.problem)
        assert str(reader.problem).startswith("certificate not trusted: ")
        path.write_text("-----BEGIN CERT")
        await eventually(lambda: "cannot read the changed" in caplog.text)
        path.unlink()

        new.cert_pem.write_to_path(str(path))

        await eventually(lambda: reader.is_open)


@pytest.mark.usefixtures("brief_wait")
async def test_authority_s_file_that_is_gone(tmp_path: Path) -> None:
    """If the file is gone, the certificates read before stay trusted."""
    authority, path = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    tls = Settings(demo=True, ca_file=str(path)).tls
    path.unlink()
    async with (
        socketio_server(tls=serving_as(authority)) as server,
        reading(f"wss://127.0.0.1:{server.port}", tls=tls, ca_file=str(path)) as reader,
    ):
        await eventually(lambda: reader.is_open)
