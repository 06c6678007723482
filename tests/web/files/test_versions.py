"""Versioned addresses: equal on every machine, and requests from other releases."""

import os
import re
from pathlib import Path

import pytest

from northstar.web.files.versions import DIGITS, file_version, version_of
from support.sites import Site, client

ADDRESS = re.compile(r'(?:src|href)="([^"]+\.(?:js|css)[^"]*)"')


def test_version_of_a_file(tmp_path: Path) -> None:
    """The version of a file follows its content, also after a change."""
    path = tmp_path / "style.css"
    path.write_bytes(b"a {}")
    assert file_version(path) == version_of(b"a {}")
    assert len(version_of(b"a {}")) == DIGITS

    path.write_bytes(b"a { color: red }")
    assert file_version(path) == version_of(b"a { color: red }")


async def test_addresses_of_another_machine(tmp_path: Path) -> None:
    """Two machines have equal addresses and ETags for equal files with other modification times."""
    seen = []
    for time, machine in enumerate(["first", "second"]):
        site = Site(tmp_path / machine)
        for file in (site.bundle, *site.assets.iterdir()):
            os.utime(file, (time, time))
        async with client(site.serve(site.bundle)) as asking:
            page = (await asking.get("/")).text
            answers = [await asking.get(each) for each in ADDRESS.findall(page)]
        seen.append([(answer.url, answer.headers["etag"]) for answer in answers])

    assert len(seen[0]) > 2
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "address",
    [
        "/assets/style.css?m=0123456789abcdef",
        "/vendor/plotly-basic-4.1.0.min.js?m=1",
        "/_dash-component-suites/dash/dcc/dash_core_components.v1_0_0m1700000000.js",
    ],
)
async def test_address_of_another_release(address: str, tmp_path: Path) -> None:
    """A page of another release gets the current file, which must not be cached."""
    site = Site(tmp_path)
    async with client(site.serve(site.bundle)) as asking:
        await asking.get("/")  # which registers its files
        answer = await asking.get(address)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
