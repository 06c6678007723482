"""Run a task forever, restarting it after each fault."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

log = logging.getLogger(__name__)

RESTART_DELAY_S = 1


async def supervise(
    task: Callable[[], Awaitable[None]],
    count: Callable[[], None],
    restarted: Callable[[], None] = lambda: None,
) -> NoReturn:
    """Run `task` until cancelled. Log and `count` a fault, and restart the task after a while."""
    while True:
        try:
            await task()
        except Exception:
            count()
            log.exception("fault in %s", task.__name__)
            await asyncio.sleep(RESTART_DELAY_S)
            restarted()
