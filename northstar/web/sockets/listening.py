"""Listening sockets and ending signals, importable without the server."""

import errno
import signal
import socket
import sys
from collections.abc import Sequence

HANGUP: signal.Signals | None = getattr(signal, "SIGHUP", None)  # not on Windows
ANY_IPV4, ANY_IPV6 = "0.0.0.0", "::"  # noqa: S104 (bound only if the settings say so)
# Unsent data that the system may buffer per connection; its default is up to 4 MB, which delays
# frames to a slow viewer by minutes.
MAX_UNSENT_BYTES = 16_384


def ending_signals() -> Sequence[signal.Signals]:
    """Return the signals that end the program; a hangup does not under `nohup`."""
    ending = [signal.SIGINT, signal.SIGTERM]
    if HANGUP and signal.getsignal(HANGUP) is not signal.SIG_IGN:
        ending.append(HANGUP)
    return ending


def listeners(host: str, port: int, *, share: bool = False) -> list[socket.socket]:
    """Return the sockets bound to a host and port: for `::`, one of IPv6 and one of IPv4.

    One socket for both would report clients of IPv4 by addresses of IPv6, which are in no network
    of trusted proxies. Others may bind theirs as well if all `share` the port. Raises `OSError` if
    one cannot be bound, unless the system has no IPv4.
    """
    bound = [listener((host, port), share=share)]
    if host != ANY_IPV6:
        return bound
    try:
        return [*bound, listener((ANY_IPV4, port), share=share)]
    except OSError as error:
        if error.errno != errno.EAFNOSUPPORT:
            bound[0].close()
            raise
        return bound


def listener(address: tuple[str, int], *, share: bool = False) -> socket.socket:
    """Return a socket bound to host and port that buffers little for a slow viewer.

    Raises `OSError` if it cannot be bound.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    bound = socket.create_server(address, family=family, reuse_port=share)
    if sys.platform == "linux":  # connections inherit it from the listener
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES)
    return bound
