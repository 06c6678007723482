"""Take the screenshots of the documentation: `make screenshots` writes docs/images/*.png.

The dashboard runs its demo with a fixed seed in a separate process; selenium drives Chromium, as in
the tests. The amounts of earlier days are the same in each run, the dates are not.
"""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image
from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
LARGEST_BYTES = 200_000  # per image, because every clone contains them
COLOURS = 256  # a palette reduces the size to a third
LIMIT_S = 60
FRAMES = 20  # at one a second, enough for the sparklines to have a shape
SEED = 7
READY = """
    const charts = [...document.querySelectorAll(".chart")];
    const seq = Number(document.getElementById("page-seq")?.dataset.seq ?? Infinity);
    const calm = !document.querySelector("[data-flash]"); // then the charts show the frame, too
    return calm && charts.every((chart) => "drawn" in chart.dataset) && seq >= arguments[0];
"""


class Picture(NamedTuple):
    """A page at one size; `theme` is the system's preference, `scale` the pixels per CSS pixel."""

    name: str
    path: str
    theme: str
    width: int
    height: int
    scale: int = 1


PICTURES = (
    Picture("live-dark", "/", "dark", 1440, 900),
    Picture("live-light", "/", "light", 1440, 900),
    Picture("history", "/history?range=30d", "dark", 1440, 900),
    Picture("phone", "/", "dark", 390, 844, scale=2),
)


@contextmanager
def demo() -> Iterator[str]:
    """Run the demo with default settings for the duration of the context."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--demo", "--demo-scene", "calm", "--demo-seed", str(SEED), "--port", str(port)]
    command = [sys.executable, str(ROOT / "app.py"), *options]
    env = {name: value for name, value in os.environ.items() if not name.startswith("NORTHSTAR_")}
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, cwd=folder, env=env) as running,
    ):
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """Run a headless Chromium for the duration of the context."""
    options = webdriver.ChromeOptions()
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options)
    try:
        yield driver
    finally:
        driver.quit()


def answers(url: str) -> bool:
    """Return whether the server answers."""
    try:
        with urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310 (our own server)
            return bool(answer.status == 200)  # noqa: PLR2004
    except URLError:
        return False


def take(driver: webdriver.Chrome, url: str, picture: Picture) -> None:
    """Open the page, wait until it is drawn, and write the screenshot."""
    preference = [{"name": "prefers-color-scheme", "value": picture.theme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": preference})
    size = {"width": picture.width, "height": picture.height, "mobile": picture.scale > 1}
    screen = {**size, "deviceScaleFactor": picture.scale}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    driver.get(url + picture.path)
    WebDriverWait(driver, LIMIT_S).until(lambda page: page.execute_script(READY, FRAMES))
    path = IMAGES / f"{picture.name}.png"
    with Image.open(BytesIO(driver.get_screenshot_as_png())) as screenshot:
        screenshot.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")
    assert path.stat().st_size < LARGEST_BYTES, f"larger than {LARGEST_BYTES} bytes"


def main() -> None:
    """Take every screenshot."""
    IMAGES.mkdir(exist_ok=True)
    with demo() as url, chromium() as driver:
        WebDriverWait(driver, LIMIT_S).until(lambda _: answers(url))
        for picture in PICTURES:
            take(driver, url, picture)


if __name__ == "__main__":
    main()
