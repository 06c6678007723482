"""The contact for access."""

import pytest

from northstar.errors import ConfigurationError
from northstar.settings.loading import load


@pytest.mark.parametrize(
    ("given", "contact"),
    [(" ops@example.com ", "ops@example.com"), ("", ""), ("x" * 200, "x" * 200)],
)
def test_contact(given: str, contact: str) -> None:
    """A contact is one line or empty."""
    assert load(["--demo", "--contact", given]).contact == contact


@pytest.mark.parametrize("given", ["a\nb", "\x1b[1m", "x" * 201])
def test_bad_contact(given: str) -> None:
    """Any other contact refuses the start."""
    with pytest.raises(ConfigurationError, match="expected an e-mail address, a URL"):
        load(["--demo", "--contact", given])
