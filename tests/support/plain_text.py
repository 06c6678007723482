"""The text of a page, without its HTML."""

import re
from html import unescape


def texts(html: str) -> str:
    """Return what a person reads, elements apart by a bar."""
    return re.sub(r"(\|\s*)+", "|", unescape(re.sub(r"<[^>]*>", "|", html)))
