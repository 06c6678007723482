"""The daily report as plain text, and as a page for mail, browser and printer."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from northstar.reports.daily import Daily
from northstar.view.daily.wording import Wording
from northstar.view.history.figures import days, intraday
from northstar.view.shared.drawn.picture import Picture, to_svg
from northstar.view.shared.html import Markup
from northstar.view.shared.money import Notation
from northstar.view.shared.templates import read_template

PAGE = read_template(Path(__file__).with_name("page.html"))
SIZE = (560, 250)  # of a chart, so that its labels can be read on a phone


class Chart(NamedTuple):
    """A chart of the report as SVG; `name` is that of its file without the ending."""

    name: str
    heading: str
    svg: str

    @property
    def inline(self) -> Markup:
        """The chart for a page that is opened by a browser."""
        return Markup(self.svg.replace("<svg ", '<svg role="img" ', 1))

    @property
    def attached(self) -> Markup:
        """The chart for a mail, which has it as an attachment: mail programs show no SVG."""
        width, height = SIZE
        size = f'width="{width}" height="{height}"'
        return Markup(f'<img src="cid:{self.file}" alt="{escape(self.heading)}" {size}>')

    @property
    def file(self) -> str:
        """The name of the chart's PNG."""
        return f"{self.name}.png"


def charts(daily: Daily, write: Notation, colours: Mapping[str, str]) -> Sequence[Chart]:
    """Return the day by the minute, if it is known, and the 30 days up to it.

    `colours` are those of a theme by name.
    """
    day, month = daily.day, daily.month
    if daily.figures.amounts is None:
        return []
    date = write.full_day(day.period.first)
    wanted = [("days", f"{date} and the 30 days before", days, month)]
    if day.moments:
        wanted.insert(0, ("day", f"{date} by the minute", intraday, day))
    return [
        Chart(name, heading, to_svg(draw(report, write), Picture(heading, colours, *SIZE)))
        for name, heading, draw, report in wanted
    ]


def text(words: Wording) -> str:
    """Return the report as lines of text, without its title."""
    return "\n".join([words.status, "", *_lines(words)])


def page(words: Wording, desk: str, pictures: Sequence[Markup], link: str = "") -> str:
    """Return the report as a page of HTML, which loads nothing.

    `pictures` are the charts, inline or as attached; `link` is the address of the day's history.
    """
    return PAGE.render(words=words, desk=desk, pictures=pictures, link=link)


def _lines(words: Wording) -> Iterator[str]:
    if words.problem:
        yield words.problem
    for row in words.rows:
        yield f"{row.label}: {row.value}"
        for basis, change in zip(words.bases, row.changes, strict=True):
            yield f"  {basis}: {', '.join(filter(None, [change.moved, change.was]))}"
    for label, fact in words.facts:
        yield f"{label}: {fact}"
