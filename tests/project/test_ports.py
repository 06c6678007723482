"""Ports for tests: two processes that test at once never get the same one."""

import socket
from contextlib import closing

import pytest

from support import programs
from support.programs import HOST, unused_port


def claims(port: int) -> bool:
    """Try to claim a port as another process does; tell whether it succeeded."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as other:
        try:
            other.bind((HOST, port))
        except OSError:
            return False
        return True


def test_port_is_claimed() -> None:
    """A port given to a test cannot be claimed by another process."""
    assert not claims(unused_port())


def test_claimed_and_taken_ports_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports that another process has claimed or listens on are skipped."""
    claimed, taken, free = unused_port(), unused_port(), unused_port()
    programs._CLAIMS.pop().close()
    programs._CLAIMS.pop().close()
    monkeypatch.setattr(programs, "_PORTS", iter([claimed, taken, free]))

    with socket.create_server((HOST, taken)):
        assert unused_port() == free


def test_few_claims_are_held() -> None:
    """A process releases its oldest claims, so that it does not run out of descriptors."""
    unused_port()
    oldest = programs._CLAIMS[-1]
    for _ in range(programs.CLAIMS_EACH):
        unused_port()

    assert len(programs._CLAIMS) == programs.CLAIMS_EACH
    assert oldest.fileno() == -1, "it is closed"
