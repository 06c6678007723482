"""A page as printed, without a printer."""

from support.page import Page
from support.screen import Box
from support.shared import SharedPage
from support.waiting import until

SHEET = (703, 1009)  # pixels inside the margins of an A4 sheet
CONTROLS = ".control, .display, .popover, .compare, .tools, .more, .explain, #feed-details"
THEME = "return document.documentElement.dataset.theme"


class Printed:
    """A page that tests read on paper and on a screen, switched only when a test needs it."""

    def __init__(self, shared: SharedPage) -> None:
        self._shared = shared
        self._printed: tuple[int, int] | None = None  # the size of its screen while on paper

    def on_screen(self, size: tuple[int, int]) -> Page:
        """Show it in dark colours on a screen of this size."""
        page = self._shared.bring()
        if self._printed:
            page.run("window.dispatchEvent(new Event('afterprint'))")
        self._printed = None
        page.prefers(color_scheme="dark")
        page.resize(*size)
        until(lambda: page.run(THEME) == "dark", what="the page is dark")
        page.is_drawn()
        return page

    def on_paper(self, size: tuple[int, int]) -> Page:
        """Show it as printed from a screen of this size in dark colours."""
        if self._printed == size:
            return self._shared.bring()
        page = self.on_screen(size)
        put_on_paper(page)
        self._printed = size
        return page


def put_on_paper(page: Page) -> None:
    """Show the page as printed."""
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    page.cdp("Emulation.setEmulatedMedia", media="print")
    page.resize(*SHEET)


def extent(box: Box) -> tuple[int, int]:
    """Return width and height in whole pixels."""
    return round(box.width), round(box.height)
