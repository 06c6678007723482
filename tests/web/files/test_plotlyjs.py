"""The choice of plotly.js: the small bundle if it is valid, plotly's own otherwise."""

import shutil
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs_version

from northstar.web.files.plotlyjs import PIN, VENDOR, small_bundle
from support.bundles import FOLDER, SCRIPT, fetch, npm_with, pin


def path_without_npm(folder: Path) -> str:
    """Return a PATH with only the programs that the script needs."""
    folder.mkdir()
    for name in ("dirname", "sed", "sha512sum"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return str(folder)


def test_bundle(tmp_path: Path) -> None:
    """A complete bundle of the right major version is used."""
    bundle = pin(tmp_path, get_plotlyjs_version())
    bundle.write_bytes(SCRIPT)

    assert small_bundle(tmp_path) == bundle


@pytest.mark.parametrize(
    ("version", "script", "reason"),
    [
        (get_plotlyjs_version(), None, "is not there"),
        (get_plotlyjs_version(), SCRIPT[:-1], "is damaged"),
        ("3.7.0", SCRIPT, "is not of the major version"),
    ],
    ids=["missing", "damaged", "old"],
)
def test_bundle_that_does_not_fit(
    version: str,
    script: bytes | None,
    reason: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Any other bundle is ignored, and one line in the log has the reason."""
    caplog.set_level("INFO", "northstar")
    bundle = pin(tmp_path, version)
    if script:
        bundle.write_bytes(script)

    assert small_bundle(tmp_path) is None
    [line] = caplog.messages
    assert reason in line


def test_pinned_version() -> None:
    """`make plotly` fetches a bundle of the installed plotly's major version."""
    _, name = (VENDOR / PIN).read_text().split()

    assert name.startswith(f"plotly-basic-{get_plotlyjs_version().partition('.')[0]}.")


def test_fetch(tmp_path: Path) -> None:
    """The script puts the file from npm where the server looks for it."""
    bundle = pin(tmp_path / FOLDER, get_plotlyjs_version())

    ended = fetch(tmp_path, npm_with(SCRIPT, tmp_path / "bin"))

    assert ended.returncode == 0, ended.stderr
    assert small_bundle(bundle.parent) == bundle


def test_fetch_of_something_else(tmp_path: Path) -> None:
    """If npm returns another file, the script installs nothing and fails."""
    bundle = pin(tmp_path / FOLDER, get_plotlyjs_version())

    ended = fetch(tmp_path, npm_with(SCRIPT + b"evil()", tmp_path / "bin"))

    assert ended.returncode == 1
    assert "is not what" in ended.stderr
    assert not bundle.exists()


def test_fetch_without_npm(tmp_path: Path) -> None:
    """Without npm the script reports it and succeeds."""
    bundle = pin(tmp_path / FOLDER, get_plotlyjs_version())

    ended = fetch(tmp_path, path_without_npm(tmp_path / "bin"))

    assert ended.returncode == 0
    assert "npm is not installed" in ended.stderr
    assert not bundle.exists()
