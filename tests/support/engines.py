"""Other engines: Firefox and WebKit, each with one open page."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, Protocol

from support.page import Page
from support.programs import lack
from support.waiting import SLOWNESS

STOP_TIMEOUT_S = 10
# Runs in the page before its own scripts, because WebKit's driver has no console.
LISTEN = """
window.problems = [];
{
    const hear = ({ type, message, reason, violatedDirective, target }) =>
        window.problems.push(`${type}: ${message ?? reason ?? violatedDirective ?? target.src}`);
    for (const kind of ["error", "unhandledrejection", "securitypolicyviolation"])
        addEventListener(kind, hear, true);
    for (const kind of ["error", "warn"])
        console[kind] = (...what) => window.problems.push(`console.${kind}: ${what.join(" ")}`);
}
"""


class Driver(Protocol):
    """The part of a browser that `Page` and tests use, with selenium's names."""

    def get(self, url: str) -> None: ...

    def execute_script(self, script: str, *arguments: Any) -> Any: ...

    def set_viewport(self, width: int, height: int) -> None: ...

    def save_screenshot(self, file: str) -> None: ...


class EnginePage(Page):
    """A page in an engine without developer tools."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    def resize(self, width: int, height: int, *, touch: bool = False) -> None:
        assert not touch, "only Chromium can be a device for fingers"
        self.driver.set_viewport(width, height)

    @property
    def problems(self) -> list[str]:
        """Errors and warnings since the page was loaded, recorded by `LISTEN`."""
        return list(self.run("return window.problems"))


def find_program(name: str, folders: Sequence[str] = ()) -> str:
    """Return the path of a browser or driver; without it skip the test, or fail it in CI."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *folders])
    found = shutil.which(name, path=path)
    if found is None:
        lack(f"{name} is not installed: `make engines` installs it, or says how")
    return found


@contextmanager
def started(command: Sequence[str], output: IO[bytes] | int, *descriptors: int) -> Iterator[None]:
    """Run a program that inherits `descriptors` while the context is open."""
    process = subprocess.Popen(command, stdout=output, stderr=output, pass_fds=descriptors)
    try:
        yield
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_S * SLOWNESS)
