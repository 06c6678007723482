"""Addresses in the pages, and a check that a page is complete."""

import re
from html import unescape

DRAWN = """
    return [...document.querySelectorAll(".place .js-plotly-plot")].filter(
        (plot) => plot.data?.length && plot._fullLayout).length;
"""


# Every address that a page of ours or the API's documentation loads or leads to.
ADDRESS = re.compile(r"""(?:src|href)="([^"#]+)"|url\("([^")]+)"\)|url: '([^']+)'""")


def addresses(text: str) -> set[str]:
    """Return every address that a page names."""
    return {unescape(next(filter(None, found))) for found in ADDRESS.findall(text)}
