"""WebKitGTK's MiniBrowser on a virtual screen, driven by selenium."""

import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.webdriver import WebDriver

from support.engines import find_program, started
from support.screen import UHD
from support.waiting import SLOWNESS

# Not on the PATH.
FOLDERS = [f"/usr/lib/{platform.machine()}-linux-gnu/webkit2gtk-4.1"]
ANSWER_TIMEOUT_S = 30
# A window without a toolbar, because MiniBrowser's toolbar is wider than a phone.
FEATURES = "width=1440,height=900,toolbar=no,location=no,menubar=no"


class WebKit:
    """A window of MiniBrowser with only the page."""

    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver
        [first] = driver.window_handles
        driver.execute_script("open('about:blank', '', arguments[0])", FEATURES)
        [window] = {*driver.window_handles} - {first}
        driver.switch_to.window(window)

    def get(self, url: str) -> None:
        self._driver.get(url)

    def execute_script(self, script: str, *arguments: Any) -> Any:
        return self._driver.execute_script(script, *arguments)

    def set_viewport(self, width: int, height: int) -> None:
        self._driver.set_window_rect(0, 0, width, height)

    def save_screenshot(self, file: str) -> None:
        self._driver.save_screenshot(file)


@contextmanager
def webkit() -> Iterator[WebKit]:
    """Run MiniBrowser while the context is open."""
    options = Options()
    options.binary_location = find_program("MiniBrowser", FOLDERS)
    options.add_argument("--automation")
    options.add_argument("--javascript-can-open-windows-automatically=true")
    program = find_program("WebKitWebDriver")
    with _screen() as display, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", display)
        driver = WebDriver(program, options=options)
        try:
            driver.set_script_timeout(ANSWER_TIMEOUT_S * SLOWNESS)
            yield WebKit(driver)
        finally:
            driver.quit()


@contextmanager
def _screen() -> Iterator[str]:
    """Run a virtual screen; return its name."""
    width, height = UHD
    reading, writing = os.pipe()
    size = f"{width}x{height}x24"
    command = [find_program("Xvfb"), "-displayfd", str(writing), "-screen", "0", size]
    with (
        os.fdopen(reading) as number,
        started([*command, "-nolisten", "tcp"], subprocess.DEVNULL, writing),
    ):
        os.close(writing)  # so that reading ends if it fails
        yield f":{number.readline().strip()}"
