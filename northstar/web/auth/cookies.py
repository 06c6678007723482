"""Find our session cookies in a request."""

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from starlette.datastructures import Headers

NAME = "northstar"


def name_by_port(headers: Headers) -> str:
    """Return the name of the session cookie of one dashboard of several on a host.

    Browsers send the cookies of a host to all its ports, so the name has the port that the browser
    uses, which differs from ours behind a mapped port or a proxy. The default port has none.
    """
    try:
        port = urlsplit(f"//{headers.get('host', '')}").port
    except ValueError:  # not a number, or unmatched brackets
        port = None
    return NAME if port is None else f"{NAME}-{port}"


def cookies_named(headers: Headers, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the cookies of these names, in the order of the request.

    Does not use Starlette's parser: it decodes quoted values, which takes quadratic time in Python
    before 3.11.10 and 3.12.6 (CVE-2024-7592). Our cookie is never quoted.
    """
    for header in headers.getlist("cookie"):
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name in names:
                yield name, value
