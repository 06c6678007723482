"""Messages of a hostile stream: names that are markup, links, formulas or commands.

Each one sets `window.hacked` or requests another host if it is executed.
"""

from collections.abc import Sequence
from typing import Any

from northstar.domain.messages import MAX_NAME
from support.today import now

ACT = "window.hacked=1"
ELSEWHERE = "//evil.example"
# HTML, scripts in HTML, and the template that contains it.
MARKUP = (
    f"<img src={ELSEWHERE}/i onerror={ACT}>",
    f"<script>{ACT}</script>",
    f"</script><script>{ACT}</script>",
    f"</title></style></textarea><svg onload={ACT}>",
    "<!--<script>",
    "]]><![CDATA[<x>",
    f"{{%page%}}{{%title%}}{{{{7*7}}}}${{{ACT}}}",
    f'"><iframe src={ELSEWHERE}></iframe>',
    f"' onmouseover='{ACT}' x='",
    f'" onfocus="{ACT}" autofocus="',
    f"&lt;img src=x onerror={ACT}&gt;",
    f"&#60;img src=x onerror={ACT}&#62;",
    f"<style>*{{background:url({ELSEWHERE}/c)}}</style>",
    "</pre></dd></td></li><h1>gone",
)
# Plotly's own syntax: tags, links and templates in texts.
PLOTLY = (
    f'<a href="javascript:{ACT}" target="_self">a</a>',
    f'<a href="https:{ELSEWHERE}/">link</a>',
    "<b>b</b><br><sup>s</sup><i>i</i><em>e</em>",
    '<span style="font-size:900px">s</span>',
    "%{y}%{customdata}%{fullData.name}<extra>x</extra>",
    f"$\\href{{javascript:{ACT}}}{{x}}$",
    f"<a xlink:href=javascript:{ACT}>x</a>",
)
WORDS = (
    f"javascript:{ACT}",
    f"data:text/html,<script>{ACT}</script>",
    f"http:{ELSEWHERE}/",
    "__proto__",
    "constructor",
)
FORMULAS = (
    f'=HYPERLINK("http:{ELSEWHERE}","x")',
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "{=1+1}",
    "=cmd|' /C calc'!A1",
)
# Invisible characters: directions, zero width, terminal commands, line ends.
UNSEEN = (
    "\u202eevil\u202c \u2066x\u2069\u200f",
    "zero\u200bwidth\u200d\ufeffname",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "nul\0after",
    "line\nbreak\r\nand\u2028more\x85",
    "a" + "\u0300" * (MAX_NAME - 1),
    "مرحبا بالعالم",
    "שלום עולם",
)
NAMES = (*MARKUP, *PLOTLY, *WORDS, *FORMULAS, *UNSEEN)
# The reason of a closing source, which has 123 bytes at most.
GOODBYE = f"\x1b[31m\r\n2026 ERROR \u202e<img src=x onerror={ACT}><b>\x9b1m\u2028"
# Messages of other events, and refused ones, whose texts must not be repeated.
EVENTS = (
    f'{{"event": "<img src=x onerror={ACT}>", "data": {{}}}}',
    f'{{"event": "\\u001b[31m\\r\\n{ACT}", "data": {{}}}}',
)
REFUSED = (
    f"<img src=x onerror={ACT}>",
    now(timestamp=f"<img src=x onerror={ACT}>"),
    now(revenue=f"<img src=x onerror={ACT}>"),
    now(trendsData=[{"date": f"<b onclick={ACT}>", "revenue": 1, "expenses": 1}]),
    now(**{f"<img src=x onerror={ACT}>": 1, "costBreakdown": [{f"<b onclick={ACT}>": 1}]}),
    now(costBreakdown=[{"name": "lone \ud800", "value": 1}]),
    now(agentAttribution=[{"agent": "x" * 900_000, "revenue": 1, "expenses": 1}]),
)


def state(names: Sequence[str], **changes: Any) -> str:
    """Return a current message with categories and agents of these names in order."""
    worth = [100 * (len(names) - row) for row in range(len(names))]
    costs = [{"name": name, "value": value} for name, value in zip(names, worth, strict=True)]
    agents = [
        {"agent": name, "revenue": value, "expenses": 10}
        for name, value in zip(names, worth, strict=True)
    ]
    told = {"source": f"<script>{ACT}</script>", "note": f"</pre><script>{ACT}</script>"}
    return now(costBreakdown=costs, agentAttribution=agents, **told, **changes)
