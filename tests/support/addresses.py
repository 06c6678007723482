"""Addresses in the pages, and a check that all of them exist."""

import re
from html import unescape

DRAWN = """
    return [...document.querySelectorAll(".place .js-plotly-plot")].filter(
        (plot) => plot.data?.length && plot._fullLayout).length;
"""


# Every address that one of our pages or the API's documentation loads or links to.
ADDRESS = re.compile(r"""(?:src|href)="([^"#]+)"|url\("([^")]+)"\)|url: '([^']+)'""")


def addresses(text: str) -> set[str]:
    """Return every address in a page."""
    return {unescape(next(filter(None, found))) for found in ADDRESS.findall(text)}
