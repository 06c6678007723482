"""Remove the secrets in receivers' addresses from texts of other servers."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from northstar.answers import one_line

SHORTEST = 4  # characters of a text that is worth hiding
HIDDEN = "…"


def without_secrets(text: str, url: str, *secrets: str) -> str:
    """Return a text as one line without the parts of a URL, except its host."""
    hidden = {each for part in [*secrets, *_parts(url)] for each in (part, quote(part, safe=""))}
    for part in sorted(hidden, key=len, reverse=True):
        if len(part) >= SHORTEST:
            text = text.replace(part, HIDDEN)
    return one_line(text)


def _parts(url: str) -> Iterator[str]:
    """Yield what may be secret in a URL, as it is written and decoded."""
    yield url
    rest = url.partition("://")[2]
    yield rest
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    login = parts.netloc.rpartition("@")[0]
    for found in (login, *login.split(":"), parts.path, *parts.path.split("/"), parts.query):
        yield found
        yield unquote(found)
    for _, value in parse_qsl(parts.query):
        yield value
