"""A page of the test's own."""

import pytest

from support.dashboard import Dashboard
from support.page import Page
from support.screen import DESK
from support.sources import Stream
from support.today import now


@pytest.fixture
def opened(page: Page, server: Dashboard, source: Stream) -> Page:
    """Return a page that has just been opened on the month, at the size of a desktop."""
    page.resize(*DESK)
    source.send(now())
    page.open(server.url)
    page.is_drawn()
    return page
