"""The page's scripts: their logic, tested by Node without a browser, and their order."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from northstar.web.pages import history, live
from support.checkout import ASSETS
from support.programs import find_node

HERE = Path(__file__).parent
TESTS = sorted(HERE.glob("*.test.mjs"))
SCRIPTS = sorted(path.name for path in ASSETS.glob("*.js"))


def scripts(page: str) -> list[str]:
    """Return the scripts of a page in the order of the listing."""
    others = {"live": live.OTHERS, "history": history.OTHERS}[page]
    return [name for name in SCRIPTS if not re.search(others, name)]


def load(names: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Load scripts in this order into an empty page."""
    command = [find_node(), str(HERE / "order.mjs"), *names]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("script", TESTS, ids=lambda script: script.name)
def test_rules_of(script: Path) -> None:
    """Every test in the file passes, and there is at least one."""
    command = [find_node(), "--test", "--test-reporter=tap", str(script)]
    run = subprocess.run(command, check=False, capture_output=True, text=True)

    assert run.returncode == 0, run.stdout
    assert "# fail 0" in run.stdout
    assert "# pass 0" not in run.stdout


@pytest.mark.parametrize("page", ["live", "history"])
def test_load_order(page: str) -> None:
    """In the order of the listing, no script needs a later one while loading."""
    run = load(scripts(page))

    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("page", ["live", "history"])
def test_load_order_with_a_script_moved(page: str) -> None:
    """A script that precedes one that it needs is detected."""
    *others, last = scripts(page)
    run = load([last, *others])

    assert run.returncode == 1
    assert last in run.stderr
    assert re.search(r"dash_clientside\.northstar\w+ is not defined yet", run.stderr)


def test_scripts_are_numbered() -> None:
    """Every script has a unique number, so that the listing is in order."""
    numbers = [re.match(r"(\d\d)-[a-z-]+\.js$", name) for name in SCRIPTS]

    assert all(numbers), SCRIPTS
    assert len({number[1] for number in numbers if number}) == len(SCRIPTS)
