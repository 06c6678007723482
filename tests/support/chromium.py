"""Chromium for the browser tests, headless where possible."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which

import pytest
from dash.testing.browser import Browser
from selenium.webdriver.chrome.options import Options

from support.waiting import SLOWNESS

# Debian's. Its command is a script, and ChromeDriver would end that instead of the browser.
HEADLESS_SHELL = "/usr/lib/chromium/chromium-headless-shell"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--blink-settings=v8CacheOptions=3",  # store compiled scripts after the first use
    "--window-size=1440,900",
)


@contextmanager
def started(config: pytest.Config, *, windows: bool = False) -> Iterator[Browser]:
    """Start a Chromium; one with `windows` also reads the manifest and recognises taps."""
    headless = config.getoption("headless")
    options = [_options(None if windows or not headless else _headless_shell())]
    with Browser("chrome", headless=headless, options=options, percy_run=False) as browser:
        browser.driver.set_script_timeout(30 * SLOWNESS)
        yield browser


def _options(program: str | None) -> Options:
    """Return the options for Chromium in a container, as root and without a network."""
    options = Options()
    if program:
        options.binary_location = program
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return options


def _headless_shell() -> str | None:
    """Return the path of a headless Chromium, which takes a third less time per page.

    None if there is none, or if its version is not ChromeDriver's.
    """
    shell, driver = which(HEADLESS_SHELL), which("chromedriver")
    return shell if shell and driver and _version(shell) == _version(driver) else None


def _version(program: str) -> str:
    """Return a program's version, the second word of its output."""
    run = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return run.stdout.split()[1]
